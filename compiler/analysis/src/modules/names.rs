//! Names that a file has from those that it uses.

use std::sync::Arc;

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, Keyword};
use scn_plan::collections::HashMap;
use scn_plan::collections::IndexMap;
use smol_str::{SmolStr, SmolStrBuilder};

use super::{Module, Modules};

/// Whether a file keeps what it declares under this name to itself.
pub(crate) fn is_private(name: &str) -> bool {
    name.starts_with('_')
}

/// The name that a module sees `name` of another under, which it uses as `alias`.
pub(crate) fn seen_as(alias: Option<&SmolStr>, name: &SmolStr) -> SmolStr {
    let Some(alias) = alias else { return name.clone() };
    let mut seen = SmolStrBuilder::new();
    [alias.as_str(), ".", name].into_iter().for_each(|part| seen.push_str(part));
    seen.finish()
}

/// Declarations by the name that they are seen under.
pub(crate) type Names = IndexMap<SmolStr, usize>;

/// What each module sees of declarations, where `own` says what each declares: its own, and those of what it uses. Modules that
/// declare nothing and use the same share it.
pub(crate) fn visible(modules: &Modules, own: &[Names]) -> Vec<Arc<Names>> {
    let mut shared: HashMap<&[(Option<SmolStr>, usize)], Arc<Names>> = HashMap::default();
    let see = |names: &Names, module: &Module| {
        let mut names = names.clone();
        for (alias, used) in &module.uses {
            for (name, declared) in own.get(*used).into_iter().flatten().filter(|(name, _)| !is_private(name)) {
                names.entry(seen_as(alias.as_ref(), name)).or_insert(*declared);
            }
        }
        Arc::new(names)
    };
    let seen = own.iter().zip(&modules.all).map(|(names, module)| match names.is_empty() {
        true => shared.entry(&module.uses).or_insert_with(|| see(names, module)).clone(),
        false => see(names, module),
    });
    seen.collect()
}

/// What a file declares for others to use: names and their places. Scenarios and sandboxes are found by other ways.
fn exports(module: &Module) -> impl Iterator<Item = &ast::Name> {
    module
        .tree
        .nodes
        .iter()
        .filter_map(ast::Node::decl)
        .filter(|decl| matches!(decl.keyword, Keyword::Const | Keyword::Persona | Keyword::Flow | Keyword::Probe))
        .filter_map(|decl| decl.name.as_ref())
        .filter(|name| !is_private(&name.text))
}

/// Reports what a file brings in under one name from two others, for each of the files.
pub(crate) fn imports(modules: &Modules, diagnostics: &mut Vec<Diagnostic>) {
    for module in &modules.all {
        if module.uses.len() > 1 {
            check(modules, module, diagnostics);
        }
    }
}

fn check(modules: &Modules, module: &Module, diagnostics: &mut Vec<Diagnostic>) {
    let mut aliases: HashMap<&SmolStr, (usize, Span)> = HashMap::default();
    let mut names: HashMap<&SmolStr, (usize, Span)> = HashMap::default();
    for ((alias, used), line) in module.uses.iter().zip(&module.places) {
        if let Some(alias) = alias {
            match aliases.insert(alias, (*used, *line)) {
                Some((other, first)) if other != *used => diagnostics.push(
                    Diagnostic::new(codes::DUPLICATE_NAME, *line, format!("something is used as `{alias}` already"))
                        .also(first, "it has this name first")
                        .help("give this one another name after `as`"),
                ),
                _ => {}
            }
            continue;
        }
        let Some(from) = modules.get(*used) else { continue };
        for name in exports(from) {
            let Some((other, first)) = names.get(&name.text).copied() else {
                names.insert(&name.text, (*used, name.span));
                continue;
            };
            if other == *used {
                continue;
            }
            let headline = format!("`{}` means two things here", name.text);
            diagnostics.push(
                Diagnostic::new(codes::AMBIGUOUS_IMPORT, *line, headline)
                    .label("this use brings it in a second time")
                    .also(first, "it is declared here")
                    .also(name.span, "and here")
                    .help("end one of the two uses with `as NAME`, and write `NAME.` before what comes from it"),
            );
        }
    }
}
