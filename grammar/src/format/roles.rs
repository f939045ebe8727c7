//! What signs that can mean two things mean where they stand, as the tree knows it.

use std::collections::HashMap;

use crate::ast::{Decl, Expr, ExprKind, Head, Node, Tree, TypeExpr, TypeExprKind};

/// What a sign is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// An operator between two operands.
    Infix,
    /// The `=` of `name=value`.
    Equals,
}

/// The roles of the signs of a file, by their offsets.
#[derive(Debug, Default)]
pub(super) struct Roles {
    signs: HashMap<usize, Role>,
}

impl Roles {
    /// The role of the sign at `at`, if it has one that its spelling does not show.
    pub fn at(&self, at: usize) -> Option<Role> {
        self.signs.get(&at).copied()
    }

    /// The roles in `tree`.
    pub fn of(tree: &Tree) -> Self {
        let mut roles = Self::default();
        tree.nodes.iter().for_each(|node| roles.node(node));
        roles
    }

    fn node(&mut self, node: &Node) {
        match &node.head {
            Head::Entry { values, .. } => self.exprs(values),
            Head::Expr { expr, .. } => self.expr(expr),
            Head::Decl(decl) => self.decl(decl),
            Head::Error => {}
        }
        for attr in &node.attrs {
            if attr.equals {
                self.signs.insert(attr.key.span.end as usize, Role::Equals);
            }
            self.exprs(&attr.values);
        }
        node.children.iter().for_each(|child| self.node(child));
    }

    fn decl(&mut self, decl: &Decl) {
        self.exprs(&decl.operands);
        decl.arrow.iter().chain(&decl.value).for_each(|expr| self.expr(expr));
        decl.params.iter().filter_map(|param| param.default.as_ref()).for_each(|expr| self.expr(expr));
        let types = decl.params.iter().map(|param| &param.ty).chain(&decl.result).chain(&decl.ty);
        types.for_each(|ty| self.ty(ty));
    }

    fn ty(&mut self, ty: &TypeExpr) {
        match &ty.kind {
            TypeExprKind::Apply(_, args) => args.iter().for_each(|arg| self.ty(arg)),
            TypeExprKind::Record(fields) => fields.iter().for_each(|(_, ty)| self.ty(ty)),
            TypeExprKind::Range(low, high) => {
                self.expr(low);
                self.expr(high);
            }
            TypeExprKind::Name(_) | TypeExprKind::Choice(_) => {}
        }
    }

    fn exprs(&mut self, exprs: &[Expr]) {
        exprs.iter().for_each(|expr| self.expr(expr));
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Field(inner, _) | ExprKind::Unary(_, inner) => self.expr(inner),
            ExprKind::Binary(operator, left, right) => {
                self.signs.insert(operator.span.start as usize, Role::Infix);
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Index(left, right) | ExprKind::Range(left, right) | ExprKind::Phrase(_, left, right) => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Call(callee, args) => {
                self.expr(callee);
                args.iter().for_each(|arg| self.expr(&arg.value));
            }
            ExprKind::List(members) => self.exprs(members),
            ExprKind::Record(fields) => fields.iter().for_each(|(_, value)| self.expr(value)),
            ExprKind::Type(ty) => self.ty(ty),
            // What stands within quotes is left alone.
            _ => {}
        }
    }
}
