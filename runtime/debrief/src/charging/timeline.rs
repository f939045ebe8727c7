//! The critical path of a span, instant by instant.

use esr_tap::{SpanKind, attributes as name};

use super::{PROXY, SpanIndex, TraceTree};

/// What happens at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activity<'a> {
    /// This part works, or the wire to it takes its time.
    Own(&'a str),
    /// A probe holds a request to this part.
    Delay(&'a str),
    /// A request waits for a worker of this part.
    Queue(&'a str),
}

/// Nanoseconds since the epoch in which one thing happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment<'a> {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) activity: Activity<'a>,
}

/// The critical path of a span between two instants; the segments do not overlap, their order is not defined.
pub(super) fn timeline<'a>(tree: &TraceTree<'a>, span: SpanIndex, from: u64, to: u64) -> Vec<Segment<'a>> {
    let mut segments = Vec::new();
    walk(tree, span, from, to, &mut segments);
    segments
}

fn walk<'a>(tree: &TraceTree<'a>, at: SpanIndex, from: u64, to: u64, out: &mut Vec<Segment<'a>>) {
    let span = tree.span(at);
    let (start, end) = (span.start_time_unix_nano.0, span.end_time_unix_nano.0);
    let (from, to) = (from.max(start), to.min(end));
    if from >= to {
        return;
    }
    let mut push = |start: u64, end: u64, activity| {
        if start < end {
            out.push(Segment { start, end, activity });
        }
    };
    let callee = || span.text(name::ESR_CALLEE).unwrap_or(span.service.as_str());
    let is_proxy = span.service == PROXY;
    let (head, head_activity) = if span.kind == SpanKind::Server {
        (tree.queue_wait(at), Activity::Queue(span.service.as_str()))
    } else if is_proxy {
        (tree.probe_delay(at), Activity::Delay(callee()))
    } else {
        (0, Activity::Own(span.service.as_str()))
    };
    let work = start.saturating_add(head);
    push(from, to.min(work), head_activity);
    let unanswered = span.kind == SpanKind::Client && tree.children(at).is_empty();
    let own = Activity::Own(if is_proxy || unanswered { callee() } else { span.service.as_str() });

    let from = from.max(work);
    let mut cursor = to;
    let mut path = Vec::new();
    while cursor > from {
        let last = tree
            .children(at)
            .iter()
            .copied()
            .filter(|child| {
                let child = tree.span(*child);
                let (start, end) = (child.start_time_unix_nano.0, child.end_time_unix_nano.0);
                start < cursor && end > from && start < end
            })
            .max_by_key(|child| {
                let child = tree.span(*child);
                (child.end_time_unix_nano.0.min(cursor), std::cmp::Reverse(child.start_time_unix_nano))
            });
        let Some(child) = last else { break };
        let (begins, ends) = (tree.span(child).start_time_unix_nano.0, tree.span(child).end_time_unix_nano.0);
        let ends = ends.min(cursor);
        push(ends, cursor, own);
        path.push((child, begins.max(from), ends));
        cursor = begins.max(from);
    }
    push(from, cursor, own);
    for (child, from, to) in path {
        walk(tree, child, from, to, out);
    }
}
