//! Declarations: a keyword, a name, and what belongs to it.

use super::{Builder, Quick, attempt, is_letter};
use crate::ast::{Attr, Decl, Expr, Head, Keyword, Name};

/// What a request is made by.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// The declaration that the line is, and its attributes; none if the grammar is to be asked.
pub(in crate::build) fn declaration(builder: &mut Builder<'_>, keyword: Keyword) -> Option<(Head, Vec<Attr>)> {
    if builder.mended || builder.block.is_some() {
        return None;
    }
    attempt(builder, |quick| quick.declaration(keyword))
}

impl Quick<'_, '_> {
    fn declaration(&mut self, keyword: Keyword) -> Option<(Head, Vec<Attr>)> {
        self.spaces();
        let start = self.at;
        self.at += keyword.as_str().len();
        let keyword_span = self.span(start, self.at);
        self.spaces();
        let mut decl = Decl::new(keyword, keyword_span);
        match keyword {
            Keyword::Use => {
                match self.byte(0) {
                    Some(b'"') => decl.operands.push(self.primary()?),
                    _ => decl.name = Some(self.dotted()?),
                }
                self.spaces();
                if self.takes("as") {
                    let end = self.name_end(self.at)?;
                    decl.alias = Some(self.name(self.at, end));
                    self.at = end;
                }
            }
            Keyword::Const => {
                decl.name = Some(self.dotted()?);
                self.spaces();
                if !self.equals() {
                    return None;
                }
                decl.value = Some(self.expr()?);
            }
            Keyword::Persona => {
                decl.name = Some(self.dotted()?);
                self.spaces();
                if self.takes("extends") {
                    decl.extends = Some(self.dotted()?);
                }
            }
            Keyword::Page => {
                while self.byte(0) == Some(b'"') && decl.operands.len() < 2 {
                    decl.operands.push(self.operand()?);
                    self.spaces();
                }
                if decl.operands.is_empty() {
                    return None;
                }
            }
            Keyword::Form => {
                decl.name = Some(self.dotted()?);
                self.spaces();
                if self.byte(0) == Some(b'-') && self.byte(1) == Some(b'>') {
                    self.at += 2;
                    self.spaces();
                    decl.arrow = Some(self.operand()?);
                }
            }
            Keyword::Scenario
            | Keyword::Sandbox
            | Keyword::Frontend
            | Keyword::Service
            | Keyword::Partner
            | Keyword::Queue
            | Keyword::Agent => decl.name = Some(self.dotted()?),
            Keyword::On => {
                decl.name = Some(self.dotted()?);
                self.spaces();
                while self.byte(0) == Some(b'"') {
                    decl.operands.push(self.operand()?);
                    self.spaces();
                }
            }
            Keyword::Flow
            | Keyword::Probe
            | Keyword::Step
            | Keyword::Handler
            | Keyword::Generator
            | Keyword::Metric => {
                self.signature(&mut decl)?;
            }
            Keyword::Store => {
                decl.name = Some(self.dotted()?);
                self.colon(self.at)?;
                decl.ty = Some(self.type_expr()?);
            }
            Keyword::Branch => decl.operands.push(self.operand()?),
            Keyword::Route => {
                let end = self.name_end(self.at)?;
                if !METHODS.iter().any(|method| self.mask.get(self.at..end) == Some(method.as_bytes())) {
                    return None;
                }
                decl.name = Some(self.name(self.at, end));
                self.at = end;
                self.spaces();
                decl.operands.push(self.operand()?);
            }
        }
        // Neither of these has any.
        let attrs = match keyword {
            Keyword::Use | Keyword::Const => Vec::new(),
            _ => self.attrs()?,
        };
        self.is_at_end().then(|| (Head::Decl(Box::new(decl)), attrs))
    }

    /// Goes on behind a `=` and spaces, if it stands here.
    pub(super) fn equals(&mut self) -> bool {
        let is_there = self.byte(0) == Some(b'=') && self.byte(1) != Some(b'=');
        if is_there {
            self.at += 1;
            self.spaces();
        }
        is_there
    }

    /// A text that stands by itself.
    fn operand(&mut self) -> Option<Expr> {
        let text = (self.byte(0) == Some(b'"')).then(|| self.primary())??;
        matches!(self.byte(0), None | Some(b' ')).then_some(text)
    }

    /// A name of names with dots between them.
    pub(super) fn dotted(&mut self) -> Option<Name> {
        let start = self.at;
        let mut end = self.name_end(start)?;
        while self.byte_at(end) == Some(b'.') && is_letter(self.byte_at(end + 1)) {
            end = self.name_end(end + 1)?;
        }
        self.at = end;
        Some(self.name(start, end))
    }

    /// Goes on behind `word`, if it stands here by itself, and no colon behind it.
    fn takes(&mut self, word: &str) -> bool {
        let is_there = self.operator_word() == Some(word.as_bytes());
        if is_there {
            self.at += word.len();
            self.spaces();
        }
        is_there
    }
}
