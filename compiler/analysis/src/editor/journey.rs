//! What goals can ask about a scenario: its steps, their groups, and its probes.

use scn_grammar::ast::{Expr, ExprKind, Head, Keyword, Node, TextPart, Tree};
use scn_plan::collections::HashMap;
use smol_str::{SmolStr, format_smolstr};

use super::extent;
use crate::{expr::dotted, scenario::CONTROL};

/// The names of a scenario's steps, groups and probes, each list in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journey {
    /// Steps, those of flows left out.
    pub steps: Vec<SmolStr>,
    /// Groups, and flows that are called.
    pub groups: Vec<SmolStr>,
    /// Probes.
    pub probes: Vec<SmolStr>,
}

/// The scenario that the byte `offset` is in; that of the file if it is itself one.
pub fn journey(tree: &Tree, offset: usize) -> Journey {
    let mut found = Finder::default();
    match scenario(tree, offset) {
        Some(node) => node.children.iter().for_each(|entry| found.entry(entry)),
        None => tree.nodes.iter().for_each(|entry| found.entry(entry)),
    }
    found.journey
}

/// The sandbox that the scenario at the byte `offset` asks for, or that the place is in, by its name.
pub fn sandbox(tree: &Tree, offset: usize) -> Option<SmolStr> {
    let around = declaration(tree, offset);
    if let Some(decl) = around.and_then(Node::decl).filter(|decl| decl.keyword == Keyword::Sandbox) {
        return decl.name.as_ref().map(|name| name.text.clone());
    }
    let entries = scenario(tree, offset).map_or(&tree.nodes, |node| &node.children);
    entries.iter().find_map(|entry| match &entry.head {
        Head::Entry { key, values } if key.text == "sandbox" => values.first().and_then(written),
        _ => None,
    })
}

/// The page that the byte `offset` is in the declaration of, by its path.
pub fn page(tree: &Tree, offset: usize) -> Option<SmolStr> {
    let mut nodes = &declaration(tree, offset)?.children;
    loop {
        let node = nodes.iter().take_while(|node| node.span.range().start <= offset).last()?;
        match node.decl().filter(|decl| decl.keyword == Keyword::Page) {
            Some(page) => return page.operands.first().and_then(written),
            None => nodes = &node.children,
        }
    }
}

fn scenario(tree: &Tree, offset: usize) -> Option<&Node> {
    declaration(tree, offset).filter(|node| node.decl().is_some_and(|decl| decl.keyword == Keyword::Scenario))
}

/// The declaration at the top of the file that the place is in, or that it comes after.
fn declaration(tree: &Tree, offset: usize) -> Option<&Node> {
    tree.nodes.iter().take_while(|node| extent(node).range().start <= offset).last()
}

/// Steps that send nothing, of which there is nothing to measure.
const SILENT: [&str; 6] = ["set", "assert", "think", "wait", "stop", "abort"];

#[derive(Default)]
struct Finder {
    journey: Journey,
    /// How often each name was given by default.
    used: HashMap<SmolStr, usize>,
}

impl Finder {
    fn entry(&mut self, entry: &Node) {
        match entry.key().map(|key| key.text.as_str()) {
            Some("steps") => entry.children.iter().for_each(|step| self.step(step)),
            Some("probes") => entry.children.iter().for_each(|probe| self.probe(probe)),
            _ => {}
        }
    }

    /// A name, told apart from others that are the same by a number.
    fn counted(&mut self, name: SmolStr) -> SmolStr {
        let count = self.used.entry(name.clone()).or_default();
        *count += 1;
        if *count == 1 { name } else { format_smolstr!("{name}-{count}") }
    }

    fn step(&mut self, node: &Node) {
        let Head::Entry { key, values } = &node.head else { return };
        let value = values.first();
        match key.text.as_str() {
            "do" => {
                let called = value.and_then(|value| match &value.kind {
                    ExprKind::Call(callee, _) => dotted(callee),
                    _ => dotted(value),
                });
                if let Some(flow) = given(node).or_else(|| Some(called?.rsplit('.').next()?.into())) {
                    let name = self.counted(flow);
                    self.journey.groups.push(name);
                }
            }
            "group" => self.journey.groups.extend(value.and_then(written)),
            verb if node.dash && !CONTROL.contains(&verb) && !SILENT.contains(&verb) => {
                let name = given(node).unwrap_or_else(|| self.counted(verb.into()));
                self.journey.steps.push(name);
            }
            _ => {}
        }
        node.children.iter().for_each(|child| self.step(child));
    }

    fn probe(&mut self, node: &Node) {
        if let Some(verb) = node.key() {
            let name = given(node).unwrap_or_else(|| self.counted(verb.text.clone()));
            self.journey.probes.push(name);
        }
    }
}

/// The name that `name:` gives, in the line or below it.
fn given(node: &Node) -> Option<SmolStr> {
    let in_line = node.attrs.iter().find(|attr| attr.key.text == "name").and_then(|attr| attr.values.first());
    let below = || {
        node.children.iter().filter(|child| !child.dash).find_map(|child| match &child.head {
            Head::Entry { key, values } if key.text == "name" => values.first(),
            _ => None,
        })
    };
    in_line.or_else(below).and_then(written)
}

fn written(value: &Expr) -> Option<SmolStr> {
    match &value.kind {
        ExprKind::Text { parts, .. } => match parts.as_slice() {
            [TextPart::Literal(text, _)] => Some(text.clone()),
            _ => None,
        },
        ExprKind::Path(path) => Some(path.clone()),
        _ => dotted(value),
    }
}
