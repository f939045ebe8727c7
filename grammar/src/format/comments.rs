//! Where the comments at the ends of lines stand.

use super::{WIDTH, render::Line};

/// Columns between code and its comment, at least.
const GAP: usize = 2;

/// The formatted text. A comment stays in its column where there is room for it; comments of adjoining lines that stood
/// in one column move together.
pub(super) fn text(lines: &[Line], line_break: &str) -> String {
    let mut out = String::new();
    let mut rest = lines;
    while let Some(first) = rest.first() {
        let length = 1 + rest.iter().skip(1).take_while(|line| is_beside(first, line)).count();
        let (block, others) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        let least = block.iter().map(|line| line.end() + GAP).max().unwrap_or(0);
        for line in block {
            if line.blank && !out.is_empty() {
                out.push_str(line_break);
            }
            if !line.code.is_empty() {
                out.extend(std::iter::repeat_n(' ', line.indent));
                out.push_str(&line.code);
            }
            if let Some((comment, column)) = &line.comment {
                // One far out stood behind a line that was too wide.
                let column = if *column > WIDTH { least } else { least.max(*column) };
                out.extend(std::iter::repeat_n(' ', column.saturating_sub(line.end())));
                out.push_str(comment);
            }
            out.push_str(line_break);
        }
        rest = others;
    }
    out
}

/// Whether the comments of two adjoining lines stood in one column.
fn is_beside(first: &Line, line: &Line) -> bool {
    match (&first.comment, &line.comment) {
        (Some((_, first)), Some((_, other))) => first == other && !line.blank,
        _ => false,
    }
}
