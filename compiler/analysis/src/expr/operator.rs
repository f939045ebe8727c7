//! Operators and what they take.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, Operator, OperatorKind};
use scn_plan::{BinaryOp, Expr, ExprKind, UnaryOp, Value};

use super::{ExprChecker, coerce::fits, nothing, quoted_text};
use crate::{index::Meaning, signatures::suggest, types::Type};

/// What a misspelt operator means; the parser has reported it.
fn meant(kind: OperatorKind) -> OperatorKind {
    match kind {
        OperatorKind::PipePipe => OperatorKind::Or,
        OperatorKind::AmpAmp => OperatorKind::And,
        OperatorKind::Bang => OperatorKind::Not,
        OperatorKind::Assign => OperatorKind::Equal,
        kind => kind,
    }
}

/// An operator as it is written.
fn spelling(kind: OperatorKind) -> &'static str {
    match kind {
        OperatorKind::Or => "or",
        OperatorKind::And => "and",
        OperatorKind::Not => "not",
        OperatorKind::Equal => "==",
        OperatorKind::NotEqual => "!=",
        OperatorKind::Less => "<",
        OperatorKind::LessEqual => "<=",
        OperatorKind::Greater => ">",
        OperatorKind::GreaterEqual => ">=",
        OperatorKind::In => "in",
        OperatorKind::Matches => "matches",
        OperatorKind::Contains => "contains",
        OperatorKind::Is => "is",
        OperatorKind::Else => "??",
        OperatorKind::Add => "+",
        OperatorKind::Subtract | OperatorKind::Negate => "-",
        OperatorKind::Multiply => "*",
        OperatorKind::Divide => "/",
        OperatorKind::Remainder => "%",
        OperatorKind::PipePipe => "||",
        OperatorKind::AmpAmp => "&&",
        OperatorKind::Bang => "!",
        OperatorKind::Assign => "=",
    }
}

/// The compiled operator; `None` for those that compile to something else.
pub(crate) fn compiled(kind: OperatorKind) -> Option<BinaryOp> {
    Some(match kind {
        OperatorKind::Or => BinaryOp::Or,
        OperatorKind::And => BinaryOp::And,
        OperatorKind::Equal => BinaryOp::Equal,
        OperatorKind::NotEqual => BinaryOp::NotEqual,
        OperatorKind::Less => BinaryOp::Less,
        OperatorKind::LessEqual => BinaryOp::LessEqual,
        OperatorKind::Greater => BinaryOp::Greater,
        OperatorKind::GreaterEqual => BinaryOp::GreaterEqual,
        OperatorKind::In => BinaryOp::In,
        OperatorKind::Matches => BinaryOp::Matches,
        OperatorKind::Contains => BinaryOp::Contains,
        OperatorKind::Else => BinaryOp::Else,
        OperatorKind::Add => BinaryOp::Add,
        OperatorKind::Subtract => BinaryOp::Subtract,
        OperatorKind::Multiply => BinaryOp::Multiply,
        OperatorKind::Divide => BinaryOp::Divide,
        OperatorKind::Remainder => BinaryOp::Remainder,
        _ => return None,
    })
}

impl ExprChecker<'_> {
    pub(super) fn unary(&mut self, operator: Operator, operand: &ast::Expr, span: Span) -> (Expr, Type) {
        let kind = meant(operator.kind);
        if matches!(kind, OperatorKind::Not) {
            let (operand, ty) = self.check(operand, &Type::Bool);
            let ty = if ty.is_error() { ty } else { Type::Bool };
            return (Expr { kind: ExprKind::Unary(UnaryOp::Not, Box::new(operand)), span }, ty);
        }
        let (operand, ty) = self.infer(operand, &Type::Any);
        if ty.is_error() {
            return nothing(span, Type::Error);
        }
        let value = match operand.as_value() {
            Some(Value::Percent(share)) => Some(Value::Percent(-share)),
            Some(Value::Duration(nanos)) => nanos.checked_neg().map(Value::Duration),
            Some(Value::Int(number)) => number.checked_neg().map(Value::Int),
            Some(Value::Decimal(number)) => Some(Value::Decimal(-number)),
            Some(Value::Money(cents)) => cents.checked_neg().map(Value::Money),
            _ => None,
        };
        if let Some(value) = value {
            return (Expr::value(value, span), ty);
        }
        if !matches!(ty.base(), Type::Any | Type::Int | Type::Decimal | Type::Money | Type::Duration | Type::Percent) {
            return self.fail(
                Diagnostic::new(codes::BAD_OPERANDS, operand.span, format!("there is no negative {ty}"))
                    .also(operator.span, "this asks for one"),
            );
        }
        let bounds = self.scope.bounds(&operand).and_then(|bounds| bounds.negated());
        let ty = ty.base().clone().within(bounds);
        (Expr { kind: ExprKind::Unary(UnaryOp::Negate, Box::new(operand)), span }, ty)
    }

    pub(super) fn binary(
        &mut self,
        operator: Operator,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> (Expr, Type) {
        let kind = meant(operator.kind);
        let at = Operator { kind, span: operator.span };
        match kind {
            OperatorKind::Or | OperatorKind::And => {
                let (left, left_type) = self.check(left, &Type::Bool);
                // What the left side found out is known on the right.
                let mark = self.scope.mark();
                self.scope.assume(&left, kind == OperatorKind::And);
                let (right, right_type) = self.check(right, &Type::Bool);
                self.scope.reset(mark);
                let failed = left_type.is_error() || right_type.is_error();
                self.build(at, left, right, span, if failed { Type::Error } else { Type::Bool })
            }
            OperatorKind::Is => self.is(left, right, span),
            OperatorKind::Matches => {
                let (left, left_type) = self.check(left, &Type::TEXT);
                let (right, right_type) = self.check(right, &Type::Regex);
                let failed = left_type.is_error() || right_type.is_error();
                self.build(at, left, right, span, if failed { Type::Error } else { Type::Bool })
            }
            OperatorKind::In => {
                let (left, left_type) = self.infer(left, &Type::Any);
                let wanted = match &right.kind {
                    ast::ExprKind::Range(..) => Type::Range(Box::new(left_type.some().base().clone())),
                    ast::ExprKind::List(..) => Type::List(Box::new(left_type.some().base().clone())),
                    _ => Type::Any,
                };
                self.refuse_maybe(&left, &left_type, "before `in`");
                let (right, right_type) = self.check(right, &wanted);
                self.membership(at, (left, left_type), (right, right_type), span)
            }
            OperatorKind::Contains => {
                let (left, left_type) = self.infer(left, &Type::Any);
                let wanted = match &left_type {
                    Type::List(item) => item.wide(),
                    Type::Text(_) | Type::Path => Type::TEXT,
                    _ => Type::Any,
                };
                let (right, right_type) = self.check(right, &wanted);
                self.membership(at, (right, right_type), (left, left_type), span).swap()
            }
            OperatorKind::Else => {
                let (left, left_type) = self.infer(left, &Type::Any);
                let (right, right_type) = match left_type.some() {
                    Type::Any | Type::None | Type::Error => self.infer(right, &Type::Any),
                    // `review.decision ?? "waiting"`: a default may be a word that is no choice.
                    Type::Choice(names) if quoted_text(right).is_some_and(|(word, _)| !names.contains(&word)) => {
                        self.infer(right, &Type::TEXT)
                    }
                    wanted => self.check(right, &wanted.wide().maybe()),
                };
                if left_type.is_error() || right_type.is_error() {
                    return nothing(span, Type::Error);
                }
                let ty = match left_type {
                    Type::None => right_type,
                    left_type => match right_type {
                        Type::Maybe(_) | Type::None => left_type,
                        right_type => {
                            let right_type = right_type.base().clone().within(self.scope.bounds(&right));
                            left_type.some().clone().join(right_type)
                        }
                    },
                };
                self.build(at, left, right, span, ty)
            }
            _ => self.arithmetic(at, left, right, span),
        }
    }

    /// Both operands of a comparison or calculation; each side may say how the other is read.
    fn operands(&mut self, left: &ast::Expr, right: &ast::Expr) -> ((Expr, Type), (Expr, Type)) {
        let quoted = |expr: &ast::Expr| super::quoted::quoted_text(expr).is_some();
        if quoted(left) && !quoted(right) {
            let right = self.infer(right, &Type::Any);
            return (self.beside(left, &right.1), right);
        }
        let left = self.infer(left, &Type::Any);
        let right = self.beside(right, &left.1);
        // `200 < amount`: the number stands on the left.
        if right.1.some().base() == &Type::Money && left.1.is_number() {
            return (self.coerce_number(left), right);
        }
        (left, right)
    }

    /// `expr` as it is read beside a value of type `other`.
    fn beside(&mut self, expr: &ast::Expr, other: &Type) -> (Expr, Type) {
        let wanted = other.some().base();
        if let Some(read) = self.read_quoted(expr, wanted) {
            return read;
        }
        let found = self.infer(expr, wanted);
        if *wanted == Type::Money && found.1.is_number() {
            return self.coerce_number(found);
        }
        found
    }

    /// A bare number next to an amount is an amount.
    fn coerce_number(&mut self, (expr, ty): (Expr, Type)) -> (Expr, Type) {
        if expr.as_value().is_some() { self.coerce(expr, ty, &Type::Money) } else { (expr, ty) }
    }

    fn arithmetic(&mut self, operator: Operator, left: &ast::Expr, right: &ast::Expr, span: Span) -> (Expr, Type) {
        use OperatorKind::*;
        // Comparisons that chain have been reported.
        let chained = is_comparison(operator.kind) && chains(left);
        // A factor keeps its own unit, so no side is read by the other.
        let ((left, left_type), (right, right_type)) = match operator.kind {
            Multiply | Divide | Remainder => (self.infer(left, &Type::Any), self.infer(right, &Type::Any)),
            _ => self.operands(left, right),
        };
        if left_type.is_error() || right_type.is_error() {
            return nothing(span, Type::Error);
        }
        if chained {
            return nothing(span, Type::Error);
        }
        let errors = self.diagnostics.len();
        if !matches!(operator.kind, Equal | NotEqual) {
            for (side, ty) in [(&left, &left_type), (&right, &right_type)] {
                if matches!(ty, Type::Maybe(_) | Type::None) {
                    self.refuse_maybe(side, ty, &format!("beside `{}`", spelling(operator.kind)));
                }
            }
        }
        if self.diagnostics.len() > errors {
            return nothing(span, Type::Error);
        }
        match result(operator.kind, left_type.some().base(), right_type.some().base()) {
            // Only what is calculated has a range.
            Some(Type::Bool) => self.build(operator, left, right, span, Type::Bool),
            Some(ty) => {
                let bounds = match (compiled(operator.kind), self.scope.bounds(&left), self.scope.bounds(&right)) {
                    (Some(op), Some(left), Some(right)) => left.calculated(op, &right),
                    _ => None,
                };
                self.build(operator, left, right, span, ty.within(bounds))
            }
            None => {
                let verb = match operator.kind {
                    Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual => "compare",
                    _ => "combine",
                };
                let mut diagnostic = Diagnostic::new(
                    codes::BAD_OPERANDS,
                    operator.span,
                    format!("`{}` cannot {verb} {left_type} and {right_type}", spelling(operator.kind)),
                )
                .also(left.span, format!("this is {left_type}"))
                .also(right.span, format!("this is {right_type}"));
                if left_type.is_quantity() && right_type.is_quantity() {
                    diagnostic = diagnostic.note("units never mix");
                    if let (Some(example), true) = (left_type.example(), right_type.is_number()) {
                        diagnostic = diagnostic.help(format!("give the number its unit, such as {example}"));
                    }
                    // `1-3s`
                    let range = Type::Range(Box::new(right_type.base().clone()));
                    if operator.kind == OperatorKind::Subtract
                        && left_type.is_number()
                        && let Some(example) = range.example()
                    {
                        diagnostic = diagnostic.help(format!("a range is written with two dots, such as {example}"));
                    }
                }
                self.fail(diagnostic)
            }
        }
    }

    fn membership(
        &mut self,
        operator: Operator,
        (item, item_type): (Expr, Type),
        (all, all_type): (Expr, Type),
        span: Span,
    ) -> (Expr, Type) {
        if item_type.is_error() || all_type.is_error() {
            return nothing(span, Type::Error);
        }
        if let Type::Maybe(_) | Type::None = all_type {
            self.refuse_maybe(
                &all,
                &all_type,
                match operator.kind {
                    OperatorKind::Contains => "before `contains`",
                    _ => "after `in`",
                },
            );
            return nothing(span, Type::Error);
        }
        let ok = match &all_type {
            Type::Any | Type::AnyRecord | Type::Record(_) => true,
            Type::List(inner) | Type::Range(inner) => {
                let (item, inner) = (item_type.base(), inner.base());
                fits(item, inner) || fits(inner, item)
            }
            Type::Text(_) | Type::Path => matches!(item_type, Type::Text(_) | Type::Any | Type::Path),
            _ => false,
        };
        if !ok {
            return self.fail(
                Diagnostic::new(codes::BAD_OPERANDS, operator.span, format!("{all_type} cannot hold {item_type}"))
                    .also(item.span, format!("this is {item_type}"))
                    .also(all.span, format!("this is {all_type}"))
                    .help("a list, a range or a text can hold something"),
            );
        }
        self.build(operator, item, all, span, Type::Bool)
    }

    fn is(&mut self, left: &ast::Expr, right: &ast::Expr, span: Span) -> (Expr, Type) {
        let (left, left_type) = self.infer(left, &Type::Any);
        if left_type.is_error() {
            return nothing(span, Type::Error);
        }
        match &right.kind {
            ast::ExprKind::None => (Expr { kind: ExprKind::IsNone(Box::new(left), true), span }, Type::Bool),
            ast::ExprKind::Name(name) if name == "some" => {
                (Expr { kind: ExprKind::IsNone(Box::new(left), false), span }, Type::Bool)
            }
            ast::ExprKind::Name(name) if left_type == Type::Persona => {
                let known: Vec<_> = self.scope.templates().iter().flat_map(|view| view.lineage.clone()).collect();
                if !known.contains(name) {
                    let headline = format!("no persona here is a `{name}`");
                    let diagnostic = Diagnostic::new(codes::UNKNOWN_PERSONA, right.span, headline);
                    let names = known.iter().map(|name| name.as_str());
                    return self.fail(suggest(diagnostic, name, right.span, "persona template", names));
                }
                for view in self.scope.templates().iter().filter(|view| view.lineage.contains(name)) {
                    self.scope.notes.note(right.span, || Meaning::Ancestor(view.declared, name.clone()));
                }
                (Expr { kind: ExprKind::PersonaIs(name.clone()), span }, Type::Bool)
            }
            _ => self.fail(
                Diagnostic::new(codes::BAD_OPERANDS, right.span, "`is` asks for `none`, `some` or a persona template")
                    .help("to compare values, write `==`"),
            ),
        }
    }

    fn build(&mut self, operator: Operator, left: Expr, right: Expr, span: Span, ty: Type) -> (Expr, Type) {
        match (compiled(operator.kind), ty.is_error()) {
            (Some(op), false) => (Expr { kind: ExprKind::Binary(op, Box::new(left), Box::new(right)), span }, ty),
            _ => nothing(span, Type::Error),
        }
    }
}

/// The operands of `contains` stand the other way round than those of `in`.
trait Swap {
    fn swap(self) -> Self;
}

impl Swap for (Expr, Type) {
    fn swap(self) -> Self {
        let (expr, ty) = self;
        let kind = match expr.kind {
            ExprKind::Binary(op, left, right) => ExprKind::Binary(op, right, left),
            kind => kind,
        };
        (Expr { kind, span: expr.span }, ty)
    }
}

/// What the operator yields for operands of these types; `None` if it takes no such operands.
fn result(kind: OperatorKind, left: &Type, right: &Type) -> Option<Type> {
    use OperatorKind::*;
    use Type::{Any, Date, Decimal, Duration, Int, Money, Percent, Rate, Size, Status, Text};
    Some(match kind {
        Equal | NotEqual => {
            let comparable = fits(left, right)
                || fits(right, left)
                || matches!(
                    (left, right),
                    (Type::None, _) | (_, Type::None) | (Int | Status, Decimal) | (Decimal, Int | Status)
                );
            return comparable.then_some(Type::Bool);
        }
        Less | LessEqual | Greater | GreaterEqual => match (left, right) {
            (Any, _) | (_, Any) => Type::Bool,
            (Int | Decimal | Status, Int | Decimal | Status) | (Date, Date) | (Text(_), Text(_)) => Type::Bool,
            (a, b) if a == b && a.is_quantity() => Type::Bool,
            _ => return None,
        },
        Add => match (left, right) {
            (Text(a), Text(b)) => Text(a.union(*b)),
            (Text(a), Any | Type::Path | Type::Choice(_)) | (Any | Type::Path | Type::Choice(_), Text(a)) => Text(*a),
            (Type::Path, Type::Path) => Type::TEXT,
            (Date, Duration) | (Duration, Date) => Date,
            (Type::List(a), Type::List(b)) => Type::List(Box::new((**a).clone().join((**b).clone()))),
            _ => return sum(left, right),
        },
        Subtract => match (left, right) {
            (Date, Duration) => Date,
            (Date, Date) => Duration,
            _ => return sum(left, right),
        },
        Multiply => match (left, right) {
            (Any, _) | (_, Any) => Any,
            (Int | Status, Int | Status) => Int,
            (Int | Decimal | Status, Int | Decimal | Status) => Decimal,
            (Int | Decimal, Percent) => Decimal,
            (Int | Decimal | Percent, unit @ (Money | Duration | Size | Rate | Percent))
            | (unit @ (Money | Duration | Size | Rate), Int | Decimal | Percent) => unit.clone(),
            (Percent, Int | Decimal) => Decimal,
            (Rate, Duration) | (Duration, Rate) => Decimal,
            _ => return None,
        },
        Divide => match (left, right) {
            (Any, _) | (_, Any) => Any,
            (Int | Decimal | Status, Int | Decimal | Status) => Decimal,
            (unit @ (Money | Duration | Size | Rate | Percent), Int | Decimal) => unit.clone(),
            (a, b) if a == b && a.is_quantity() => Decimal,
            _ => return None,
        },
        Remainder => match (left, right) {
            (Any, _) | (_, Any) => Any,
            (Int | Status, Int | Status) => Int,
            (Int | Decimal | Status, Int | Decimal | Status) => Decimal,
            _ => return None,
        },
        _ => return None,
    })
}

fn sum(left: &Type, right: &Type) -> Option<Type> {
    Some(match (left, right) {
        (Type::Any, _) | (_, Type::Any) => Type::Any,
        (Type::Int | Type::Status, Type::Int | Type::Status) => Type::Int,
        (a, b) if a.is_number() && b.is_number() => Type::Decimal,
        (a, b) if a == b && a.is_quantity() => a.clone(),
        _ => return None,
    })
}

fn is_comparison(kind: OperatorKind) -> bool {
    use OperatorKind::*;
    matches!(kind, Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual)
}

/// Whether the left side of a comparison is one itself, without parentheses, which would be part of its span.
fn chains(left: &ast::Expr) -> bool {
    match &left.kind {
        ast::ExprKind::Binary(inner, _, right) => is_comparison(inner.kind) && right.span.end == left.span.end,
        _ => false,
    }
}
