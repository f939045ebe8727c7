//! Quoted and block texts: escapes and interpolations.

use std::ops::Range;

use scn_diagnostics::{Applicability, Diagnostic, Span, codes};
use smol_str::SmolStr;

use super::{Builder, Matched};
use crate::{
    ast::{ExprKind, Quote, TextPart},
    layout::{Block, Effort, Interpolation, MAX_INTERPOLATION, interpolation},
};

/// Collects the parts of a text.
struct Parts {
    done: Vec<TextPart>,
    literal: String,
    /// Where the literal began, in the text that the builder reads.
    start: usize,
    /// What may still be spent on the ends of interpolations.
    effort: Effort,
}

impl Parts {
    /// None yet of a text of this length that begins at `start`.
    fn new(start: usize, length: usize) -> Self {
        Parts { done: Vec::new(), literal: String::with_capacity(length), start, effort: Effort::of(length) }
    }

    /// Ends a literal at `end`.
    fn flush(&mut self, end: usize, span: impl Fn(Range<usize>) -> Span) {
        if !self.literal.is_empty() {
            let literal = SmolStr::from(self.literal.as_str());
            self.literal.clear();
            self.done.push(TextPart::Literal(literal, span(self.start..end)));
        }
    }
}

impl Builder<'_> {
    /// The span of bytes of `text`.
    fn text_span(&self, range: Range<usize>) -> Span {
        Span::new(self.source, self.base + range.start..self.base + range.end)
    }

    /// The rule `text`.
    pub(super) fn text(&mut self, pair: &Matched<'_>) -> ExprKind {
        let span = pair.as_span();
        self.text_in(span.start()..span.end())
    }

    /// The text whose quotes and inside are these bytes of the mask.
    pub(super) fn text_in(&mut self, range: Range<usize>) -> ExprKind {
        let masked = self.mask.get(range.clone()).unwrap_or("");
        let clamp = |at: usize| (self.body + at).min(self.text.len());
        let range = clamp(range.start)..clamp(range.end);
        let raw = self.text.get(range.clone()).unwrap_or("");
        let double = masked.starts_with('"');
        let open = raw.chars().next().map_or(0, char::len_utf8);
        let closed = masked.len() > 1 && masked.ends_with(['"', '\'']);
        let close = if closed { raw.chars().next_back().map_or(0, char::len_utf8) } else { 0 };
        let inside = range.start + open..(range.end.saturating_sub(close)).max(range.start + open);
        let quote = if double { Quote::Double } else { Quote::Single };
        let plain = self.text.get(inside.clone()).unwrap_or("");
        if !double || !plain.bytes().any(|byte| matches!(byte, b'\\' | b'$')) {
            let parts = match plain {
                "" => Vec::new(),
                plain => vec![TextPart::Literal(SmolStr::from(plain), self.text_span(inside))],
            };
            return ExprKind::Text { parts, quote };
        }
        let mut parts = Parts::new(inside.start, inside.len());
        self.read(&mut parts, inside, double, double);
        ExprKind::Text { parts: parts.done, quote }
    }

    /// The parts of a `|` block: its lines without their common indentation, each ended by a line break.
    pub(super) fn block_parts(&mut self, block: &Block) -> Vec<TextPart> {
        let mut parts = Parts::new(0, block.range.len());
        let body = self.text.get(block.range.clone()).unwrap_or("");
        let mut at = block.range.start;
        // Literals of adjoining lines are one part, so that a text without interpolation has one part at most.
        parts.start = at;
        let lines: Vec<&str> = body.split_inclusive('\n').collect();
        for line in lines {
            let content = line.trim_end_matches(['\n', '\r']);
            let blanks = content.len() - content.trim_start_matches([' ', '\t']).len();
            let mut columns = 0;
            let mut skip = 0;
            for byte in content.bytes().take(blanks) {
                columns += if byte == b'\t' { 2 } else { 1 };
                if columns > block.indent {
                    break;
                }
                skip += 1;
            }
            if parts.literal.is_empty() {
                parts.start = at + skip;
            }
            self.collect(&mut parts, at + skip..at + content.len(), false, true);
            parts.literal.push('\n');
            at += line.len();
        }
        let span = |range| self.text_span(range);
        if block.range.is_empty() {
            parts.literal.clear();
        }
        parts.flush(block.range.end, span);
        parts.done
    }

    /// Reads all of `range` into parts.
    fn read(&mut self, parts: &mut Parts, range: Range<usize>, escapes: bool, interpolates: bool) {
        let end = range.end;
        self.collect(parts, range, escapes, interpolates);
        parts.flush(end, |range| self.text_span(range));
    }

    /// Reads `range` into parts and leaves the last literal open.
    fn collect(&mut self, parts: &mut Parts, range: Range<usize>, escapes: bool, interpolates: bool) {
        let text = self.text;
        let mut at = range.start;
        let is_special = |byte| (byte == b'\\' && escapes) || (byte == b'$' && interpolates);
        while let Some(rest) = text.get(at..range.end).filter(|rest| !rest.is_empty()) {
            let plain = rest.bytes().position(is_special).unwrap_or(rest.len());
            let (plain, rest) = rest.split_at_checked(plain).unwrap_or((rest, ""));
            parts.literal.push_str(plain);
            at += plain.len();
            if rest.starts_with('\\') {
                at += self.escape(parts, at, rest);
            } else if rest.starts_with("${") {
                parts.flush(at, |range| self.text_span(range));
                at = self.value(parts, at, range.end);
                parts.start = at;
            } else if !rest.is_empty() {
                parts.literal.push('$');
                at += 1;
            }
        }
    }

    /// Reads the `${…}` at `at`; returns where it ends.
    fn value(&mut self, parts: &mut Parts, at: usize, limit: usize) -> usize {
        match interpolation(self.text, at, limit, &mut parts.effort) {
            Interpolation::Expr(inside) if self.depth < MAX_INTERPOLATION => {
                let expression = self.text.get(inside.clone()).unwrap_or("");
                let base = self.base + inside.start;
                let value = super::expression(self.source, expression, base, self.depth + 1, self.diagnostics);
                parts.done.push(TextPart::Value(value));
                inside.end + 1
            }
            Interpolation::Expr(inside) => {
                let span = self.text_span(at..at + 2);
                let diagnostic = Diagnostic::new(
                    codes::NESTED_TOO_DEEP,
                    span,
                    format!("texts within texts are nested more than {MAX_INTERPOLATION} deep"),
                )
                .help("give the inner text a name, in a step of its own with `set`");
                self.report(diagnostic);
                inside.end + 1
            }
            Interpolation::Unclosed => {
                let tail = self.text_span(limit..limit);
                let diagnostic =
                    Diagnostic::new(codes::UNCLOSED_INTERPOLATION, self.text_span(at..at + 2), "no `}` ends this `${`")
                        .label("an expression begins here")
                        .help("end the expression with `}`, or write `\\$` for a dollar sign before a brace")
                        .fix("insert `}`", tail, "}", Applicability::Suggested);
                self.report(diagnostic);
                limit
            }
        }
    }

    /// Reads the escape that `rest`, at `at`, begins with; returns its length.
    fn escape(&mut self, parts: &mut Parts, at: usize, rest: &str) -> usize {
        let mut chars = rest.chars();
        chars.next();
        let Some(char) = chars.next() else {
            parts.literal.push('\\');
            return 1;
        };
        let plain = match char {
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            '"' | '\\' | '$' | '\'' | '/' => Some(char),
            _ => None,
        };
        if let Some(plain) = plain {
            parts.literal.push(plain);
            return 2;
        }
        if char == 'u' {
            let code = rest.strip_prefix("\\u{").and_then(|rest| rest.split_once('}')).map(|(digits, _)| digits);
            let resolved = code.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
            if let (Some(digits), Some(resolved)) = (code, resolved) {
                parts.literal.push(resolved);
                return digits.len() + 4;
            }
        }
        let length = 1 + char.len_utf8();
        let span = self.text_span(at..at + length);
        let diagnostic = Diagnostic::new(codes::UNKNOWN_ESCAPE, span, format!("`\\{char}` is no escape"))
            .help("the escapes are \\n \\r \\t \\\" \\' \\\\ \\$ \\/ and \\u{1F600}; write `\\\\` for a backslash, or quote the text with `'`")
            .fix("write a backslash", self.text_span(at..at + 1), "\\\\", Applicability::Suggested);
        self.report(diagnostic);
        parts.literal.push('\\');
        parts.literal.push(char);
        length
    }
}
