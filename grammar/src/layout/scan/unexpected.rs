//! What has no meaning outside quotes, and what was meant by it.

use scn_diagnostics::{Applicability, Diagnostic, codes};

use super::{Before, Scanner};
use crate::layout::TEXT;

impl Scanner<'_, '_> {
    /// Reports a comment in the manner of C, and passes over it.
    pub(super) fn foreign_comment(&mut self) {
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

    pub(super) fn unexpected(&mut self) {
        let start = self.at;
        let Some(char) = self.context.char(start) else {
            self.note();
            self.push_space(1);
            return;
        };
        let length = char.len_utf8();
        self.behind(Before::Other);
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
        self.push(mask);
        let fill = if mask == b"_" { b'_' } else { b' ' };
        self.push_masked(fill, start + length);
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
        self.push(straight.as_bytes());
        let end = close + close_length;
        if close_length > 0 {
            self.push_masked(TEXT, end - 1);
            self.push(straight.as_bytes());
        } else {
            self.push_masked(TEXT, end);
        }
        self.line.end = end;
    }
}
