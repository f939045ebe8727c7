//! Builds the syntax tree of one masked line from what pest matched.

mod declaration;
mod expression;
mod foreign;
mod line;
mod misspelling;
mod number;
mod operators;
mod quick;
mod text;
mod types;
mod unexpected;

use std::{borrow::Cow, ops::Range};

use pest::{Parser, iterators::Pair};
use scn_diagnostics::{Applicability, Diagnostic, SourceId, Span, codes};
use smol_str::SmolStr;

use crate::{
    ast::{Expr, ExprKind, Name, TypeExpr, TypeExprKind},
    layout::{self, Block, Context},
    words,
};

#[allow(missing_docs)]
mod generated {
    /// The parser that pest generates from the grammar.
    #[derive(pest_derive::Parser)]
    #[grammar = "scn.pest"]
    pub struct LineParser;
}
pub(crate) use generated::{LineParser, Rule};

pub(crate) use line::build as line;

/// Builds the tree of one mask.
pub(crate) struct Builder<'a> {
    pub source: SourceId,
    /// The text that the mask was made of, from before its first byte on.
    pub text: &'a str,
    /// Offset of `text` in the source.
    pub base: usize,
    /// Offset of the mask's first byte in `text`.
    pub body: usize,
    /// The masked text.
    pub mask: &'a str,
    /// The `|` block that ends the line.
    pub block: Option<&'a Block>,
    /// Whether a quote or a bracket was closed where its author did not.
    pub mended: bool,
    /// How many texts this one is nested in.
    pub depth: usize,
    pub diagnostics: &'a mut Vec<Diagnostic>,
}

type Matched<'i> = Pair<'i, Rule>;

impl Builder<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The span of bytes of the mask; what was added to the mask lies at the end of the text.
    #[inline]
    fn span(&self, range: Range<usize>) -> Span {
        // The mask has no partial characters, but may blank out the end of one that the text has.
        let clamp = |at: usize| self.base + self.text.ceil_char_boundary(self.body + at);
        Span::new(self.source, clamp(range.start)..clamp(range.end))
    }

    fn span_of(&self, pair: &Matched<'_>) -> Span {
        let span = pair.as_span();
        self.span(span.start()..span.end())
    }

    /// The bytes of `text` that `pair` matched.
    fn range_of(&self, pair: &Matched<'_>) -> Range<usize> {
        let span = pair.as_span();
        let clamp = |at: usize| (self.body + at).min(self.text.len());
        clamp(span.start())..clamp(span.end())
    }

    /// The source as written under `pair`.
    fn raw_of(&self, pair: &Matched<'_>) -> &str {
        self.text.get(self.range_of(pair)).unwrap_or("")
    }

    fn name(&self, pair: &Matched<'_>) -> Name {
        Name { text: SmolStr::from(self.raw_of(pair)), span: self.span_of(pair) }
    }

    /// Parses the mask by `rule` and returns the one pair in it, or reports what was expected.
    fn matched<'i>(&mut self, rule: Rule, mask: &'i str) -> Option<Matched<'i>> {
        match LineParser::parse(rule, mask) {
            Ok(mut pairs) => pairs.next().and_then(|line| line.into_inner().next()),
            Err(error) => {
                unexpected::report(self, rule, error);
                None
            }
        }
    }

    /// Reports a missing space after the colon that ends at `end`.
    fn check_space(&mut self, colon: &Matched<'_>) {
        let end = colon.as_span().end();
        let rest = self.mask.get(end..).unwrap_or("");
        if rest.is_empty() || rest.starts_with(' ') {
            return;
        }
        let at = self.span(end..end);
        let colon = self.span_of(colon);
        let diagnostic = if rest.starts_with("//") {
            Diagnostic::new(codes::SYNTAX, colon, "a URL stands in quotes").help("write `\"https://…\"`")
        } else {
            Diagnostic::new(codes::MISSING_SPACE, colon, "a space is missing after this `:`")
                .fix("insert a space", at, " ", Applicability::Automatic)
                .help("write `key: value`")
        };
        self.report(diagnostic);
    }

    /// Reports a missing comma between two members, the first of which ends at `end`.
    fn missing_comma(&mut self, before: Span, next: Span) {
        // Behind an unclosed quote or bracket, what follows was no member, or had its comma.
        if self.mended {
            return;
        }
        let at = before.tail();
        let diagnostic = Diagnostic::new(codes::MISSING_COMMA, next, "a comma is missing before this")
            .also(before, "after this member")
            .fix("insert a comma", at, ",", Applicability::Automatic);
        self.report(diagnostic);
    }

    fn error_expr(&self, span: Span) -> Expr {
        Expr { kind: ExprKind::Error, span }
    }
}

/// Parses an expression that is no line of a file: one within quotes, or in `${…}`.
pub(crate) fn expression(
    source: SourceId,
    text: &str,
    base: usize,
    depth: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Expr {
    let whole = Span::new(source, base..base + text.len());
    let result = fragment(source, text, base, depth, diagnostics, |builder, mask| {
        if let Some(read) = quick::expression(builder) {
            return Some(read);
        }
        let pair = builder.matched(Rule::expression, mask)?;
        Some(builder.top_expr(pair))
    });
    result.unwrap_or(Expr { kind: ExprKind::Error, span: whole })
}

/// Parses a type that is no line of a file. One that does not parse is a name without characters.
pub(crate) fn type_expression(
    source: SourceId,
    text: &str,
    base: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> TypeExpr {
    let whole = Span::new(source, base..base + text.len());
    let result = fragment(source, text, base, 0, diagnostics, |builder, mask| {
        let pair = builder.matched(Rule::type_line, mask)?;
        Some(builder.type_expr(pair))
    });
    result.unwrap_or(TypeExpr { kind: TypeExprKind::Name(SmolStr::default()), span: whole })
}

fn fragment<T>(
    source: SourceId,
    text: &str,
    base: usize,
    depth: usize,
    diagnostics: &mut Vec<Diagnostic>,
    build: impl FnOnce(&mut Builder<'_>, &str) -> Option<T>,
) -> Option<T> {
    let mut context = Context { source, text, base, diagnostics: Vec::new() };
    // Most interpolations are a name, which is its own mask.
    let mut mask = Cow::Borrowed(text);
    if text.bytes().any(words::is_mark) {
        let (masked, sound) = layout::mask(&mut context);
        diagnostics.append(&mut context.diagnostics);
        if !sound {
            return None;
        }
        mask = Cow::Owned(masked);
    }
    let mut builder =
        Builder { source, text, base, body: 0, mask: &mask, block: None, mended: false, depth, diagnostics };
    build(&mut builder, &mask)
}
