//! Persona templates.

use scn_grammar::ast::{Head, Node};

use super::{File, doc};
use crate::model::{Block, Piece};

/// A template: what it extends, its own fields, and those that it inherits.
pub(super) fn blocks(file: &File<'_>, node: &Node, name: &str) -> Vec<Block> {
    let mut blocks = vec![Block::Code(file.source(node.span).to_owned())];
    let mut own: Vec<&str> = Vec::new();
    let mut rows = Vec::new();
    for child in &node.children {
        let Head::Entry { key, values } = &child.head else { continue };
        own.push(&key.text);
        // What is private to the file is no part of its documentation, but it hides what it replaces.
        if key.text.starts_with('_') {
            continue;
        }
        let ty = file.declared.and_then(|declared| declared.field(name, &key.text));
        let mut about = ty.as_ref().map(|ty| vec![Piece::Code(ty.ty.clone())]).unwrap_or_default();
        for (label, bit) in [("pii", 1), ("secret", 2)] {
            if ty.as_ref().is_some_and(|ty| ty.labels.0 & bit != 0) {
                about.push(Piece::Words(format!(", {label}")));
            }
        }
        let made = match values.first() {
            Some(value) => vec![Piece::Name(file.source(value.span).to_owned())],
            None => child.children.iter().map(|line| Piece::Name(file.source(line.span).to_owned())).collect(),
        };
        rows.push(vec![
            vec![Piece::Name(key.text.to_string())],
            about,
            made,
            vec![Piece::Words(doc(child).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "))],
        ]);
    }
    if !rows.is_empty() {
        // A column for remarks is there where there are some.
        let remarked = rows.iter().any(|row| row.last() != Some(&vec![Piece::Words(String::new())]));
        let mut heads = vec!["field", "type", "made by", ""];
        if !remarked {
            heads.pop();
            rows.iter_mut().for_each(|row| drop(row.pop()));
        }
        blocks.push(Block::Table(heads, rows));
    }
    let inherited = file.declared.map(|declared| declared.fields(name)).unwrap_or_default();
    let inherited: Vec<&str> =
        inherited.into_iter().filter(|field| !own.contains(field) && !field.starts_with('_')).collect();
    if let Some(base) = node.decl().and_then(|decl| decl.extends.as_ref())
        && !inherited.is_empty()
    {
        let names: Vec<String> = inherited.iter().map(|name| format!("`{name}`")).collect();
        blocks.push(Block::Words(vec![
            Piece::Words("From ".to_owned()),
            Piece::Code(base.text.to_string()),
            Piece::Words(format!(": {}.", names.join(", "))),
        ]));
    }
    blocks
}
