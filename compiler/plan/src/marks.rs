//! Where a value's sensitive texts are, in a form that can travel beside the value: a label stays with a text that JSON, a
//! form or a path carries from one program to the next.

use std::{collections::BTreeMap, fmt};

use smol_str::{SmolStr, format_smolstr};

use crate::{Labels, Text, Value};

/// The labels of the texts in some named values, by the places of the texts.
///
/// A place is the value's name and the fields on the way, `body/citizen/name`; every item of a list is at `*`. What stands
/// below a place has its labels too. Written, the marks are `pii=body/citizen/name secret=headers/token`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(BTreeMap<SmolStr, Labels>);

/// Beyond this many characters the whole value is marked rather than the texts in it: headers are bounded.
const MOST: usize = 2000;

const NAMES: [(&str, Labels); 2] = [("pii", Labels::PII), ("secret", Labels::SECRET)];

impl Marks {
    /// The marks of `values`, which have names.
    pub fn of<'a>(values: impl IntoIterator<Item = (&'a str, &'a Value)> + Clone) -> Self {
        let mut marks = Self::default();
        for (name, value) in values.clone() {
            marks.find(&segment(name), value);
        }
        if marks.to_string().len() > MOST {
            let whole = values.into_iter().map(|(name, value)| (segment(name), value.labels()));
            marks.0 = whole.filter(|(_, labels)| labels.is_sensitive()).collect();
        }
        marks
    }

    fn find(&mut self, place: &SmolStr, value: &Value) {
        match value {
            Value::Text(text) => self.add(place, text.labels),
            Value::List(items) => items.iter().for_each(|item| self.find(&format_smolstr!("{place}/*"), item)),
            Value::Record(fields) => {
                for (name, field) in fields.iter() {
                    self.find(&format_smolstr!("{place}/{}", segment(name)), field);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, place: &str, labels: Labels) {
        if labels.is_sensitive() {
            let known = self.0.entry(place.into()).or_default();
            *known = known.union(labels);
        }
    }

    /// Whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads what was written; what is no mark is passed over.
    pub fn read(written: &str) -> Self {
        let mut marks = Self::default();
        for (name, place) in written.split_whitespace().filter_map(|mark| mark.split_once('=')) {
            if let Some((_, labels)) = NAMES.iter().find(|(known, _)| *known == name) {
                marks.add(place, *labels);
            }
        }
        marks
    }

    /// `value`, which has this name, with the labels that its texts have.
    pub fn on(&self, name: &str, value: Value) -> Value {
        if self.is_empty() { value } else { self.at(&segment(name), value) }
    }

    fn at(&self, place: &SmolStr, value: Value) -> Value {
        match value {
            Value::Text(text) => Value::Text(Text { labels: text.labels.union(self.labels(place)), ..text }),
            Value::List(items) => {
                let place = format_smolstr!("{place}/*");
                Value::list(items.iter().map(|item| self.at(&place, item.clone())).collect())
            }
            Value::Record(fields) => {
                let field = |name: &SmolStr, value: &Value| {
                    (name.clone(), self.at(&format_smolstr!("{place}/{}", segment(name)), value.clone()))
                };
                Value::record(fields.iter().map(|(name, value)| field(name, value)).collect())
            }
            other => other,
        }
    }

    /// The labels at `place`, of what is around it, and of what is below it, where a text holds a whole document.
    fn labels(&self, place: &str) -> Labels {
        let is_below = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let here = self.0.iter().filter(|(marked, _)| is_below(place, marked) || is_below(marked, place));
        here.fold(Labels::NONE, |all, (_, labels)| all.union(*labels))
    }
}

impl fmt::Display for Marks {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for (place, labels) in &self.0 {
            for (name, _) in NAMES.iter().filter(|(_, label)| labels.0 & label.0 != 0) {
                write!(out, "{between}{name}={place}")?;
                between = " ";
            }
        }
        Ok(())
    }
}

/// A name with what separates marks and places escaped, and all that no header can hold.
fn segment(name: &str) -> SmolStr {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.chars().all(is_plain) {
        return name.into();
    }
    let mut escaped = String::new();
    for byte in name.bytes() {
        match char::from(byte) {
            plain if is_plain(plain) => escaped.push(plain),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Record;

    fn text(value: &str, labels: Labels) -> Value {
        Value::Text(Text { value: value.into(), labels })
    }

    fn record(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
        Value::record(fields.into_iter().map(|(name, value)| (name.into(), value)).collect::<Record>())
    }

    /// As it comes over the wire: without labels.
    fn bare(value: &Value) -> Value {
        Value::from_json(&value.to_json())
    }

    #[test]
    fn what_is_marked_has_its_labels_again() {
        let both = Labels::PII.union(Labels::SECRET);
        let body = record([
            ("citizen", record([("full name", text("Alex", Labels::PII)), ("city", text("Rome", Labels::NONE))])),
            ("tokens", Value::list(vec![text("a", Labels::SECRET), text("b", Labels::SECRET)])),
            ("r\u{e9}sum\u{e9}", text("x", both)),
            ("age", Value::Int(7)),
        ]);
        let marks = Marks::of([("body", &body)]);
        let written = marks.to_string();
        assert_eq!(
            written,
            "pii=body/citizen/full%20name pii=body/r%C3%A9sum%C3%A9 secret=body/r%C3%A9sum%C3%A9 secret=body/tokens/*"
        );
        assert_eq!(Marks::read(&written), marks);
        assert_eq!(marks.on("body", bare(&body)), body);
        assert_eq!(marks.on("query", bare(&body)), bare(&body));
    }

    #[test]
    fn a_text_that_holds_a_document_has_the_labels_of_all_in_it() {
        let marks = Marks::read("pii=body/citizen/name nonsense =x secret= role=body/x");
        let inner = record([("citizen", text("{\"name\":\"Alex\"}", Labels::NONE))]);
        assert_eq!(marks.on("body", inner.clone()).labels(), Labels::PII);
        assert_eq!(marks.on("body", record([("citizens", text("x", Labels::NONE))])).labels(), Labels::NONE);
    }

    #[test]
    fn too_many_marks_become_one() {
        let wide = (0..200).map(|at| (SmolStr::from(format!("some_field_{at}")), text("x", Labels::PII)));
        let marks = Marks::of([("body", &Value::record(wide.collect()))]);
        assert_eq!(marks.to_string(), "pii=body");
        assert_eq!(marks.on("body", text("all of it", Labels::NONE)).labels(), Labels::PII);
        assert!(Marks::of([("body", &Value::text("x"))]).is_empty());
    }
}
