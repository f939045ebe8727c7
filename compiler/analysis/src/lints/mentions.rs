//! The names that a stretch of source mentions.

use scn_grammar::ast::{Decl, Expr, ExprKind, Head, Node, OperatorKind, TextPart, Tree, TypeExpr, TypeExprKind};
use scn_plan::collections::HashMap;

/// Names that a file mentions, whole and, of `a.b`, each part. Where a name is given to something, it is not mentioned.
#[derive(Default)]
pub(super) struct Mentions<'a> {
    /// The scopes that mention a name, ascending.
    names: HashMap<&'a str, Vec<Scope>>,
    /// The scope that is being read.
    scope: Scope,
}

/// Where a name means one thing: a declaration by its index in the tree, or all entries at the top of a file that is one.
pub(super) type Scope = usize;

/// The scope that the node at `index` of a tree is in.
pub(super) fn scope_of(index: usize, node: &Node) -> Scope {
    match node.head {
        Head::Decl(_) => index + 1,
        _ => 0,
    }
}

/// Attributes and steps whose value is the name that something is given.
const NAMING: [&str; 3] = ["as", "capture", "set"];

impl<'a> Mentions<'a> {
    /// What a file mentions.
    pub fn of(tree: &'a Tree) -> Self {
        let mut mentions = Self::default();
        let scopes = || tree.nodes.iter().enumerate().map(|(index, node)| (scope_of(index, node), node));
        // What shares a scope comes first, so that scopes ascend.
        for (scope, node) in scopes().filter(|(scope, _)| *scope == 0).chain(scopes().filter(|(scope, _)| *scope > 0)) {
            mentions.scope = scope;
            mentions.node(node);
        }
        mentions
    }

    /// Whether `name` is mentioned.
    pub fn contains(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// Whether `name` is mentioned in `scope`.
    pub fn contains_in(&self, scope: Scope, name: &str) -> bool {
        self.names.get(name).is_some_and(|scopes| scopes.binary_search(&scope).is_ok())
    }

    fn name(&mut self, name: &'a str) {
        self.part(name);
        if name.contains('.') {
            name.split('.').for_each(|part| self.part(part));
        }
    }

    fn part(&mut self, name: &'a str) {
        let scopes = self.names.entry(name).or_default();
        if scopes.last() != Some(&self.scope) {
            scopes.push(self.scope);
        }
    }

    fn node(&mut self, node: &'a Node) {
        match &node.head {
            Head::Entry { key, values } => {
                // A composed probe stands where a probe of the prelude would.
                self.name(&key.text);
                if !NAMING.contains(&key.text.as_str()) {
                    values.iter().for_each(|value| self.value(value, key.text == "for"));
                }
            }
            Head::Expr { expr, .. } => self.value(expr, false),
            Head::Decl(decl) => self.decl(decl),
            Head::Error => {}
        }
        for attr in node.attrs.iter().filter(|attr| !NAMING.contains(&attr.key.text.as_str())) {
            attr.values.iter().for_each(|value| self.value(value, false));
        }
        node.children.iter().for_each(|child| self.node(child));
    }

    fn decl(&mut self, decl: &'a Decl) {
        decl.operands.iter().chain(&decl.arrow).chain(&decl.value).for_each(|expr| self.expr(expr));
        decl.extends.iter().for_each(|name| self.name(&name.text));
        decl.ty.iter().chain(&decl.result).for_each(|ty| self.ty(ty));
        for param in &decl.params {
            self.ty(&param.ty);
            param.default.iter().for_each(|expr| self.expr(expr));
        }
    }

    /// A whole value: one in quotes may be read as an expression. `loops`: the left side of `in` is the name of the items.
    fn value(&mut self, value: &'a Expr, loops: bool) {
        match &value.kind {
            ExprKind::Text { parts, .. } => {
                for part in parts {
                    match part {
                        TextPart::Literal(text, _) => self.words(text),
                        TextPart::Value(value) => self.expr(value),
                    }
                }
            }
            ExprKind::Binary(operator, _, right) if loops && operator.kind == OperatorKind::In => self.expr(right),
            ExprKind::List(items) => items.iter().for_each(|item| self.value(item, false)),
            ExprKind::Record(fields) => fields.iter().for_each(|(_, value)| self.value(value, false)),
            _ => self.expr(value),
        }
    }

    /// The names in a text that may be an expression.
    fn words(&mut self, text: &'a str) {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        text.split(|c| !is_part(c)).filter(|word| !word.is_empty()).for_each(|word| self.name(word));
    }

    fn expr(&mut self, expr: &'a Expr) {
        expr.walk(&mut |inner| match &inner.kind {
            ExprKind::Name(name) => self.name(name),
            ExprKind::Field(_, field) => self.name(&field.text),
            ExprKind::Type(ty) => self.ty(ty),
            _ => {}
        });
    }

    fn ty(&mut self, ty: &'a TypeExpr) {
        match &ty.kind {
            TypeExprKind::Name(name) => self.name(name),
            TypeExprKind::Apply(name, args) => {
                self.name(name);
                args.iter().for_each(|arg| self.ty(arg));
            }
            TypeExprKind::Record(fields) => fields.iter().for_each(|(_, ty)| self.ty(ty)),
            TypeExprKind::Range(low, high) => {
                self.expr(low);
                self.expr(high);
            }
            TypeExprKind::Choice(_) => {}
        }
    }
}
