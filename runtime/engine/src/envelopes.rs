//! Envelopes: what agencies send one another, by `POST` with a body in JSON.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand in a path segment as it is. Source: RFC 3986, «unreserved».
pub const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The path at a partner for envelopes of `schema`.
pub fn path(schema: &str) -> String {
    format!("/envelopes/{}", utf8_percent_encode(schema, SEGMENT))
}
