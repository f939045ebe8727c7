//! Scenarios: under a name of their own, and files that are one.

use scn_grammar::ast::{ExprKind, Head, Node, Tree};

use super::{File, doc, steps};
use crate::model::{Block, Entry, Kind, Piece};

/// What a scenario's page says of it, in this order.
const FACTS: [&str; 12] =
    ["tags", "tag", "sandbox", "slo", "duration", "signoff", "goals", "personas", "load", "think", "pacing", "probes"];

/// What stands under a scenario.
pub(super) fn blocks(file: &File<'_>, entries: &[Node]) -> Vec<Block> {
    let mut rows = Vec::new();
    for fact in FACTS {
        for node in entries {
            let Head::Entry { key, values } = &node.head else { continue };
            if key.text != fact {
                continue;
            }
            let mut said: Vec<Piece> = values.iter().map(|value| file.code(value.span)).collect();
            for attr in &node.attrs {
                said.push(Piece::Words(" ".to_owned()));
                said.push(file.code(attr.span));
            }
            for child in &node.children {
                if !said.is_empty() {
                    said.push(Piece::Words(", ".to_owned()));
                }
                let written = file.source(child.span);
                said.push(Piece::Code(written.strip_prefix("- ").unwrap_or(written).to_owned()));
            }
            rows.push(vec![vec![Piece::Words(fact.to_owned())], said]);
        }
    }
    let of = |node: &&Node| node.key().is_some_and(|key| key.text == "steps");
    let count: usize = entries.iter().filter(of).map(|node| steps(&node.children)).sum();
    rows.push(vec![vec![Piece::Words("steps".to_owned())], vec![Piece::Words(count.to_string())]]);
    vec![Block::Table(vec!["", ""], rows)]
}

/// The scenario that a file is.
pub(super) fn of_file(file: &File<'_>, tree: &Tree) -> Option<Entry> {
    let node = tree.nodes.iter().find(|node| node.key().is_some_and(|key| key.text == "scenario"))?;
    let Head::Entry { values, .. } = &node.head else { return None };
    let value = values.first()?;
    let name = match &value.kind {
        ExprKind::Text { .. } => file.source(value.span).trim_matches(['"', '\'']).to_owned(),
        _ => file.source(value.span).to_owned(),
    };
    let blocks = blocks(file, &tree.nodes);
    Some(Entry { kind: Kind::Scenario, name, doc: doc(node), blocks }).filter(|entry| !entry.name.starts_with('_'))
}
