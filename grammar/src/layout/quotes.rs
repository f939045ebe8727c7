//! Where quoted texts, interpolations and regular expressions end. All of them end with their line at the latest.

use super::MAX_INTERPOLATION;

/// How many bytes may still be looked at. Each `${`, each quote in one and each `/` looks for its end, and where there is
/// none, what follows looks again: in a long line of nothing else, for ever. No line that means something comes near.
pub(crate) struct Effort(usize);

impl Effort {
    /// For a text of this length.
    pub fn of(length: usize) -> Self {
        Self(length.saturating_mul(64).saturating_add(4096))
    }

    /// One more byte; none if it is one too many.
    fn spend(&mut self) -> Option<()> {
        self.0 = self.0.checked_sub(1)?;
        Some(())
    }
}

/// Where the text whose opening quote is at `open` ends (after its closing quote), or `None` if `limit` comes first.
pub(super) fn text_end(text: &str, open: usize, limit: usize, effort: &mut Effort) -> Option<usize> {
    text_end_at(text.as_bytes(), open, limit, 0, effort)
}

fn text_end_at(bytes: &[u8], open: usize, limit: usize, depth: usize, effort: &mut Effort) -> Option<usize> {
    let quote = *bytes.get(open)?;
    let mut at = open + 1;
    while at < limit {
        // The outermost text goes on to its end; what is in it is taken for plain characters where it takes too long.
        if depth > 0 {
            effort.spend()?;
        }
        match *bytes.get(at)? {
            byte if byte == quote => return Some(at + 1),
            b'\\' if quote == b'"' => at += 2,
            b'$' if quote == b'"' && bytes.get(at + 1) == Some(&b'{') && depth < MAX_INTERPOLATION => {
                at = braces_end(bytes, at + 2, limit, depth + 1, effort).unwrap_or(at + 2);
            }
            _ => at += 1,
        }
    }
    None
}

/// Where the braces end whose inside begins at `from`: after the `}`.
fn braces_end(bytes: &[u8], from: usize, limit: usize, depth: usize, effort: &mut Effort) -> Option<usize> {
    let mut open = 0usize;
    let mut at = from;
    while at < limit {
        effort.spend()?;
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
            b'"' | b'\'' => at = text_end_at(bytes, at, limit, depth, effort)?,
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
pub(crate) fn interpolation(text: &str, at: usize, limit: usize, effort: &mut Effort) -> Interpolation {
    match braces_end(text.as_bytes(), at + 2, limit, 1, effort) {
        Some(end) => Interpolation::Expr(at + 2..end - 1),
        None => Interpolation::Unclosed,
    }
}

/// Where the regular expression that begins at `open` ends (after its closing `/`). A `/` in a character class does not
/// end it, unless the class has no end.
pub(super) fn regex_end(text: &str, open: usize, limit: usize, effort: &mut Effort) -> Option<usize> {
    regex_end_by(text.as_bytes(), open, limit, true, effort)
        .or_else(|| regex_end_by(text.as_bytes(), open, limit, false, effort))
}

fn regex_end_by(bytes: &[u8], open: usize, limit: usize, classes: bool, effort: &mut Effort) -> Option<usize> {
    let mut class = false;
    let mut at = open + 1;
    while at < limit {
        effort.spend()?;
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
