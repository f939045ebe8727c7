//! Expressions: from the syntax tree to a compiled [`Expr`] and its type.

mod access;
mod bind;
mod call;
mod coerce;
pub(crate) mod literal;
mod name;
mod operator;
mod quoted;
mod walk;

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast;
use scn_plan::{Expr, ExprKind, TextPart, Value};

pub(crate) use access::{LAST_MEMBERS, PAGE_MEMBERS, response_fields};
pub(crate) use bind::{Bound, parameter};
pub(crate) use coerce::fits;
pub(crate) use name::dotted;
pub(crate) use operator::compiled as comparison;
pub(crate) use quoted::quoted_text;
pub(crate) use walk::{persona_fields, reads_last_status};

use crate::{
    index::Meaning,
    scope::{Scope, Symbols},
    signatures::Signatures,
    types::Type,
};

/// A record has no more fields than this, those of its fields included: what is doubled often enough is more than any machine
/// holds.
const MOST_FIELDS: usize = 4096;

/// Checks and compiles expressions in one scope.
pub(crate) struct ExprChecker<'a> {
    /// What the prelude declares.
    pub signatures: &'a Signatures,
    /// Names that resolve by the type that is asked for.
    pub symbols: &'a Symbols,
    /// Names that expressions can read.
    pub scope: &'a mut Scope,
    /// Where findings go.
    pub diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> ExprChecker<'a> {
    /// A checker of expressions in `scope`.
    pub fn new(
        signatures: &'a Signatures,
        symbols: &'a Symbols,
        scope: &'a mut Scope,
        diagnostics: &'a mut Vec<Diagnostic>,
    ) -> Self {
        Self { signatures, symbols, scope, diagnostics }
    }

    /// Compiles `expr` where a value of type `expected` is needed. What does not fit is reported; the type is then
    /// [`Type::Error`].
    pub fn check(&mut self, expr: &ast::Expr, expected: &Type) -> (Expr, Type) {
        if let Some(read) = self.read_quoted(expr, expected) {
            return read;
        }
        let (compiled, found) = self.infer(expr, expected);
        self.coerce(compiled, found, expected)
    }

    /// Compiles a condition.
    pub fn condition(&mut self, expr: &ast::Expr) -> Expr {
        self.check(expr, &Type::Bool).0
    }

    /// Compiles `expr`, which must have its value before anything runs, and yields that value; `None` if it has none,
    /// which is reported.
    pub fn constant(&mut self, expr: &ast::Expr, expected: &Type) -> Option<Value> {
        let (compiled, found) = self.check(expr, expected);
        if found.is_error() {
            return None;
        }
        if let Some(value) = compiled.as_value() {
            return Some(value.clone());
        }
        if is_constant(&compiled) {
            return match scn_plan::eval(&compiled, &NoEnv) {
                Ok(value) => Some(value),
                Err(error) => {
                    self.report(Diagnostic::new(codes::NOT_CONSTANT, error.span, error.message));
                    None
                }
            };
        }
        self.report(
            Diagnostic::new(codes::NOT_CONSTANT, expr.span, "this must be known before anything runs")
                .label("its value is known only in a journey")
                .help("write a literal, or an expression of literals and constants"),
        );
        None
    }

    /// Compiles `expr`; `hint` says what is wanted, so that bare names can resolve by it, but is not enforced.
    pub(crate) fn infer(&mut self, expr: &ast::Expr, hint: &Type) -> (Expr, Type) {
        let inferred = self.infer_kind(expr, hint);
        // A new name is none of a value yet.
        if !matches!(inferred.1, Type::Name | Type::Error) {
            self.scope.notes.note(expr.span, || Meaning::Typed(inferred.1.clone()));
        }
        inferred
    }

    fn infer_kind(&mut self, expr: &ast::Expr, hint: &Type) -> (Expr, Type) {
        use ast::ExprKind as Ast;
        let span = expr.span;
        match &expr.kind {
            Ast::Bool(_) | Ast::None | Ast::Number { .. } | Ast::Date(_) | Ast::Regex(_) | Ast::Path(_) => {
                self.literal(expr)
            }
            Ast::Text { parts, .. } => self.text(parts, span),
            Ast::Name(name) => self.name(name, span, hint),
            Ast::Field(base, name) => self.field(expr, base, name, hint),
            Ast::Index(base, index) => self.index(base, index, span),
            Ast::Call(callee, args) => self.call(callee, args, span),
            Ast::Unary(operator, operand) => self.unary(*operator, operand, span),
            Ast::Binary(operator, left, right) => self.binary(*operator, left, right, span),
            Ast::List(items) => self.list(items, span, hint),
            Ast::Record(fields) => self.record(fields, span, hint),
            Ast::Range(low, high) => self.range(low, high, span, hint),
            Ast::Phrase(phrase, ..) => {
                let word = match phrase {
                    ast::Phrase::Of => "of",
                    ast::Phrase::Weight => "weight",
                    ast::Phrase::Over => "over",
                    ast::Phrase::For => "for",
                    ast::Phrase::Method => "METHOD path",
                };
                self.fail(Diagnostic::new(
                    codes::TYPE_MISMATCH,
                    span,
                    format!("a value is expected here, and `{word}` makes none"),
                ))
            }
            Ast::Type(_) => {
                self.fail(Diagnostic::new(codes::TYPE_MISMATCH, span, "a value is expected here, and this is a type"))
            }
            Ast::Error => nothing(span, Type::Error),
        }
    }

    fn text(&mut self, parts: &[ast::TextPart], span: Span) -> (Expr, Type) {
        let mut labels = scn_plan::Labels::NONE;
        let mut compiled = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                ast::TextPart::Literal(text, _) => compiled.push(TextPart::Literal(text.clone())),
                ast::TextPart::Value(value) => {
                    let (value, ty) = self.infer(value, &Type::Any);
                    labels = labels.union(ty.labels());
                    self.refuse_maybe(&value, &ty, "in a text");
                    compiled.push(TextPart::Value(value));
                }
            }
        }
        let kind = match compiled.as_slice() {
            [] => ExprKind::Value(Value::Text(scn_plan::Text::plain(""))),
            [TextPart::Literal(text)] => ExprKind::Value(Value::Text(scn_plan::Text::plain(text.clone()))),
            _ => ExprKind::Text(compiled),
        };
        (Expr { kind, span }, Type::Text(labels))
    }

    fn list(&mut self, items: &[ast::Expr], span: Span, hint: &Type) -> (Expr, Type) {
        let wanted = match hint.some() {
            Type::List(item) => Some((**item).clone()),
            _ => None,
        };
        let mut joined: Option<Type> = wanted.clone();
        let mut compiled = Vec::with_capacity(items.len());
        for item in items {
            let (item, ty) = match &wanted {
                Some(wanted) => self.check(item, wanted),
                None => self.infer(item, &Type::Any),
            };
            compiled.push(item);
            joined = Some(match joined {
                Some(joined) if wanted.is_some() => joined,
                Some(joined) => joined.join(ty),
                None => ty,
            });
        }
        let ty = Type::List(Box::new(joined.unwrap_or(Type::Any)));
        (fold(ExprKind::List(compiled), span), ty)
    }

    fn record(&mut self, fields: &[(ast::Name, ast::Expr)], span: Span, hint: &Type) -> (Expr, Type) {
        let mut types = scn_plan::collections::IndexMap::with_capacity_and_hasher(fields.len(), Default::default());
        let mut compiled = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            let wanted = match hint.some() {
                Type::Record(wanted) => wanted.get(&name.text).cloned(),
                _ => None,
            };
            let (value, ty) = match wanted {
                Some(wanted) => self.check(value, &wanted),
                None => self.infer(value, &Type::Any),
            };
            if types.insert(name.text.clone(), ty).is_some() {
                self.report(
                    Diagnostic::new(codes::DUPLICATE_NAME, name.span, format!("`{}` is given twice", name.text))
                        .help("keep one of the two"),
                );
                continue;
            }
            compiled.push((name.text.clone(), value));
        }
        let ty = Type::Record(types.into());
        if ty.size() > MOST_FIELDS {
            let headline = format!("a record would have more than {MOST_FIELDS} fields, those of its fields included");
            self.report(Diagnostic::new(codes::BAD_VALUE, span, headline).help("leave out what nobody reads"));
            return nothing(span, Type::Error);
        }
        (fold(ExprKind::Record(compiled), span), ty)
    }

    fn range(&mut self, low: &ast::Expr, high: &ast::Expr, span: Span, hint: &Type) -> (Expr, Type) {
        let wanted = match hint.some() {
            Type::Range(inner) => (**inner).clone(),
            _ => Type::Any,
        };
        let (low, low_type) = self.check(low, &wanted);
        if low_type.is_error() {
            return nothing(span, Type::Error);
        }
        let inner = if wanted == Type::Any { low_type.wide() } else { wanted };
        let (high, high_type) = self.check(high, &inner);
        if inner.is_error() || high_type.is_error() {
            return nothing(span, Type::Error);
        }
        let reversed = match (low.as_value(), high.as_value()) {
            (Some(low), Some(high)) => literal::order(low, high) == Some(std::cmp::Ordering::Greater),
            _ => false,
        };
        if reversed {
            self.report(
                Diagnostic::new(codes::BAD_VALUE, span, "this range is empty: it ends before it begins")
                    .help("write the smaller end first"),
            );
        }
        (fold(ExprKind::Range(Box::new(low), Box::new(high)), span), Type::Range(Box::new(inner)))
    }

    /// What reads a value of type `ty`, with the type that it has here by the conditions that hold: no longer a `Maybe`, or
    /// in a smaller range.
    fn read(&self, kind: ExprKind, span: Span, ty: Type) -> (Expr, Type) {
        let ty = match ty {
            Type::Maybe(inner) if self.scope.is_some(&kind) => *inner,
            ty => ty,
        };
        let expr = Expr { kind, span };
        let ty = match self.scope.compared(&expr.kind).next() {
            Some(_) => ty.base().clone().within(self.scope.bounds(&expr)),
            None => ty,
        };
        (expr, ty)
    }

    /// Adds a finding.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports why an expression has no value.
    pub(crate) fn fail(&mut self, diagnostic: Diagnostic) -> (Expr, Type) {
        let span = diagnostic.primary.span;
        self.report(diagnostic);
        nothing(span, Type::Error)
    }
}

/// An expression in place of one that has been reported.
pub(crate) fn nothing(span: Span, ty: Type) -> (Expr, Type) {
    (Expr::value(Value::None, span), ty)
}

/// A composite of constants is a constant.
fn fold(kind: ExprKind, span: Span) -> Expr {
    let value = match &kind {
        ExprKind::List(items) => {
            let items: Option<Vec<Value>> = items.iter().map(|item| item.as_value().cloned()).collect();
            items.map(|items| Value::List(items.into()))
        }
        ExprKind::Record(fields) => {
            let fields: Option<scn_plan::Record> =
                fields.iter().map(|(name, value)| Some((name.clone(), value.as_value()?.clone()))).collect();
            fields.map(|fields| Value::Record(fields.into()))
        }
        ExprKind::Range(low, high) => match (low.as_value(), high.as_value()) {
            (Some(low), Some(high)) => Some(Value::Range((low.clone(), high.clone()).into())),
            _ => None,
        },
        _ => None,
    };
    match value {
        Some(value) => Expr::value(value, span),
        None => Expr { kind, span },
    }
}

/// Whether the value of `expr` depends on nothing that surrounds it.
pub(crate) fn is_constant(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Value(_) => true,
        ExprKind::Field(base, _) | ExprKind::Unary(_, base) | ExprKind::IsNone(base, _) => is_constant(base),
        ExprKind::Index(left, right) | ExprKind::Binary(_, left, right) | ExprKind::Range(left, right) => {
            is_constant(left) && is_constant(right)
        }
        ExprKind::Text(parts) => parts.iter().all(|part| match part {
            TextPart::Literal(_) => true,
            TextPart::Value(value) => is_constant(value),
        }),
        ExprKind::List(items) => items.iter().all(is_constant),
        ExprKind::Record(fields) => fields.iter().all(|(_, value)| is_constant(value)),
        _ => false,
    }
}

/// The surroundings of constants: none.
struct NoEnv;

impl scn_plan::Env for NoEnv {}
