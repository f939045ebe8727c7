//! The names that a line mentions: whole and, of `a.b`, each part. Where a name is given to something, it is not mentioned.

use scn_grammar::ast::{Decl, Expr, ExprKind, Head, Node, OperatorKind, TextPart, TypeExpr, TypeExprKind};

/// Called with each name.
type Visit<'v, 'a> = &'v mut dyn FnMut(&'a [u8]);

/// Calls `visit` with each name that the line of `node` mentions, without the lines below it.
pub(super) fn of_line<'a>(node: &'a Node, visit: Visit<'_, 'a>) {
    match &node.head {
        Head::Entry { key, values } => {
            // A composed probe stands where a probe of the prelude would.
            of_name(key.text.as_bytes(), visit);
            if !is_naming(&key.text) {
                values.iter().for_each(|value| of_value(value, key.text == "for", visit));
            }
        }
        Head::Expr { expr, .. } => of_value(expr, false, visit),
        Head::Decl(decl) => of_decl(decl, visit),
        Head::Error => {}
    }
    for attr in node.attrs.iter().filter(|attr| !is_naming(&attr.key.text)) {
        attr.values.iter().for_each(|value| of_value(value, false, visit));
    }
}

/// Whether the value of an attribute or a step is the name that something is given.
fn is_naming(key: &str) -> bool {
    matches!(key, "as" | "capture" | "set")
}

fn of_name<'a>(name: &'a [u8], visit: Visit<'_, 'a>) {
    visit(name);
    if name.contains(&b'.') {
        name.split(|byte| *byte == b'.').for_each(visit);
    }
}

fn of_decl<'a>(decl: &'a Decl, visit: Visit<'_, 'a>) {
    decl.operands.iter().chain(&decl.arrow).chain(&decl.value).for_each(|expr| of_expr(expr, visit));
    decl.extends.iter().for_each(|name| of_name(name.text.as_bytes(), visit));
    decl.ty.iter().chain(&decl.result).for_each(|ty| of_type(ty, visit));
    for param in &decl.params {
        of_type(&param.ty, visit);
        param.default.iter().for_each(|expr| of_expr(expr, visit));
    }
}

/// A whole value: one in quotes may be read as an expression. `loops`: the left side of `in` is the name of the items.
fn of_value<'a>(value: &'a Expr, loops: bool, visit: Visit<'_, 'a>) {
    match &value.kind {
        ExprKind::Text { parts, .. } => {
            for part in parts {
                match part {
                    TextPart::Literal(text, _) => of_words(text, visit),
                    TextPart::Value(value) => of_expr(value, visit),
                }
            }
        }
        ExprKind::Binary(operator, _, right) if loops && operator.kind == OperatorKind::In => of_expr(right, visit),
        ExprKind::List(items) => items.iter().for_each(|item| of_value(item, false, visit)),
        ExprKind::Record(fields) => fields.iter().for_each(|(_, value)| of_value(value, false, visit)),
        _ => of_expr(value, visit),
    }
}

/// The names in a text that may be an expression.
fn of_words<'a>(text: &'a str, visit: Visit<'_, 'a>) {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let words = text.as_bytes().split(|byte| !is_part(byte));
    words.filter(|word| !word.is_empty()).for_each(|word| of_name(word, visit));
}

fn of_expr<'a>(expr: &'a Expr, visit: Visit<'_, 'a>) {
    expr.walk(&mut |inner| match &inner.kind {
        ExprKind::Name(name) => of_name(name.as_bytes(), visit),
        ExprKind::Field(_, field) => of_name(field.text.as_bytes(), visit),
        ExprKind::Type(ty) => of_type(ty, visit),
        _ => {}
    });
}

fn of_type<'a>(ty: &'a TypeExpr, visit: Visit<'_, 'a>) {
    match &ty.kind {
        TypeExprKind::Name(name) => of_name(name.as_bytes(), visit),
        TypeExprKind::Apply(name, args) => {
            of_name(name.as_bytes(), visit);
            args.iter().for_each(|arg| of_type(arg, visit));
        }
        TypeExprKind::Record(fields) => fields.iter().for_each(|(_, ty)| of_type(ty, visit)),
        TypeExprKind::Range(low, high) => {
            of_expr(low, visit);
            of_expr(high, visit);
        }
        TypeExprKind::Choice(_) => {}
    }
}
