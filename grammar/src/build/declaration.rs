//! Builds declarations.

use scn_diagnostics::{Applicability, Diagnostic, Span, codes};
use smol_str::SmolStr;

use super::{Builder, Matched, Rule};
use crate::{
    ast::{Attr, Decl, Head, Keyword, Name, Param, TypeExpr, TypeExprKind},
    words,
};

/// The keyword that the masked line begins with, if it is a declaration: what follows is a name or a text, where an
/// entry has a colon and an expression an operator.
pub(super) fn keyword(mask: &str) -> Option<Keyword> {
    let length = mask.bytes().position(|byte| !words::is_word(byte) && byte != b'-').unwrap_or(mask.len());
    let (first, rest) = mask.split_at_checked(length)?;
    // Most lines that are no item are entries.
    if !rest.is_empty() && !rest.starts_with(' ') {
        return None;
    }
    let keyword = Keyword::from_word(first)?;
    let operand = rest.trim_start();
    let begins = operand.starts_with(|char: char| char.is_ascii_alphanumeric() || "_\"'/\u{3}".contains(char));
    (operand.is_empty() || begins).then_some(keyword)
}

impl Builder<'_> {
    /// A declaration; `needs_colon` says that lines are nested under it though no colon ends it.
    pub(super) fn declaration(&mut self, keyword: Keyword, mask: &str, needs_colon: bool) -> (Head, Vec<Attr>) {
        if let Some(head) = self.misnamed(keyword, mask) {
            return (head, Vec::new());
        }
        let Some(pair) = self.matched(Rule::declaration, mask) else { return (Head::Error, Vec::new()) };
        if needs_colon && keyword.takes_colon() {
            let end = self.span(mask.trim_end().len()..mask.trim_end().len());
            let word = keyword.as_str();
            let diagnostic =
                Diagnostic::new(codes::MISSING_COLON, end, format!("a `:` is missing at the end of this `{word}`"))
                    .label("expected `:`")
                    .fix("insert `:`", end, ":", Applicability::Automatic);
            self.report(diagnostic);
        }
        let span = self.span_of(&pair);
        let keyword_span = Span { end: span.start + keyword.as_str().len() as u32, ..span };
        let mut decl = Decl::new(keyword, keyword_span);
        let mut attrs = Vec::new();
        for inner in pair.into_inner() {
            self.part(&mut decl, &mut attrs, inner);
        }
        (Head::Decl(Box::new(decl)), attrs)
    }

    fn part(&mut self, decl: &mut Decl, attrs: &mut Vec<Attr>, pair: Matched<'_>) {
        match pair.as_rule() {
            Rule::dotted | Rule::method => decl.name = Some(self.name(&pair)),
            Rule::base => decl.extends = Some(self.name(&pair)),
            Rule::alias => decl.alias = Some(self.name(&pair)),
            Rule::operand | Rule::target => {
                let is_target = pair.as_rule() == Rule::target;
                let Some(term) = pair.into_inner().next() else { return };
                let term = self.term(term);
                let term = self.limited(term);
                if is_target {
                    decl.arrow = Some(term);
                } else {
                    decl.operands.push(term);
                }
            }
            Rule::text => {
                let span = self.span_of(&pair);
                let kind = self.text(&pair);
                decl.operands.push(crate::ast::Expr { kind, span });
            }
            Rule::params => decl.params = self.members(pair, Self::param, |param| param.name.span.to(param.ty.span)),
            Rule::ty if decl.keyword == Keyword::Store => decl.ty = Some(self.type_expr(pair)),
            Rule::ty => decl.result = Some(self.type_expr(pair)),
            Rule::expr => decl.value = Some(self.top_expr(pair)),
            Rule::attr_colon | Rule::attr_equals => attrs.push(self.attr(pair)),
            Rule::colon => self.check_space(&pair),
            _ => {}
        }
    }

    fn param(&mut self, pair: Matched<'_>) -> Param {
        let span = self.span_of(&pair);
        let mut param = Param {
            name: Name { text: SmolStr::default(), span },
            ty: TypeExpr { kind: TypeExprKind::Name(SmolStr::default()), span },
            variadic: false,
            default: None,
        };
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::key => param.name = self.name(&inner),
                Rule::colon => self.check_space(&inner),
                Rule::ty => param.ty = self.type_expr(inner),
                Rule::variadic => param.variadic = true,
                Rule::expr => param.default = Some(self.top_expr(inner)),
                _ => {}
            }
        }
        param
    }
}
