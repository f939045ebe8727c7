//! Keeps labelled values out of what is written.
//!
//! Labels travel with a value through every expression, but not through a server and back: a page may greet a person by
//! name, a redirect may lead to a path with an address in it. So whatever a journey records is searched for the
//! sensitive texts that the journey has handled, as they are and percent-encoded. A server that changes a text beyond
//! that makes another text of it.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use percent_encoding::percent_decode_str;
use scn_plan::{Labels, Text, Value};
use smol_str::SmolStr;

/// Characters below which a text is sought as a word of its own alone, and not at all if it is a number: `504` in a
/// message is more likely a status than a card's check digits.
const DISTINCT: usize = 4;

/// Letters below which a word of a sensitive text says nothing of anybody.
const WORD: usize = 3;

/// The sensitive texts that a journey has handled, the longest first, so that a whole is hidden before its parts.
#[derive(Debug, Default)]
pub(crate) struct Redactor {
    known: Mutex<BTreeMap<(Reverse<usize>, SmolStr), Labels>>,
}

impl Redactor {
    /// Remembers every sensitive text in `value`.
    pub(crate) fn learn(&self, value: &Value) {
        match value {
            Value::Text(text) if text.labels.is_sensitive() => self.learn_text(text),
            Value::List(items) => items.iter().for_each(|item| self.learn(item)),
            Value::Record(fields) => fields.values().for_each(|field| self.learn(field)),
            _ => {}
        }
    }

    fn learn_text(&self, text: &Text) {
        let value = text.value.trim();
        if is_sought(value) {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let labels = known.entry((Reverse(value.len()), value.into())).or_default();
            *labels = labels.union(text.labels);
        }
    }

    /// `text` for an output: with `[pii]` or `[secret]` for every sensitive text in it.
    pub(crate) fn shown(&self, text: &str) -> String {
        self.hide(text, |known, shown| known.iter().fold(shown, |shown, (needle, mark)| replace(shown, needle, mark)))
    }

    /// `text` likewise, and for every word of a sensitive text too. For prose that a server wrote, such as titles, where
    /// `Alex` alone stands for `Alex Sample`; in messages about controls, `Street` is more likely a label.
    pub(crate) fn shown_word_by_word(&self, text: &str) -> String {
        self.hide(&self.shown(text), |known, mut shown| {
            for (needle, mark) in known {
                let words = needle.split(|c: char| !c.is_alphanumeric());
                for word in words.filter(|word| word.chars().count() >= WORD && is_sought(word)) {
                    shown = replace_word(shown, word, mark);
                }
            }
            shown
        })
    }

    /// Hides in `text` as it is, and as it is when decoded as a path or as a query.
    fn hide(&self, text: &str, hide: impl Fn(&[(&str, &'static str)], String) -> String) -> String {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known: Vec<_> = known.iter().map(|((_, needle), labels)| (needle.as_str(), mark(*labels))).collect();
        let mut shown = hide(&known, text.to_owned());
        for plus in ["+", " "] {
            if shown.contains(['%', '+']) {
                let spaced = shown.replace('+', plus);
                let decoded = percent_decode_str(&spaced).decode_utf8_lossy().into_owned();
                let hidden = hide(&known, decoded.clone());
                if hidden != decoded {
                    shown = hidden;
                }
            }
        }
        shown
    }
}

fn mark(labels: Labels) -> &'static str {
    if labels.0 & Labels::SECRET.0 != 0 { "[secret]" } else { "[pii]" }
}

/// Whether a text can be told from what else a message says.
fn is_sought(text: &str) -> bool {
    !text.is_empty() && (text.chars().count() >= DISTINCT || !text.chars().all(|c| c.is_ascii_digit()))
}

fn replace(text: String, needle: &str, mark: &str) -> String {
    if needle.chars().count() < DISTINCT { replace_word(text, needle, mark) } else { text.replace(needle, mark) }
}

/// Replaces `word` where it is no part of a longer one.
fn replace_word(text: String, word: &str, mark: &str) -> String {
    let (mut replaced, mut done) = (String::new(), 0);
    for (at, _) in text.match_indices(word) {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        let inside = before.chars().next_back().is_some_and(char::is_alphanumeric)
            || after.chars().next().is_some_and(char::is_alphanumeric);
        if !inside {
            replaced.push_str(&text[done..at]);
            replaced.push_str(mark);
            done = at + word.len();
        }
    }
    replaced.push_str(&text[done..]);
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        let redactor = Redactor::default();
        let text = |value: &str, labels| Value::Text(Text { value: value.into(), labels });
        redactor.learn(&Value::list(vec![
            text("alex+1@example.com", Labels::PII),
            text("Alex Sample", Labels::PII),
            text("Li", Labels::PII),
            text("504", Labels::PII),
            text("", Labels::PII),
            text("t0p", Labels::SECRET),
            text("plain", Labels::NONE),
        ]));
        redactor
    }

    #[test]
    fn sensitive_texts_are_hidden_however_a_path_or_query_encodes_them() {
        for (text, shown) in [
            ("/x/alex+1@example.com/y", "/x/[pii]/y"),
            ("/x/alex%2B1%40example.com", "/x/[pii]"),
            ("/x/Alex%20Sample?q=Alex+Sample", "/x/[pii]?q=[pii]"),
            ("no control \"Alex Sample\"", "no control \"[pii]\""),
            ("the token t0p, not t0ps", "the token [secret], not t0ps"),
            ("Li may read Life", "[pii] may read Life"),
            ("HTTP 504 on /pay", "HTTP 504 on /pay"),
            ("/100%25/plain+text", "/100%25/plain+text"),
            ("Hello, Alex", "Hello, Alex"),
        ] {
            assert_eq!(redactor().shown(text), shown);
        }
    }

    #[test]
    fn prose_is_searched_word_by_word() {
        assert_eq!(redactor().shown_word_by_word("Hello, Alex: Alexandria, 504"), "Hello, [pii]: Alexandria, 504");
    }
}
