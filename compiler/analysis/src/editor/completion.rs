//! What can be written next, also in a line that does not parse yet: the lines around the place tell, not the tree.

use scn_grammar::ast::Keyword;
use smol_str::SmolStr;

use super::prelude;
use crate::scenario::{CONTROL, ENTRIES};

/// What a file can declare.
const TOP: [Keyword; 7] = [
    Keyword::Use,
    Keyword::Const,
    Keyword::Persona,
    Keyword::Flow,
    Keyword::Probe,
    Keyword::Scenario,
    Keyword::Sandbox,
];

/// What a name that can be written next is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A word that begins a declaration.
    Declaration,
    /// An entry of a scenario.
    Entry,
    /// A verb of an item.
    Verb,
    /// An attribute of the line's verb.
    Attribute,
    /// A name that the file or what it uses declares by this keyword.
    Declared(Keyword),
}

/// A name that can be written next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The name.
    pub name: SmolStr,
    /// What it is.
    pub wanted: Wanted,
    /// Its signature or its type; empty where there is none.
    pub detail: String,
    /// What it does; empty where nothing is said.
    pub doc: String,
}

/// What can be written at the byte `offset`: names that the language has, and the kinds of declarations whose names fit.
pub fn proposals(text: &str, offset: usize) -> (Vec<Proposal>, Vec<Keyword>) {
    let before = text.get(..offset).unwrap_or_default();
    let (above, line) = before.rsplit_once('\n').unwrap_or(("", before));
    if in_comment_or_text(line) {
        return (Vec::new(), Vec::new());
    }
    let written = line.trim_start();
    let indent = line.len() - written.len();
    let parents = parents(above, indent);
    let word = |text: &str| text.chars().all(|char| char.is_ascii_alphanumeric() || "_-.".contains(char));
    let last = written.rsplit(' ').next().unwrap_or_default();
    let so_far = written.strip_suffix(last).unwrap_or_default().trim_end();
    if !word(last) {
        return (Vec::new(), Vec::new());
    }
    if so_far.ends_with(" of") || so_far.ends_with(" extends") {
        return (Vec::new(), vec![Keyword::Persona]);
    }
    let item = so_far.strip_prefix('-').map(str::trim_start);
    match item {
        None if so_far.is_empty() && indent == 0 => {
            let mut all = named(TOP.iter().map(|keyword| keyword.as_str()), Wanted::Declaration);
            // A file may itself be a scenario.
            all.extend(named(ENTRIES.iter().copied().chain(["scenario"]), Wanted::Entry));
            (all, Vec::new())
        }
        None if so_far.is_empty() && parents.first().is_some_and(|parent| parent.starts_with("scenario ")) => {
            (named(ENTRIES.iter().copied(), Wanted::Entry), Vec::new())
        }
        // An attribute on a line of its own.
        None if so_far.is_empty() => match parents.first().and_then(|parent| verb(parent)) {
            Some(verb) => (attributes(verb, place(&parents)), Vec::new()),
            None => (Vec::new(), Vec::new()),
        },
        Some("") => {
            let place = place(&parents);
            let declared = if place == Keyword::Probe { vec![Keyword::Probe] } else { Vec::new() };
            (verbs(place), declared)
        }
        Some(item) => match verb(&format!("- {item}")) {
            Some("do") => (Vec::new(), vec![Keyword::Flow]),
            Some(verb) => (attributes(verb, place(&parents)), vec![Keyword::Const]),
            None => (Vec::new(), vec![Keyword::Const]),
        },
        None => (Vec::new(), vec![Keyword::Const]),
    }
}

fn named<'n>(names: impl Iterator<Item = &'n str>, wanted: Wanted) -> Vec<Proposal> {
    names.map(|name| Proposal { name: name.into(), wanted, detail: String::new(), doc: String::new() }).collect()
}

fn verbs(place: Keyword) -> Vec<Proposal> {
    let declared = prelude().iter().filter(|declared| declared.keyword == place);
    let mut all: Vec<Proposal> = declared
        .map(|declared| Proposal {
            // Any percentile will do.
            name: if declared.name == "pNN" { "p95".into() } else { declared.name.clone() },
            wanted: Wanted::Verb,
            detail: declared.signature.clone(),
            doc: declared.doc.clone(),
        })
        .collect();
    if place == Keyword::Step {
        all.extend(named(CONTROL.iter().copied(), Wanted::Verb));
    }
    all
}

fn attributes(verb: &str, place: Keyword) -> Vec<Proposal> {
    let declared = prelude().iter().find(|declared| declared.keyword == place && declared.name == verb);
    let own = declared.into_iter().flat_map(|declared| &declared.params).map(|(name, ty)| Proposal {
        name: name.clone(),
        wanted: Wanted::Attribute,
        detail: ty.clone(),
        doc: String::new(),
    });
    let common: &[&str] = match place {
        Keyword::Step => crate::scenario::COMMON,
        Keyword::Probe => &["from", "for", "when"],
        _ => &[],
    };
    own.chain(named(common.iter().copied(), Wanted::Attribute)).collect()
}

/// The verb of an item's line.
fn verb(line: &str) -> Option<&str> {
    let (verb, _) = line.strip_prefix('-')?.trim_start().split_once(':')?;
    verb.chars().all(|char| char.is_ascii_alphanumeric() || "_-".contains(char)).then_some(verb)
}

/// The lines that the place is nested in, from the innermost outwards, trimmed.
fn parents(above: &str, indent: usize) -> Vec<&str> {
    let mut parents = Vec::new();
    let mut indent = indent;
    for line in above.lines().rev() {
        let written = line.trim_start();
        let depth = line.len() - written.len();
        if depth < indent && !written.is_empty() && !written.starts_with('#') {
            parents.push(written.trim_end());
            indent = depth;
        }
    }
    parents
}

fn place(parents: &[&str]) -> Keyword {
    for parent in parents {
        match parent.split([' ', ':']).next().unwrap_or_default() {
            "goals" => return Keyword::Metric,
            "probes" | "probe" => return Keyword::Probe,
            "on" | "route" | "service" | "agent" | "queue" | "partner" => return Keyword::Handler,
            _ => {}
        }
    }
    Keyword::Step
}

/// Whether what comes next belongs to a comment or to a text that is not yet closed.
fn in_comment_or_text(line: &str) -> bool {
    let mut quote = None;
    let mut before = ' ';
    for char in line.chars() {
        match (quote, char) {
            (None, '#') if before == ' ' => return true,
            (None, '"' | '\'') => quote = Some(char),
            (Some(open), char) if open == char && before != '\\' => quote = None,
            _ => {}
        }
        before = char;
    }
    quote.is_some()
}
