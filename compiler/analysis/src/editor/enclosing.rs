//! What stands around a place.

use scn_diagnostics::Span;
use scn_grammar::ast::{Expr, ExprKind, Head, Node, Tree};

use super::extent;

/// All that encloses the byte `offset`, from the innermost name or value to the outermost declaration.
pub fn enclosing(tree: &Tree, offset: usize) -> Vec<Span> {
    let mut found = Vec::new();
    tree.nodes.iter().for_each(|node| of_node(node, offset, &mut found));
    found.sort_by_key(|span| (span.len(), span.start));
    found.dedup();
    found
}

fn holds(span: Span, offset: usize) -> bool {
    span.start as usize <= offset && offset <= span.end as usize
}

fn of_node(node: &Node, offset: usize, found: &mut Vec<Span>) {
    let whole = extent(node);
    if !holds(whole, offset) {
        return;
    }
    let mut add = |span: Span| found.extend(Some(span).filter(|span| holds(*span, offset)));
    add(whole);
    add(node.span);
    match &node.head {
        Head::Entry { key, values } => {
            add(key.span);
            values.iter().for_each(|value| of_expr(value, &mut add));
        }
        Head::Expr { expr, .. } => of_expr(expr, &mut add),
        Head::Decl(decl) => {
            [&decl.name, &decl.extends, &decl.alias].into_iter().flatten().for_each(|name| add(name.span));
            decl.operands.iter().chain(&decl.arrow).chain(&decl.value).for_each(|expr| of_expr(expr, &mut add));
            decl.ty.iter().chain(&decl.result).for_each(|ty| add(ty.span));
            for param in &decl.params {
                add(param.name.span);
                add(param.ty.span);
                add(param.name.span.to(param.ty.span));
                param.default.iter().for_each(|expr| of_expr(expr, &mut add));
            }
        }
        Head::Error => {}
    }
    for attr in &node.attrs {
        add(attr.key.span);
        add(attr.span);
        attr.values.iter().for_each(|value| of_expr(value, &mut add));
    }
    node.children.iter().for_each(|child| of_node(child, offset, found));
}

fn of_expr(expr: &Expr, add: &mut impl FnMut(Span)) {
    expr.walk(&mut |inner| {
        add(inner.span);
        if let ExprKind::Record(fields) = &inner.kind {
            fields.iter().for_each(|(name, value)| add(name.span.to(value.span)));
        }
    });
}
