//! Looking through compiled expressions.

use scn_plan::{Expr, ExprKind, Member, TextPart};

/// Calls `visit` with `expr` and everything inside it.
pub(crate) fn walk(expr: &Expr, visit: &mut dyn FnMut(&Expr)) {
    visit(expr);
    match &expr.kind {
        ExprKind::Field(inner, _) | ExprKind::Unary(_, inner) | ExprKind::IsNone(inner, _) => walk(inner, visit),
        ExprKind::Member(_, argument) => {
            if let Some(argument) = argument {
                walk(argument, visit);
            }
        }
        ExprKind::Index(left, right) | ExprKind::Binary(_, left, right) | ExprKind::Range(left, right) => {
            walk(left, visit);
            walk(right, visit);
        }
        ExprKind::Call(call) => call.args.values().for_each(|arg| walk(arg, visit)),
        ExprKind::Text(parts) => parts.iter().for_each(|part| {
            if let TextPart::Value(value) = part {
                walk(value, visit);
            }
        }),
        ExprKind::List(items) => items.iter().for_each(|item| walk(item, visit)),
        ExprKind::Record(fields) => fields.iter().for_each(|(_, value)| walk(value, visit)),
        ExprKind::Value(_)
        | ExprKind::Slot(_)
        | ExprKind::PersonaField(_)
        | ExprKind::Root(_)
        | ExprKind::PersonaIs(_) => {}
    }
}

/// Collects the indices of the persona's fields that `expr` reads.
pub(crate) fn persona_fields(expr: &Expr, into: &mut Vec<u32>) {
    walk(expr, &mut |part| {
        if let ExprKind::PersonaField(index) = part.kind {
            into.push(index);
        }
    });
}

/// Whether `expr` reads `last.status`.
pub(crate) fn reads_last_status(expr: &Expr) -> bool {
    let mut found = false;
    walk(expr, &mut |part| found |= matches!(part.kind, ExprKind::Member(Member::LastStatus, _)));
    found
}
