//! `unused-*`: what a file names and never comes back to.

use scn_diagnostics::{Applicability, Code, Diagnostic, SourceMap, Span, codes};
use scn_grammar::ast::{Attr, Decl, Expr, Head, Keyword, Name, Node};

use super::mentions::{Mentions, Scope, scope_of};
use crate::{
    expr::{dotted, quoted_text},
    modules::{Modules, is_private},
    scenario::declarations,
};

/// Looks at the module at `root`.
pub(super) fn check(modules: &Modules, root: usize, sources: &SourceMap, diagnostics: &mut Vec<Diagnostic>) {
    let Some(module) = modules.get(root) else { return };
    let all = Mentions::of(&module.tree);
    imports(modules, root, &all, sources, diagnostics);
    // What a library declares is there for others; what a file with scenarios declares is there for these, unless others use it.
    let used = modules.all.iter().any(|other| other.uses.iter().any(|(_, used)| *used == root));
    let is_library = used || declarations(&module.tree, &mut Vec::new()).is_empty();
    for decl in module.tree.nodes.iter().filter_map(Node::decl) {
        declaration(decl, is_library, &all, diagnostics);
    }
    for (index, node) in module.tree.nodes.iter().enumerate() {
        captures(node, scope_of(index, node), &all, diagnostics);
    }
}

fn imports(modules: &Modules, root: usize, all: &Mentions<'_>, sources: &SourceMap, diagnostics: &mut Vec<Diagnostic>) {
    let Some(module) = modules.get(root) else { return };
    for ((alias, used), span) in module.uses.iter().zip(&module.places) {
        let Some(from) = modules.get(*used) else { continue };
        let mut names = from.tree.nodes.iter().filter_map(Node::decl).filter_map(|decl| decl.name.as_ref());
        let mentioned = match alias {
            Some(alias) => all.contains(alias),
            None => names.any(|name| all.contains(&name.text)),
        };
        if mentioned || brings_sandbox(modules, root, *used) {
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
fn brings_sandbox(modules: &Modules, root: usize, used: usize) -> bool {
    let Some(module) = modules.get(root) else { return false };
    let default =
        modules.settings_of(root).and_then(|settings| settings.sandbox.as_ref()).map(|(name, _)| name.as_str());
    let declared = declarations(&module.tree, &mut Vec::new());
    let asked: Vec<String> = declared
        .iter()
        .filter_map(|declaration| match declaration.sandbox() {
            Some((name, _)) => Some(name.to_string()),
            None => default.map(str::to_owned),
        })
        .collect();
    modules.reached([used]).into_iter().filter_map(|index| modules.get(index)).any(|module| {
        let decls = module.tree.nodes.iter().filter_map(Node::decl);
        decls
            .filter(|decl| decl.keyword == Keyword::Sandbox)
            .filter_map(|decl| decl.name.as_ref())
            .any(|name| asked.iter().any(|asked| *asked == name.text))
    })
}

fn declaration(decl: &Decl, is_library: bool, all: &Mentions<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let code: &'static Code = match decl.keyword {
        Keyword::Const => codes::UNUSED_CONST,
        Keyword::Persona => codes::UNUSED_PERSONA,
        Keyword::Flow => codes::UNUSED_FLOW,
        Keyword::Probe => codes::UNUSED_PROBE,
        _ => return,
    };
    let Some(name) = decl.name.as_ref().filter(|name| !all.contains(&name.text)) else { return };
    if is_library && !is_private(&name.text) {
        return;
    }
    let what = match decl.keyword {
        Keyword::Const => "constant",
        Keyword::Persona => "persona template",
        Keyword::Flow => "flow",
        _ => "probe",
    };
    diagnostics.push(Diagnostic::new(code, name.span, format!("the {what} `{}` is never used", name.text)));
}

/// Reports what the steps under `node` name and nothing there reads.
fn captures(node: &Node, scope: Scope, mentions: &Mentions<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if let Head::Entry { key, values } = &node.head
        && matches!(key.text.as_str(), "capture" | "set" | "as")
    {
        capture(values.first(), scope, mentions, diagnostics);
    }
    for Attr { values, key, .. } in &node.attrs {
        if matches!(key.text.as_str(), "as" | "capture") {
            capture(values.first(), scope, mentions, diagnostics);
        }
    }
    node.children.iter().for_each(|child| captures(child, scope, mentions, diagnostics));
}

fn capture(value: Option<&Expr>, scope: Scope, mentions: &Mentions<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(value) = value else { return };
    let Some(name) = dotted(value).or_else(|| quoted_text(value).map(|(text, _)| text)) else { return };
    if mentions.contains_in(scope, &name) || is_private(&name) {
        return;
    }
    let name = Name { text: name, span: value.span };
    diagnostics.push(
        Diagnostic::new(codes::UNUSED_CAPTURE, name.span, format!("`{}` is never read", name.text))
            .help(format!("leave it out, or call it `_{}` if it is meant to be there", name.text)),
    );
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
