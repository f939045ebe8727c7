//! Tokens grouped by their brackets.

use super::tokens::{Kind, Token};

/// A token, or brackets and what is in them.
#[derive(Clone, Debug)]
pub(super) enum Piece<'t> {
    Token(Token<'t>),
    Group(Group<'t>),
}

/// Brackets and their members.
#[derive(Clone, Debug)]
pub(super) struct Group<'t> {
    pub open: Token<'t>,
    pub members: Vec<Vec<Piece<'t>>>,
    pub close: Token<'t>,
    /// Whether a space stands inside the brackets on one line.
    pub padded: bool,
    /// Whether it is set on several lines whatever its width: its author began its first member on a new line, or a
    /// comment stands in it.
    pub forced: bool,
    /// Its width on one line.
    pub width: usize,
}

impl Group<'_> {
    /// Its one member, if that is a group: the two are opened and closed together.
    pub fn only_group(&self) -> Option<&Self> {
        match self.members.as_slice() {
            [member] => match member.as_slice() {
                [Piece::Group(inner)] => Some(inner),
                _ => None,
            },
            _ => None,
        }
    }
}

impl<'t> Piece<'t> {
    pub fn first(&self) -> &Token<'t> {
        match self {
            Piece::Token(token) => token,
            Piece::Group(group) => &group.open,
        }
    }

    pub fn last(&self) -> &Token<'t> {
        match self {
            Piece::Token(token) => token,
            Piece::Group(group) => &group.close,
        }
    }

    pub fn width(&self) -> usize {
        match self {
            Piece::Token(token) => token.width(),
            Piece::Group(group) => group.width,
        }
    }

    pub fn is_comment(&self) -> bool {
        self.first().kind == Kind::Comment
    }

    fn is_forced(&self) -> bool {
        match self {
            Piece::Token(token) => token.kind == Kind::Comment,
            Piece::Group(group) => group.forced,
        }
    }
}

/// Whether the pieces cannot stand on one line.
pub(super) fn are_forced(pieces: &[Piece<'_>]) -> bool {
    pieces.iter().any(Piece::is_forced)
}

/// The width of the pieces on one line.
pub(super) fn width(pieces: &[Piece<'_>]) -> usize {
    let mut before: Option<&Piece<'_>> = None;
    let mut width = 0;
    for piece in pieces {
        width += usize::from(before.is_some_and(|before| is_spaced(before.last(), piece.first()))) + piece.width();
        before = Some(piece);
    }
    width
}

/// Whether a space stands between two tokens that follow each other.
pub(super) fn is_spaced(before: &Token<'_>, next: &Token<'_>) -> bool {
    match (before.kind, next.kind) {
        // Only glued to this name does it say that a regular expression follows.
        (Kind::Word, Kind::Infix) if before.text == "pattern" && next.text == "=" => !next.glued,
        (_, Kind::Comma | Kind::Colon | Kind::Dot | Kind::Range | Kind::Ellipsis) => false,
        (Kind::Prefix | Kind::Dot | Kind::Range, _) => false,
        (Kind::Word, Kind::Open(b'{')) => !matches!(before.text, "Record" | "Choice"),
        // A call or an index is glued to what it belongs to.
        (Kind::Word | Kind::Value | Kind::Close(_), Kind::Open(b'(' | b'[')) => {
            before.is_operator_word() || !next.glued
        }
        _ => true,
    }
}

/// Groups tokens. Brackets are balanced, which the layout sees to; one that is not stays a token.
pub(super) fn pieces<'t>(tokens: Vec<Token<'t>>) -> Vec<Piece<'t>> {
    let mut open: Vec<Unclosed<'t>> = Vec::new();
    let mut done: Vec<Piece<'t>> = Vec::new();
    for token in tokens {
        match token.kind {
            Kind::Open(byte) => {
                let siblings = open.last().map_or(&done, |unclosed| &unclosed.current);
                let choice = siblings.last().is_some_and(|piece| piece.last().text == "Choice");
                let padded = byte == b'{' && !choice;
                open.push(Unclosed { open: token, padded, members: Vec::new(), current: Vec::new() });
            }
            Kind::Close(_) if !open.is_empty() => {
                if let Some(unclosed) = open.pop() {
                    let group = Piece::Group(unclosed.close(token));
                    open.last_mut().map_or(&mut done, |unclosed| &mut unclosed.current).push(group);
                }
            }
            Kind::Comma if !open.is_empty() => {
                if let Some(unclosed) = open.last_mut() {
                    unclosed.end_member();
                }
            }
            Kind::Comment => match open.last_mut() {
                Some(unclosed) => unclosed.comment(token),
                None => done.push(Piece::Token(token)),
            },
            _ => open.last_mut().map_or(&mut done, |unclosed| &mut unclosed.current).push(Piece::Token(token)),
        }
    }
    done
}

/// Brackets whose end is still to come.
struct Unclosed<'t> {
    open: Token<'t>,
    padded: bool,
    members: Vec<Vec<Piece<'t>>>,
    current: Vec<Piece<'t>>,
}

impl<'t> Unclosed<'t> {
    fn end_member(&mut self) {
        self.members.push(std::mem::take(&mut self.current));
    }

    /// A comment on the line of a member that has ended belongs to that member.
    fn comment(&mut self, comment: Token<'t>) {
        match self.members.last_mut() {
            Some(member) if self.current.is_empty() && comment.breaks == 0 => member.push(Piece::Token(comment)),
            _ => self.current.push(Piece::Token(comment)),
        }
    }

    fn close(mut self, close: Token<'t>) -> Group<'t> {
        if !self.current.is_empty() {
            self.end_member();
        }
        let inside: usize = self.members.iter().map(|member| width(member)).sum();
        let separators = 2 * self.members.len().saturating_sub(1);
        let padding = if self.padded && !self.members.is_empty() { 2 } else { 0 };
        let began_below =
            self.members.first().and_then(|member| member.first()).is_some_and(|it| it.first().breaks > 0);
        let mut group = Group {
            open: self.open,
            width: 2 + inside + separators + padding,
            forced: self.members.iter().any(|member| are_forced(member)),
            members: self.members,
            close,
            padded: self.padded,
        };
        group.forced |= began_below && group.only_group().is_none();
        group
    }
}
