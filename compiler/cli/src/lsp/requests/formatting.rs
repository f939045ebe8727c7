//! Formatting, as the smallest edits, so that carets and marks stay where they are.

use gen_lsp_types::{Position, Range, TextEdit};
use scn_diagnostics::SourceId;
use scn_grammar::Formatted;
use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::super::{documents::Document, place::Encoding};

/// Edits that format a document; none where it has syntax errors.
pub(super) fn whole(document: &Document, encoding: Encoding) -> Option<Vec<TextEdit>> {
    let Formatted::Text(formatted) = scn_grammar::format(SourceId::default(), &document.text) else { return None };
    Some(edits(document, &formatted, encoding))
}

/// The lines by which a document becomes `text`.
pub(super) fn edits(document: &Document, text: &str, encoding: Encoding) -> Vec<TextEdit> {
    let end = document.places.position(document.text.len(), encoding);
    // Lines as positions count them.
    let lines = |text| -> Vec<&str> { str::split_inclusive(text, '\n').collect() };
    let (old, lines) = (lines(&document.text), lines(text));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &lines);
    ops.iter()
        .filter(|op| op.tag() != DiffTag::Equal)
        .map(|op| {
            let (old, new) = (op.old_range(), op.new_range());
            let line = |line: usize| Position::new(u32::try_from(line).unwrap_or(u32::MAX), 0).min(end);
            let new_text = lines.get(new).unwrap_or_default().concat();
            TextEdit { range: Range::new(line(old.start), line(old.end)), new_text }
        })
        .collect()
}

/// Of the edits that format a document, those that touch `range`.
pub(super) fn part(document: &Document, range: Range, encoding: Encoding) -> Option<Vec<TextEdit>> {
    let mut edits = whole(document, encoding)?;
    edits.retain(|edit| edit.range.start.line <= range.end.line && edit.range.end.line >= range.start.line);
    Some(edits)
}
