//! Whether a file mentions a name.
//!
//! A name that is mentioned is written somewhere: it is sought in the text, and only the lines on which it stands are read.

use std::cell::{Cell, OnceCell};

use scn_grammar::ast::{Head, Node, Tree};
use scn_plan::collections::HashSet;

use super::names;

/// Where a name means one thing: [`ANYWHERE`] in a file, or what [`scope_of`] tells.
pub(super) type Scope = usize;

/// All of a file.
pub(super) const ANYWHERE: Scope = 0;

/// All entries at the top of a file that is one scenario.
const ENTRIES: Scope = 1;

/// How often a text is searched before all of its names are collected instead.
const SEARCHES: usize = 16;

/// The scope that the node at `index` of a tree is in: a declaration is one.
pub(super) fn scope_of(index: usize, node: &Node) -> Scope {
    match node.head {
        Head::Decl(_) => ENTRIES + 1 + index,
        _ => ENTRIES,
    }
}

/// A file whose names are asked for.
pub(super) struct Mentions<'a> {
    tree: &'a Tree,
    text: &'a str,
    /// How many bytes may still be searched.
    budget: Cell<usize>,
    /// Every name that is mentioned, with its scope and with [`ANYWHERE`].
    all: OnceCell<HashSet<(&'a [u8], Scope)>>,
}

impl<'a> Mentions<'a> {
    /// Those of `tree`, which was read from `text`.
    pub fn of(tree: &'a Tree, text: &'a str) -> Self {
        // A name may be spelt with escapes.
        let is_plain = !text.contains("\\u{");
        let budget = if is_plain { text.len().saturating_mul(SEARCHES) } else { 0 };
        Self { tree, text, budget: Cell::new(budget), all: OnceCell::new() }
    }

    /// Whether `name` is mentioned in `scope`. The search begins at the byte `from`.
    pub fn contains(&self, name: &str, scope: Scope, from: usize) -> bool {
        if name.is_empty() || self.budget.get() == 0 {
            return self.all.get_or_init(|| self.collect()).contains(&(name.as_bytes(), scope));
        }
        let (start, end) = self.extent(scope);
        let from = from.max(start).min(end);
        // What is before may reach beyond.
        let until = self.text.ceil_char_boundary((from + name.len() - 1).min(end));
        self.is_within(name, scope, from, end) || self.is_within(name, scope, start, until)
    }

    /// The bytes that the lines of `scope` are among.
    fn extent(&self, scope: Scope) -> (usize, usize) {
        let start = |index: usize| self.tree.nodes.get(index).map(|node| node.span.start as usize);
        match scope.checked_sub(ENTRIES + 1) {
            Some(index) => (start(index).unwrap_or(0), start(index + 1).unwrap_or(self.text.len())),
            None => (0, self.text.len()),
        }
    }

    /// Whether a line of `scope` mentions `name` between these bytes.
    fn is_within(&self, name: &str, scope: Scope, start: usize, end: usize) -> bool {
        let mut from = start;
        while let Some(rest) = self.text.get(from..end).filter(|rest| rest.len() >= name.len()) {
            let found = rest.find(name);
            self.budget.set(self.budget.get().saturating_sub(found.unwrap_or(rest.len())));
            let Some(at) = found.map(|at| from + at) else { return false };
            from = at + name.len();
            if !self.is_whole(at, from) {
                continue;
            }
            let (line, until) = self.line(at);
            if line.is_some_and(|(node, of)| (scope == ANYWHERE || scope == of) && mentions(node, name)) {
                return true;
            }
            // Reading a long line costs as much as searching it.
            self.budget.set(self.budget.get().saturating_sub(until - at));
            from = from.max(until);
        }
        false
    }

    /// Whether what stands from `start` to `end` is no part of a longer word.
    fn is_whole(&self, start: usize, end: usize) -> bool {
        let byte = |at: usize| self.text.as_bytes().get(at).copied();
        let before = |by: usize| start.checked_sub(by).and_then(byte);
        // What is before it may be an escape.
        let goes_on = before(1).is_some_and(|byte| byte == b'_' || byte.is_ascii_alphabetic());
        let is_ended = !byte(end).is_some_and(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
        is_ended && (!goes_on || before(2) == Some(b'\\'))
    }

    /// The line that the byte `at` is in, with its scope, and where the next one begins.
    fn line(&self, at: usize) -> (Option<(&'a Node, Scope)>, usize) {
        let mut nodes = self.tree.nodes.as_slice();
        let mut until = self.text.len();
        let mut found: Option<(&Node, Scope)> = None;
        loop {
            let after = nodes.partition_point(|node| node.span.start as usize <= at);
            until = nodes.get(after).map_or(until, |next| until.min(next.span.start as usize));
            let Some(node) = after.checked_sub(1).and_then(|index| nodes.get(index)) else { return (found, until) };
            found = Some((node, found.map_or_else(|| scope_of(after - 1, node), |(_, scope)| scope)));
            nodes = &node.children;
        }
    }

    /// Every name that is mentioned.
    fn collect(&self) -> HashSet<(&'a [u8], Scope)> {
        let mut all = HashSet::default();
        for (index, node) in self.tree.nodes.iter().enumerate() {
            collect(node, scope_of(index, node), &mut all);
        }
        all
    }
}

/// Adds the names that `node` and the lines below it mention.
fn collect<'a>(node: &'a Node, scope: Scope, all: &mut HashSet<(&'a [u8], Scope)>) {
    names::of_line(node, &mut |name| all.extend([(name, ANYWHERE), (name, scope)]));
    node.children.iter().for_each(|child| collect(child, scope, all));
}

/// Whether the line of `node` mentions `name`.
fn mentions(node: &Node, name: &str) -> bool {
    let mut found = false;
    names::of_line(node, &mut |mentioned| found |= mentioned == name.as_bytes());
    found
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use scn_diagnostics::SourceId;
    use scn_plan::collections::IndexSet;

    use super::*;

    /// The texts of sources below `folder`.
    fn texts(folder: &Path, into: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                texts(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "scn") {
                into.extend(fs::read_to_string(&path));
            }
        }
    }

    #[test]
    fn a_name_that_is_sought_is_found_where_all_are_collected() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut all = vec!["const a = 1\nconst b = \"\\u{61}\"\n".to_owned()];
        ["scenarios", "stdlib", "tests/ui"].iter().for_each(|folder| texts(&root.join(folder), &mut all));
        let (mut asked, mut found) = (0, 0);
        for text in &all {
            let (tree, _) = scn_grammar::parse(SourceId(0), text);
            let words: IndexSet<&str> = text.split(|c: char| !(c.is_alphanumeric() || "_-.".contains(c))).collect();
            for word in words.into_iter().take(60) {
                for scope in [ANYWHERE, ENTRIES, ENTRIES + 1, ENTRIES + 3] {
                    let (sought, collected) = (Mentions::of(&tree, text), Mentions::of(&tree, text));
                    collected.budget.set(0);
                    let from = text.floor_char_boundary(text.len() / 2);
                    let outcome = sought.contains(word, scope, from);
                    assert_eq!(outcome, collected.contains(word, scope, from), "`{word}` in scope {scope} of:\n{text}");
                    (asked, found) = (asked + 1, found + usize::from(outcome));
                }
            }
        }
        assert!(asked > 1000 && found > 100 && found < asked, "{found} of {asked}");
    }
}
