//! Where quoted texts, interpolations and regular expressions end. All of them end with their line at the latest. And what is said
//! of quotes that do not pair.

use std::ops::Range;

use scn_diagnostics::{Applicability, Diagnostic, codes};

use super::{Context, MAX_INTERPOLATION, brackets::Open};

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
        } else {
            let rest = bytes.get(at..limit)?;
            at += memchr::memchr3(quote, b'\\', b'$', rest)?;
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

/// Letters that other languages write before a text.
pub(super) fn is_prefix(word: &str) -> bool {
    matches!(word.to_ascii_lowercase().as_str(), "f" | "r" | "b" | "u" | "s" | "fr" | "rf" | "br" | "rb")
}

/// Says that the text that begins with `line`, the rest of its line, does not end there. `bracket` is the innermost that is open.
pub(super) fn unclosed(context: &mut Context<'_>, line: Range<usize>, bracket: Option<Open>) {
    let quote = context.slice(line.start..line.start + 1).to_owned();
    // In brackets a text ends before what comes next, or before what closes them.
    let within = bracket.and_then(|bracket| {
        let text = context.slice(line.start + 1..line.end);
        let end = text.find([',', char::from(bracket.closer())])?;
        let next = text.get(end..)?.chars().next()?;
        Some((line.start + 1 + text.get(..end)?.trim_ascii_end().len(), format!("close the text before `{next}`")))
    });
    let (end, place) = within.unwrap_or((line.end, "close the text at the end of the line".to_owned()));
    let span = context.span(line.start..line.start + 1);
    let diagnostic = Diagnostic::new(codes::UNCLOSED_QUOTE, span, "this quote is never closed")
        .label("a text begins here and does not end on this line")
        .fix(place, context.span(end..end), quote.as_str(), Applicability::Suggested)
        .help(format!("end the text with `{quote}`; write a text of several lines as a `|` block"));
    context.report(diagnostic);
}

/// Says that a quote stands right behind `word`, in a line that begins at `body`: the one that opens the text is missing, or the word
/// is no part of it. `end` is where a text that began with the quote would end.
pub(super) fn behind_word(context: &mut Context<'_>, body: usize, word: Range<usize>, end: Option<usize>) {
    let (open, name) = (word.end, context.slice(word.clone()).to_owned());
    let quote = context.slice(open..open + 1).to_owned();
    let joins = |at| context.byte(at).is_some_and(|next| next.is_ascii_alphanumeric() || next == b'_');
    let is_between = word.start > body && matches!(context.byte(word.start - 1), Some(b'"' | b'\''));
    let diagnostic = match end.filter(|end| !joins(*end)) {
        _ if is_between => {
            Diagnostic::new(codes::UNCLOSED_QUOTE, context.span(word), format!("`{name}` stands between two texts"))
                .label(format!("a `{quote}` is missing somewhere before"))
                .help("end each text before the next word of the line")
        }
        Some(end) => {
            let text = context.slice(open + 1..end.saturating_sub(1).max(open + 1)).to_owned();
            let span = context.span(word.start..end);
            Diagnostic::new(codes::SYNTAX, span, format!("`{name}` stands right before a text"))
                .label("one of the two is too much, or a blank is missing")
                .help(format!("write `{quote}{name}{text}{quote}` if all of it is the text"))
        }
        None => {
            // A text begins behind what says what it is.
            let before = context.slice(body..open);
            let start = before.rfind([':', '(', '[', '{', ',']).map_or(0, |at| at + 1);
            let blanks = before.get(start..).map_or(0, |text| text.len() - text.trim_start_matches([' ', '-']).len());
            let start = body + start + blanks;
            let text = context.slice(start..open).to_owned();
            let headline = format!("the quote before `{text}` is missing");
            Diagnostic::new(codes::UNCLOSED_QUOTE, context.span(start..open + 1), headline)
                .label(format!("this quote ends a text that no quote begins: write `{quote}{text}{quote}`"))
                .fix(
                    format!("insert `{quote}` before `{text}`"),
                    context.span(start..start),
                    quote.as_str(),
                    Applicability::Suggested,
                )
        }
    };
    context.report(diagnostic);
}
