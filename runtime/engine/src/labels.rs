//! Labels of texts that go over the wire, in a header beside them: who receives a text redacts it as its sender does.

use http::{HeaderMap, HeaderName, HeaderValue};
use scn_plan::{Marks, Value};

/// The header that says which texts of a message are sensitive.
const LABELS: HeaderName = HeaderName::from_static("x-esr-labels");

/// The attribute that says it of an element of a page and of what is entered there: `data-esr-label="pii"`.
pub const ATTRIBUTE: &str = "data-esr-label";

/// Says in `headers` which texts of `values` are sensitive; `values` are parts of the message such as `body` and `query`.
pub fn mark<'a>(headers: &mut HeaderMap, values: impl IntoIterator<Item = (&'a str, &'a Value)> + Clone) {
    let marks = Marks::of(values);
    match HeaderValue::try_from(marks.to_string()) {
        Ok(written) if !marks.is_empty() => {
            headers.insert(LABELS, written);
        }
        _ => {
            headers.remove(LABELS);
        }
    }
}

/// What `headers` say of the texts of their message.
pub fn marks(headers: &HeaderMap) -> Marks {
    headers.get(LABELS).and_then(|value| value.to_str().ok()).map(Marks::read).unwrap_or_default()
}
