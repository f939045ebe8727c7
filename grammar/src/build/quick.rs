//! Reads ordinary lines in one pass.
//!
//! The grammar in `scn.pest` says what a line is. Most lines are `key: value` with attributes, and what follows reads these without
//! backtracking and without pieces in between. It builds the very tree that would be built from what pest matches, and gives up on
//! everything else: on what is rare, and on whatever there is something to report about. A property test holds the two against each other.

mod declaration;
mod types;
mod value;

use smol_str::SmolStr;

pub(super) use declaration::declaration;

use super::{Builder, line::is_prefix, operators};
use crate::{
    ast::{Attr, Expr, ExprKind, Head, Name, Operator, OperatorKind, Phrase},
    words,
};

/// How often operators, brackets, fields and calls may occur in a line; a line with more is left to the grammar's limits.
const MOST: usize = 96;
const _: () = assert!(MOST < operators::MAX_DEPTH);

/// A place in the mask that reading has come to.
pub(super) struct Quick<'b, 'a> {
    builder: &'b mut Builder<'a>,
    mask: &'a [u8],
    at: usize,
    count: usize,
    /// Whether a text holds expressions, which are read by themselves.
    interpolates: bool,
    /// The word that was looked at last; what may stand in a place is asked in turn.
    word: Word,
}

/// Where a word begins and ends.
#[derive(Clone, Copy, Default)]
struct Word {
    start: usize,
    end: usize,
    /// Whether a colon follows, behind spaces.
    is_key: bool,
}

/// The head and the attributes of a line that is no declaration; none if the grammar is to be asked.
pub(super) fn line(builder: &mut Builder<'_>, dash: bool) -> Option<(Head, Vec<Attr>)> {
    if builder.mended || builder.block.is_some() {
        return None;
    }
    attempt(builder, |quick| quick.line(dash))
}

/// A whole expression; none if the grammar is to be asked.
pub(super) fn expression(builder: &mut Builder<'_>) -> Option<Expr> {
    attempt(builder, |quick| {
        quick.spaces();
        let expr = quick.expr()?;
        quick.is_at_end().then_some(expr)
    })
}

/// What is read, unless reading gives up or there was something to report.
fn attempt<T>(builder: &mut Builder<'_>, read: impl FnOnce(&mut Quick<'_, '_>) -> Option<T>) -> Option<T> {
    let reported = builder.diagnostics.len();
    let mask = builder.mask.as_bytes();
    let found = read(&mut Quick { builder, mask, at: 0, count: 0, interpolates: false, word: Word::default() });
    if found.is_some() && builder.diagnostics.len() == reported {
        return found;
    }
    builder.diagnostics.truncate(reported);
    None
}

/// Adds to a list that mostly has one member; room for more would be most of what a tree takes.
fn add<T>(list: &mut Vec<T>, member: T) {
    if list.is_empty() {
        *list = vec![member];
    } else {
        list.reserve_exact(1);
        list.push(member);
    }
}

fn is_letter(byte: Option<u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
}

fn is_word(byte: Option<u8>) -> bool {
    byte.is_some_and(words::is_word)
}

fn is_digit(byte: Option<u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_digit())
}

/// Whether a unit may stand behind `expr`, apart from the number that it belongs to.
fn ends_with_number(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Number { .. } => true,
        ExprKind::Binary(_, _, right) => ends_with_number(right),
        _ => false,
    }
}

/// What stands between two operands.
#[derive(Clone, Copy)]
enum Infix {
    Range,
    Operator(OperatorKind),
}

impl Quick<'_, '_> {
    fn line(&mut self, dash: bool) -> Option<(Head, Vec<Attr>)> {
        self.spaces();
        if let Some(end) = self.key_end(self.at) {
            let key = self.name(self.at, end);
            self.colon(end)?;
            let values = self.values()?;
            let attrs = self.attrs()?;
            return Some((Head::Entry { key, values }, attrs));
        }
        // A second dash is reported; without a dash, a value stands alone only before a colon: `70%:`.
        if self.byte(0) == Some(b'-') || (!dash && !is_digit(self.byte(0))) {
            return None;
        }
        let expr = self.expr()?;
        self.spaces();
        let colon = self.byte(0) == Some(b':');
        if colon {
            self.at += 1;
        } else if !dash || matches!(expr.kind, ExprKind::Name(_)) {
            return None;
        }
        let attrs = self.attrs()?;
        Some((Head::Expr { expr, colon }, attrs))
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.mask.get(self.at + ahead).copied()
    }

    fn byte_at(&self, at: usize) -> Option<u8> {
        self.mask.get(at).copied()
    }

    /// Goes on behind bytes that are all this one.
    fn skip(&mut self, same: u8) {
        let rest = self.mask.get(self.at..).unwrap_or(&[]);
        self.at += rest.iter().position(|byte| *byte != same).unwrap_or(rest.len());
    }

    #[inline]
    fn spaces(&mut self) {
        while self.byte(0) == Some(b' ') {
            self.at += 1;
        }
    }

    fn is_at_end(&mut self) -> bool {
        self.spaces();
        self.at == self.mask.len()
    }

    /// The name that begins at `at`, if one does.
    fn word_at(&mut self, at: usize) -> Option<Word> {
        if !is_letter(self.byte_at(at)) {
            return None;
        }
        if self.word.start != at || self.word.end <= at {
            let end = words::end(self.mask, at);
            let rest = self.mask.get(end..).unwrap_or(&[]);
            let is_key = rest.iter().find(|byte| **byte != b' ') == Some(&b':');
            self.word = Word { start: at, end, is_key };
        }
        Some(self.word)
    }

    /// Where the name that begins at `at` ends.
    fn name_end(&mut self, at: usize) -> Option<usize> {
        self.word_at(at).map(|word| word.end)
    }

    /// Where the key that begins at `at` ends: a name before a colon.
    fn key_end(&mut self, at: usize) -> Option<usize> {
        self.word_at(at).filter(|word| word.is_key).map(|word| word.end)
    }

    /// Goes on behind the colon after a key that ends at `end`, and behind the space that must follow it.
    fn colon(&mut self, end: usize) -> Option<()> {
        self.at = end;
        self.spaces();
        if self.byte(0) != Some(b':') {
            return None;
        }
        self.at += 1;
        if !matches!(self.byte(0), None | Some(b' ')) {
            return None;
        }
        self.spaces();
        Some(())
    }

    fn text_of(&self, start: usize, end: usize) -> SmolStr {
        let body = self.builder.body;
        SmolStr::from(self.builder.text.get(body + start..body + end).unwrap_or(""))
    }

    fn span(&self, start: usize, end: usize) -> scn_diagnostics::Span {
        self.builder.span(start..end)
    }

    fn name(&self, start: usize, end: usize) -> Name {
        Name { text: self.text_of(start, end), span: self.span(start, end) }
    }

    /// Values up to the end or to an attribute.
    fn values(&mut self) -> Option<Vec<Expr>> {
        let mut values: Vec<Expr> = Vec::new();
        loop {
            self.spaces();
            if self.at == self.mask.len() || self.key_end(self.at).is_some() {
                return Some(values);
            }
            // What may be the older `name=value`, or a unit that stands apart from its number.
            let value = self.expr()?;
            if let Some(before) = values.last()
                && (matches!(value.kind, ExprKind::Name(_)) && ends_with_number(before) || is_prefix(before, &value))
            {
                return None;
            }
            add(&mut values, value);
        }
    }

    fn attrs(&mut self) -> Option<Vec<Attr>> {
        let mut attrs = Vec::new();
        while !self.is_at_end() {
            let start = self.at;
            let end = self.key_end(start)?;
            let key = self.name(start, end);
            self.colon(end)?;
            let behind = self.at;
            let values = self.values()?;
            let span = match values.last() {
                Some(last) => key.span.to(last.span),
                None => self.span(start, behind),
            };
            add(&mut attrs, Attr { key, values, equals: false, span });
        }
        Some(attrs)
    }

    fn counted(&mut self) -> Option<()> {
        self.count += 1;
        (self.count < MOST).then_some(())
    }

    /// A whole value, with one phrase at most.
    fn expr(&mut self) -> Option<Expr> {
        let expr = self.phrase()?;
        // Without interpolation an expression is no deeper than what was counted.
        (!self.interpolates || !operators::is_too_deep(&expr)).then_some(expr)
    }

    fn phrase(&mut self) -> Option<Expr> {
        let left = self.climb(1)?;
        self.spaces();
        let word = self.operator_word();
        let (phrase, length) = match word {
            Some(b"of") => (Phrase::Of, 2),
            Some(b"weight") => (Phrase::Weight, 6),
            Some(b"over") => (Phrase::Over, 4),
            Some(b"for") => (Phrase::For, 3),
            _ => return Some(left),
        };
        self.counted()?;
        self.at += length;
        self.spaces();
        let right = self.climb(1)?;
        self.spaces();
        // A second phrase has no place.
        if matches!(self.operator_word(), Some(b"of" | b"weight" | b"over" | b"for")) {
            return None;
        }
        let span = left.span.to(right.span);
        Some(Expr { kind: ExprKind::Phrase(phrase, Box::new(left), Box::new(right)), span })
    }

    /// The word that begins here, if it is one that no colon follows.
    fn operator_word(&mut self) -> Option<&[u8]> {
        let word = self.word_at(self.at).filter(|word| !word.is_key)?;
        self.mask.get(word.start..word.end)
    }

    /// Operators that bind at least as tightly as `least`, and what they stand between.
    fn climb(&mut self, least: u8) -> Option<Expr> {
        let mut left = match self.prefix()? {
            Some(operator) => {
                self.counted()?;
                self.spaces();
                let operand = self.climb(operators::prefix_binding(operator.kind))?;
                let span = operator.span.to(operand.span);
                Expr { kind: ExprKind::Unary(operator, Box::new(operand)), span }
            }
            None => self.term()?,
        };
        let mut compared = false;
        loop {
            let before = self.at;
            self.spaces();
            let Some((infix, length)) = self.infix()? else {
                self.at = before;
                return Some(left);
            };
            let binding = match infix {
                Infix::Range => operators::RANGE,
                Infix::Operator(kind) => operators::binding(kind),
            };
            if binding < least {
                self.at = before;
                return Some(left);
            }
            self.counted()?;
            let span = self.span(self.at, self.at + length);
            self.at += length;
            self.spaces();
            let right = self.climb(binding + 1)?;
            let whole = left.span.to(right.span);
            let kind = match infix {
                Infix::Range => ExprKind::Range(Box::new(left), Box::new(right)),
                Infix::Operator(kind) => {
                    // Comparisons that are chained are reported.
                    if binding == operators::COMPARISON && std::mem::replace(&mut compared, true) {
                        return None;
                    }
                    ExprKind::Binary(Operator { kind, span }, Box::new(left), Box::new(right))
                }
            };
            left = Expr { kind, span: whole };
        }
    }

    /// The prefix that stands here, if one does; none of both if it is one that is reported.
    fn prefix(&mut self) -> Option<Option<Operator>> {
        let (kind, length) = match self.byte(0) {
            Some(b'!') => return None,
            Some(b'-') if self.byte(1) == Some(b'>') => return None,
            Some(b'-') => (OperatorKind::Negate, 1),
            Some(b'n') if self.operator_word() == Some(b"not") => (OperatorKind::Not, 3),
            _ => return Some(None),
        };
        let span = self.span(self.at, self.at + length);
        self.at += length;
        Some(Some(Operator { kind, span }))
    }

    /// The operator that stands here and its length, if one does; none of both if it is one that is reported.
    fn infix(&mut self) -> Option<Option<(Infix, usize)>> {
        use OperatorKind as Kind;
        let Some(first) = self.byte(0) else { return Some(None) };
        let (second, third) = (self.byte(1), self.byte(2));
        let (kind, length) = match (first, second) {
            (b'=', Some(b'=')) if third != Some(b'=') => (Kind::Equal, 2),
            (b'!', Some(b'=')) if third != Some(b'=') => (Kind::NotEqual, 2),
            (b'<', Some(b'=')) => (Kind::LessEqual, 2),
            (b'>', Some(b'=')) => (Kind::GreaterEqual, 2),
            (b'<', Some(b'>')) | (b'=' | b'!' | b'&', _) => return None,
            (b'|', _) => return None,
            (b'<', _) => (Kind::Less, 1),
            (b'>', _) => (Kind::Greater, 1),
            (b'?', Some(b'?')) => (Kind::Else, 2),
            (b'.', Some(b'.')) if third != Some(b'.') => return Some(Some((Infix::Range, 2))),
            (b'+', _) => (Kind::Add, 1),
            (b'-', Some(b'>')) => return None,
            (b'-', _) => (Kind::Subtract, 1),
            (b'*', _) => (Kind::Multiply, 1),
            (b'/', _) => (Kind::Divide, 1),
            (b'%', _) => (Kind::Remainder, 1),
            (b'o' | b'a' | b'i' | b'm' | b'c', _) => match self.operator_word() {
                Some(b"or") => (Kind::Or, 2),
                Some(b"and") => (Kind::And, 3),
                Some(b"in") => (Kind::In, 2),
                Some(b"is") => (Kind::Is, 2),
                Some(b"matches") => (Kind::Matches, 7),
                Some(b"contains") => (Kind::Contains, 8),
                _ => return Some(None),
            },
            _ => return Some(None),
        };
        Some(Some((Infix::Operator(kind), length)))
    }
}

#[cfg(test)]
mod tests;
