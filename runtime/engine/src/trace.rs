//! The trace context that every request carries. Source: W3C Trace Context.

use esr_tap::SpanId;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::Key;

/// Sets the headers of a request that the client span `parent` sends on behalf of `key`: `traceparent`
/// (`00-TRACE-SPAN-01`), `tracestate` (`esr=KEY`), and `x-esr-sim`, which tells synthetic traffic from real.
pub(crate) fn inject(headers: &mut HeaderMap, key: &Key, parent: SpanId, run_id: &str) {
    let parent = format!("00-{}-{parent}-01", key.trace_id());
    for (name, value) in
        [("traceparent", parent), ("tracestate", format!("esr={key}")), ("x-esr-sim", run_id.to_owned())]
    {
        // A run's id may hold letters beyond ASCII.
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}
