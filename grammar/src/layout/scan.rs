//! Scans one logical line and masks it for the grammar.

mod unexpected;

use scn_diagnostics::{Applicability, Diagnostic, codes};

use super::{
    Context, Logical, MAX_BRACKETS, PATH, REGEX, TEXT,
    brackets::{self, Open},
    lines::{self, Physical},
    quotes,
};
use crate::words;

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

/// Scans the logical lines of a text.
pub(super) struct Scanner<'c, 't> {
    context: &'c mut Context<'t>,
    line: Logical,
    /// The masks of the lines before, and of this one what is not as it is written.
    masks: Vec<u8>,
    at: usize,
    /// From here up to `at`, the mask is what is written, and has yet to be copied.
    plain: usize,
    physical: Physical,
    open: brackets::Stack,
    before: Before,
    /// What was passed since the last mark, without the spaces behind it.
    words: &'t [u8],
    /// Whether the word `pattern` was passed last, if only white space, colons and commas follow it.
    is_pattern: bool,
    /// Whether a quote was left open, which may have swallowed closing brackets.
    open_quote: bool,
    /// What may still be spent on the ends of texts and regular expressions of the physical line.
    effort: quotes::Effort,
}

impl<'c, 't> Scanner<'c, 't> {
    /// A scanner that has scanned nothing yet.
    pub fn new(context: &'c mut Context<'t>) -> Self {
        Self {
            // A mask is about as long as what it masks.
            masks: Vec::with_capacity(context.text.len()),
            context,
            line: Logical::default(),
            at: 0,
            plain: 0,
            physical: Physical::default(),
            open: brackets::Stack::default(),
            before: Before::Other,
            words: &[],
            is_pattern: false,
            open_quote: false,
            effort: quotes::Effort::of(0),
        }
    }

    /// Scans the logical line that begins with `physical`; returns it and the offset of the next physical line.
    pub fn logical_line(&mut self, physical: Physical) -> (Logical, usize) {
        self.begin(physical);
        loop {
            self.physical_line();
            if self.line.block.is_some() || !self.continues() {
                break;
            }
        }
        (self.finish(), self.physical.next)
    }

    /// The masks of all lines, one behind the other. They leave no partial character, so nothing is lost here.
    pub fn masks(self) -> String {
        String::from_utf8(self.masks).unwrap_or_default()
    }

    /// Begins a line, and passes its dash.
    fn begin(&mut self, physical: Physical) {
        self.line = Logical {
            indent: physical.indent,
            body_indent: physical.indent,
            start: physical.first,
            body: physical.first,
            end: physical.first,
            mask: self.masks.len()..self.masks.len(),
            ..Logical::default()
        };
        let content = self.context.text.as_bytes().get(physical.first..physical.end).unwrap_or(&[]);
        if let [b'-', after @ ..] = content {
            let space = after.len() - after.trim_ascii_start().len();
            let is_apart = after.is_empty() || matches!(after, [b' ' | b'\t', ..]);
            if is_apart || begins_with_key(after) {
                self.line.dash = true;
                self.line.body = physical.first + 1 + space;
                self.line.body_indent = physical.indent + 1 + space;
            }
            if is_apart {
                self.line.end = physical.first + 1;
            } else if self.line.dash {
                let span = self.context.span(physical.first..physical.first + 1);
                let diagnostic = Diagnostic::new(codes::MISSING_SPACE, span, "a space is missing after this `-`")
                    .label("an item begins here")
                    .fix("insert a space", span.tail(), " ", Applicability::Automatic);
                self.context.report(diagnostic);
            }
        }
        (self.at, self.plain) = (self.line.body, self.line.body);
        self.behind(Before::Other);
        self.words = &[];
        self.open_quote = false;
        self.follow(physical);
    }

    /// Goes on in a physical line.
    fn follow(&mut self, physical: Physical) {
        self.physical = physical;
        self.effort = quotes::Effort::of(physical.end.saturating_sub(physical.first));
    }

    /// Ends the line and its mask.
    fn finish(&mut self) -> Logical {
        self.copy();
        while let Some(open) = self.open.pop() {
            self.unclosed(open);
            self.masks.push(open.closer());
        }
        self.line.mask.end = self.masks.len();
        std::mem::take(&mut self.line)
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
            self.pass_words();
            let Some(byte) = self.context.byte(self.at).filter(|_| self.at < self.physical.end) else {
                if !self.open.is_empty() {
                    self.note();
                }
                break;
            };
            match byte {
                b'\t' | b'\n' | b'\r' => {
                    self.note();
                    self.push_space(1);
                }
                b'#' if self.at_space() => {
                    self.note();
                    let rest = self.physical.end - self.at;
                    self.push_space(rest);
                }
                b'"' | b'\'' => self.quoted(),
                // Behind a colon it is a URL that lacks its quotes.
                b'/' if !matches!(self.last(), Some(b':' | b'/'))
                    && matches!(self.context.byte(self.at + 1), Some(b'/' | b'*')) =>
                {
                    self.note();
                    self.foreign_comment();
                }
                b'/' => self.slash(),
                b'(' | b'[' | b'{' => self.open_bracket(byte),
                b')' | b']' | b'}' => self.close_bracket(byte),
                b'|' if self.begins_block() => {
                    self.pass();
                    let (block, next) = lines::block(self.context.text, self.line.indent, self.physical.next);
                    self.line.end = self.line.end.max(block.range.end);
                    self.line.block = Some(block);
                    self.physical.next = next;
                    return;
                }
                b',' | b':' => {
                    self.note_pattern();
                    self.before = if byte == b':' && self.is_pattern {
                        Before::RegexOnly
                    } else if self.open.last().is_some_and(|open| open.byte == b'(') {
                        Before::Argument
                    } else {
                        Before::Other
                    };
                    self.pass();
                }
                b'=' if !self.words.is_empty() && !self.at_space() => {
                    self.note_pattern();
                    self.before = if self.is_pattern { Before::RegexOnly } else { Before::Other };
                    self.pass();
                }
                b'#' | b'=' | b'|' => {
                    self.behind(Before::Other);
                    self.pass();
                }
                _ => self.unexpected(),
            }
        }
    }

    /// Passes words, operators and spaces up to a mark, all of which are masked as they are.
    fn pass_words(&mut self) {
        let bytes = self.context.text.as_bytes();
        let rest = bytes.get(self.at..self.physical.end).unwrap_or(&[]);
        let length = rest.iter().position(|byte| words::is_mark(*byte)).unwrap_or(rest.len());
        self.words = rest.get(..length).unwrap_or(&[]).trim_ascii_end();
        if !self.words.is_empty() {
            self.line.end = self.at + self.words.len();
        }
        self.at += length;
    }

    /// Takes note of what the words since the last mark say of what follows.
    fn note(&mut self) {
        if self.words.is_empty() {
            return;
        }
        let word = words::last(self.words);
        let is_field = self.words.strip_suffix(word).is_some_and(|before| before.ends_with(b"."));
        self.before = if word == b"matches" && !is_field { Before::RegexOnly } else { Before::Other };
        self.is_pattern = word == b"pattern";
    }

    /// Takes note of whether a pattern is named.
    fn note_pattern(&mut self) {
        if self.words.ends_with(b"pattern") {
            self.note();
        } else if !self.words.is_empty() {
            self.is_pattern = false;
        }
    }

    /// Sets what stands before what follows the mark that stands here.
    fn behind(&mut self, mark: Before) {
        self.before = mark;
        self.is_pattern = false;
    }

    /// The last byte of the mask.
    fn last(&self) -> Option<u8> {
        if self.at > self.plain {
            return self.context.byte(self.at - 1);
        }
        self.masks.get(self.line.mask.start..).and_then(|mask| mask.last().copied())
    }

    /// Whether the place follows white space or begins the line.
    fn at_space(&self) -> bool {
        matches!(self.last(), None | Some(b' '))
    }

    /// Passes a byte that is masked as it is.
    fn pass(&mut self) {
        self.at += 1;
        self.line.end = self.at;
    }

    /// Masks what was passed.
    fn copy(&mut self) {
        let passed = self.context.text.as_bytes().get(self.plain..self.at).unwrap_or(&[]);
        self.masks.extend_from_slice(passed);
        self.plain = self.at;
    }

    /// Masks as many bytes by these, and passes them.
    fn push(&mut self, bytes: &[u8]) {
        self.copy();
        self.masks.extend_from_slice(bytes);
        self.at += bytes.len();
        self.plain = self.at;
    }

    /// Masks each of `length` bytes by `byte`, and passes them.
    fn fill(&mut self, byte: u8, length: usize) {
        self.copy();
        self.masks.resize(self.masks.len() + length, byte);
        self.at += length;
        self.plain = self.at;
    }

    /// Masks `length` bytes as white space.
    fn push_space(&mut self, length: usize) {
        self.fill(b' ', length);
    }

    /// Masks the bytes up to `end`.
    fn push_masked(&mut self, byte: u8, end: usize) {
        self.fill(byte, end.saturating_sub(self.at));
        self.line.end = self.at;
    }

    fn quoted(&mut self) {
        let open = self.at;
        let word = if self.at_space() { &[] } else { words::last(self.words) };
        self.behind(Before::Other);
        let end = quotes::text_end(self.context.text, open, self.physical.end, &mut self.effort);
        let word = open - word.len()..open;
        let is_behind_word = !word.is_empty();
        if is_behind_word && (end.is_none() || !quotes::is_prefix(self.context.slice(word.clone()))) {
            // What the rest of the line means is anyone's guess.
            quotes::behind_word(self.context, self.line.body, word, end);
            self.open_quote = true;
            self.line.broken = true;
            return self.push_masked(TEXT, self.physical.end);
        }
        if let Some(end) = end {
            self.at += 1;
            self.fill(TEXT, (end - 1).saturating_sub(self.at));
            return self.pass();
        }
        let rest = self.context.slice(open..self.physical.end).trim_ascii_end().len();
        quotes::unclosed(self.context, open..open + rest, self.open.last());
        self.open_quote = true;
        self.line.mended = true;
        self.at += 1;
        self.push_masked(TEXT, (open + rest).max(open + 1));
        let trailing = self.physical.end.saturating_sub(self.at);
        self.push_space(trailing);
    }

    fn slash(&mut self) {
        self.note();
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
        self.behind(Before::Other);
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
            if path { self.push_masked(PATH, start + 1) } else { self.pass() }
        }
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
        self.behind(if byte == b'(' { Before::Argument } else { Before::Other });
        self.pass();
    }

    fn close_bracket(&mut self, byte: u8) {
        self.behind(Before::Other);
        match self.open.last() {
            Some(open) if open.closer() == byte => {
                self.open.pop();
                self.pass();
            }
            Some(open) => {
                if !self.line.broken {
                    brackets::mismatched(self.context, self.at, Some(open));
                }
                // One that closes an outer bracket leaves the line beyond mending; else a typing error is mended.
                if let Some(outer) = self.open.closed_by(byte) {
                    self.line.broken = true;
                    self.open.truncate(outer);
                    self.pass();
                } else {
                    self.open.pop();
                    self.push_masked(open.closer(), self.at + 1);
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
        self.open.is_empty() && self.last() != Some(b'|') && (blank.is_empty() || comment)
    }

    /// Whether an open bracket continues the line; then the scanner stands at its next physical line.
    fn continues(&mut self) -> bool {
        let mut gap_end = self.physical.next;
        if self.open_quote {
            // It may have swallowed what closes the brackets of its own physical line, but no others.
            while let Some(open) = self.open.last().filter(|open| open.at >= self.physical.first) {
                self.open.pop();
                self.push(&[open.closer()]);
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
                    self.copy();
                    self.masks.append(&mut closers);
                    return false;
                }
                self.unclosed(open);
                closers.push(open.closer());
                self.open.pop();
            }
        }
        let gap = following.first.saturating_sub(self.at + closers.len());
        self.push(&closers);
        self.push_space(gap);
        self.follow(following);
        true
    }
}

/// Whether `text` begins with a name and a colon.
fn begins_with_key(text: &[u8]) -> bool {
    let length = text.iter().position(|byte| !words::is_word(*byte)).unwrap_or(text.len());
    length > 0 && text.get(length..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
}

/// Masks a text that is no line of a file, such as an expression within quotes. Returns the mask, and whether it can be
/// parsed.
pub(crate) fn mask(context: &mut Context<'_>) -> (String, bool) {
    let end = context.text.len();
    let mut scanner = Scanner::new(context);
    scanner.begin(Physical { start: 0, indent: 0, first: 0, end, next: end });
    // A leading `-` is a sign here.
    scanner.line.dash = false;
    scanner.line.body = 0;
    (scanner.at, scanner.plain) = (0, 0);
    scanner.physical_line();
    let line = scanner.finish();
    (scanner.masks(), !line.broken && line.block.is_none())
}
