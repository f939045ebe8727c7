//! Looking through compiled expressions.

use scn_plan::{Expr, ExprKind, Member};

/// Collects the indices of the persona's fields that `expr` reads.
pub(crate) fn persona_fields(expr: &Expr, into: &mut Vec<u32>) {
    expr.walk(&mut |part| {
        if let ExprKind::PersonaField(index) = part.kind {
            into.push(index);
        }
    });
}

/// Whether `expr` reads `last.status`.
pub(crate) fn reads_last_status(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |part| found |= matches!(part.kind, ExprKind::Member(Member::LastStatus, _)));
    found
}
