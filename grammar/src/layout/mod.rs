//! The layout pass: from text to logical lines. It cannot fail.
//!
//! A logical line is an item or an entry with everything that its open brackets continue it over. Its text is handed to
//! the grammar *masked*, byte for byte, so that offsets stay: insides of quotes, regular expressions and comments are
//! blanked out, and brackets are balanced. What is wrong in the layout is diagnosed here and mended in the mask, so the
//! grammar does not stumble over the same cause again.

mod blocks;
mod brackets;
mod lines;
mod quotes;
mod scan;

use std::ops::Range;

use scn_diagnostics::{Diagnostic, SourceId, Span};
use smol_str::SmolStr;

pub(crate) use blocks::{Nest, broken};
pub(crate) use lines::lines;
pub(crate) use quotes::{Effort, Interpolation, interpolation};
pub(crate) use scan::mask;

/// The inside of a quoted text, in the mask.
pub(crate) const TEXT: u8 = 1;
/// Each byte of a regular expression, in the mask.
pub(crate) const REGEX: u8 = 2;
/// A `/` that begins a path after white space, in the mask.
pub(crate) const PATH: u8 = 3;

/// Brackets may be nested this deep.
pub(crate) const MAX_BRACKETS: usize = 32;
/// Lines may be nested this deep.
pub(crate) const MAX_INDENT: usize = 64;
/// A text in an expression in a text … may be nested this deep.
pub(crate) const MAX_INTERPOLATION: usize = 4;

/// A logical line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logical {
    /// Column of its first character, from 0; of the dash, if it has one.
    pub indent: usize,
    /// Column of the first character after the dash, or `indent`.
    pub body_indent: usize,
    /// Whether it begins with a dash.
    pub dash: bool,
    /// Offset of the dash or of the first character.
    pub start: usize,
    /// Offset of the first character after the dash; that of the mask's first byte.
    pub body: usize,
    /// Offset after its last character that is neither space nor comment.
    pub end: usize,
    /// Where in [`Lines::masks`] its masked text is, from `body` on; it may be longer than the line by closing brackets.
    pub mask: Range<usize>,
    /// The `|` block that follows it.
    pub block: Option<Block>,
    /// The `##` comments right above it.
    pub doc: Option<SmolStr>,
    /// Whether a quote or a bracket was closed in the mask, at a place that is anyone's guess.
    pub mended: bool,
    /// Whether its brackets are beyond mending; it was diagnosed and is not parsed.
    pub broken: bool,
}

/// The logical lines of a text, in order.
pub(crate) struct Lines {
    pub lines: Vec<Logical>,
    /// The masks of all of them, one behind the other.
    pub masks: String,
}

impl Lines {
    /// The masked text of `line`, one of these.
    pub fn mask(&self, line: &Logical) -> &str {
        self.masks.get(line.mask.clone()).unwrap_or("")
    }
}

/// The body of a `|` block.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Block {
    /// The bytes of its lines, the first line's indentation included.
    pub range: Range<usize>,
    /// The columns of indentation that are no part of its text.
    pub indent: usize,
}

/// Where the layout pass reads and what it reports.
pub(crate) struct Context<'a> {
    pub source: SourceId,
    pub text: &'a str,
    /// Offset of `text` in the source.
    pub base: usize,
    pub diagnostics: Vec<Diagnostic>,
}

impl Context<'_> {
    /// The span of the bytes `range` of `text`, up to the end of its last character.
    pub fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.source, self.base + range.start..self.base + self.text.ceil_char_boundary(range.end))
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The text of the bytes `range`; empty if they are none.
    pub fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or("")
    }

    #[inline]
    pub fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// The character that begins at `at`.
    pub fn char(&self, at: usize) -> Option<char> {
        self.text.get(at..).and_then(|rest| rest.chars().next())
    }
}
