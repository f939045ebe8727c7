//! Keeps labelled values out of what is written.
//!
//! Labels travel with a value through every expression, but not through a server and back: a page may greet a person by
//! name, a redirect may lead to a path with an address in it. So whatever a journey records is searched for the
//! sensitive texts that the journey has handled, as they are and as paths, pages and JSON encode them. A server that changes a
//! text beyond that makes another text of it.

use std::{
    cell::Cell,
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
    known: Mutex<BTreeMap<(Reverse<usize>, SmolStr), Known>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Known {
    labels: Labels,
    /// Whether each word of it says something of somebody, as those of a name do. Not so those of a sentence that has a name
    /// in it.
    by_word: bool,
}

impl Redactor {
    /// Remembers every sensitive text in `value`, which says something of somebody itself.
    pub(crate) fn learn(&self, value: &Value) {
        self.remember(value, true);
    }

    /// Remembers every sensitive text in `value`, which may be made of others.
    pub(crate) fn learn_made(&self, value: &Value) {
        self.remember(value, false);
    }

    fn remember(&self, value: &Value, by_word: bool) {
        match value {
            Value::Text(text) if text.labels.is_sensitive() => self.learn_text(text, by_word),
            Value::List(items) => items.iter().for_each(|item| self.remember(item, by_word)),
            Value::Record(fields) => fields.values().for_each(|field| self.remember(field, by_word)),
            _ => {}
        }
    }

    fn learn_text(&self, text: &Text, by_word: bool) {
        let value = text.value.trim();
        if !is_sought(value) {
            return;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let add = |known: &mut Known| {
            known.labels = known.labels.union(text.labels);
            known.by_word |= by_word;
        };
        match known.get_mut(&(Reverse(value.len()), value.into())) {
            Some(known) if known.labels.union(text.labels) == known.labels && known.by_word >= by_word => {}
            _ => {
                for spelling in spellings(value) {
                    add(known.entry((Reverse(spelling.len()), spelling)).or_default());
                }
            }
        }
    }

    /// The labels of the sensitive texts that stand in `text`, as they are or encoded.
    pub(crate) fn labels_in(&self, text: &str) -> Labels {
        let found = Cell::new(Labels::NONE);
        self.hide(text, |known, shown| {
            let there = known
                .iter()
                .filter(|(needle, _)| shown.contains(needle) && replace(shown.clone(), needle, "") != shown);
            found.set(there.fold(found.get(), |all, (_, known)| all.union(known.labels)));
            shown
        });
        found.get()
    }

    /// `value`, which may be from outside, with the labels of the sensitive texts that stand in its texts.
    pub(crate) fn labelled(&self, value: Value) -> Value {
        match value {
            Value::Text(text) => {
                let labels = text.labels.union(self.labels_in(&text.value));
                Value::Text(Text { labels, ..text })
            }
            Value::List(items) => Value::list(items.iter().map(|item| self.labelled(item.clone())).collect()),
            Value::Record(fields) => {
                Value::record(fields.iter().map(|(name, field)| (name.clone(), self.labelled(field.clone()))).collect())
            }
            other => other,
        }
    }

    /// `text` for an output: with `[pii]` or `[secret]` for every sensitive text in it.
    pub(crate) fn shown(&self, text: &str) -> String {
        self.hide(text, |known, shown| {
            known.iter().fold(shown, |shown, (needle, known)| replace(shown, needle, mark(known.labels)))
        })
    }

    /// `text` likewise, and for every word of a sensitive text too. For prose that a server wrote, such as titles, where
    /// `Alex` alone stands for `Alex Sample`; in messages about controls, `Street` is more likely a label.
    pub(crate) fn shown_word_by_word(&self, text: &str) -> String {
        self.hide(&self.shown(text), |known, mut shown| {
            for (needle, known) in known.iter().filter(|(_, known)| known.by_word) {
                let words = needle.split(|c: char| !c.is_alphanumeric());
                for word in words.filter(|word| word.chars().count() >= WORD && is_sought(word)) {
                    shown = replace_word(shown, word, mark(known.labels));
                }
            }
            shown
        })
    }

    /// Hides in `text` as it is, and as it is when decoded as a path or as a query.
    fn hide(&self, text: &str, hide: impl Fn(&[(&str, Known)], String) -> String) -> String {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known: Vec<_> = known.iter().map(|((_, needle), known)| (needle.as_str(), *known)).collect();
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

/// `text` as it is, as a page shows it, and as documents write it: HTML, JSON, and JSON in ASCII alone.
fn spellings(text: &str) -> Vec<SmolStr> {
    let mut spellings: Vec<SmolStr> = vec![text.into()];
    let mut add = |spelling: String| {
        if spellings.iter().all(|known| *known != spelling) {
            spellings.push(spelling.into());
        }
    };
    add(text.split_whitespace().collect::<Vec<_>>().join(" "));
    for [quote, apostrophe] in [["&quot;", "&#39;"], ["&#34;", "&#x27;"], ["\"", "'"]] {
        let tags = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        add(tags.replace('"', quote).replace('\'', apostrophe));
    }
    let json = serde_json::Value::from(text).to_string();
    let json = json.trim_start_matches('"').strip_suffix('"').unwrap_or_default();
    let units = |c: char| c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
    add(json.chars().map(|c| if c.is_ascii() { c.to_string() } else { units(c) }).collect());
    add(json.to_owned());
    spellings
}

fn mark(labels: Labels) -> &'static str {
    if labels.0 & Labels::SECRET.0 != 0 { "[secret]" } else { "[pii]" }
}

/// Whether a text can be told from what else a message says.
fn is_sought(text: &str) -> bool {
    !text.is_empty() && (text.chars().count() >= DISTINCT || !text.chars().all(|c| c.is_ascii_digit()))
}

fn replace(text: String, needle: &str, mark: &str) -> String {
    if !text.contains(needle) {
        return text;
    }
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
    fn sensitive_texts_are_found_in_documents() {
        let redactor = Redactor::default();
        let name = "Zo\u{eb}  \"Q\" <b>O'Brien</b> & \u{1F600}";
        redactor.learn(&Value::Text(Text { value: name.into(), labels: Labels::PII }));
        let json = serde_json::Value::from(name).to_string();
        for encoded in [
            json.as_str(),
            r#"{"a":"Zo\u00eb  \"Q\" <b>O'Brien</b> & \ud83d\ude00"}"#,
            "<p>Zo\u{eb}  &quot;Q&quot; &lt;b&gt;O&#39;Brien&lt;/b&gt; &amp; \u{1F600}</p>",
            "Zo\u{eb} \"Q\" <b>O'Brien</b> & \u{1F600}",
            "/x/Zo%C3%AB%20%20%22Q%22%20%3Cb%3EO'Brien%3C%2Fb%3E%20%26%20%F0%9F%98%80",
        ] {
            assert!(redactor.shown(encoded).contains("[pii]"), "{encoded}");
            assert_eq!(redactor.labels_in(encoded), Labels::PII, "{encoded}");
        }
        assert_eq!(redactor.labels_in("O'Brien"), Labels::NONE);
        let body = Value::list(vec![Value::text(name), Value::Int(1), Value::text("Rome")]);
        assert_eq!(
            redactor.labelled(body.clone()),
            Value::list(vec![Value::text(name).labelled(Labels::PII), Value::Int(1), Value::text("Rome"),])
        );
    }

    #[test]
    fn a_sentence_with_a_name_in_it_is_hidden_as_a_whole_alone() {
        let redactor = redactor();
        redactor.learn_made(&Value::text("Hello, Alex Sample").labelled(Labels::PII));
        assert_eq!(redactor.shown("so: Hello, Alex Sample"), "so: [pii]");
        assert_eq!(redactor.shown_word_by_word("Hello, Alex"), "Hello, [pii]");
    }

    #[test]
    fn prose_is_searched_word_by_word() {
        assert_eq!(redactor().shown_word_by_word("Hello, Alex: Alexandria, 504"), "Hello, [pii]: Alexandria, 504");
    }
}
