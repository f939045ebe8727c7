//! Splits a text into logical lines.

use std::ops::Range;

use scn_diagnostics::{Applicability, Diagnostic, Edit, Fix, codes};
use smol_str::SmolStr;

use super::{Block, Context, Lines, blocks::join_dashes, scan::Scanner};

/// A tab counts as this many columns, which is also what its fix replaces it by.
const TAB_COLUMNS: usize = 2;
/// A line has about this many bytes, its share of comments and blank lines included.
const BYTES_OF_LINE: usize = 32;

/// A line as an editor counts it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Physical {
    /// Offset of its first byte.
    pub start: usize,
    /// Columns of white space before its first character.
    pub indent: usize,
    /// Offset of its first character that is no white space, or `end`.
    pub first: usize,
    /// Offset after its last byte, the line break excluded.
    pub end: usize,
    /// Offset of the next line, which is past `end` unless this is the last.
    pub next: usize,
}

impl Physical {
    /// The line that begins at `start`; none at the end of the text.
    #[inline]
    pub fn at(text: &str, start: usize) -> Option<Self> {
        let rest = text.as_bytes().get(start..).filter(|rest| !rest.is_empty())?;
        let (line, next) = match memchr::memchr(b'\n', rest) {
            Some(length) => (rest.get(..length)?, start + length + 1),
            None => (rest, start + rest.len()),
        };
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (mut blanks, mut tabs) = (0, 0);
        while let Some(byte @ (b' ' | b'\t')) = line.get(blanks) {
            blanks += 1;
            tabs += usize::from(*byte == b'\t');
        }
        let end = start + line.len();
        let content = line.get(blanks..).unwrap_or(&[]);
        let is_blank = content.first().is_none_or(u8::is_ascii_whitespace) && content.trim_ascii_start().is_empty();
        let first = if is_blank { end } else { start + blanks };
        Some(Self { start, indent: blanks + tabs * (TAB_COLUMNS - 1), first, end, next })
    }

    pub fn is_blank(&self) -> bool {
        self.first == self.end
    }
}

/// The logical lines of the text, with dashes that stand alone joined to the line below them.
pub(crate) fn lines(context: &mut Context<'_>) -> Lines {
    let text = context.text;
    let mut lines = Vec::with_capacity(text.len() / BYTES_OF_LINE);
    let mut tabs = Vec::new();
    let mut doc: Option<String> = None;
    let mut scanner = Scanner::new(context);
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while let Some(physical) = Physical::at(text, at) {
        at = physical.next;
        if physical.is_blank() {
            doc = None;
            continue;
        }
        let content = text.get(physical.first..physical.end).unwrap_or("");
        if content.starts_with('#') {
            document(&mut doc, content);
            continue;
        }
        let (mut line, next) = scanner.logical_line(physical);
        at = next;
        // A comment in the manner of another language has been reported, and is no line.
        if line.end == line.start {
            continue;
        }
        if physical.indent > physical.first - physical.start {
            tabs.push(physical.start..physical.first);
        }
        line.doc = doc.take().map(SmolStr::from);
        lines.push(line);
    }
    let masks = scanner.masks();
    report_tabs(context, tabs);
    Lines { lines: join_dashes(context, lines), masks }
}

/// Adds the words of a comment to a documentation if it is one of `##`.
pub(super) fn document(doc: &mut Option<String>, comment: &str) {
    let Some(words) = comment.strip_prefix("##") else { return };
    let words = words.strip_prefix(' ').unwrap_or(words).trim_end();
    match doc {
        Some(doc) => {
            doc.push('\n');
            doc.push_str(words);
        }
        None => *doc = Some(words.to_owned()),
    }
}

/// Takes the body of a `|` block that belongs to a line of indentation `indent`: the lines from `at` on that are
/// indented at least as deep as the first of them, which is indented deeper than the line. Returns where it ends.
pub(super) fn block(text: &str, indent: usize, at: usize) -> (Block, usize) {
    let mut body = Block { range: at..at, indent: 0 };
    let mut next = at;
    let mut from = at;
    while let Some(physical) = Physical::at(text, from) {
        from = physical.next;
        if physical.is_blank() {
            continue;
        }
        if body.range.is_empty() {
            if physical.indent <= indent {
                break;
            }
            body.indent = physical.indent;
        } else if physical.indent < body.indent {
            break;
        }
        body.range.end = physical.end;
        next = physical.next;
    }
    (body, next)
}

/// Reports tabs in these indentations, once: they are one habit, not many mistakes.
fn report_tabs(context: &mut Context<'_>, indentations: Vec<Range<usize>>) {
    let edit = |indentation: Range<usize>| {
        let text = context.slice(indentation.clone()).replace('\t', &" ".repeat(TAB_COLUMNS));
        Edit { span: context.span(indentation), text }
    };
    let edits: Vec<Edit> = indentations.into_iter().map(edit).collect();
    let Some(first) = edits.first() else { return };
    let more = edits.len() - 1;
    let mut diagnostic = Diagnostic::new(codes::TAB_INDENT, first.span, "a tab stands in the indentation")
        .label("indent with spaces")
        .note("a tab is as wide as each editor likes, so what belongs under what would be anyone's guess");
    if more > 0 {
        let lines = if more == 1 { "line is" } else { "lines are" };
        diagnostic = diagnostic.note(format!("{more} more {lines} indented with tabs"));
    }
    let title = format!("replace each tab by {TAB_COLUMNS} spaces");
    context.report(diagnostic.fix_all(Fix { title, edits, applicability: Applicability::Automatic }));
}
