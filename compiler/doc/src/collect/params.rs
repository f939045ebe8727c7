//! Declarations with parameters: flows, probes, and the signatures of the prelude.

use scn_grammar::ast::{Decl, ExprKind, Node, TypeExprKind};

use super::{File, steps};
use crate::model::{Block, Piece};

/// A flow: its signature, its parameters, and how long it is.
pub(super) fn of_flow(file: &File<'_>, node: &Node) -> Vec<Block> {
    let mut blocks = of_signature(file, node);
    let count = match steps(&node.children) {
        1 => "1 step".to_owned(),
        many => format!("{many} steps"),
    };
    blocks.push(Block::Words(vec![
        Piece::Words(format!("{count}, used as ")),
        Piece::Name(used(node)),
        Piece::Words(".".into()),
    ]));
    blocks
}

/// How a flow is called, with its parameters' names for arguments.
fn used(node: &Node) -> String {
    let Some(decl) = node.decl() else { return String::new() };
    let name = decl.name.as_ref().map(|name| name.text.as_str()).unwrap_or_default();
    let params: Vec<&str> = decl.params.iter().map(|param| param.name.text.as_str()).collect();
    format!("do: {name}({})", params.join(", "))
}

/// A probe: its signature, its parameters, and what it is made of.
pub(super) fn of_probe(file: &File<'_>, node: &Node) -> Vec<Block> {
    let mut blocks = of_signature(file, node);
    if !node.children.is_empty() {
        blocks.push(Block::Words(vec![Piece::Words("Made of:".to_owned())]));
        blocks.push(Block::List(node.children.iter().map(|child| (0, vec![file.code(child.span)])).collect()));
    }
    blocks
}

/// A signature as it is written, and its parameters.
pub(super) fn of_signature(file: &File<'_>, node: &Node) -> Vec<Block> {
    let Some(decl) = node.decl() else { return Vec::new() };
    let written = file.source(node.span);
    // The keyword says what the section's title says already.
    let written = written.split_once(' ').map_or(written, |(_, rest)| rest);
    let mut blocks = vec![Block::Code(written.to_owned())];
    if !decl.params.is_empty() {
        blocks.push(params(file, decl));
    }
    blocks
}

fn params(file: &File<'_>, decl: &Decl) -> Block {
    let rows = decl.params.iter().map(|param| {
        let maybe = matches!(&param.ty.kind, TypeExprKind::Apply(name, _) if name == "Maybe");
        let given = match &param.default {
            Some(default) if matches!(default.kind, ExprKind::Error) => Vec::new(),
            Some(default) => {
                vec![Piece::Words("default ".to_owned()), Piece::Name(file.source(default.span).to_owned())]
            }
            None if param.variadic => vec![Piece::Words("any number".to_owned())],
            None if maybe => vec![Piece::Words("optional".to_owned())],
            None => vec![Piece::Words("required".to_owned())],
        };
        vec![vec![Piece::Name(param.name.text.to_string())], vec![file.code(param.ty.span)], given]
    });
    Block::Table(vec!["parameter", "type", ""], rows.collect())
}
