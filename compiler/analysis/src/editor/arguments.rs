//! What the prelude says of an argument.

use scn_diagnostics::SourceId;
use scn_grammar::ast::{Node, TypeExpr, TypeExprKind};
use smol_str::SmolStr;

use super::{
    Declared,
    line::{Argument, Call},
};
use crate::{expr::response_fields, index::Kind, types::Type};

/// Whether a call is of what the prelude declares so.
pub(super) fn is_called(declared: &Declared, call: &Call) -> bool {
    let is_percentile = declared.name == "pNN"
        && call.callee.strip_prefix('p').is_some_and(|digits| digits.starts_with(|char: char| char.is_ascii_digit()));
    declared.keyword == call.keyword && (declared.name == call.callee || is_percentile)
}

/// The type of a parameter, as it is written.
pub(super) fn parameter<'d>(declared: &'d Declared, argument: &Argument) -> Option<&'d str> {
    let found = match argument {
        Argument::Named(name) => declared.param(name),
        Argument::Position(at) => Some(*at),
        Argument::Unnamed => None,
    };
    let found = found.and_then(|at| declared.params.get(at));
    found.map(|(_, ty)| ty.as_str())
}

/// The fields of what has this type, as it is shown: each name and its type.
pub fn fields(ty: &str) -> Vec<(SmolStr, String)> {
    if ty == Type::Response.to_string() {
        return response_fields().map(|(name, ty)| (name.into(), ty.to_string())).to_vec();
    }
    let text = format!("flow of(it: {ty}):\n  - stop: \"\"\n");
    let (tree, _) = scn_grammar::parse(SourceId::default(), &text);
    let decl = tree.nodes.first().and_then(Node::decl);
    let Some(TypeExprKind::Record(fields)) = decl.and_then(|decl| decl.params.first()).map(|param| &param.ty.kind)
    else {
        return Vec::new();
    };
    let written = |ty: &TypeExpr| text.get(ty.span.range()).unwrap_or_default().to_owned();
    fields.iter().map(|(name, ty)| (name.text.clone(), written(ty))).collect()
}

/// What on a page a step acts on.
pub(super) fn control(verb: &str, argument: &Argument) -> Option<Kind> {
    let is_first = |name: &str| match argument {
        Argument::Named(named) => named == name,
        Argument::Position(at) => *at == 0,
        Argument::Unnamed => false,
    };
    match verb {
        "fill" | "select" | "check" | "uncheck" if is_first("target") => Some(Kind::Control),
        "upload" if *argument == Argument::Named("field".to_owned()) => Some(Kind::Control),
        "submit" if is_first("form") => Some(Kind::Form),
        _ => None,
    }
}
