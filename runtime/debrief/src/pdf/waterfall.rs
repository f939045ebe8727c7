//! The slowest journey as bars. A request is four spans in the trace (the caller's, the proxy's, the part's, and what
//! that calls in turn); the drawing has one bar for it, which says what the part waited for and what it did itself.

use serde::Serialize;

use super::chart::{Tick, ticks};
use crate::findings::{SlowestPath, WaterfallSpan};
use crate::format::{clean, counted, duration};

/// As many bars as a page takes.
const MOST_ROWS: usize = 44;

#[derive(Serialize)]
pub(super) struct Waterfall {
    alt: String,
    caption: String,
    ticks: Vec<Tick>,
    /// The kinds of segments that occur, for the key.
    kinds: Vec<&'static str>,
    rows: Vec<Row>,
    more: Option<String>,
}

#[derive(Serialize)]
struct Row {
    depth: usize,
    service: String,
    name: String,
    /// Whether it is the part that is charged most.
    main: bool,
    failed: Option<String>,
    time: String,
    segments: Vec<Segment>,
}

#[derive(Serialize)]
struct Segment {
    from: f64,
    to: f64,
    kind: &'static str,
}

/// A span, its children, and whether it has a bar.
struct Node<'a> {
    span: &'a WaterfallSpan,
    parent: Option<usize>,
    children: Vec<usize>,
}

fn end(span: &WaterfallSpan) -> u64 {
    span.start_ns.saturating_add(span.duration_ns)
}

fn tree(spans: &[WaterfallSpan]) -> Vec<Node<'_>> {
    let mut nodes: Vec<Node<'_>> = Vec::with_capacity(spans.len());
    let mut above: Vec<usize> = Vec::new();
    for (index, span) in spans.iter().enumerate() {
        above.truncate(span.depth as usize);
        let parent = above.last().copied();
        if let Some(parent) = parent.and_then(|parent| nodes.get_mut(parent)) {
            parent.children.push(index);
        }
        nodes.push(Node { span, parent, children: Vec::new() });
        above.push(index);
    }
    nodes
}

impl Node<'_> {
    /// Journeys, steps and served requests have a bar; so has a call that nobody served.
    fn has_bar(&self, nodes: &[Node<'_>]) -> bool {
        match self.span.kind.as_str() {
            "server" => true,
            "internal" => self.span.service != "proxy",
            _ => !served(self, nodes),
        }
    }
}

fn served(call: &Node<'_>, nodes: &[Node<'_>]) -> bool {
    call.children
        .iter()
        .filter_map(|child| nodes.get(*child))
        .any(|child| child.span.kind == "server" || served(child, nodes))
}

/// Why it failed, in a word, looking up to the call that it answers: a caller that gave up knows more than the callee.
fn failure(node: &Node<'_>, nodes: &[Node<'_>]) -> Option<String> {
    let mut failed = None;
    let mut current = Some(node);
    while let Some(node) = current {
        if let Some(error) = &node.span.error {
            failed = Some(clean(error, 24));
        }
        current = node.parent.and_then(|parent| nodes.get(parent)).filter(|parent| !parent.has_bar(nodes));
    }
    failed
}

fn segments(node: &Node<'_>, nodes: &[Node<'_>]) -> Vec<(u64, u64, &'static str)> {
    let span = node.span;
    let mut out = Vec::new();
    let proxy = node
        .parent
        .and_then(|parent| nodes.get(parent))
        .map(|parent| parent.span)
        .filter(|parent| parent.service == "proxy");
    if let Some(proxy) = proxy.filter(|proxy| proxy.probe_delay_ns > 0) {
        out.push((proxy.start_ns, proxy.start_ns.saturating_add(proxy.probe_delay_ns), "probe"));
    }
    let work = span.start_ns.saturating_add(span.queue_wait_ns).min(end(span));
    if span.queue_wait_ns > 0 {
        out.push((span.start_ns, work, "queue"));
    }
    let is_persona = span.kind != "server";
    let own = if is_persona { "waiting" } else { "own" };
    let mut calls: Vec<(u64, u64)> = node
        .children
        .iter()
        .filter_map(|child| nodes.get(*child))
        .filter(|child| child.span.kind == "client" && !is_persona)
        .map(|child| (child.span.start_ns.max(work), end(child.span).min(end(span))))
        .collect();
    calls.sort_unstable();
    let mut at = work;
    for (from, to) in calls {
        if from > at {
            out.push((at, from, own));
        }
        if to > at.max(from) {
            out.push((at.max(from), to, "waiting"));
        }
        at = at.max(to);
    }
    if end(span) > at || out.is_empty() {
        out.push((at, end(span), own));
    }
    out
}

/// The drawing of a path, if it has spans.
pub(super) fn waterfall(path: &SlowestPath) -> Option<Waterfall> {
    let nodes = tree(&path.waterfall);
    let x_end = path.waterfall.iter().map(end).max()?.max(1);
    let x = |nanoseconds: u64| nanoseconds as f64 / x_end as f64;

    let bars: Vec<(usize, &Node<'_>)> = nodes.iter().enumerate().filter(|(_, node)| node.has_bar(&nodes)).collect();
    let mut longest: Vec<usize> = bars.iter().map(|(index, _)| *index).collect();
    longest.sort_by_key(|index| (std::cmp::Reverse(nodes.get(*index).map(|node| node.span.duration_ns)), *index));
    longest.truncate(MOST_ROWS);
    longest.sort_unstable();

    let mut kinds = std::collections::BTreeSet::new();
    let rows: Vec<Row> = bars
        .iter()
        .filter(|(index, _)| longest.binary_search(index).is_ok())
        .map(|(_, node)| {
            let mut depth = 0;
            let mut above = node.parent;
            while let Some(parent) = above.and_then(|parent| nodes.get(parent)) {
                depth += usize::from(parent.has_bar(&nodes));
                above = parent.parent;
            }
            let segments = segments(node, &nodes);
            kinds.extend(segments.iter().map(|segment| segment.2));
            Row {
                depth,
                service: clean(&node.span.service, 40),
                name: clean(&node.span.name, 40),
                main: path.part.as_deref() == Some(node.span.service.as_str()),
                failed: failure(node, &nodes),
                time: duration(node.span.duration_ns),
                segments: segments
                    .into_iter()
                    .map(|(from, to, kind)| Segment { from: x(from), to: x(to), kind })
                    .collect(),
            }
        })
        .collect();
    let left_out = (bars.len() - rows.len()) as u64;
    let caption = format!(
        "Persona {} ({}), {}: {} of response time in {}. The part charged most is set bold.",
        path.persona,
        clean(&path.template, 40),
        clean(&path.outcome, 60),
        duration(path.total_ns),
        counted(path.steps.len() as u64, "step"),
    );
    Some(Waterfall {
        alt: format!("Bars over time for each step and request of the slowest journey. {caption}"),
        caption,
        ticks: ticks(x_end, 6),
        kinds: kinds.into_iter().collect(),
        more: (left_out > 0)
            .then(|| format!("{} left out; the JSON report has all spans.", counted(left_out, "shorter bar"))),
        rows,
    })
}
