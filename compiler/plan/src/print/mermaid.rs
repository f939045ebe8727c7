//! A plan as a [Mermaid flowchart](https://mermaid.js.org/syntax/flowchart.html).

use petgraph::visit::EdgeRef;

use super::label;
use crate::{
    Plan,
    plan::{Edge, NodeKind},
};

/// `plan` as a Mermaid flowchart.
pub fn mermaid(plan: &Plan) -> String {
    let mut out = String::from("flowchart TD\n");
    for index in plan.graph.node_indices() {
        let Some(node) = plan.node(index) else { continue };
        let text = escaped(&label::node(plan, node));
        let shape = match node.kind {
            NodeKind::Step(_) => format!("[\"{text}\"]"),
            NodeKind::Condition(_) | NodeKind::Loop(_) => format!("{{\"{text}\"}}"),
            NodeKind::Assign(_) | NodeKind::Retry(_) | NodeKind::Group(_) => format!("[/\"{text}\"/]"),
            NodeKind::Choice => format!("{{{{\"{text}\"}}}}"),
            NodeKind::Join => "((\" \"))".to_owned(),
            NodeKind::End => format!("([\"{text}\"])"),
        };
        out.push_str(&format!("  n{}{shape}\n", index.index()));
    }
    for edge in plan.graph.edge_references() {
        let (from, to) = (edge.source().index(), edge.target().index());
        let line = match edge.weight() {
            Edge::Next => "-->".to_owned(),
            Edge::Uses => "-.->|uses|".to_owned(),
            other => format!("-->|{}|", escaped(&label::edge(other))),
        };
        out.push_str(&format!("  n{from} {line} n{to}\n"));
    }
    out
}

/// Mermaid writes characters that mean something to it as entities without an ampersand.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            '|' => out.push_str("#124;"),
            other => out.push(other),
        }
    }
    out
}
