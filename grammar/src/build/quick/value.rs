//! Values: what stands between operators.

use smol_str::SmolStr;

use super::{Quick, is_digit, is_letter, is_word};
use crate::{
    ast::{Arg, Expr, ExprKind, Name, TypeExpr},
    build::number,
    layout::{PATH, REGEX, TEXT},
};

/// How a date is written, with a `0` for each digit.
const DATE: &str = "0000-00-00";

impl Quick<'_, '_> {
    /// A primary expression and what is glued to it.
    pub(super) fn term(&mut self) -> Option<Expr> {
        let mut expr = self.primary()?;
        loop {
            let start = expr.span;
            let kind = match self.byte(0) {
                Some(b'.') if is_letter(self.byte(1)) => {
                    let end = self.name_end(self.at + 1)?;
                    let field = self.name(self.at + 1, end);
                    self.at = end;
                    ExprKind::Field(Box::new(expr), field)
                }
                Some(b'(') => ExprKind::Call(Box::new(expr), self.members(b')', Self::arg)?),
                Some(b'[') => ExprKind::Index(Box::new(expr), Box::new(self.index()?)),
                _ => return Some(expr),
            };
            self.counted()?;
            expr = Expr { kind, span: start.to(self.span(self.at - 1, self.at)) };
        }
    }

    fn index(&mut self) -> Option<Expr> {
        self.at += 1;
        self.spaces();
        let index = self.phrase()?;
        self.spaces();
        if self.byte(0) != Some(b']') {
            return None;
        }
        self.at += 1;
        Some(index)
    }

    pub(super) fn primary(&mut self) -> Option<Expr> {
        let start = self.at;
        let first = self.byte(0)?;
        let kind = match first {
            b'"' | b'\'' => {
                self.at += 1;
                self.skip(TEXT);
                if self.byte(0) != Some(first) {
                    return None;
                }
                self.at += 1;
                let text = self.builder.text_in(start..self.at);
                self.interpolates |= text.interpolates();
                text
            }
            REGEX => {
                self.skip(REGEX);
                let raw = self.text_of(start, self.at);
                let inside = raw.strip_prefix('/').unwrap_or(&raw);
                ExprKind::Regex(SmolStr::from(inside.strip_suffix('/').unwrap_or(inside)))
            }
            b'0'..=b'9' if self.is_date() => {
                self.at += DATE.len();
                ExprKind::Date(self.text_of(start, self.at))
            }
            b'0'..=b'9' | b'$' => self.number()?,
            PATH | b'/' => {
                self.at += 1;
                while self.byte(0).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"/-_.~%?&=+:@*".contains(&byte))
                    && !(self.byte(0) == Some(b':') && matches!(self.byte(1), None | Some(b' ')))
                {
                    self.at += 1;
                }
                ExprKind::Path(self.text_of(start, self.at))
            }
            b'(' => {
                self.counted()?;
                self.at += 1;
                self.spaces();
                let inner = self.phrase()?;
                self.spaces();
                if self.byte(0) != Some(b')') {
                    return None;
                }
                self.at += 1;
                inner.kind
            }
            b'[' => ExprKind::List(self.members(b']', Self::phrase)?),
            b'{' => ExprKind::Record(self.members(b'}', Self::pair)?),
            _ => return self.word(),
        };
        Some(Expr { kind, span: self.span(start, self.at) })
    }

    fn word(&mut self) -> Option<Expr> {
        let start = self.at;
        let end = self.word_at(start).filter(|word| !word.is_key)?.end;
        let word = self.mask.get(start..end)?;
        let kind = match word {
            b"true" => ExprKind::Bool(true),
            b"false" => ExprKind::Bool(false),
            b"none" => ExprKind::None,
            b"or" | b"and" | b"not" | b"in" | b"matches" | b"contains" | b"is" => return None,
            b"Record" | b"Choice" | b"Maybe" | b"List" | b"Range" => {
                let name = self.text_of(start, end);
                self.at = end;
                let kind = self.composite(&name)??;
                let span = self.span(start, self.at);
                return Some(Expr { kind: ExprKind::Type(Box::new(TypeExpr { kind, span })), span });
            }
            // Requests.
            b"GET" | b"POST" | b"PUT" | b"PATCH" | b"DELETE" | b"HEAD" | b"OPTIONS" => return None,
            // `p99.9`
            [b'p', digits @ ..] if self.byte_at(end) == Some(b'.') && digits.iter().all(u8::is_ascii_digit) => {
                return None;
            }
            _ => ExprKind::Name(self.text_of(start, end)),
        };
        self.at = end;
        Some(Expr { kind, span: self.span(start, end) })
    }

    /// Whether a date stands here.
    fn is_date(&self) -> bool {
        let fits = |at: usize, form: u8| match form {
            b'0' => is_digit(self.byte(at)),
            form => self.byte(at) == Some(form),
        };
        DATE.bytes().enumerate().all(|(at, form)| fits(at, form)) && !self.name_goes_on(self.at + DATE.len())
    }

    /// Whether what stands at `at` belongs to the name or the number before.
    fn name_goes_on(&self, at: usize) -> bool {
        is_word(self.byte_at(at)) || (self.byte_at(at) == Some(b'-') && is_word(self.byte_at(at + 1)))
    }

    fn number(&mut self) -> Option<ExprKind> {
        let start = self.at;
        if self.byte(0) == Some(b'$') {
            self.at += 1;
        }
        if !is_digit(self.byte(0)) {
            return None;
        }
        let digits = |quick: &mut Self| {
            while is_digit(quick.byte(0)) || quick.byte(0) == Some(b'_') {
                quick.at += 1;
            }
        };
        digits(self);
        // A subtraction that looks like a date.
        if self.at == start + 4 && self.byte(0) == Some(b'-') && is_digit(self.byte(1)) {
            return None;
        }
        if self.byte(0) == Some(b'.') && is_digit(self.byte(1)) {
            self.at += 1;
            digits(self);
        }
        match self.byte(0) {
            Some(b'/') if matches!(self.byte(1), Some(b's' | b'm' | b'h')) && !self.name_goes_on(self.at + 2) => {
                self.at += 2;
            }
            Some(b'%') if !self.name_goes_on(self.at + 1) && self.byte(1) != Some(b'(') => self.at += 1,
            Some(byte) if byte.is_ascii_alphabetic() => {
                self.at += 1;
                while self.name_goes_on(self.at) {
                    self.at += 1;
                }
            }
            _ => {}
        }
        number::kind(self.builder.mask.get(start..self.at)?)
    }

    /// What stands between a bracket and the one that closes it, with commas.
    pub(super) fn members<T>(&mut self, close: u8, read: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.counted()?;
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.spaces();
            if self.byte(0) == Some(close) {
                self.at += 1;
                members.shrink_to_fit();
                return Some(members);
            }
            members.push(read(self)?);
            self.spaces();
            match self.byte(0) {
                Some(b',') => self.at += 1,
                Some(byte) if byte == close => {}
                // A comma is missing.
                _ => return None,
            }
        }
    }

    fn arg(&mut self) -> Option<Arg> {
        let name = match self.key_end(self.at) {
            Some(end) => {
                let name = self.name(self.at, end);
                self.colon(end)?;
                Some(name)
            }
            None => None,
        };
        Some(Arg { name, value: self.phrase()? })
    }

    fn pair(&mut self) -> Option<(Name, Expr)> {
        let end = self.key_end(self.at)?;
        let name = self.name(self.at, end);
        self.colon(end)?;
        Some((name, self.phrase()?))
    }
}
