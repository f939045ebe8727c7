//! Sets the pieces of a logical line, on one line or on several.

use super::{
    WIDTH,
    groups::{Group, Piece, is_spaced, width},
    tokens::{Kind, Token},
};

/// A line of the formatted text.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// Whether a blank line stands before it.
    pub blank: bool,
    /// Columns before its first character.
    pub indent: usize,
    /// What stands on it, without its comment; a comment on a line of its own is code here.
    pub code: String,
    /// The comment at its end, and the column where it stood.
    pub comment: Option<(String, usize)>,
}

impl Line {
    /// The column after its code.
    pub fn end(&self) -> usize {
        self.indent + self.code.chars().count()
    }
}

/// Sets pieces one after the other.
pub(super) struct Setter<'t> {
    text: &'t str,
    lines: Vec<Line>,
    line: Line,
    /// Columns that the line takes so far.
    column: usize,
    before: Option<Token<'t>>,
    /// The column where the next token begins a line.
    pending: Option<usize>,
}

impl<'t> Setter<'t> {
    /// Begins a line with `prefix`, which is the dash of an item or nothing. `text` is the source.
    pub fn new(text: &'t str, indent: usize, prefix: &str) -> Self {
        let line = Line { indent, code: prefix.to_owned(), ..Line::default() };
        let column = line.end();
        Self { text, lines: Vec::new(), line, column, before: None, pending: None }
    }

    /// The lines that were set.
    pub fn finish(mut self) -> Vec<Line> {
        self.lines.push(self.line);
        self.lines
    }

    /// Sets pieces that may be broken within brackets; what is broken goes on deeper than `base`. `after` columns follow
    /// the last piece on its line.
    pub fn pieces(&mut self, pieces: &[Piece<'t>], base: usize, after: usize) {
        for (index, piece) in pieces.iter().enumerate() {
            if !piece.is_comment()
                && let Some(indent) = self.pending.take()
            {
                self.begin(indent);
            }
            match piece {
                Piece::Token(token) if token.kind == Kind::Comment => self.comment(token, base + 2),
                Piece::Token(token) => self.token(token),
                Piece::Group(group) => {
                    let rest = pieces.get(index + 1..).unwrap_or(&[]);
                    let until = rest.iter().position(|piece| matches!(piece, Piece::Group(_))).unwrap_or(rest.len());
                    let tail = width(rest.get(..until).unwrap_or(&[])) + if until < rest.len() { 1 } else { after };
                    let gap = usize::from(self.is_spaced(&group.open)) + usize::from(!rest.is_empty());
                    let fits = self.column + gap + group.width + tail <= WIDTH;
                    if fits && !group.forced || group.members.is_empty() {
                        self.flat(group);
                    } else {
                        self.broken(group, base);
                    }
                }
            }
        }
    }

    fn is_spaced(&self, next: &Token<'_>) -> bool {
        self.pending.is_none() && self.before.as_ref().is_some_and(|before| is_spaced(before, next))
    }

    fn token(&mut self, token: &Token<'t>) {
        if let Some(indent) = self.pending.take() {
            self.begin(indent);
        }
        if self.is_spaced(token) {
            self.line.code.push(' ');
            self.column += 1;
        }
        self.line.code.push_str(token.text);
        self.column += token.width();
        self.before = Some(token.clone());
    }

    /// Begins a new line.
    fn begin(&mut self, indent: usize) {
        let done = std::mem::replace(&mut self.line, Line { indent, ..Line::default() });
        self.lines.push(done);
        self.column = indent;
        self.before = None;
    }

    fn comment(&mut self, comment: &Token<'t>, indent: usize) {
        let alone = comment.breaks > 0 || self.line.comment.is_some();
        if alone {
            self.pending = None;
            self.begin(indent);
            self.line.code.push_str(comment.text);
        } else {
            self.line.comment = Some((comment.text.to_owned(), column(self.text, comment.at)));
        }
        self.pending = Some(indent);
    }

    fn flat(&mut self, group: &Group<'t>) {
        self.token(&group.open);
        let padded = group.padded && !group.members.is_empty();
        self.pad(padded);
        for (index, member) in group.members.iter().enumerate() {
            if index > 0 {
                self.line.code.push_str(", ");
                self.column += 2;
            }
            self.before = None;
            for piece in member {
                match piece {
                    Piece::Token(token) => self.token(token),
                    Piece::Group(group) => self.flat(group),
                }
            }
        }
        self.pad(padded);
        self.before = None;
        self.token(&group.close);
    }

    fn pad(&mut self, padded: bool) {
        if padded {
            self.line.code.push(' ');
            self.column += 1;
        }
    }

    /// Sets each member on a line of its own.
    fn broken(&mut self, group: &Group<'t>, base: usize) {
        self.token(&group.open);
        if let Some(inner) = group.only_group() {
            self.before = None;
            self.broken(inner, base);
        } else {
            let last = group.members.iter().rposition(|member| member.iter().any(|piece| !piece.is_comment()));
            for (index, member) in group.members.iter().enumerate() {
                self.member(member, base + 2, index, last);
            }
            self.pending = Some(base);
        }
        self.before = None;
        self.token(&group.close);
    }

    fn member(&mut self, member: &[Piece<'t>], indent: usize, index: usize, last: Option<usize>) {
        // A comment behind the opening bracket stays there.
        let behind = index == 0 && member.first().is_some_and(|piece| piece.is_comment() && piece.first().breaks == 0);
        let blank = index > 0 && member.first().is_some_and(|piece| piece.first().breaks > 1);
        let trailing = member.iter().rev().take_while(|piece| piece.is_comment()).count();
        let (code, comments) = member.split_at_checked(member.len() - trailing).unwrap_or((member, &[]));
        let comma = usize::from(last.is_some_and(|last| index < last));
        if !behind {
            self.pending = None;
            self.begin(indent);
            self.line.blank = blank;
        }
        let leading = code.iter().take_while(|piece| piece.is_comment()).count();
        let (before, code) = code.split_at_checked(leading).unwrap_or((&[], code));
        for (at, piece) in before.iter().chain(if code.is_empty() { comments } else { &[] }).enumerate() {
            if at == 0 && !behind {
                self.line.code.push_str(piece.first().text);
                self.pending = Some(indent);
            } else {
                self.comment(piece.first(), indent);
            }
        }
        if code.is_empty() {
            return;
        }
        if let Some(indent) = self.pending.take() {
            self.begin(indent);
        }
        self.logical(code, indent, comma);
        if comma > 0 {
            self.line.code.push(',');
            self.column += 1;
        }
        for piece in comments {
            self.comment(piece.first(), indent);
        }
    }

    /// Sets a member; one that is too wide is broken before `and` and `or`.
    fn logical(&mut self, code: &[Piece<'t>], indent: usize, after: usize) {
        let joins = |piece: &Piece<'_>| matches!(piece.first().text, "and" | "or") && piece.first().kind == Kind::Word;
        if indent + width(code) + after <= WIDTH || !code.iter().any(joins) {
            return self.pieces(code, indent, after);
        }
        let mut rest = code;
        let mut first = true;
        while !rest.is_empty() {
            let length = rest.iter().skip(1).position(joins).map_or(rest.len(), |at| at + 1);
            let (segment, after_it) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            if !first {
                self.begin(indent + 2);
            }
            let base = if first { indent } else { indent + 2 };
            self.pieces(segment, base, if after_it.is_empty() { after } else { 0 });
            first = false;
            rest = after_it;
        }
    }
}

/// The column of the byte `at`.
pub(super) fn column(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or("");
    let begin = before.rfind('\n').map_or(0, |newline| newline + 1);
    before.get(begin..).map_or(0, |line| line.trim_start_matches('\u{feff}').chars().count())
}
