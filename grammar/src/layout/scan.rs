//! Scans one logical line and masks it for the grammar.

use scn_diagnostics::{Applicability, Diagnostic, codes};

use super::{
    Context, Logical, MAX_BRACKETS, PATH, REGEX, TEXT,
    brackets::{self, Open},
    lines::{self, Physical},
    quotes,
};

/// What stands before the place that is scanned, as far as a `/` depends on it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Before {
    /// The word `matches`, or `pattern` and its colon: a regular expression follows.
    RegexOnly,
    /// `(`, or a comma or colon within `(…)`: a regular expression may follow.
    Argument,
    /// Anything else.
    Other,
}

pub(super) struct Scanner<'c, 't> {
    context: &'c mut Context<'t>,
    line: Logical,
    mask: Vec<u8>,
    at: usize,
    physical: Physical,
    open: brackets::Stack,
    before: Before,
    /// The word that was scanned last, if only white space and one colon or equals sign follow it.
    word: (usize, usize),
    /// Whether a quote was left open, which may have swallowed closing brackets.
    open_quote: bool,
    /// What may still be spent on the ends of texts and regular expressions of the physical line.
    effort: quotes::Effort,
}

impl<'c, 't> Scanner<'c, 't> {
    pub fn new(context: &'c mut Context<'t>, physical: Physical) -> Self {
        let mut line = Logical {
            indent: physical.indent,
            body_indent: physical.indent,
            start: physical.first,
            body: physical.first,
            end: physical.first,
            ..Logical::default()
        };
        let content = context.slice(physical.first..physical.end);
        let after = content.strip_prefix('-').unwrap_or("-");
        if after.is_empty() || after.starts_with([' ', '\t']) {
            let space = after.len() - after.trim_ascii_start().len();
            line.dash = true;
            line.body = physical.first + 1 + space;
            line.body_indent = physical.indent + 1 + space;
            line.end = physical.first + 1;
        } else if begins_with_key(after) {
            line.dash = true;
            line.body = physical.first + 1;
            line.body_indent = physical.indent + 1;
            let span = context.span(physical.first..physical.first + 1);
            let diagnostic = Diagnostic::new(codes::MISSING_SPACE, span, "a space is missing after this `-`")
                .label("an item begins here")
                .fix("insert a space", span.tail(), " ", Applicability::Automatic);
            context.report(diagnostic);
        }
        Self {
            context,
            at: line.body,
            line,
            mask: Vec::with_capacity(physical.end.saturating_sub(physical.first)),
            physical,
            open: brackets::Stack::default(),
            before: Before::Other,
            word: (0, 0),
            open_quote: false,
            effort: quotes::Effort::of(physical.end.saturating_sub(physical.first)),
        }
    }

    /// Scans to the end of the logical line; returns it and the offset of the next physical line.
    pub fn logical_line(mut self) -> (Logical, usize) {
        loop {
            self.physical_line();
            if self.line.block.is_some() || !self.continues() {
                break;
            }
        }
        self.finish()
    }

    fn finish(mut self) -> (Logical, usize) {
        while let Some(open) = self.open.pop() {
            self.unclosed(open);
            self.mask.push(open.closer());
        }
        // Masking leaves no partial character, so nothing is lost here.
        self.line.mask =
            String::from_utf8(self.mask).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        (self.line, self.physical.next)
    }

    /// Reports a bracket that is never closed, unless what was wrong before has swallowed what closes it.
    fn unclosed(&mut self, open: Open) {
        if !self.open_quote && !self.line.broken {
            let end = self.line.end;
            brackets::unclosed(self.context, open, end);
        }
        self.line.mended = true;
    }

    /// Scans the rest of the physical line.
    fn physical_line(&mut self) {
        while self.at < self.physical.end {
            let Some(byte) = self.context.byte(self.at) else { break };
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => {
                    let rest = self.context.text.as_bytes().get(self.at..self.physical.end).unwrap_or_default();
                    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
                    self.push_space(rest.iter().take_while(|byte| blank(byte)).count());
                }
                b'#' if self.at_space() => {
                    let rest = self.physical.end - self.at;
                    self.push_space(rest);
                }
                b'"' | b'\'' => self.quoted(),
                // Behind a colon it is a URL that lacks its quotes.
                b'/' if !matches!(self.mask.last(), Some(b':' | b'/'))
                    && matches!(self.context.byte(self.at + 1), Some(b'/' | b'*')) =>
                {
                    self.foreign_comment();
                }
                b'/' => self.slash(),
                b'(' | b'[' | b'{' => self.open_bracket(byte),
                b')' | b']' | b'}' => self.close_bracket(byte),
                b'|' if self.begins_block() => {
                    self.push(byte);
                    let (block, next) = lines::block(self.context.text, self.line.indent, self.physical.next);
                    self.line.end = self.line.end.max(block.range.end);
                    self.line.block = Some(block);
                    self.physical.next = next;
                    return;
                }
                b',' | b':' => {
                    let word = self.context.slice(self.word.0..self.word.1);
                    self.before = if byte == b':' && word == "pattern" {
                        Before::RegexOnly
                    } else if self.open.last().is_some_and(|open| open.byte == b'(') {
                        Before::Argument
                    } else {
                        Before::Other
                    };
                    self.push(byte);
                }
                b'=' if self.context.slice(self.word.0..self.word.1) == "pattern" && self.word.1 == self.at => {
                    self.before = Before::RegexOnly;
                    self.push(byte);
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.name(),
                0x20..0x7f => {
                    self.before = Before::Other;
                    self.word = (self.at, self.at);
                    self.push(byte);
                }
                _ => self.unexpected(),
            }
        }
    }

    /// Whether the place follows white space or begins the line.
    fn at_space(&self) -> bool {
        matches!(self.mask.last(), None | Some(b' '))
    }

    fn push(&mut self, byte: u8) {
        self.mask.push(byte);
        self.at += 1;
        self.line.end = self.at;
    }

    /// Masks `length` bytes as white space.
    fn push_space(&mut self, length: usize) {
        self.mask.resize(self.mask.len() + length, b' ');
        self.at += length;
    }

    /// Masks the bytes up to `end`.
    fn push_masked(&mut self, byte: u8, end: usize) {
        self.mask.resize(self.mask.len() + end.saturating_sub(self.at), byte);
        self.at = end.max(self.at);
        self.line.end = self.at;
    }

    fn name(&mut self) {
        let start = self.at;
        let rest = self.context.text.as_bytes().get(start..).unwrap_or_default();
        let is_word = |byte: &u8| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_');
        let joins = |at: usize, byte: &u8| *byte == b'-' && rest.get(at + 1).is_some_and(is_word);
        let goes_on = |(at, byte): &(usize, &u8)| is_word(byte) || joins(*at, byte);
        let length = rest.iter().enumerate().take_while(goes_on).count();
        let name = rest.get(..length).unwrap_or_default();
        self.mask.extend_from_slice(name);
        self.at += length;
        self.line.end = self.at;
        self.word = (start, self.at);
        let is_field = || start > self.line.body && self.context.byte(start - 1) == Some(b'.');
        self.before = if name == b"matches" && !is_field() { Before::RegexOnly } else { Before::Other };
    }

    fn quoted(&mut self) {
        let open = self.at;
        let text = self.context.text;
        let quote = text.get(open..open + 1).unwrap_or_default();
        let word = text.get(self.word.0..self.word.1).unwrap_or_default();
        let is_behind_word = !word.is_empty() && self.word.1 == open;
        self.before = Before::Other;
        self.word = (open, open);
        let end = quotes::text_end(self.context.text, open, self.physical.end, &mut self.effort);
        if is_behind_word && !end.is_some_and(|_| quotes::is_prefix(word)) {
            // What the rest of the line means is anyone's guess.
            quotes::behind_word(self.context, self.line.body, open - word.len()..open, end);
            self.open_quote = true;
            self.line.broken = true;
            return self.push_masked(TEXT, self.physical.end);
        }
        if let Some(end) = end {
            self.mask.extend(quote.bytes());
            self.at += 1;
            self.push_masked(TEXT, end - 1);
            self.mask.extend(quote.bytes());
            self.at = end;
            self.line.end = end;
            return;
        }
        let rest = self.context.slice(open..self.physical.end).trim_ascii_end().len();
        quotes::unclosed(self.context, open..open + rest, self.open.last());
        self.open_quote = true;
        self.line.mended = true;
        self.mask.extend(quote.bytes());
        self.at += 1;
        self.push_masked(TEXT, (open + rest).max(open + 1));
        let trailing = self.physical.end.saturating_sub(self.at);
        self.push_space(trailing);
    }

    fn slash(&mut self) {
        let start = self.at;
        let before = self.before;
        let at_space = self.at_space();
        let end = match before {
            Before::RegexOnly => quotes::regex_end(self.context.text, start, self.physical.end, &mut self.effort),
            Before::Argument => quotes::regex_end(self.context.text, start, self.physical.end, &mut self.effort)
                .filter(|end| {
                    !self.context.byte(*end).is_some_and(|next| next.is_ascii_alphanumeric() || next == b'_')
                }),
            Before::Other => None,
        };
        self.before = Before::Other;
        self.word = (start, start);
        if let Some(end) = end {
            self.push_masked(REGEX, end);
        } else if before == Before::RegexOnly {
            let rest = self.context.slice(start..self.physical.end);
            let length = rest.find([' ', '\t']).unwrap_or(rest.len());
            let tail = self.context.span(start + length..start + length);
            let diagnostic = Diagnostic::new(
                codes::UNCLOSED_REGEX,
                self.context.span(start..start + 1),
                "this regular expression is never closed",
            )
            .label("no closing `/` follows on this line")
            .help("end it with `/`, and write a slash within it as `\\/`")
            .fix("insert `/`", tail, "/", Applicability::Suggested);
            self.context.report(diagnostic);
            self.push_masked(REGEX, start + length);
        } else {
            let next = self.context.byte(start + 1);
            let path = at_space && next.is_some_and(|next| next.is_ascii_alphanumeric() || b"_~.:".contains(&next));
            self.push(if path { PATH } else { b'/' });
        }
    }

    /// Reports a comment in the manner of C, and passes over it.
    fn foreign_comment(&mut self) {
        let span = self.context.span(self.at..self.at + 2);
        let found = self.context.slice(self.at..self.at + 2).to_owned();
        let mut diagnostic = Diagnostic::new(codes::SYNTAX, span, format!("a comment begins with `#`, not `{found}`"))
            .label("the rest of the line is a comment");
        if found == "//" {
            let mark = if self.at_space() { "#" } else { " #" };
            diagnostic = diagnostic.fix(format!("replace it by `{mark}`"), span, mark, Applicability::Automatic);
        }
        self.context.report(diagnostic);
        let rest = self.physical.end - self.at;
        self.push_space(rest);
    }

    fn open_bracket(&mut self, byte: u8) {
        if self.open.len() == MAX_BRACKETS && !self.line.broken {
            let diagnostic = Diagnostic::new(
                codes::NESTED_TOO_DEEP,
                self.context.span(self.at..self.at + 1),
                format!("brackets are nested more than {MAX_BRACKETS} deep"),
            )
            .label("one bracket too many")
            .help("give parts of it a name with `const`, or in steps of their own with `set`");
            self.context.report(diagnostic);
            self.line.broken = true;
        }
        self.open.push(Open { byte, at: self.at, indent: self.physical.indent });
        self.before = if byte == b'(' { Before::Argument } else { Before::Other };
        self.word = (self.at, self.at);
        self.push(byte);
    }

    fn close_bracket(&mut self, byte: u8) {
        self.before = Before::Other;
        self.word = (self.at, self.at);
        match self.open.last() {
            Some(open) if open.closer() == byte => {
                self.open.pop();
                self.push(byte);
            }
            Some(open) => {
                if !self.line.broken {
                    brackets::mismatched(self.context, self.at, Some(open));
                }
                // One that closes an outer bracket leaves the line beyond mending; else a typing error is mended.
                if let Some(outer) = self.open.closed_by(byte) {
                    self.line.broken = true;
                    self.open.truncate(outer);
                    self.push(byte);
                } else {
                    self.open.pop();
                    self.push(open.closer());
                }
            }
            None => {
                if !self.line.broken {
                    brackets::mismatched(self.context, self.at, None);
                }
                self.push_space(1);
            }
        }
    }

    /// Whether the `|` here is the last token of its line, outside brackets.
    fn begins_block(&self) -> bool {
        let rest = self.context.slice(self.at + 1..self.physical.end);
        let blank = rest.trim_ascii_start();
        let comment = blank.starts_with('#') && blank.len() < rest.len();
        self.open.is_empty() && self.mask.last() != Some(&b'|') && (blank.is_empty() || comment)
    }

    fn unexpected(&mut self) {
        let start = self.at;
        let Some(char) = self.context.char(start) else {
            self.push_space(1);
            return;
        };
        let length = char.len_utf8();
        self.before = Before::Other;
        self.word = (start, start);
        let span = self.context.span(start..start + length);
        let shown = if char.is_control() || char.is_whitespace() {
            format!("the character U+{:04X}", u32::from(char))
        } else {
            format!("the character `{char}`")
        };
        let diagnostic =
            Diagnostic::new(codes::UNEXPECTED_CHARACTER, span, format!("{shown} has no meaning outside quotes"));
        let (diagnostic, mask) = match char {
            '“' | '”' | '„' | '«' | '»' | '‘' | '’' => {
                return self.curly_quote(diagnostic, char);
            }
            '–' | '—' | '−' => (
                diagnostic.help("a dash and a minus sign are written `-`").fix(
                    "replace it by `-`",
                    span,
                    "-",
                    Applicability::Automatic,
                ),
                b'-',
            ),
            '≤' => (diagnostic.fix("replace it by `<=`", span, "<=", Applicability::Automatic), b' '),
            '≥' => (diagnostic.fix("replace it by `>=`", span, ">=", Applicability::Automatic), b' '),
            '…' => (diagnostic.help("a range is written `18..90`"), b' '),
            char if char.is_whitespace() => {
                (diagnostic.fix("replace it by a space", span, " ", Applicability::Automatic), b' ')
            }
            char if char.is_control() => (diagnostic.fix("remove it", span, "", Applicability::Automatic), b' '),
            char if char.is_alphabetic() => {
                (diagnostic.help("names are written with the letters a to z; put a text in quotes"), b'_')
            }
            _ => (diagnostic.help("put a text in quotes"), b' '),
        };
        self.context.report(diagnostic);
        let mask: &[u8] = match char {
            '≤' => b"<=",
            '≥' => b">=",
            _ => &[mask],
        };
        self.mask.extend(mask);
        let fill = if mask == b"_" { b'_' } else { b' ' };
        self.mask.extend(std::iter::repeat_n(fill, length.saturating_sub(mask.len())));
        self.at += length;
        self.line.end = self.at;
    }

    /// Reads a text in typographic quotes as the text that was meant.
    fn curly_quote(&mut self, diagnostic: Diagnostic, quote: char) {
        let start = self.at;
        let open = start + quote.len_utf8();
        let rest = self.context.slice(open..self.physical.end);
        let single = matches!(quote, '‘' | '’');
        let ends: &[char] = if single { &['’', '‘', '\''] } else { &['”', '“', '«', '»', '"'] };
        let close = rest.find(ends).map(|length| open + length);
        let close_length = close.and_then(|at| self.context.char(at)).map_or(0, char::len_utf8);
        let close = close.unwrap_or(self.physical.end);
        let straight = if single { "'" } else { "\"" };
        let fix = scn_diagnostics::Fix {
            title: "replace typographic quotes by straight ones".to_owned(),
            edits: vec![
                scn_diagnostics::Edit { span: self.context.span(start..open), text: straight.to_owned() },
                scn_diagnostics::Edit {
                    span: self.context.span(close..close + close_length),
                    text: straight.to_owned(),
                },
            ],
            applicability: Applicability::Automatic,
        };
        self.context.report(diagnostic.help("a text stands in straight quotes: `\"…\"` or `'…'`").fix_all(fix));
        self.mask.extend(straight.bytes());
        self.at += 1;
        let end = close + close_length;
        if close_length > 0 {
            self.push_masked(TEXT, end - 1);
            self.mask.extend(straight.bytes());
            self.at = end;
        } else {
            self.push_masked(TEXT, end);
        }
        self.line.end = end;
    }

    /// Whether an open bracket continues the line; then the scanner stands at its next physical line.
    fn continues(&mut self) -> bool {
        let mut gap_end = self.physical.next;
        if self.open_quote {
            // It may have swallowed what closes the brackets of its own physical line, but no others.
            while let Some(open) = self.open.last().filter(|open| open.at >= self.physical.first) {
                self.open.pop();
                self.mask.push(open.closer());
                self.at += 1;
            }
        }
        if self.open.is_empty() {
            return false;
        }
        let following = loop {
            let Some(physical) = Physical::at(self.context.text, gap_end) else { return false };
            let is_comment = self.context.byte(physical.first) == Some(b'#');
            if !physical.is_blank() && !is_comment {
                break physical;
            }
            gap_end = physical.next;
        };
        let closes = self
            .context
            .byte(following.first)
            .is_some_and(|byte| self.open.last().is_some_and(|open| open.closer() == byte));
        let mut closers = Vec::new();
        if !closes {
            let gap = following.first.saturating_sub(self.at);
            while let Some(open) = self.open.last().filter(|open| open.indent >= following.indent) {
                if self.open.len() == 1 || closers.len() == gap {
                    self.mask.append(&mut closers);
                    return false;
                }
                self.unclosed(open);
                closers.push(open.closer());
                self.open.pop();
            }
        }
        let gap = following.first.saturating_sub(self.at + closers.len());
        self.at += closers.len();
        self.mask.append(&mut closers);
        self.push_space(gap);
        self.physical = following;
        self.effort = quotes::Effort::of(following.end.saturating_sub(following.first));
        true
    }
}

/// Whether `text` begins with a name and a colon.
fn begins_with_key(text: &str) -> bool {
    let length = text.find(|char: char| !(char.is_ascii_alphanumeric() || char == '_')).unwrap_or(text.len());
    length > 0 && text.get(length..).is_some_and(|rest| rest.trim_ascii_start().starts_with(':'))
}

/// Masks a text that is no line of a file, such as an expression within quotes. Returns the mask, and whether it can be
/// parsed.
pub(crate) fn mask(context: &mut Context<'_>) -> (String, bool) {
    let end = context.text.len();
    let physical = Physical { indent: 0, first: 0, end, next: end };
    let mut scanner = Scanner::new(context, physical);
    // A leading `-` is a sign here.
    scanner.line.dash = false;
    scanner.line.body = 0;
    scanner.at = 0;
    scanner.physical_line();
    let (line, _) = scanner.finish();
    (line.mask, !line.broken && line.block.is_none())
}
