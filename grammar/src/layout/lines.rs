//! Splits a text into logical lines.

use scn_diagnostics::{Applicability, Diagnostic, Edit, Fix, codes};
use smol_str::SmolStr;

use super::{Block, Context, Logical, scan::Scanner};

/// A tab counts as this many columns, which is also what its fix replaces it by.
const TAB_COLUMNS: usize = 2;

/// A line as an editor counts it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Physical {
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
    pub fn at(text: &str, start: usize) -> Option<Self> {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let (line, next) = match rest.find('\n') {
            Some(length) => (rest.get(..length).unwrap_or(rest), start + length + 1),
            None => (rest, start + rest.len()),
        };
        let line = line.strip_suffix('\r').unwrap_or(line);
        let mut indent = 0;
        let mut first = start;
        for byte in line.bytes() {
            match byte {
                b' ' => indent += 1,
                b'\t' => indent += TAB_COLUMNS,
                _ => break,
            }
            first += 1;
        }
        let mut physical = Self { indent, first, end: start + line.len(), next };
        let rest = text.get(first..physical.end).unwrap_or_default();
        if rest.starts_with(|first: char| first.is_ascii_whitespace()) && rest.trim_ascii().is_empty() {
            physical.first = physical.end;
        }
        Some(physical)
    }

    pub fn is_blank(&self) -> bool {
        self.first == self.end
    }
}

/// The logical lines of the text, in order.
pub(crate) fn split(context: &mut Context<'_>) -> Vec<Logical> {
    let text = context.text;
    // Most lines are longer, with their indentation and the comments between them.
    let mut lines = Vec::with_capacity(text.len() / 48);
    let mut doc: Option<String> = None;
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while let Some(physical) = Physical::at(text, at) {
        at = physical.next;
        if physical.is_blank() {
            doc = None;
            continue;
        }
        let content = context.slice(physical.first..physical.end);
        if content.starts_with('#') {
            document(&mut doc, content);
            continue;
        }
        let (mut line, next) = Scanner::new(context, physical).logical_line();
        at = next;
        // A comment in the manner of another language has been reported, and is no line.
        if line.end == line.start {
            continue;
        }
        line.doc = doc.take().map(SmolStr::from);
        lines.push(line);
    }
    report_tabs(context, &lines);
    lines
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

/// Reports tabs in the indentation, once: they are one habit, not many mistakes.
fn report_tabs(context: &mut Context<'_>, lines: &[Logical]) {
    if !context.text.contains('\t') {
        return;
    }
    let mut edits = Vec::new();
    for line in lines {
        let begin = context.slice(0..line.start).rfind('\n').map_or(0, |newline| newline + 1);
        let indentation = context.slice(begin..line.start).trim_start_matches('\u{feff}');
        if indentation.contains('\t') {
            let text = indentation.replace('\t', &" ".repeat(TAB_COLUMNS));
            edits.push(Edit { span: context.span(line.start - indentation.len()..line.start), text });
        }
    }
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
