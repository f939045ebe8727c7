//! The lines of a file, and the values that they spell out, each with the name it is given under.

use scn_diagnostics::{SourceMap, Span};
use scn_grammar::ast::{Decl, Expr, ExprKind, Head, Node, TextPart, Tree, Unit};

use super::mentions::{Scope, scope_of};

/// A value that is spelt out, or a list or record of such.
pub(super) struct Written<'a> {
    /// What it is the value of: a key, an attribute, a record's field, or the control that a step fills.
    pub name: &'a str,
    /// The value itself, which is a text or a number.
    pub expr: &'a Expr,
}

/// Looks at every line of `tree`, each with its scope, and at every text and number.
pub(super) fn each<'a>(tree: &'a Tree, line: &mut impl FnMut(&'a Node, Scope), look: &mut impl FnMut(Written<'a>)) {
    for (index, node) in tree.nodes.iter().enumerate() {
        let scope = scope_of(index, node);
        of_node(node, &mut |node| line(node, scope), look);
    }
}

fn of_node<'a>(node: &'a Node, line: &mut impl FnMut(&'a Node), look: &mut impl FnMut(Written<'a>)) {
    line(node);
    let mut control = None;
    match &node.head {
        Head::Entry { key, values } => {
            values.iter().for_each(|value| of_expr(&key.text, value, look));
            // The value of `fill: "password" value: "x"` is that of the control.
            control =
                values.first().and_then(literal).filter(|_| matches!(key.text.as_str(), "fill" | "select" | "set"));
        }
        Head::Expr { expr, .. } => of_expr("", expr, look),
        Head::Decl(decl) => of_decl(decl, look),
        Head::Error => {}
    }
    let name_of = |key: &'a str| control.filter(|_| key == "value").unwrap_or(key);
    for attr in &node.attrs {
        attr.values.iter().for_each(|value| of_expr(name_of(&attr.key.text), value, look));
    }
    for child in &node.children {
        match &child.head {
            Head::Entry { key, values } if control.is_some() && key.text == "value" => {
                line(child);
                values.iter().for_each(|value| of_expr(name_of("value"), value, look));
                child.children.iter().for_each(|child| of_node(child, line, look));
            }
            _ => of_node(child, line, look),
        }
    }
}

fn of_decl<'a>(decl: &'a Decl, look: &mut impl FnMut(Written<'a>)) {
    let name = decl.name.as_ref().map_or("", |name| name.text.as_str());
    decl.operands.iter().chain(&decl.arrow).for_each(|expr| of_expr("", expr, look));
    decl.value.iter().for_each(|expr| of_expr(name, expr, look));
    for param in &decl.params {
        param.default.iter().for_each(|expr| of_expr(&param.name.text, expr, look));
    }
}

fn of_expr<'a>(name: &'a str, expr: &'a Expr, look: &mut impl FnMut(Written<'a>)) {
    match &expr.kind {
        ExprKind::Text { parts, .. } => {
            look(Written { name, expr });
            for part in parts {
                if let TextPart::Value(value) = part {
                    of_expr("", value, look);
                }
            }
        }
        ExprKind::Number { .. } => look(Written { name, expr }),
        ExprKind::List(items) => items.iter().for_each(|item| of_expr(name, item, look)),
        ExprKind::Record(fields) => fields.iter().for_each(|(key, value)| of_expr(&key.text, value, look)),
        ExprKind::Call(callee, args) => {
            of_expr("", callee, look);
            for arg in args {
                of_expr(arg.name.as_ref().map_or("", |name| name.text.as_str()), &arg.value, look);
            }
        }
        ExprKind::Field(inner, _) | ExprKind::Unary(_, inner) => of_expr("", inner, look),
        ExprKind::Binary(_, left, right)
        | ExprKind::Index(left, right)
        | ExprKind::Range(left, right)
        | ExprKind::Phrase(_, left, right) => {
            of_expr("", left, look);
            of_expr("", right, look);
        }
        _ => {}
    }
}

/// Characters that are spelt out.
pub(super) struct Spelt<'a> {
    /// As they are written, so that places are right.
    pub written: &'a str,
    /// Where they stand.
    pub span: Span,
}

/// So short is nothing that is sought in characters: the shortest is `a@b.cc`.
const SHORTEST: usize = 6;

/// Looks at the characters that `expr` spells out itself, where they are long enough to hold anything.
pub(super) fn spelt<'a>(expr: &Expr, sources: &'a SourceMap, mut look: impl FnMut(Spelt<'a>)) {
    let mut spelt = |span: Span| {
        if span.len() >= SHORTEST {
            look(Spelt { written: sources.slice(span), span });
        }
    };
    match &expr.kind {
        ExprKind::Number { unit: Unit::Int, .. } => spelt(expr.span),
        ExprKind::Text { parts, .. } => {
            for part in parts {
                if let TextPart::Literal(_, span) = part {
                    spelt(*span);
                }
            }
        }
        _ => {}
    }
}

/// The characters of a text without interpolation.
pub(super) fn literal(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Text { parts, .. } => match parts.as_slice() {
            [TextPart::Literal(text, _)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}
