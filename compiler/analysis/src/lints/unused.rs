//! `unused-*`: what a file names and never comes back to.

use scn_diagnostics::{Applicability, Code, Diagnostic, SourceMap, Span, codes};
use scn_grammar::ast::{Decl, Expr, Head, Keyword, Name, Node};
use smol_str::SmolStr;

use super::mentions::{ANYWHERE, Mentions, Scope};
use crate::{
    expr::{dotted, quoted_text},
    modules::{Modules, is_private},
    scenario::Declaration,
};

/// A declaration that is there to be used.
struct Usable<'a> {
    name: &'a Name,
    /// What it is called.
    what: &'static str,
    /// What is said where it is not used.
    code: &'static Code,
}

/// Looks at the module at `root`, which declares these scenarios and whose steps name what is `captured`.
pub(super) fn check(
    modules: &Modules,
    root: usize,
    scenarios: &[Declaration<'_>],
    captured: &[(Name, Scope)],
    sources: &SourceMap,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(module) = modules.get(root) else { return };
    // What a library declares is there for others; what a file with scenarios declares is there for these, unless others use it.
    let usable = module.tree.nodes.iter().filter_map(Node::decl).filter_map(usable);
    let usable: Vec<Usable<'_>> =
        usable.filter(|usable| !scenarios.is_empty() || is_private(&usable.name.text)).collect();
    let Some(source) = sources.get(module.tree.source) else { return };
    let mentions = Mentions::of(&module.tree, source.text());

    imports(modules, root, scenarios, &mentions, sources, diagnostics);
    let mut unused: Vec<&Usable<'_>> =
        usable.iter().filter(|usable| !is_mentioned(&mentions, usable.name, ANYWHERE)).collect();
    if !unused.iter().all(|unused| is_private(&unused.name.text)) && modules.is_used(root) {
        unused.retain(|unused| is_private(&unused.name.text));
    }
    diagnostics.extend(unused.into_iter().map(|Usable { name, what, code }| {
        Diagnostic::new(code, name.span, format!("the {what} `{}` is never used", name.text))
    }));
    let unread = captured.iter().filter(|(name, scope)| !is_mentioned(&mentions, name, *scope));
    diagnostics.extend(unread.map(|(name, _)| {
        Diagnostic::new(codes::UNUSED_CAPTURE, name.span, format!("`{}` is never read", name.text))
            .help(format!("leave it out, or call it `_{}` if it is meant to be there", name.text))
    }));
}

/// Whether `name` is mentioned where it is declared, which mostly is behind it.
fn is_mentioned(mentions: &Mentions<'_>, name: &Name, scope: Scope) -> bool {
    mentions.contains(&name.text, scope, name.span.end as usize)
}

/// The names that a file mentions if it uses something of the module at `used`.
fn imported<'a>(modules: &'a Modules, alias: Option<&'a SmolStr>, used: usize) -> impl Iterator<Item = &'a SmolStr> {
    let declared = modules.get(used).filter(|_| alias.is_none()).into_iter().flat_map(|from| &from.tree.nodes);
    let declared = declared.filter_map(Node::decl).filter_map(|decl| decl.name.as_ref()).map(|name| &name.text);
    alias.into_iter().chain(declared)
}

fn imports(
    modules: &Modules,
    root: usize,
    scenarios: &[Declaration<'_>],
    mentions: &Mentions<'_>,
    sources: &SourceMap,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(module) = modules.get(root) else { return };
    for ((alias, used), span) in module.uses.iter().zip(&module.places) {
        let Some(from) = modules.get(*used) else { continue };
        let is_mentioned = imported(modules, alias.as_ref(), *used).any(|name| mentions.contains(name, ANYWHERE, 0));
        if is_mentioned || brings_sandbox(modules, root, scenarios, *used) {
            continue;
        }
        let headline = match alias {
            Some(alias) => format!("nothing of `{alias}` is used"),
            None => format!("nothing of `{}` is used", from.path),
        };
        let line = line_of(*span, sources);
        diagnostics.push(Diagnostic::new(codes::UNUSED_IMPORT, *span, headline).fix(
            "remove the line",
            line,
            "",
            Applicability::Suggested,
        ));
    }
}

/// Whether a file is used for the sandbox of a scenario.
fn brings_sandbox(modules: &Modules, root: usize, scenarios: &[Declaration<'_>], used: usize) -> bool {
    let default =
        modules.settings_of(root).and_then(|settings| settings.sandbox.as_ref()).map(|(name, _)| name.as_str());
    let asked: Vec<SmolStr> = scenarios
        .iter()
        .filter_map(|declaration| match declaration.sandbox() {
            Some((name, _)) => Some(name),
            None => default.map(SmolStr::from),
        })
        .collect();
    modules.reached([used]).into_iter().filter_map(|index| modules.get(index)).any(|module| {
        let decls = module.tree.nodes.iter().filter_map(Node::decl);
        decls
            .filter(|decl| decl.keyword == Keyword::Sandbox)
            .filter_map(|decl| decl.name.as_ref())
            .any(|name| asked.contains(&name.text))
    })
}

fn usable(decl: &Decl) -> Option<Usable<'_>> {
    let (what, code) = match decl.keyword {
        Keyword::Const => ("constant", codes::UNUSED_CONST),
        Keyword::Persona => ("persona template", codes::UNUSED_PERSONA),
        Keyword::Flow => ("flow", codes::UNUSED_FLOW),
        Keyword::Probe => ("probe", codes::UNUSED_PROBE),
        _ => return None,
    };
    Some(Usable { name: decl.name.as_ref()?, what, code })
}

/// Adds what the line of `node`, which is in `scope`, names for others to read.
pub(super) fn captures(node: &Node, scope: Scope, found: &mut Vec<(Name, Scope)>) {
    if let Head::Entry { key, values } = &node.head
        && matches!(key.text.as_str(), "capture" | "set" | "as")
    {
        found.extend(values.first().and_then(capture).map(|name| (name, scope)));
    }
    for attr in node.attrs.iter().filter(|attr| matches!(attr.key.text.as_str(), "as" | "capture")) {
        found.extend(attr.values.first().and_then(capture).map(|name| (name, scope)));
    }
}

fn capture(value: &Expr) -> Option<Name> {
    let text = dotted(value).or_else(|| quoted_text(value).map(|(text, _)| text))?;
    (!is_private(&text)).then_some(Name { text, span: value.span })
}

/// The whole line that `span` begins in, with its end.
pub(super) fn line_of(span: Span, sources: &SourceMap) -> Span {
    let Some(source) = sources.get(span.source) else { return span };
    let (start, end) = (span.start as usize, span.end as usize);
    let before = source.text().get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let after =
        source.text().get(end..).and_then(|after| after.find('\n')).map_or(source.text().len(), |at| end + at + 1);
    Span::new(span.source, before..after)
}
