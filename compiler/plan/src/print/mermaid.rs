//! A plan as a [Mermaid flowchart](https://mermaid.js.org/syntax/flowchart.html).

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

/// `plan` as a Mermaid flowchart.
pub fn mermaid(plan: &Plan) -> String {
    let mut out = String::from("flowchart TD\n");
    write(plan, &members(plan), 1, &mut out);
    for (from, to, edge) in edges(plan) {
        let (from, to) = (from.index(), to.index());
        let line = match edge {
            Edge::Next => "-->".to_owned(),
            Edge::Uses | Edge::OnFail => format!("-.->|\"{}\"|", label::edge(&edge)),
            other => format!("-->|\"{}\"|", escaped(&label::edge(&other))),
        };
        let _ = writeln!(out, "  n{from} {line} n{to}");
    }
    out
}

fn write(plan: &Plan, members: &[Member], depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    for member in members {
        match member {
            Member::Node(at) => node(plan, *at, &indent, out),
            Member::Frame(at, inside) => {
                let title = plan.node(*at).map(|node| label::node(plan, *at, node)).unwrap_or_default();
                let _ = writeln!(out, "{indent}subgraph f{}[\"{}\"]", at.index(), escaped(&title));
                write(plan, inside, depth + 1, out);
                let _ = writeln!(out, "{indent}end");
            }
        }
    }
}

fn node(plan: &Plan, at: NodeIndex, indent: &str, out: &mut String) {
    let Some(node) = plan.node(at) else { return };
    let text = escaped(&label::node(plan, at, node));
    let shape = match node.kind {
        NodeKind::Step(_) => format!("[\"{text}\"]"),
        NodeKind::Assign(_) => format!("[/\"{text}\"/]"),
        NodeKind::Condition(_) | NodeKind::Loop(_) => format!("{{\"{text}\"}}"),
        NodeKind::Choice => format!("{{{{\"{text}\"}}}}"),
        // What these begin is a subgraph with a title.
        NodeKind::Retry(_) | NodeKind::Group(_) | NodeKind::Join => "((\" \"))".to_owned(),
        NodeKind::End => format!("([\"{text}\"])"),
    };
    let _ = writeln!(out, "{indent}n{}{shape}", at.index());
}

/// Mermaid writes characters that mean something to it as entities without an ampersand; between quotes, words such as
/// `end` mean nothing to it.
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
            // Would begin Markdown, or what is read as an escape.
            '`' => out.push_str("#96;"),
            '\\' => out.push_str("#92;"),
            _ if character.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
    out
}
