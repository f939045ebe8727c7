//! Comments and blank lines between logical lines.

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

/// The comments of a text, in their order.
pub(super) fn comments(text: &str) -> Vec<String> {
    let mut context = Context { source: SourceId::default(), text, base: 0, diagnostics: Vec::new() };
    let lines = layout::split(&mut context);
    let lines = layout::join_dashes(&mut context, lines);
    let mut found = Vec::new();
    let mut at = text.len() - text.trim_start_matches('\u{feff}').len();
    let between = |range: std::ops::Range<usize>, found: &mut Vec<String>| {
        found.extend(gap(text.get(range).unwrap_or("")).filter_map(|line| match line {
            Gap::Comment(comment, _) => Some(comment.to_owned()),
            Gap::Blank => None,
        }));
    };
    for line in &lines {
        between(at..line.start, &mut found);
        if line.dash {
            between(line.start + 1..line.body, &mut found);
        }
        let tokens = tokens(text, line, &Roles::default());
        found.extend(tokens.into_iter().filter(|token| token.kind == Kind::Comment).map(|token| token.text.to_owned()));
        at = end(text, line);
    }
    between(at..text.len(), &mut found);
    found
}
