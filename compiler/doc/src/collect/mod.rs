//! From a file's tree to what it declares.

mod params;
mod persona;
mod sandbox;
mod scenario;

use scn_analysis::Declared;
use scn_diagnostics::{SourceId, Span};
use scn_grammar::ast::{Keyword, Node};

use crate::{
    comment,
    model::{Block, Entry, Kind, Module, Piece},
};

/// What the file named `name` with this text declares. Whatever is wrong with the file, what can be read of it is there;
/// `declared` knows the types of what compiled.
pub fn module(name: &str, text: &str, declared: &Declared) -> Module {
    let (tree, _) = scn_grammar::parse(SourceId::default(), text);
    // What the standard library labels belongs to nobody.
    let shown = match scn_stdlib::module(name) {
        Some(_) => text.to_owned(),
        None => scn_analysis::masked_text(text),
    };
    let file = File { text: &shown, declared: Some(declared) };
    let mut entries: Vec<Entry> = tree.nodes.iter().filter_map(|node| file.entry(node)).collect();
    entries.extend(scenario::of_file(&file, &tree));
    Module { name: name.to_owned(), intro: intro(text), entries }
}

/// What every file knows without a `use`: steps, handler steps, probes, generators and metrics.
pub fn prelude() -> Module {
    let text = scn_stdlib::PRELUDE;
    let (tree, _) = scn_grammar::parse(SourceId::default(), text);
    let file = File { text, declared: None };
    let entries = tree.nodes.iter().filter_map(|node| file.entry(node)).collect();
    Module { name: "prelude".to_owned(), intro: intro(text), entries }
}

/// The comment that a file begins with, if an empty line or nothing follows it.
fn intro(text: &str) -> String {
    let lines: Vec<&str> = text.lines().skip_while(|line| line.trim().is_empty()).collect();
    let count = lines.iter().take_while(|line| line.starts_with('#')).count();
    if lines.get(count).is_some_and(|next| !next.trim().is_empty()) {
        return String::new();
    }
    let words = lines.iter().take(count).map(|line| line.trim_start_matches('#'));
    comment::markdown(&words.collect::<Vec<_>>().join("\n"))
}

/// A file that is read.
struct File<'a> {
    text: &'a str,
    declared: Option<&'a Declared>,
}

impl File<'_> {
    /// The source at `span`, without the colon that a line which holds others ends with.
    fn source(&self, span: Span) -> &str {
        let text = self.text.get(span.range()).unwrap_or_default();
        text.strip_suffix(':').unwrap_or(text).trim_end()
    }

    fn code(&self, span: Span) -> Piece {
        Piece::Code(self.source(span).to_owned())
    }

    fn entry(&self, node: &Node) -> Option<Entry> {
        let decl = node.decl()?;
        let name = decl.name.as_ref().filter(|name| !name.text.starts_with('_'))?;
        let (kind, blocks) = match decl.keyword {
            Keyword::Const => (Kind::Const, self.constant(node, &name.text)),
            Keyword::Persona => (Kind::Persona, persona::blocks(self, node, &name.text)),
            Keyword::Flow => (Kind::Flow, params::of_flow(self, node)),
            // The prelude's probes have no body, for an executor makes them.
            Keyword::Probe => (Kind::Probe, params::of_probe(self, node)),
            Keyword::Scenario => (Kind::Scenario, scenario::blocks(self, &node.children)),
            Keyword::Sandbox => (Kind::Sandbox, sandbox::blocks(self, node)),
            Keyword::Step => (Kind::Step, params::of_signature(self, node)),
            Keyword::Handler => (Kind::Handler, params::of_signature(self, node)),
            Keyword::Generator => (Kind::Generator, params::of_signature(self, node)),
            Keyword::Metric => (Kind::Metric, params::of_signature(self, node)),
            _ => return None,
        };
        Some(Entry { kind, name: name.text.to_string(), doc: doc(node), blocks })
    }

    fn constant(&self, node: &Node, name: &str) -> Vec<Block> {
        let written = node.decl().and_then(|decl| decl.value.as_ref());
        let code = format!("const {name} = {}", written.map(|value| self.source(value.span)).unwrap_or_default());
        let mut blocks = vec![Block::Code(code)];
        if let Some((ty, value)) = self.declared.and_then(|declared| declared.constant(name)) {
            let mut words = vec![Piece::Code(ty)];
            if written.is_some_and(|written| self.source(written.span) != value) {
                words.extend([Piece::Words(": ".to_owned()), Piece::Name(value)]);
            }
            blocks.push(Block::Words(words));
        }
        blocks
    }
}

/// The comment above `node`.
fn doc(node: &Node) -> Option<String> {
    node.doc.as_ref().map(|doc| comment::markdown(doc)).filter(|doc| !doc.is_empty())
}

/// The comment above a line within a declaration, in one line.
fn remark(node: &Node) -> Vec<Piece> {
    let Some(doc) = doc(node) else { return Vec::new() };
    vec![Piece::Words(format!(": {}", doc.split_whitespace().collect::<Vec<_>>().join(" ")))]
}

/// How many steps `nodes` hold, those under branches and loops too.
fn steps(nodes: &[Node]) -> usize {
    nodes.iter().map(|node| usize::from(node.dash && node.key().is_some()) + steps(&node.children)).sum()
}
