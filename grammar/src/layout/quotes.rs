//! Where quoted texts, interpolations and regular expressions end. All of them end with their line at the latest.

use super::MAX_INTERPOLATION;

/// Where the text whose opening quote is at `open` ends (after its closing quote), or `None` if `limit` comes first.
pub(super) fn text_end(text: &str, open: usize, limit: usize) -> Option<usize> {
    text_end_at(text.as_bytes(), open, limit, 0)
}

fn text_end_at(bytes: &[u8], open: usize, limit: usize, depth: usize) -> Option<usize> {
    let quote = *bytes.get(open)?;
    let mut at = open + 1;
    while at < limit {
        match *bytes.get(at)? {
            byte if byte == quote => return Some(at + 1),
            b'\\' if quote == b'"' => at += 2,
            b'$' if quote == b'"' && bytes.get(at + 1) == Some(&b'{') && depth < MAX_INTERPOLATION => {
                at = braces_end(bytes, at + 2, limit, depth + 1).unwrap_or(at + 2);
            }
            _ => at += 1,
        }
    }
    None
}

/// Where the braces end whose inside begins at `from`: after the `}`.
fn braces_end(bytes: &[u8], from: usize, limit: usize, depth: usize) -> Option<usize> {
    let mut open = 0usize;
    let mut at = from;
    while at < limit {
        match *bytes.get(at)? {
            b'}' if open == 0 => return Some(at + 1),
            b'}' => {
                open -= 1;
                at += 1;
            }
            b'{' => {
                open += 1;
                at += 1;
            }
            b'"' | b'\'' => at = text_end_at(bytes, at, limit, depth)?,
            _ => at += 1,
        }
    }
    None
}

/// What stands at a `${`.
pub(crate) enum Interpolation {
    /// An expression, from after the `{` up to the `}`.
    Expr(std::ops::Range<usize>),
    /// No `}` follows.
    Unclosed,
}

/// Reads the `${…}` at `at`, which lies in a text that ends before `limit`.
pub(crate) fn interpolation(text: &str, at: usize, limit: usize) -> Interpolation {
    match braces_end(text.as_bytes(), at + 2, limit, 1) {
        Some(end) => Interpolation::Expr(at + 2..end - 1),
        None => Interpolation::Unclosed,
    }
}

/// Where the regular expression that begins at `open` ends (after its closing `/`). A `/` in a character class does not
/// end it, unless the class has no end.
pub(super) fn regex_end(text: &str, open: usize, limit: usize) -> Option<usize> {
    regex_end_by(text.as_bytes(), open, limit, true).or_else(|| regex_end_by(text.as_bytes(), open, limit, false))
}

fn regex_end_by(bytes: &[u8], open: usize, limit: usize, classes: bool) -> Option<usize> {
    let mut class = false;
    let mut at = open + 1;
    while at < limit {
        match *bytes.get(at)? {
            b'\\' => at += 1,
            b'[' if classes => class = true,
            b']' => class = false,
            b'/' if !class => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}
