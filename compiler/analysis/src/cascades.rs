//! Findings that follow from a line that does not parse, or whose verb nobody knows.
//!
//! What such a line meant to declare is unknown, and it has been reported; that the name it gives stands for nothing elsewhere is no
//! second mistake. Nor is what such a line, had it been written well, would have used or said.

use scn_diagnostics::{Code, Diagnostic, SourceId, SourceMap, Span, codes};
use scn_grammar::ast::{Head, Keyword, Node};
use scn_plan::collections::{HashMap, HashSet};

use crate::modules::Modules;

/// What says that a name stands for nothing.
const UNKNOWN: [&Code; 10] = [
    codes::UNKNOWN_NAME,
    codes::UNKNOWN_PERSONA,
    codes::UNKNOWN_SANDBOX,
    codes::UNKNOWN_PROBE,
    codes::UNKNOWN_FUNCTION,
    codes::UNKNOWN_FLOW,
    codes::UNKNOWN_PART,
    codes::UNDECLARED_PART,
    codes::UNDECLARED_STORE,
    codes::UNKNOWN_METRIC,
];

/// What says that something is used nowhere.
const UNUSED: [&Code; 5] =
    [codes::UNUSED_IMPORT, codes::UNUSED_CONST, codes::UNUSED_PERSONA, codes::UNUSED_FLOW, codes::UNUSED_PROBE];

/// What is said of a scenario that lacks an entry, by the entry.
const LACKING: [(&str, &Code); 4] = [
    ("steps", codes::MISSING_ENTRY),
    ("sandbox", codes::NO_SANDBOX),
    ("goals", codes::MISSING_GOAL),
    ("tags", codes::UNTAGGED_SCENARIO),
];

/// Drops findings that follow from others.
pub(crate) fn drop_them(modules: &Modules, sources: &SourceMap, diagnostics: &mut Vec<Diagnostic>) {
    drop_unknown(modules, sources, diagnostics);
    let of = |found: &Diagnostic| found.primary.span.source;
    // What nobody can read, or what names nothing, may have been meant to use it.
    let hides = |found: &Diagnostic| {
        found.code.id < "E0100" || UNKNOWN.iter().chain(&[codes::UNKNOWN_MODULE]).any(|code| code.id == found.code.id)
    };
    let hidden: HashSet<SourceId> = diagnostics.iter().filter(|found| hides(found)).map(of).collect();
    // An entry under a name that is nearly right, or in the wrong place.
    let meant: HashSet<(SourceId, &str)> = diagnostics
        .iter()
        .filter_map(|found| {
            let meant = match found.code.id {
                id if id == codes::UNKNOWN_ENTRY.id => found.fixes.first()?.edits.first()?.text.as_str(),
                id if id == codes::MISPLACED.id => sources.slice(found.primary.span).split(':').next()?,
                _ => return None,
            };
            let (_, code) = LACKING.iter().find(|(entry, _)| *entry == meant)?;
            Some((of(found), code.id))
        })
        .collect();
    diagnostics.retain(|found| {
        let is_unused = UNUSED.iter().any(|code| code.id == found.code.id);
        let follows = is_unused && hidden.contains(&of(found)) || meant.contains(&(of(found), found.code.id));
        !follows
    });
}

/// Drops findings about names that broken lines were to declare.
fn drop_unknown(modules: &Modules, sources: &SourceMap, diagnostics: &mut Vec<Diagnostic>) {
    let is_unknown = |found: &Diagnostic| UNKNOWN.iter().any(|code| code.id == found.code.id);
    if !diagnostics.iter().any(is_unknown) {
        return;
    }
    let unknown = diagnostics.iter().filter(|found| found.code.id == codes::UNKNOWN_STEP.id);
    let unknown: HashSet<Span> = unknown.map(|found| found.primary.span).collect();
    // The modules in which each name was to be declared.
    let mut names: HashMap<&str, Vec<usize>> = HashMap::default();
    for (index, module) in modules.all.iter().enumerate() {
        let mut own = HashSet::default();
        module.tree.nodes.iter().for_each(|node| collect(node, sources, &unknown, &mut own));
        own.into_iter().for_each(|name| names.entry(name).or_default().push(index));
    }
    if names.is_empty() {
        return;
    }
    let modules_of: HashMap<SourceId, usize> =
        modules.all.iter().enumerate().map(|(index, module)| (module.source, index)).collect();
    let mut seen_from: HashMap<usize, HashSet<usize>> = HashMap::default();
    diagnostics.retain(|found| {
        if !is_unknown(found) {
            return true;
        }
        let span = found.primary.span;
        let name = sources.slice(span);
        // Of `payments.sign_in`, the file may be another; of `answer.status`, what has the field.
        let ends = [name.rsplit('.').next(), name.split('.').next()].into_iter().flatten();
        let mut declaring = ends.chain([name]).filter_map(|name| names.get(name)).flatten().peekable();
        if declaring.peek().is_none() {
            return true;
        }
        // What settings name may be in any of the files.
        let Some(module) = modules_of.get(&span.source) else { return false };
        let seen = seen_from.entry(*module).or_insert_with(|| modules.seen_from(*module).into_iter().collect());
        !declaring.any(|declared| seen.contains(declared))
    });
}

/// What gives something a name in an item's line.
const NAMING: [&str; 3] = ["name", "as", "capture"];

/// The names that broken lines among `node` and those below it were to declare.
fn collect<'s>(node: &Node, sources: &'s SourceMap, unknown: &HashSet<Span>, names: &mut HashSet<&'s str>) {
    match &node.head {
        Head::Error => {
            let mut words = sources.slice(node.span).split(|c: char| !(c.is_alphanumeric() || "_-.".contains(c)));
            let keyword = words.next().and_then(Keyword::from_word);
            let mut words = words.filter(|word| !word.is_empty());
            if keyword.is_some() {
                names.extend(words.next());
            } else {
                while words.any(|word| NAMING.contains(&word)) {
                    names.extend(words.next());
                }
            }
        }
        Head::Entry { key, .. } if unknown.contains(&key.span) => {
            let naming = node.attrs.iter().filter(|attr| NAMING.contains(&attr.key.text.as_str()));
            let given = naming.filter_map(|attr| attr.values.first());
            names.extend(given.map(|value| sources.slice(value.span).trim_matches(['"', '\''])));
        }
        _ => {}
    }
    node.children.iter().for_each(|child| collect(child, sources, unknown, names));
}
