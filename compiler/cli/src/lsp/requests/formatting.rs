//! Formatting, as the smallest edits, so that carets and marks stay where they are.

use gen_lsp_types::{Position, Range, TextEdit};
use scn_analysis::editor;
use scn_diagnostics::SourceId;
use scn_grammar::Formatted;
use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::super::{documents::Document, place::Encoding};

/// Edits that format a document; none where it has syntax errors.
pub(super) fn whole(document: &Document, encoding: Encoding) -> Option<Vec<TextEdit>> {
    Some(edits(document, &formatted(&document.text)?, encoding))
}

/// The lines by which a document becomes `text`.
pub(super) fn edits(document: &Document, text: &str, encoding: Encoding) -> Vec<TextEdit> {
    rendered(document, &hunks(&document.text, text), encoding)
}

/// Of the edits that format a document, those that touch `range`; where these alone would change what the document means, those of
/// the declarations that it touches.
pub(super) fn part(document: &Document, range: Range, encoding: Encoding) -> Option<Vec<TextEdit>> {
    let whole = formatted(&document.text)?;
    let asked = lines_of(range);
    let declarations = document.tree().nodes.iter().map(|node| document.places.range(editor::extent(node), encoding));
    let declarations: Vec<Lines> =
        declarations.map(lines_of).filter(|lines| lines.start < asked.end && asked.start < lines.end).collect();
    for wanted in [vec![asked], declarations] {
        let mut chosen = hunks(&document.text, &whole);
        chosen.retain(|hunk| wanted.iter().any(|lines| hunk.touches(lines)));
        // What was left as it was is still formatted as it would have been.
        if formatted(&applied(&document.text, &chosen)).as_ref() == Some(&whole) {
            return Some(rendered(document, &chosen, encoding));
        }
    }
    Some(Vec::new())
}

/// Lines by their numbers, from 0.
type Lines = std::ops::Range<usize>;

fn lines_of(range: Range) -> Lines {
    range.start.line as usize..range.end.line as usize + 1
}

fn formatted(text: &str) -> Option<String> {
    match scn_grammar::format(SourceId::default(), text) {
        Formatted::Text(formatted) => Some(formatted),
        _ => None,
    }
}

/// Lines that others take the place of.
struct Hunk<'t> {
    old: Lines,
    new: Vec<&'t str>,
}

impl Hunk<'_> {
    /// Whether it replaces one of `lines`, or adds beside one.
    fn touches(&self, lines: &Lines) -> bool {
        match self.old.is_empty() {
            true => (lines.start..=lines.end).contains(&self.old.start),
            false => self.old.start < lines.end && lines.start < self.old.end,
        }
    }
}

/// Lines as positions count them.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// By what `old` becomes `new`.
fn hunks<'t>(old: &str, new: &'t str) -> Vec<Hunk<'t>> {
    let (old, new) = (lines(old), lines(new));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let changed = ops.iter().filter(|op| op.tag() != DiffTag::Equal);
    changed.map(|op| Hunk { old: op.old_range(), new: new.get(op.new_range()).unwrap_or_default().to_vec() }).collect()
}

fn applied(text: &str, hunks: &[Hunk<'_>]) -> String {
    let old = lines(text);
    let (mut applied, mut at) = (String::with_capacity(text.len()), 0);
    for hunk in hunks {
        applied.extend(old.get(at..hunk.old.start).unwrap_or_default().iter().copied());
        applied.extend(hunk.new.iter().copied());
        at = hunk.old.end;
    }
    applied.extend(old.get(at..).unwrap_or_default().iter().copied());
    applied
}

fn rendered(document: &Document, hunks: &[Hunk<'_>], encoding: Encoding) -> Vec<TextEdit> {
    let end = document.places.position(document.text.len(), encoding);
    let line = |line: usize| Position::new(u32::try_from(line).unwrap_or(u32::MAX), 0).min(end);
    let edit = |hunk: &Hunk<'_>| TextEdit {
        range: Range::new(line(hunk.old.start), line(hunk.old.end)),
        new_text: hunk.new.concat(),
    };
    hunks.iter().map(edit).collect()
}
