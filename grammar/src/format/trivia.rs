//! Comments and blank lines between logical lines.

use std::ops::Range;

use scn_diagnostics::SourceId;

use super::{
    roles::Roles,
    tokens::{Kind, tokens},
};
use crate::layout::{self, Context, Logical};

/// A line that is no logical line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap<'t> {
    Blank,
    /// A comment, and the columns before it.
    Comment(&'t str, usize),
}

/// The lines of `text`, which is a gap between logical lines. What follows its last line break is a line only if it is a
/// comment.
pub(super) fn gap(text: &str) -> impl Iterator<Item = Gap<'_>> {
    let mut lines = text.split('\n').peekable();
    std::iter::from_fn(move || {
        loop {
            let line = lines.next()?;
            let content = line.trim_ascii();
            if content.starts_with('#') {
                return Some(Gap::Comment(content, indent(line)));
            } else if lines.peek().is_some() {
                return Some(Gap::Blank);
            }
        }
    })
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_ascii_start().len()
}

/// Where the lines of `logical` end: after the line break of the last one.
pub(super) fn end(text: &str, logical: &Logical) -> usize {
    let at = match &logical.block {
        // One without lines lies where the next line begins.
        Some(block) if block.range.is_empty() => return block.range.start,
        Some(block) => block.range.end,
        None => logical.end,
    };
    let rest = text.get(at..).unwrap_or("");
    at + rest.find('\n').map_or(rest.len(), |length| length + 1)
}

/// Where the comments of a text are, in their order.
pub(crate) fn comments(text: &str) -> Vec<Range<usize>> {
    let mut context = Context { source: SourceId::default(), text, base: 0, diagnostics: Vec::new() };
    let logical = layout::lines(&mut context);
    let mut found = Vec::new();
    let mut at = text.len() - text.trim_start_matches('\u{feff}').len();
    for line in &logical.lines {
        between(text, at..line.start, &mut found);
        if line.dash {
            between(text, line.start + 1..line.body, &mut found);
        }
        let tokens = tokens(text, line, logical.mask(line), &Roles::default());
        let comments = tokens.into_iter().filter(|token| token.kind == Kind::Comment);
        found.extend(comments.map(|token| token.at..token.at + token.text.len()));
        at = end(text, line);
    }
    between(text, at..text.len(), &mut found);
    found
}

/// The comments in a gap between logical lines.
fn between(text: &str, gap: Range<usize>, found: &mut Vec<Range<usize>>) {
    let mut at = gap.start;
    for line in text.get(gap).unwrap_or("").split_inclusive('\n') {
        let content = line.trim_ascii();
        if content.starts_with('#') {
            let start = at + indent(line);
            found.push(start..start + content.len());
        }
        at += line.len();
    }
}
