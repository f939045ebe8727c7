//! Terms: what operators stand between.

use smol_str::SmolStr;

use super::{Builder, Matched, Rule};
use crate::ast::{Arg, Expr, ExprKind, Name, Phrase, Quote, TextPart};

impl Builder<'_> {
    /// An expression with a phrase at most: the rule `expr`.
    pub(super) fn expr(&mut self, pair: Matched<'_>) -> Expr {
        let span = self.span_of(&pair);
        let mut phrase = None;
        let mut operands = Vec::new();
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::ph_of => phrase = Some(Phrase::Of),
                Rule::ph_weight => phrase = Some(Phrase::Weight),
                Rule::ph_over => phrase = Some(Phrase::Over),
                Rule::ph_for => phrase = Some(Phrase::For),
                _ => operands.push(self.operators(inner)),
            }
        }
        let mut operands = operands.into_iter();
        match (phrase, operands.next(), operands.next()) {
            (Some(phrase), Some(left), Some(right)) => {
                let span = left.span.to(right.span);
                Expr { kind: ExprKind::Phrase(phrase, Box::new(left), Box::new(right)), span }
            }
            (_, Some(only), _) => only,
            _ => self.error_expr(span),
        }
    }

    /// The rule `term`: a primary expression and what is glued to it.
    pub(super) fn term(&mut self, pair: Matched<'_>) -> Expr {
        let whole = self.span_of(&pair);
        let mut inner = pair.into_inner();
        let Some(first) = inner.next() else { return self.error_expr(whole) };
        let mut expr = self.primary(first);
        for (count, postfix) in inner.enumerate() {
            let span = expr.span.to(self.span_of(&postfix));
            if count == super::operators::MAX_OPERATORS {
                self.too_deep(span);
                return self.error_expr(span);
            }
            let kind = match postfix.as_rule() {
                Rule::field => match postfix.into_inner().next() {
                    Some(key) => ExprKind::Field(Box::new(expr), self.name(&key)),
                    None => ExprKind::Error,
                },
                Rule::index => match postfix.into_inner().next() {
                    Some(index) => ExprKind::Index(Box::new(expr), Box::new(self.expr(index))),
                    None => ExprKind::Error,
                },
                _ => {
                    let args = self.members(postfix, Self::arg, |arg| arg.value.span);
                    ExprKind::Call(Box::new(expr), args)
                }
            };
            expr = Expr { kind, span };
        }
        expr
    }

    fn primary(&mut self, pair: Matched<'_>) -> Expr {
        let span = self.span_of(&pair);
        let kind = match pair.as_rule() {
            Rule::composite => ExprKind::Type(Box::new(self.composite(pair))),
            Rule::request => self.request(pair),
            Rule::text => self.text(&pair),
            Rule::block => return self.block_text(span),
            Rule::regex => {
                let raw = self.raw_of(&pair);
                let inside = raw.strip_prefix('/').unwrap_or(raw);
                ExprKind::Regex(SmolStr::from(inside.strip_suffix('/').unwrap_or(inside)))
            }
            Rule::date => ExprKind::Date(SmolStr::from(pair.as_str())),
            Rule::number => self.number(&pair),
            Rule::lit_true => ExprKind::Bool(true),
            Rule::lit_false => ExprKind::Bool(false),
            Rule::lit_none => ExprKind::None,
            Rule::path => ExprKind::Path(SmolStr::from(self.raw_of(&pair))),
            Rule::group => {
                // The parentheses are part of the span only.
                let kind = pair.into_inner().next().map(|inner| self.expr(inner).kind);
                kind.unwrap_or(ExprKind::Error)
            }
            Rule::list => ExprKind::List(self.members(pair, Self::expr, |expr| expr.span)),
            Rule::record => ExprKind::Record(self.members(pair, Self::pair, |(key, value)| key.span.to(value.span))),
            _ => ExprKind::Name(SmolStr::from(self.raw_of(&pair))),
        };
        Expr { kind, span }
    }

    /// Members between brackets; reports where a comma is missing.
    pub(super) fn members<T>(
        &mut self,
        pair: Matched<'_>,
        build: impl Fn(&mut Self, Matched<'_>) -> T,
        span: impl Fn(&T) -> scn_diagnostics::Span,
    ) -> Vec<T> {
        let mut members: Vec<T> = Vec::new();
        let mut separated = true;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::comma => separated = true,
                Rule::ty_record_name | Rule::ty_choice_name | Rule::ty_apply_name => {}
                _ => {
                    let member = build(self, inner);
                    if let (false, Some(last)) = (separated, members.last()) {
                        self.missing_comma(span(last), span(&member));
                    }
                    separated = false;
                    members.push(member);
                }
            }
        }
        members
    }

    fn arg(&mut self, pair: Matched<'_>) -> Arg {
        let span = self.span_of(&pair);
        let mut arg = Arg { name: None, value: self.error_expr(span) };
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::key => arg.name = Some(self.name(&inner)),
                Rule::colon => self.check_space(&inner),
                _ => arg.value = self.expr(inner),
            }
        }
        arg
    }

    fn pair(&mut self, pair: Matched<'_>) -> (Name, Expr) {
        let span = self.span_of(&pair);
        let mut name = Name { text: SmolStr::default(), span };
        let mut value = self.error_expr(span);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::key | Rule::quoted_key => name = self.key(inner),
                Rule::colon => self.check_space(&inner),
                _ => value = self.expr(inner),
            }
        }
        (name, value)
    }

    /// A key, which may be quoted.
    pub(super) fn key(&mut self, pair: Matched<'_>) -> Name {
        if pair.as_rule() != Rule::quoted_key {
            return self.name(&pair);
        }
        let span = self.span_of(&pair);
        let text = match pair.into_inner().next().map(|text| self.text(&text)) {
            Some(ExprKind::Text { parts, .. }) => match parts.into_iter().next() {
                Some(TextPart::Literal(text, _)) => text,
                _ => SmolStr::default(),
            },
            _ => SmolStr::default(),
        };
        Name { text, span }
    }

    fn request(&mut self, pair: Matched<'_>) -> ExprKind {
        let mut inner = pair.into_inner();
        let (Some(method), Some(path)) = (inner.next(), inner.next()) else { return ExprKind::Error };
        let method = Expr { kind: ExprKind::Name(SmolStr::from(method.as_str())), span: self.span_of(&method) };
        let path = self.primary(path);
        ExprKind::Phrase(Phrase::Method, Box::new(method), Box::new(path))
    }

    fn block_text(&mut self, bar: scn_diagnostics::Span) -> Expr {
        let Some(block) = self.block.cloned() else {
            return Expr { kind: ExprKind::Text { parts: Vec::new(), quote: Quote::Block }, span: bar };
        };
        let parts = self.block_parts(&block);
        let mut span = bar;
        if !block.range.is_empty() {
            let end = scn_diagnostics::Span::new(self.source, self.base..self.base + block.range.end);
            span = bar.to(end.tail());
        }
        Expr { kind: ExprKind::Text { parts, quote: Quote::Block }, span }
    }
}
