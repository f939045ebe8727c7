//! Types as they are written.

use smol_str::SmolStr;

use super::{Builder, Matched, Rule};
use crate::ast::{Expr, ExprKind, Name, Operator, OperatorKind, TypeExpr, TypeExprKind};

impl Builder<'_> {
    /// The rule `ty`.
    pub(super) fn type_expr(&mut self, pair: Matched<'_>) -> TypeExpr {
        let span = self.span_of(&pair);
        let Some(inner) = pair.into_inner().next() else {
            return TypeExpr { kind: TypeExprKind::Name(SmolStr::default()), span };
        };
        let kind = match inner.as_rule() {
            Rule::composite => return self.composite(inner),
            Rule::ty_range => {
                let mut bounds = inner.into_inner().filter(|pair| pair.as_rule() == Rule::bound);
                match (bounds.next(), bounds.next()) {
                    (Some(low), Some(high)) => {
                        TypeExprKind::Range(Box::new(self.bound(low)), Box::new(self.bound(high)))
                    }
                    _ => TypeExprKind::Name(SmolStr::default()),
                }
            }
            _ => TypeExprKind::Name(SmolStr::from(self.raw_of(&inner))),
        };
        TypeExpr { kind, span }
    }

    /// The rule `composite`.
    pub(super) fn composite(&mut self, pair: Matched<'_>) -> TypeExpr {
        let span = self.span_of(&pair);
        let Some(inner) = pair.into_inner().next() else {
            return TypeExpr { kind: TypeExprKind::Name(SmolStr::default()), span };
        };
        let kind = match inner.as_rule() {
            Rule::ty_record => {
                TypeExprKind::Record(
                    self.members(inner, Self::type_field, |(name, ty): &(Name, TypeExpr)| name.span.to(ty.span)),
                )
            }
            Rule::ty_choice => {
                TypeExprKind::Choice(self.members(inner, |builder, pair| builder.name(&pair), |name| name.span))
            }
            _ => {
                let constructor = inner.clone().into_inner().next().map(|name| SmolStr::from(name.as_str()));
                let args = self.members(inner, Self::type_expr, |ty| ty.span);
                TypeExprKind::Apply(constructor.unwrap_or_default(), args)
            }
        };
        TypeExpr { kind, span }
    }

    fn type_field(&mut self, pair: Matched<'_>) -> (Name, TypeExpr) {
        let span = self.span_of(&pair);
        let mut name = Name { text: SmolStr::default(), span };
        let mut ty = TypeExpr { kind: TypeExprKind::Name(SmolStr::default()), span };
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::key | Rule::quoted_key => name = self.key(inner),
                Rule::colon => self.check_space(&inner),
                _ => ty = self.type_expr(inner),
            }
        }
        (name, ty)
    }

    fn bound(&mut self, pair: Matched<'_>) -> Expr {
        let span = self.span_of(&pair);
        let mut sign = None;
        let mut expr = self.error_expr(span);
        for inner in pair.into_inner() {
            let span = self.span_of(&inner);
            match inner.as_rule() {
                Rule::op_negate => sign = Some(Operator { kind: OperatorKind::Negate, span }),
                Rule::date => expr = Expr { kind: ExprKind::Date(SmolStr::from(inner.as_str())), span },
                _ => expr = Expr { kind: self.number(&inner), span },
            }
        }
        match sign {
            Some(sign) => Expr { kind: ExprKind::Unary(sign, Box::new(expr)), span },
            None => expr,
        }
    }
}
