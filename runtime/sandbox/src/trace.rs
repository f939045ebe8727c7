//! Where a request belongs: its trace, its key, and the headers that carry both from hop to hop.
//!
//! `traceparent` is as W3C Trace Context has it. `tracestate` holds `esr=<key>`, and between parts also
//! `esr-hop=<16 hexadecimal digits>`: a digest of the calls that led here. The digest makes draws and span ids of a part
//! depend on where in the journey a request stands, never on when it arrives. `x-esr-sim` names the run.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use esr_engine::{Key, Request};
use esr_tap::{Block, SpanId, TraceId};
use http::{HeaderMap, HeaderName, HeaderValue};
use rand_chacha::ChaCha8Rng;
use smol_str::SmolStr;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
const RUN: HeaderName = HeaderName::from_static("x-esr-sim");
const KEY_MEMBER: &str = "esr";
const HOP_MEMBER: &str = "esr-hop";

/// Number that stands for «nobody of the plan» in the keys of people who use the sandbox by hand.
const VISITOR: u32 = u32::MAX;

/// Gives keys to requests that come without one.
pub(crate) struct Visitors {
    seed: u64,
    next: AtomicU32,
}

impl Visitors {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self { seed, next: AtomicU32::new(0) })
    }

    fn key(&self) -> Key {
        let iteration = self.next.fetch_add(1, Ordering::Relaxed);
        Key { seed: self.seed, persona: VISITOR, iteration, node: 0, attempt: 0, implicit: false }
    }
}

/// Where a request belongs.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    pub(crate) trace_id: TraceId,
    /// The caller's span.
    pub(crate) parent: Option<SpanId>,
    /// The run that it belongs to; none for people who use the sandbox by hand.
    pub(crate) run: Option<SmolStr>,
    pub(crate) key: Key,
    /// Digest of the calls that led here.
    pub(crate) hop: u64,
    /// Whether the request came without a key, from a person who uses the sandbox by hand.
    pub(crate) by_hand: bool,
    /// Members of `tracestate` that are not ours.
    others: Vec<SmolStr>,
}

impl Trace {
    /// Where `request` belongs; one without a key gets its own.
    pub(crate) fn of(request: &Request, visitors: &Visitors) -> Trace {
        let (mut key, mut hop, mut others) = (None, None, Vec::new());
        for header in request.headers.get_all(TRACESTATE) {
            for member in header.to_str().unwrap_or("").split(',').map(str::trim) {
                match member.split_once('=') {
                    Some((KEY_MEMBER, text)) => key = text.parse().ok().or(key),
                    Some((HOP_MEMBER, text)) => hop = u64::from_str_radix(text, 16).ok().or(hop),
                    Some(_) => others.push(member.into()),
                    None => {}
                }
            }
        }
        let by_hand = key.is_none();
        let key = key.unwrap_or_else(|| visitors.key());
        let parents = request.headers.get(TRACEPARENT).and_then(|header| read_parent(header.to_str().ok()?));
        let (trace_id, parent) = match parents {
            Some((trace_id, parent)) => (trace_id, Some(parent)),
            None => (key.trace_id(), None),
        };
        let hop = hop.unwrap_or_else(|| digest(0, &[request.method.as_str(), request.url.path()]));
        let run = request.headers.get(RUN).map(|run| String::from_utf8_lossy(run.as_bytes()).into());
        Trace { trace_id, parent, run, key, hop, by_hand, others }
    }

    /// The block that spans of this request are written with.
    pub(crate) fn block(&self) -> Block {
        self.key.block()
    }

    /// The id of a span of this request: the same whenever the same `purpose` is met at the same place of a journey.
    pub(crate) fn span_id(&self, purpose: &str) -> SpanId {
        let parent = self.parent.unwrap_or(SpanId(0));
        self.key.span_id(&format!("{purpose}/{:016x}/{parent}", self.hop))
    }

    /// Random numbers for `purpose` at this place of a journey.
    pub(crate) fn rng(&self, purpose: &str) -> ChaCha8Rng {
        self.key.rng(&format!("{purpose}/{:016x}", self.hop))
    }

    /// The same place for a request that is caused by span `parent`.
    pub(crate) fn below(&self, parent: SpanId) -> Trace {
        Trace { parent: Some(parent), ..self.clone() }
    }

    /// One call further: `call` names it among all calls that this request makes.
    pub(crate) fn further(&self, call: &str) -> Trace {
        Trace { hop: digest(self.hop, &[call]), ..self.clone() }
    }

    /// Writes the headers.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let parent = self.parent.unwrap_or(SpanId(0));
        let mut state = format!("{KEY_MEMBER}={},{HOP_MEMBER}={:016x}", self.key, self.hop);
        for other in &self.others {
            state.push(',');
            state.push_str(other);
        }
        let run = self.run.as_ref().map(|run| (RUN, run.to_string()));
        let context = [(TRACEPARENT, format!("00-{}-{parent}-01", self.trace_id)), (TRACESTATE, state)];
        for (name, text) in context.into_iter().chain(run) {
            if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
                headers.insert(name, value);
            }
        }
    }
}

fn read_parent(text: &str) -> Option<(TraceId, SpanId)> {
    let mut parts = text.split('-');
    let (_version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
    if trace.len() != 32 || span.len() != 16 {
        return None;
    }
    let (trace, span): (TraceId, SpanId) = (trace.parse().ok()?, span.parse().ok()?);
    (trace.0 != 0 && span.0 != 0).then_some((trace, span))
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo), begun from `seed`; each part is closed by a byte that no text holds.
fn digest(seed: u64, parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    seed.to_le_bytes()
        .into_iter()
        .chain(bytes)
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Method;
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    fn request(headers: HeaderMap) -> Request {
        let url = Url::parse("http://127.0.0.1/start").expect("a URL");
        Request { method: Method::GET, url, headers, body: Bytes::new() }
    }

    proptest! {
        #[test]
        fn any_header_yields_a_trace_that_survives_the_next_hop(
            parent in proptest::collection::vec(any::<u8>(), 0..80),
            state in "[ -~]{0,40}(esr=[0-9a-f.pinas]{0,30})?(,esr-hop=[0-9a-f]{0,20})?",
        ) {
            let mut headers = HeaderMap::new();
            for (name, value) in [(TRACEPARENT, parent), (TRACESTATE, state.into_bytes())] {
                if let Ok(value) = HeaderValue::from_bytes(&value) {
                    headers.insert(name, value);
                }
            }
            let visitors = Visitors::new(7);
            let trace = Trace::of(&request(headers), &visitors).below(SpanId(9));
            prop_assert_ne!(trace.trace_id.0, 0);
            let mut next = HeaderMap::new();
            trace.write(&mut next);
            let read = Trace::of(&request(next), &visitors);
            prop_assert!(!read.by_hand);
            prop_assert_eq!(
                (read.trace_id, read.parent, read.key, read.hop, read.others),
                (trace.trace_id, trace.parent, trace.key, trace.hop, trace.others)
            );
        }
    }

    #[test]
    fn draws_differ_by_call_and_by_what_led_to_it() {
        let visitors = Visitors::new(7);
        let mut headers = HeaderMap::new();
        headers.insert(TRACESTATE, HeaderValue::from_static("esr=7.p1.i0.n2.a0"));
        let trace = Trace::of(&request(headers), &visitors);
        let places = [trace.clone(), trace.further("a"), trace.further("b"), trace.further("a").further("b")];
        let ids: std::collections::HashSet<_> = places.iter().map(|place| place.span_id("x")).collect();
        assert_eq!(ids.len(), places.len());
    }
}
