//! Findings that follow from a declaration whose own line does not parse.
//!
//! What such a line meant to declare is unknown, and its syntax error has been reported; that its name stands for nothing elsewhere is
//! no second mistake.

use scn_diagnostics::{Code, Diagnostic, SourceMap, codes};
use scn_grammar::ast::{Head, Keyword, Node};
use scn_plan::collections::HashSet;

use crate::modules::Modules;

/// What says that a name stands for nothing.
const UNKNOWN: [&Code; 9] = [
    codes::UNKNOWN_NAME,
    codes::UNKNOWN_PERSONA,
    codes::UNKNOWN_SANDBOX,
    codes::UNKNOWN_PROBE,
    codes::UNKNOWN_FUNCTION,
    codes::UNKNOWN_FLOW,
    codes::UNKNOWN_PART,
    codes::UNDECLARED_PART,
    codes::UNDECLARED_STORE,
];

/// Drops findings about names that broken lines were to declare.
pub(crate) fn drop_them(modules: &Modules, sources: &SourceMap, diagnostics: &mut Vec<Diagnostic>) {
    let mut names = HashSet::default();
    for module in &modules.all {
        module.tree.nodes.iter().for_each(|node| collect(node, sources, &mut names));
    }
    if names.is_empty() {
        return;
    }
    diagnostics.retain(|found| {
        let is_unknown = UNKNOWN.iter().any(|code| code.id == found.code.id);
        let name = sources.slice(found.primary.span);
        // Of `payments.sign_in`, the file may be another.
        let last = name.rsplit('.').next().unwrap_or(name);
        !(is_unknown && (names.contains(name) || names.contains(last)))
    });
}

/// The names that broken lines among `node` and those below it were to declare.
fn collect<'s>(node: &Node, sources: &'s SourceMap, names: &mut HashSet<&'s str>) {
    if matches!(node.head, Head::Error) {
        let mut words = sources.slice(node.span).split(|c: char| !(c.is_alphanumeric() || "_-.".contains(c)));
        let keyword = words.next().and_then(Keyword::from_word);
        if let (Some(_), Some(name)) = (keyword, words.find(|word| !word.is_empty())) {
            names.insert(name);
        }
    }
    node.children.iter().for_each(|child| collect(child, sources, names));
}
