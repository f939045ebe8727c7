//! Whether a file mentions a name.
//!
//! A name that is mentioned is written somewhere: it is sought in the text, and only the lines are read that it stands on.

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

    /// Whether `name` is mentioned in `scope`. It is sought behind the byte `from` first.
    pub fn contains(&self, name: &str, scope: Scope, from: usize) -> bool {
        if name.is_empty() || self.budget.get() == 0 {
            return self.all.get_or_init(|| self.collect()).contains(&(name.as_bytes(), scope));
        }
        let (start, end) = self.extent(scope);
        let from = from.max(start).min(end);
        self.is_within(name, scope, from, end) || self.is_within(name, scope, start, from)
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
