//! `timeout`: calls that were given up.

use esr_tap::{Span, SpanKind, attributes as name};
use indexmap::IndexMap;

use crate::{
    charging::{Charges, PERSONA, PROXY, SpanIndex},
    findings::{Analysis, Cause, CauseKind, Evidence, Execution, Place, TraceLines, place_named},
    format::duration,
    goals::nearest_rank,
};

/// Calls from one part to another, with one setting, of which some timed out.
pub(super) struct GivenUp<'a> {
    pub(super) caller: &'a str,
    pub(super) callee: &'a str,
    /// The setting, in nanoseconds.
    pub(super) timeout: u64,
    pub(super) place: Option<Place>,
    /// How many calls timed out.
    pub(super) count: u64,
    /// How many were made.
    pub(super) made: u64,
    /// 99th percentile of what the callee took for such calls, those included that nobody waited for to the end.
    pub(super) p99: u64,
    /// What the time of the calls that timed out is charged to.
    pub(super) charges: Charges,
    /// The block of the first that timed out.
    pub(super) lines: Option<TraceLines>,
}

/// Whether the span is a call that its caller gave up.
pub(super) fn is_timeout(span: &Span) -> bool {
    span.kind == SpanKind::Client && span.text(name::ERROR_TYPE) == Some("timeout")
}

pub(super) fn find(analysis: &Analysis<'_>, failed: &[&Execution]) -> Option<Cause> {
    let most = given_up(analysis, failed).into_iter().next()?;
    Some(Cause {
        kind: CauseKind::Timeout,
        part: most.caller.to_owned(),
        setting: format!("{} → {} timeout", most.caller, most.callee),
        evidence: vec![Evidence {
            text: format!(
                "{} gave up {} of {} calls to {} after {}; its p99 is {}",
                most.caller,
                most.count,
                most.made,
                most.callee,
                duration(most.timeout),
                duration(most.p99),
            ),
            lines: most.lines,
        }],
        place: most.place,
    })
}

/// The calls between parts that timed out in these executions, by setting, most frequent first.
pub(super) fn given_up<'a>(analysis: &Analysis<'a>, failed: &[&Execution]) -> Vec<GivenUp<'a>> {
    let tree = analysis.tree;
    let mut settings: IndexMap<(&str, &str, Option<&str>), Vec<SpanIndex>> = IndexMap::new();
    for at in failed.iter().flat_map(|execution| analysis.spans(execution)) {
        if let Some(setting) = setting(tree.span(at)).filter(|_| is_timeout(tree.span(at))) {
            settings.entry(setting).or_default().push(at);
        }
    }
    let given_up = |(key, calls): ((&'a str, &'a str, Option<&'a str>), Vec<SpanIndex>)| {
        let like: Vec<_> = tree.all().filter(|at| setting(tree.span(*at)) == Some(key)).collect();
        let mut times: Vec<_> = like.iter().map(|at| time_of_callee(analysis, *at)).collect();
        times.sort_unstable();
        let mut charges = Charges::default();
        calls.iter().for_each(|at| charges.add(&analysis.charging.span(*at)));
        let first = tree.span(calls[0]);
        let store = analysis.store;
        let sources: Vec<_> = store.blueprint().map(|blueprint| &blueprint.sources).into_iter().collect();
        GivenUp {
            caller: key.0,
            callee: key.1,
            timeout: first.int(name::ESR_TIMEOUT).map_or_else(|| first.duration(), i64::unsigned_abs),
            place: key.2.and_then(|place| place_named(&sources, place)),
            count: calls.len() as u64,
            made: like.len() as u64,
            p99: nearest_rank(&times, 99.0).unwrap_or(0),
            charges,
            lines: store.block(&first.block).map(TraceLines::from),
        }
    };
    let mut all: Vec<_> = settings.into_iter().map(given_up).collect();
    all.sort_by_key(|given_up| std::cmp::Reverse(given_up.count));
    all
}

/// Caller, callee and place of the timeout of a call between parts.
fn setting(span: &Span) -> Option<(&str, &str, Option<&str>)> {
    if span.kind != SpanKind::Client || span.service == PERSONA {
        return None;
    }
    let caller = span.text(name::ESR_CALLER).unwrap_or(&span.service);
    Some((caller, span.text(name::ESR_CALLEE)?, span.text(name::ESR_TIMEOUT_PLACE)))
}

/// How long the callee took, whether or not the caller waited for it.
fn time_of_callee(analysis: &Analysis<'_>, call: SpanIndex) -> u64 {
    let tree = analysis.tree;
    let below = tree.children(call).iter().map(|at| tree.span(*at));
    let beyond = below.filter(|span| span.service == PROXY || span.kind == SpanKind::Server).map(Span::duration);
    beyond.max().unwrap_or(0).max(tree.span(call).duration())
}
