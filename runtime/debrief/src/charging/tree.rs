//! The spans of a run, by cause and by block.

use std::collections::HashMap;

use esr_tap::{RunStore, Span, SpanId, SpanKind, TraceId, attributes as name};
use indexmap::IndexMap;

use super::{PERSONA, PROXY};

/// Most spans above one another. Those below are nobody's children: only a damaged trace has them, and circles.
const MOST_DEPTH: usize = 500;

/// Names a span of a [`TraceTree`].
pub type SpanIndex = usize;

/// The spans of a run with their lines; every span has the children that are on record.
pub struct TraceTree<'a> {
    spans: Vec<(u64, &'a Span)>,
    parents: Vec<Option<SpanIndex>>,
    children: Vec<Vec<SpanIndex>>,
    blocks: HashMap<&'a str, Vec<SpanIndex>>,
    traces: HashMap<TraceId, Vec<SpanIndex>>,
    served: IndexMap<&'a str, Vec<SpanIndex>>,
}

impl<'a> TraceTree<'a> {
    /// The spans of `store`.
    pub fn of(store: &'a RunStore) -> Self {
        Self::new(store.spans().collect())
    }

    /// Spans with their lines of `trace.jsonl`.
    pub fn new(mut spans: Vec<(u64, &'a Span)>) -> Self {
        let parents: HashMap<_, _> =
            spans.iter().map(|(_, span)| ((span.trace_id, span.span_id), span.parent_span_id)).collect();
        let depth = |span: &Span| {
            let above = |id: &SpanId| parents.get(&(span.trace_id, *id)).copied().flatten();
            std::iter::successors(span.parent_span_id, above).take(MOST_DEPTH).count()
        };
        // Children and blocks are then in order of time; callers come before callees that began at the same instant.
        spans.sort_by_cached_key(|(line, span)| {
            (span.start_time_unix_nano, depth(span), span.end_time_unix_nano, *line)
        });
        let by_id: HashMap<_, SpanIndex> =
            spans.iter().enumerate().map(|(at, (_, span))| ((span.trace_id, span.span_id), at)).collect();
        let parent = |(_, span): &(u64, &Span)| {
            let parent = by_id.get(&(span.trace_id, span.parent_span_id?)).copied();
            parent.filter(|_| depth(span) < MOST_DEPTH)
        };
        let mut tree = Self {
            parents: spans.iter().map(parent).collect(),
            children: vec![Vec::new(); spans.len()],
            blocks: HashMap::new(),
            traces: HashMap::new(),
            served: IndexMap::new(),
            spans,
        };
        for (at, (_, span)) in tree.spans.iter().enumerate() {
            if let Some(parent) = tree.parents[at] {
                tree.children[parent].push(at);
            }
            tree.blocks.entry(span.block.as_str()).or_default().push(at);
            tree.traces.entry(span.trace_id).or_default().push(at);
            if span.kind == SpanKind::Server {
                tree.served.entry(span.service.as_str()).or_default().push(at);
            }
        }
        tree
    }

    /// A span.
    pub fn span(&self, at: SpanIndex) -> &'a Span {
        self.spans[at].1
    }

    /// Its line of `trace.jsonl`.
    pub fn line(&self, at: SpanIndex) -> u64 {
        self.spans[at].0
    }

    /// What it caused, in order of time.
    pub fn children(&self, at: SpanIndex) -> &[SpanIndex] {
        &self.children[at]
    }

    /// What caused it.
    pub fn parent(&self, at: SpanIndex) -> Option<SpanIndex> {
        self.parents[at]
    }

    /// All spans, in order of time.
    pub fn all(&self) -> impl Iterator<Item = SpanIndex> + use<> {
        0..self.spans.len()
    }

    /// The spans of a block, in order of time.
    pub fn block(&self, block: &str) -> &[SpanIndex] {
        self.blocks.get(block).map_or(&[], Vec::as_slice)
    }

    /// The spans of a journey, in order of time.
    pub fn trace(&self, trace: TraceId) -> &[SpanIndex] {
        self.traces.get(&trace).map_or(&[], Vec::as_slice)
    }

    /// Parts that served requests.
    pub fn parts(&self) -> impl Iterator<Item = &'a str> {
        self.served.keys().copied()
    }

    /// The requests that a part served, in order of time.
    pub fn served(&self, part: &str) -> &[SpanIndex] {
        self.served.get(part).map_or(&[], Vec::as_slice)
    }

    /// The requests of the persona itself in a block.
    pub fn requests(&self, block: &str) -> impl Iterator<Item = SpanIndex> {
        self.block(block).iter().copied().filter(|at| {
            let span = self.span(*at);
            span.kind == SpanKind::Client && span.service == PERSONA
        })
    }

    /// The span of the part that served a call, through the proxy between them.
    pub fn server_of(&self, call: SpanIndex) -> Option<SpanIndex> {
        let below = self.children(call).iter().copied().find(|at| {
            let span = self.span(*at);
            span.kind == SpanKind::Server || span.service == PROXY
        })?;
        if self.span(below).kind == SpanKind::Server {
            return Some(below);
        }
        self.children(below).iter().copied().find(|at| self.span(*at).kind == SpanKind::Server)
    }

    /// Nanoseconds that the request waited for a worker.
    pub fn queue_wait(&self, at: SpanIndex) -> u64 {
        self.nanoseconds(at, name::ESR_QUEUE_WAIT)
    }

    /// Nanoseconds that a probe held the request.
    pub fn probe_delay(&self, at: SpanIndex) -> u64 {
        self.nanoseconds(at, name::ESR_PROBE_DELAY)
    }

    /// The response's status.
    pub fn status(&self, at: SpanIndex) -> Option<u16> {
        self.span(at).int(name::HTTP_RESPONSE_STATUS_CODE).and_then(|status| u16::try_from(status).ok())
    }

    fn nanoseconds(&self, at: SpanIndex, attribute: &str) -> u64 {
        self.span(at).int(attribute).and_then(|time| u64::try_from(time).ok()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_of_spans_is_cut() {
        let line = r#"{"trace_id":"1","span_id":"1","parent_span_id":"2","block":"p0.i0","name":"x","kind":"CLIENT",
            "service.name":"persona","start_time_unix_nano":1,"end_time_unix_nano":9}"#;
        let first: Span = serde_json::from_str(line).unwrap();
        let second = Span { span_id: SpanId(2), parent_span_id: Some(SpanId(1)), ..first.clone() };
        let tree = TraceTree::new(vec![(1, &first), (2, &second)]);
        assert!(tree.all().all(|at| tree.parent(at).is_none() && tree.children(at).is_empty()));
        let charged = crate::charging::Charging::new(&tree, &|_| None).blocks(&["p0.i0"]);
        assert_eq!(charged.total(), 16.0);
    }
}
