//! A plan in the [DOT language](https://graphviz.org/doc/info/lang.html) of Graphviz.

use std::fmt::Write as _;

use petgraph::graph::NodeIndex;

use super::{
    label,
    members::{Member, edges, members},
};
use crate::{
    Plan,
    plan::{Edge, NodeKind},
};

/// `plan` as a DOT graph.
pub fn dot(plan: &Plan) -> String {
    let mut out = format!("digraph \"{}\" {{\n  node [fontname=\"sans-serif\"];\n", escaped(&plan.scenario));
    out.push_str("  edge [fontname=\"sans-serif\"];\n");
    write(plan, &members(plan), 1, &mut out);
    for (from, to, edge) in edges(plan) {
        let (from, to) = (from.index(), to.index());
        let attributes = match edge {
            Edge::Next => String::new(),
            Edge::Uses => " [style=dashed constraint=false label=\"uses\"]".to_owned(),
            Edge::OnFail => format!(" [style=dotted constraint=false label=\"{}\"]", label::edge(&edge)),
            other => format!(" [label=\"{}\"]", escaped(&label::edge(&other))),
        };
        let _ = writeln!(out, "  n{from} -> n{to}{attributes};");
    }
    out.push_str("}\n");
    out
}

fn write(plan: &Plan, members: &[Member], depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    for member in members {
        match member {
            Member::Node(at) => node(plan, *at, &indent, out),
            Member::Frame(at, inside) => {
                let title = plan.node(*at).map(|node| label::node(plan, *at, node)).unwrap_or_default();
                let _ = writeln!(out, "{indent}subgraph cluster_n{} {{", at.index());
                let _ =
                    writeln!(out, "{indent}  label=\"{}\"; fontname=\"sans-serif\"; style=rounded;", escaped(&title));
                write(plan, inside, depth + 1, out);
                let _ = writeln!(out, "{indent}}}");
            }
        }
    }
}

fn node(plan: &Plan, at: NodeIndex, indent: &str, out: &mut String) {
    let Some(node) = plan.node(at) else { return };
    let shape = match node.kind {
        NodeKind::Step(_) => "box",
        NodeKind::Assign(_) => "note",
        NodeKind::Condition(_) | NodeKind::Loop(_) => "diamond",
        NodeKind::Choice => "hexagon",
        // What these begin is a cluster with a title.
        NodeKind::Retry(_) | NodeKind::Group(_) | NodeKind::Join => "point",
        NodeKind::End => "oval",
    };
    let _ = match shape {
        "point" => writeln!(out, "{indent}n{} [shape=point label=\"\"];", at.index()),
        _ => writeln!(
            out,
            "{indent}n{} [shape={shape} label=\"{}\"];",
            at.index(),
            escaped(&label::node(plan, at, node))
        ),
    };
}

/// `text` between double quotes; what a label would take for an escape of its own is none.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            _ if character.is_control() => out.push(' '),
            _ => out.push(character),
        }
    }
    out
}
