//! The lines of a source that a terminal shows around a place.
//!
//! A source is not copied or read from its beginning for each diagnostic, and a line that is too long to be shown is cut to
//! what stands around the place, so that a thousand findings in one long line stay readable and quick.

use std::{fmt, ops::Range};

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::{Source, Span};

/// Lines of more bytes than this are cut.
pub(super) const LONGEST: usize = 400;
/// This many bytes are shown before the place in a line that is cut.
const BEFORE: usize = 60;
/// This many bytes are shown from the place on in a line that is cut.
const AFTER: usize = 120;

/// A source as it is shown around one place.
pub(super) struct Excerpt<'a> {
    source: &'a Source,
    /// What is shown of the place's line, if it is too long.
    window: Option<Range<usize>>,
}

impl<'a> Excerpt<'a> {
    /// The surroundings of `place` in `source`.
    pub fn around(source: &'a Source, place: Span) -> Self {
        let line = source.line_range(source.line_index(place.start as usize));
        let window = (line.len() > LONGEST).then(|| {
            let text = source.text();
            let at = (place.start as usize).clamp(line.start, line.end);
            let start = text.floor_char_boundary(at.saturating_sub(BEFORE).max(line.start));
            start..text.floor_char_boundary((at + AFTER).min(line.end))
        });
        Self { source, window }
    }

    /// The part of `span` that can be shown; none if it is cut away.
    pub fn visible(&self, span: Range<usize>) -> Option<Range<usize>> {
        match &self.window {
            Some(window) => (window.contains(&span.start) || (span.start == window.end && span.is_empty()))
                .then(|| span.start..span.end.min(window.end)),
            None => Some(span).filter(|span| !self.is_long(self.source.line_index(span.start))),
        }
    }

    fn is_long(&self, line: usize) -> bool {
        self.source.line_range(line).len() > LONGEST
    }
}

impl fmt::Debug for Excerpt<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.source.name())
    }
}

impl SourceCode for Excerpt<'_> {
    fn read_span<'s>(
        &'s self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'s> + 's>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let (first, last) = (self.source.line_index(start), self.source.line_index(end.saturating_sub(1).max(start)));
        let column = self.source.line_column(start).column - 1;
        let (range, line, column) = match &self.window {
            _ if lines_before == 0 => (start..end, first, column),
            Some(window) => (window.clone(), first, 0),
            None => {
                let above =
                    (1..=lines_before).map_while(|up| first.checked_sub(up)).take_while(|line| !self.is_long(*line));
                let top = above.last().unwrap_or(first);
                let below = (last + 1..=last + lines_after)
                    .take_while(|line| *line < self.source.line_count() && !self.is_long(*line));
                let bottom = below.last().unwrap_or(last);
                (self.source.line_range(top).start..self.source.line_range(bottom).end, top, 0)
            }
        };
        let data = self.source.shown().get(range.clone()).ok_or(MietteError::OutOfBounds)?.as_bytes();
        let span = SourceSpan::from((range.start, range.len()));
        let name = self.source.name().to_owned();
        Ok(Box::new(MietteSpanContents::new_named(name, data, span, line, column, last + 1 - first)))
    }
}
