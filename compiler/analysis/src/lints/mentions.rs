//! Which of the names that are asked for a file mentions.

use scn_grammar::ast::{Decl, Expr, ExprKind, Head, Node, OperatorKind, TextPart, Tree, TypeExpr, TypeExprKind};
use smol_str::SmolStr;

/// Where a name means one thing: [`ANYWHERE`] in a file, or what [`scope_of`] tells.
pub(super) type Scope = usize;

/// All of a file.
pub(super) const ANYWHERE: Scope = 0;

/// All entries at the top of a file that is one scenario.
const ENTRIES: Scope = 1;

/// The scope that the node at `index` of a tree is in: a declaration is one.
pub(super) fn scope_of(index: usize, node: &Node) -> Scope {
    match node.head {
        Head::Decl(_) => ENTRIES + 1 + index,
        _ => ENTRIES,
    }
}

/// Names that are asked for, and whether a file mentions them: whole and, of `a.b`, each part. Where a name is given to something,
/// it is not mentioned.
pub(super) struct Mentions {
    /// What is asked for, ascending by name and scope, and whether it is mentioned.
    asked: Vec<(SmolStr, Scope, bool)>,
    /// The kinds of the names that are asked for.
    kinds: u64,
    /// How many of them are not found, by scope.
    open: Vec<usize>,
    /// The scope that is being read.
    scope: Scope,
}

/// Names of different kinds differ; of one kind are few.
fn kind(name: &[u8]) -> u64 {
    let byte = |at: usize| name.get(at).copied().map_or(0, usize::from);
    let length = name.len();
    1 << ((byte(0) ^ (byte(length / 2) << 1) ^ (byte(length.wrapping_sub(1)) << 2) ^ (length << 3)) % 64)
}

/// Whether the value of an attribute or a step is the name that something is given.
fn is_naming(key: &str) -> bool {
    matches!(key, "as" | "capture" | "set")
}

impl Mentions {
    /// Looks for each of `asked` in its scope.
    pub fn of(tree: &Tree, asked: impl IntoIterator<Item = (SmolStr, Scope)>) -> Self {
        let mut asked: Vec<(SmolStr, Scope, bool)> =
            asked.into_iter().map(|(name, scope)| (name, scope, false)).collect();
        asked.sort_unstable();
        asked.dedup();
        let mut open = vec![0; ENTRIES + 1 + tree.nodes.len()];
        for (_, scope, _) in &asked {
            open.get_mut(*scope).into_iter().for_each(|open| *open += 1);
        }
        let kinds = asked.iter().fold(0, |kinds, (name, ..)| kinds | kind(name.as_bytes()));
        let mut mentions = Self { asked, kinds, open, scope: ANYWHERE };
        for (index, node) in tree.nodes.iter().enumerate() {
            mentions.scope = scope_of(index, node);
            mentions.node(node);
        }
        mentions
    }

    /// Whether `name`, which was asked for, is mentioned in `scope`.
    pub fn contains(&self, name: &str, scope: Scope) -> bool {
        let at = self.find(name.as_bytes(), scope).and_then(|at| self.asked.get(at));
        at.is_some_and(|(.., mentioned)| *mentioned)
    }

    fn find(&self, name: &[u8], scope: Scope) -> Option<usize> {
        let order = |asked: &(SmolStr, Scope, bool)| asked.0.as_bytes().cmp(name).then(asked.1.cmp(&scope));
        self.asked.binary_search_by(order).ok()
    }

    /// Whether something that is asked for in `scope` is not found.
    fn is_open(&self, scope: Scope) -> bool {
        self.open.get(scope).is_some_and(|open| *open > 0)
    }

    fn name(&mut self, name: &[u8]) {
        self.part(name);
        if name.contains(&b'.') {
            name.split(|byte| *byte == b'.').for_each(|part| self.part(part));
        }
    }

    fn part(&mut self, name: &[u8]) {
        if self.kinds & kind(name) != 0 {
            [ANYWHERE, self.scope].into_iter().for_each(|scope| self.mark(name, scope));
        }
    }

    fn mark(&mut self, name: &[u8], scope: Scope) {
        let found = self.is_open(scope).then(|| self.find(name, scope)).flatten();
        let Some((.., mentioned)) = found.and_then(|at| self.asked.get_mut(at)) else { return };
        if !std::mem::replace(mentioned, true)
            && let Some(open) = self.open.get_mut(scope)
        {
            *open -= 1;
        }
    }

    fn node(&mut self, node: &Node) {
        if !self.is_open(ANYWHERE) && !self.is_open(self.scope) {
            return;
        }
        match &node.head {
            Head::Entry { key, values } => {
                // A composed probe stands where a probe of the prelude would.
                self.name(key.text.as_bytes());
                if !is_naming(&key.text) {
                    values.iter().for_each(|value| self.value(value, key.text == "for"));
                }
            }
            Head::Expr { expr, .. } => self.value(expr, false),
            Head::Decl(decl) => self.decl(decl),
            Head::Error => {}
        }
        for attr in node.attrs.iter().filter(|attr| !is_naming(&attr.key.text)) {
            attr.values.iter().for_each(|value| self.value(value, false));
        }
        node.children.iter().for_each(|child| self.node(child));
    }

    fn decl(&mut self, decl: &Decl) {
        decl.operands.iter().chain(&decl.arrow).chain(&decl.value).for_each(|expr| self.expr(expr));
        decl.extends.iter().for_each(|name| self.name(name.text.as_bytes()));
        decl.ty.iter().chain(&decl.result).for_each(|ty| self.ty(ty));
        for param in &decl.params {
            self.ty(&param.ty);
            param.default.iter().for_each(|expr| self.expr(expr));
        }
    }

    /// A whole value: one in quotes may be read as an expression. `loops`: the left side of `in` is the name of the items.
    fn value(&mut self, value: &Expr, loops: bool) {
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
    fn words(&mut self, text: &str) {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let words = text.as_bytes().split(|byte| !is_part(byte));
        words.filter(|word| !word.is_empty()).for_each(|word| self.name(word));
    }

    fn expr(&mut self, expr: &Expr) {
        // Most are plain.
        if matches!(expr.kind, ExprKind::Number { .. } | ExprKind::Bool(_) | ExprKind::Path(_)) {
            return;
        }
        expr.walk(&mut |inner| match &inner.kind {
            ExprKind::Name(name) => self.name(name.as_bytes()),
            ExprKind::Field(_, field) => self.name(field.text.as_bytes()),
            ExprKind::Type(ty) => self.ty(ty),
            _ => {}
        });
    }

    fn ty(&mut self, ty: &TypeExpr) {
        match &ty.kind {
            TypeExprKind::Name(name) => self.name(name.as_bytes()),
            TypeExprKind::Apply(name, args) => {
                self.name(name.as_bytes());
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
