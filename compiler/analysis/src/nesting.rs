//! Lines that are indented under others that take nothing below them. Steps, probes, seeds and fields of personas tell of theirs where they are bound.

use scn_diagnostics::{Diagnostic, SourceMap, codes};
use scn_grammar::ast::{Head, Keyword, Node};

use crate::modules::Modules;

/// Reports every such line, once for all that stand under the same one.
pub(crate) fn check(modules: &Modules, sources: &SourceMap, diagnostics: &mut Vec<Diagnostic>) {
    let own = modules.all.iter().filter(|module| scn_stdlib::module(&module.path).is_none());
    let mut nesting = Nesting { sources, diagnostics };
    own.flat_map(|module| &module.tree.nodes).for_each(|node| nesting.top(node));
}

/// Entries of a scenario that take lines below them, unless they have a value beside them.
const BLOCKS: [&str; 6] = ["steps", "personas", "probes", "goals", "tags", "load"];

struct Nesting<'a> {
    sources: &'a SourceMap,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Nesting<'_> {
    fn top(&mut self, node: &Node) {
        match node.decl().map(|decl| decl.keyword) {
            Some(Keyword::Use | Keyword::Const) => self.refuse(node),
            Some(Keyword::Scenario) => node.children.iter().for_each(|entry| self.entry(entry)),
            Some(Keyword::Sandbox) => node.children.iter().for_each(|child| self.of_sandbox(child)),
            Some(_) => {}
            None => self.entry(node),
        }
    }

    /// An entry of a scenario.
    fn entry(&mut self, node: &Node) {
        let Head::Entry { key, values } = &node.head else { return };
        match (key.text.as_str(), values.is_empty()) {
            ("scenario", _) => self.refuse(node),
            ("goals" | "personas" | "tags", true) => {
                let items = node.children.iter().filter(|item| matches!(item.head, Head::Expr { .. }));
                items.for_each(|item| self.refuse(item));
            }
            (key, false) if BLOCKS.contains(&key) => self.refuse(node),
            _ => {}
        }
    }

    fn of_sandbox(&mut self, node: &Node) {
        let Some(decl) = node.decl() else { return self.setting(node) };
        match decl.keyword {
            Keyword::Branch => node.children.iter().for_each(|child| self.of_sandbox(child)),
            _ => node.children.iter().for_each(|child| self.of_part(child)),
        }
    }

    fn of_part(&mut self, node: &Node) {
        match node.decl().map(|decl| decl.keyword) {
            Some(Keyword::Store) => self.refuse(node),
            Some(Keyword::Page) => node.children.iter().for_each(|child| self.of_page(child)),
            Some(Keyword::Branch) => node.children.iter().for_each(|child| self.of_part(child)),
            Some(_) => {}
            None => self.setting(node),
        }
    }

    fn of_page(&mut self, node: &Node) {
        match node.decl().map(|decl| decl.keyword) {
            Some(Keyword::Form) => node.children.iter().for_each(|field| self.refuse(field)),
            Some(_) => {}
            None => self.setting(node),
        }
    }

    /// A setting that has its value beside it takes none below.
    fn setting(&mut self, node: &Node) {
        if matches!(&node.head, Head::Entry { values, .. } if !node.dash && !values.is_empty()) {
            self.refuse(node);
        }
    }

    fn refuse(&mut self, node: &Node) {
        let Some(child) = node.children.first().filter(|_| !matches!(node.head, Head::Error)) else { return };
        // An attribute that ends the line may take a block.
        if node.attrs.last().is_some_and(|last| last.values.is_empty()) {
            return;
        }
        let what = match &node.head {
            Head::Entry { key, .. } => key.text.as_str(),
            _ => self.sources.slice(node.span).trim_start_matches(['-', ' ']),
        };
        self.diagnostics.push(
            Diagnostic::new(codes::MISPLACED, child.span, format!("nothing can stand under `{what}`"))
                .label("this line is indented under it")
                .help("begin it in the column of the lines that it belongs to"),
        );
    }
}
