//! Sources as plans keep them: without what their author labels as somebody's data.
//!
//! A plan is stored with every run and its lines are shown in reports, so what is quoted within `pii(…)` is no more in them
//! than it is in anything else that a run writes. Findings are shown before there is a plan, with the source as it is written.

use scn_diagnostics::{Source, SourceMap};

/// The sources, with a `*` for each byte of a text within `pii(…)`, so that every span stays where it is.
pub(crate) fn masked(sources: &SourceMap) -> SourceMap {
    if sources.iter().all(|(_, source)| !source.text().contains(CALL)) {
        return sources.clone();
    }
    let mut masked = SourceMap::new();
    for (_, source) in sources.iter() {
        masked.add(if source.text().contains(CALL) { mask(source) } else { source.clone() });
    }
    masked
}

const CALL: &str = "pii(";

fn mask(source: &Source) -> Source {
    Source::new(source.name(), masked_text(source.text()))
}

/// A file's text with a `*` for each byte of what is quoted within `pii(…)`.
pub fn masked_text(text: &str) -> String {
    let mut scan = Scan { rest: text, out: String::with_capacity(text.len()) };
    while let Some(at) = scan.rest.find(CALL) {
        let is_call =
            !scan.rest.get(..at).unwrap_or_default().ends_with(|c: char| c.is_alphanumeric() || "_-.".contains(c));
        scan.copy(at + CALL.len());
        if is_call {
            scan.code(')');
        }
    }
    scan.copy(scan.rest.len());
    scan.out
}

struct Scan<'a> {
    rest: &'a str,
    out: String,
}

impl Scan<'_> {
    fn copy(&mut self, bytes: usize) {
        let (copied, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.out.push_str(copied);
        self.rest = rest;
    }

    fn hide(&mut self, bytes: usize) {
        let (hidden, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.out.extend(hidden.chars().flat_map(|c| {
            let (shown, width) = if c == '\n' { ('\n', 1) } else { ('*', c.len_utf8()) };
            std::iter::repeat_n(shown, width)
        }));
        self.rest = rest;
    }

    /// Goes on behind `end`, which closes what is open here.
    fn code(&mut self, end: char) {
        while let Some(next) = self.rest.chars().next() {
            self.copy(next.len_utf8());
            match next {
                _ if next == end => return,
                '(' => self.code(')'),
                '{' => self.code('}'),
                '"' | '\'' => self.quoted(next),
                _ => {}
            }
        }
    }

    fn quoted(&mut self, quote: char) {
        while let Some(next) = self.rest.chars().next() {
            match next {
                _ if next == quote => return self.copy(1),
                // A quote that is never closed ends with its line.
                '\n' => return,
                '\\' if quote == '"' => {
                    let escaped = self.rest.chars().nth(1).map_or(0, char::len_utf8);
                    self.hide(1 + escaped);
                }
                '$' if quote == '"' && self.rest.starts_with("${") => {
                    self.copy(2);
                    self.code('}');
                }
                _ => self.hide(next.len_utf8()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_within_a_label_is_masked_and_nothing_else() {
        for (text, shown) in [
            ("name: pii(\"Ada\") \"Ada\"", "name: pii(\"***\") \"Ada\""),
            (
                "a: pii(choice('Zo\u{eb}', \"q\\\"\u{1F600}\", $1)) b: \"x\"",
                "a: pii(choice('****', \"*******\", $1)) b: \"x\"",
            ),
            ("pii(\"a ${f(\"b\", x)} c\")", "pii(\"**${f(\"*\", x)}**\")"),
            ("pii(\"open\nnext: \"y\"", "pii(\"****\nnext: \"*\""),
            ("my-pii(\"a\") is.pii(\"b\") pii (\"c\")", "my-pii(\"a\") is.pii(\"b\") pii (\"c\")"),
            ("pii(\"a\") pii(\"b\")", "pii(\"*\") pii(\"*\")"),
        ] {
            let mut sources = SourceMap::new();
            sources.add(Source::new("a.scn", text));
            let masked = masked(&sources);
            let (_, source) = masked.iter().next().expect("a source");
            assert_eq!(&**source.text(), shown);
            assert_eq!(source.text().len(), text.len());
        }
    }
}
