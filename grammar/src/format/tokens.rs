//! The tokens of a logical line, comments among them, as they stand in the source.

use std::ops::Range;

use super::roles::{Role, Roles};
use crate::layout::{Logical, PATH, REGEX, TEXT};

/// What a token is, as far as the space around it depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, a keyword or an operator that is a word.
    Word,
    /// A number, a date, a text, a regular expression or a path.
    Value,
    /// `(`, `[` or `{`
    Open(u8),
    /// `)`, `]` or `}`
    Close(u8),
    Comma,
    /// `:`, and the `=` of the older `name=value`, which is written as `:`.
    Colon,
    /// `.`
    Dot,
    /// `..`
    Range,
    /// `...`
    Ellipsis,
    /// A sign, or `!`
    Prefix,
    /// An operator between operands, `=` and `->`.
    Infix,
    /// The `|` of a block text.
    Bar,
    /// A comment, up to the end of its line.
    Comment,
}

/// A token and how it stands.
#[derive(Clone, Debug)]
pub(super) struct Token<'t> {
    pub kind: Kind,
    /// Its text.
    pub text: &'t str,
    /// Its offset in the source.
    pub at: usize,
    /// Whether nothing stands between it and the token before.
    pub glued: bool,
    /// How many line breaks stand between it and the token before, two at most.
    pub breaks: u8,
}

impl Token<'_> {
    /// Its width in columns.
    pub fn width(&self) -> usize {
        self.text.chars().count()
    }

    /// Whether it is an operator that is spelt as a word.
    pub fn is_operator_word(&self) -> bool {
        self.kind == Kind::Word && matches!(self.text, "or" | "and" | "not" | "in" | "matches" | "contains" | "is")
    }
}

/// The tokens of `line`, whose text is in `text`, by its mask.
pub(super) fn tokens<'t>(text: &'t str, line: &Logical, mask: &str, roles: &Roles) -> Vec<Token<'t>> {
    let mut lexer = Lexer { text, mask: mask.as_bytes(), body: line.body, at: 0 };
    let mut tokens: Vec<Token<'t>> = Vec::new();
    let mut end = 0;
    while let Some((kind, range)) = lexer.next(roles) {
        let between = text.get(line.body + end..line.body + range.start).unwrap_or("");
        let breaks = between.bytes().filter(|byte| *byte == b'\n').count().min(2) as u8;
        let glued = between.is_empty();
        end = range.end;
        let at = line.body + range.start;
        let raw = text.get(at..line.body + range.end).unwrap_or("");
        let text = match kind {
            Kind::Colon => ":",
            Kind::Comment => raw.trim_ascii_end(),
            _ => raw,
        };
        tokens.push(Token { kind, text, at, glued, breaks });
    }
    if line.block.is_some() {
        // The mask ends with the bar.
        let at = line.body + end;
        let rest = text.get(at..).unwrap_or("");
        let rest = rest.split('\n').next().unwrap_or("");
        let comment = rest.trim_ascii();
        if comment.starts_with('#') {
            let at = at + rest.len() - rest.trim_ascii_start().len();
            tokens.push(Token { kind: Kind::Comment, text: comment, at, glued: false, breaks: 0 });
        }
    }
    tokens
}

struct Lexer<'t, 'm> {
    text: &'t str,
    mask: &'m [u8],
    body: usize,
    at: usize,
}

fn is_word(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

impl Lexer<'_, '_> {
    fn byte(&self, at: usize) -> Option<&u8> {
        self.mask.get(at)
    }

    /// Whether a name goes on at `at`.
    fn name_goes_on(&self, at: usize) -> bool {
        is_word(self.byte(at)) || (self.byte(at) == Some(&b'-') && is_word(self.byte(at + 1)))
    }

    fn while_at(&self, mut at: usize, holds: impl Fn(u8) -> bool) -> usize {
        while self.byte(at).is_some_and(|byte| holds(*byte)) {
            at += 1;
        }
        at
    }

    /// The next token and its range in the mask.
    fn next(&mut self, roles: &Roles) -> Option<(Kind, Range<usize>)> {
        while let Some(b' ') = self.byte(self.at) {
            if self.text.as_bytes().get(self.body + self.at) == Some(&b'#') {
                return Some((Kind::Comment, self.take(self.comment_end())));
            }
            self.at += 1;
        }
        let first = *self.byte(self.at)?;
        let start = self.at;
        let (kind, end) = match first {
            b'"' | b'\'' => {
                let close = self.while_at(start + 1, |byte| byte == TEXT);
                (Kind::Value, if self.byte(close) == Some(&first) { close + 1 } else { close })
            }
            REGEX => (Kind::Value, self.while_at(start, |byte| byte == REGEX)),
            PATH => (Kind::Value, self.path_end()),
            b'/' if roles.at(self.body + start) != Some(Role::Infix) => (Kind::Value, self.path_end()),
            b'0'..=b'9' => (Kind::Value, self.number_end()),
            b'$' if self.byte(start + 1).is_some_and(u8::is_ascii_digit) => (Kind::Value, self.number_end()),
            b'(' | b'[' | b'{' => (Kind::Open(first), start + 1),
            b')' | b']' | b'}' => (Kind::Close(first), start + 1),
            b',' => (Kind::Comma, start + 1),
            b':' => (Kind::Colon, start + 1),
            b'=' if roles.at(self.body + start) == Some(Role::Equals) => (Kind::Colon, start + 1),
            b'.' => match self.while_at(start, |byte| byte == b'.') - start {
                1 => (Kind::Dot, start + 1),
                2 => (Kind::Range, start + 2),
                _ => (Kind::Ellipsis, start + 3),
            },
            b'|' if self.byte(start + 1) != Some(&b'|') => (Kind::Bar, start + 1),
            _ if is_word(Some(&first)) => (Kind::Word, self.name_end(start)),
            _ => self.operator(roles),
        };
        Some((kind, self.take(end)))
    }

    fn take(&mut self, end: usize) -> Range<usize> {
        let start = self.at;
        self.at = end.max(start + 1);
        start..self.at
    }

    /// Where the comment that begins here ends: with its line.
    fn comment_end(&self) -> usize {
        let rest = self.text.get(self.body + self.at..).unwrap_or("");
        self.at + rest.find('\n').unwrap_or(rest.len())
    }

    fn name_end(&self, mut at: usize) -> usize {
        while self.name_goes_on(at) {
            at += 1;
        }
        at
    }

    fn path_end(&self) -> usize {
        let mut at = self.at + 1;
        while let Some(byte) = self.byte(at) {
            let ends = *byte == b':' && matches!(self.byte(at + 1), None | Some(b' '));
            if ends || !(byte.is_ascii_alphanumeric() || b"/-_.~%?&=+:@*".contains(byte)) {
                break;
            }
            at += 1;
        }
        at
    }

    fn number_end(&self) -> usize {
        if let Some(end) = self.date_end() {
            return end;
        }
        let digits = |at| self.while_at(at, |byte| byte.is_ascii_digit() || byte == b'_');
        let mut at = digits(self.at + 1);
        if self.byte(at) == Some(&b'.') && self.byte(at + 1).is_some_and(u8::is_ascii_digit) {
            at = digits(at + 1);
        }
        match self.byte(at) {
            Some(b'/') if matches!(self.byte(at + 1), Some(b's' | b'm' | b'h')) && !self.name_goes_on(at + 2) => at + 2,
            Some(b'%') if !self.name_goes_on(at + 1) && self.byte(at + 1) != Some(&b'(') => at + 1,
            Some(byte) if byte.is_ascii_alphabetic() => self.name_end(at),
            _ => at,
        }
    }

    fn date_end(&self) -> Option<usize> {
        const SHAPE: &[u8] = b"0000-00-00";
        let end = self.at + SHAPE.len();
        let found = self.mask.get(self.at..end)?;
        let fits = found.iter().zip(SHAPE).all(|(byte, shape)| match shape {
            b'-' => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        (fits && !self.name_goes_on(end)).then_some(end)
    }

    fn operator(&self, roles: &Roles) -> (Kind, usize) {
        const LONG: [&[u8]; 13] =
            [b"===", b"!==", b"=>", b"=<", b"==", b"!=", b"<>", b"<=", b">=", b"->", b"??", b"||", b"&&"];
        let rest = self.mask.get(self.at..).unwrap_or(&[]);
        if let Some(long) = LONG.iter().find(|long| rest.starts_with(long)) {
            return (Kind::Infix, self.at + long.len());
        }
        let prefix = match rest.first() {
            Some(b'!') => true,
            Some(b'-') => roles.at(self.body + self.at) != Some(Role::Infix),
            _ => false,
        };
        (if prefix { Kind::Prefix } else { Kind::Infix }, self.at + 1)
    }
}
