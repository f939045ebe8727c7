//! A plan in the [DOT language](https://graphviz.org/doc/info/lang.html) of Graphviz.

use petgraph::visit::EdgeRef;

use super::label;
use crate::{
    Plan,
    plan::{Edge, NodeKind},
};

/// `plan` as a DOT graph.
pub fn dot(plan: &Plan) -> String {
    let mut out = format!("digraph \"{}\" {{\n  node [fontname=\"sans-serif\"];\n", escaped(&plan.scenario));
    for index in plan.graph.node_indices() {
        let Some(node) = plan.node(index) else { continue };
        let shape = match node.kind {
            NodeKind::Step(_) => "box",
            NodeKind::Condition(_) | NodeKind::Loop(_) => "diamond",
            NodeKind::Assign(_) => "note",
            NodeKind::Retry(_) | NodeKind::Group(_) => "folder",
            NodeKind::Choice => "hexagon",
            NodeKind::Join => "point",
            NodeKind::End => "oval",
        };
        let text = escaped(&label::node(plan, node));
        out.push_str(&format!("  n{} [shape={shape} label=\"{text}\"];\n", index.index()));
    }
    for edge in plan.graph.edge_references() {
        let (from, to) = (edge.source().index(), edge.target().index());
        let attributes = match edge.weight() {
            Edge::Next => String::new(),
            Edge::Uses => " [style=dashed constraint=false label=\"uses\"]".to_owned(),
            other => format!(" [label=\"{}\"]", escaped(&label::edge(other))),
        };
        out.push_str(&format!("  n{from} -> n{to}{attributes};\n"));
    }
    out.push_str("}\n");
    out
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
