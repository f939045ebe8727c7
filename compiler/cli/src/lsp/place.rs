//! Places: the compiler's are bytes of a text, the protocol's are lines and columns in the units that were agreed on.

use gen_lsp_types::{Position, Range};
use line_index::{LineCol, LineIndex, TextSize, WideEncoding, WideLineCol};
use scn_diagnostics::Span;

/// What columns count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// 16-bit units, which every editor knows.
    #[default]
    Utf16,
}

/// A text whose places can be told both ways.
#[derive(Debug)]
pub(super) struct Places {
    index: LineIndex,
    length: usize,
}

impl Places {
    pub fn of(text: &str) -> Self {
        Self { index: LineIndex::new(text), length: text.len() }
    }

    /// The position of the byte at `offset`, which no place beyond the end has.
    pub fn position(&self, offset: usize, encoding: Encoding) -> Position {
        let offset = u32::try_from(offset.min(self.length)).unwrap_or(u32::MAX);
        let Some(at) = self.index.try_line_col(TextSize::from(offset)) else { return Position::new(0, 0) };
        let column = match encoding {
            Encoding::Utf8 => at.col,
            Encoding::Utf16 => self.index.to_wide(WideEncoding::Utf16, at).map_or(at.col, |wide| wide.col),
        };
        Position::new(at.line, column)
    }

    /// The range of `span`.
    pub fn range(&self, span: Span, encoding: Encoding) -> Range {
        let bytes = span.range();
        Range::new(self.position(bytes.start, encoding), self.position(bytes.end, encoding))
    }

    /// The byte at `position`: a column behind the end of its line is the line's end, a line behind the last the text's end.
    pub fn offset(&self, position: Position, text: &str, encoding: Encoding) -> usize {
        let Some(line) = self.index.line(position.line) else { return self.length };
        let (start, mut end) = (usize::from(line.start()), usize::from(line.end()));
        let written = text.get(start..end).unwrap_or_default();
        end -= written.len() - written.trim_end_matches(['\r', '\n']).len();
        let column = match encoding {
            Encoding::Utf8 => Some(position.character),
            Encoding::Utf16 => {
                let wide = WideLineCol { line: position.line, col: position.character };
                self.index.to_utf8(WideEncoding::Utf16, wide).map(|at: LineCol| at.col)
            }
        };
        let offset = column.map_or(end, |column| (start + column as usize).min(end));
        text.floor_char_boundary(offset)
    }
}
