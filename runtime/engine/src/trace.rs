//! The trace context that every request carries. Source: W3C Trace Context.

use esr_tap::{SpanId, TraceId};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::Key;

/// Trace and parent span: `00-TRACE-SPAN-01`.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// The key, as `esr=KEY`.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
/// The run's id: what tells synthetic traffic from real.
pub const SIMULATION: HeaderName = HeaderName::from_static("x-esr-sim");

/// What a request says of its place in a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// The journey.
    pub trace_id: TraceId,
    /// The client span of the caller.
    pub parent: SpanId,
    /// The key of the persona's step.
    pub key: Key,
}

/// Sets the three headers of a request that the client span `parent` sends on behalf of `key`.
pub fn inject(headers: &mut HeaderMap, key: &Key, parent: SpanId, run_id: &str) {
    let parent = format!("00-{}-{parent}-01", key.trace_id());
    for (name, value) in [(TRACEPARENT, parent), (TRACESTATE, format!("esr={key}")), (SIMULATION, run_id.to_owned())] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}

/// Reads what [`inject`] wrote; none for a request that is not of a run.
pub fn extract(headers: &HeaderMap) -> Option<TraceContext> {
    let mut parts = headers.get(TRACEPARENT)?.to_str().ok()?.split('-');
    let (_version, trace_id, parent) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let members = headers.get(TRACESTATE)?.to_str().ok()?.split(',');
    let key = members.filter_map(|member| member.trim().strip_prefix("esr=")).next()?.parse().ok()?;
    Some(TraceContext { trace_id, parent, key })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let key = Key { seed: 7, persona: 1, iteration: 0, node: 2, attempt: 0, implicit: true };
        let mut headers = HeaderMap::new();
        assert_eq!(extract(&headers), None);
        inject(&mut headers, &key, SpanId(0xabc), "run-1");
        assert_eq!(headers[TRACEPARENT].to_str().map(str::len), Ok(55));
        assert_eq!(headers[SIMULATION], "run-1");
        assert_eq!(extract(&headers), Some(TraceContext { trace_id: key.trace_id(), parent: SpanId(0xabc), key }));
    }
}
