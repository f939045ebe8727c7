//! Top errors, each with one example.

use std::cmp::Reverse;

use esr_tap::{SpanKind, attributes as name};
use indexmap::IndexMap;

use super::{Analysis, Execution, Hop, TopError, places};
use crate::cause;

/// How many kinds of errors are shown.
const MOST: usize = 10;

pub(super) fn top_errors(analysis: &Analysis<'_>) -> Vec<TopError> {
    let mut kinds: IndexMap<(&str, &str), Vec<&Execution>> = IndexMap::new();
    for execution in analysis.executions.iter().filter(|execution| !execution.warm_up) {
        if let Some(cause) = &execution.error {
            kinds.entry((&execution.step, cause)).or_default().push(execution);
        }
    }
    let mut errors: Vec<_> = kinds
        .into_iter()
        .map(|((step, cause), mut executions)| {
            executions.sort_by_key(|execution| (execution.start, execution.persona));
            error(analysis, step, cause, &executions)
        })
        .collect();
    errors.sort_by_key(|error| Reverse(error.count));
    errors.truncate(MOST);
    errors
}

fn error(analysis: &Analysis<'_>, step: &str, cause: &str, executions: &[&Execution]) -> TopError {
    // The first that the trace shows.
    let shown = executions.iter().copied().find(|execution| analysis.lines(execution).is_some());
    let example = shown.or(executions.first().copied());
    let path = example.and_then(|example| failing_path(analysis, example));
    TopError {
        headline: match path {
            Some(path) => format!("{cause} on {path}"),
            None => format!("{cause} at {step}"),
        },
        count: executions.len() as u64,
        step: step.to_owned(),
        cause: cause.to_owned(),
        reason: reason(analysis, executions),
        place: places::place_of_step(analysis.store.plan(), step),
        lines: example.and_then(|example| analysis.lines(example)),
        persona: example.and_then(|example| example.persona),
        at_ns: example.map_or(0, |example| analysis.at(example.start)),
        hops: example.map(|example| hops(analysis, example)).unwrap_or_default(),
    }
}

/// Why, in a sentence, with the draft rules that refused it, if any did.
fn reason(analysis: &Analysis<'_>, executions: &[&Execution]) -> Option<String> {
    let execution = executions.iter().find(|execution| execution.reason.is_some()).or(executions.first())?;
    match (&execution.reason, cause::rules_that_refused(analysis, execution)) {
        (Some(reason), Some(rules)) => Some(format!("{reason} ({rules})")),
        (None, Some(rules)) => Some(format!("refused by {rules}")),
        (reason, None) => reason.clone(),
    }
}

/// The path of the persona's request that failed, if one did.
fn failing_path(analysis: &Analysis<'_>, execution: &Execution) -> Option<String> {
    let tree = analysis.tree;
    let requests: Vec<_> = execution.blocks.iter().flat_map(|block| tree.requests(block)).collect();
    let failed = requests.into_iter().rev().find(|at| {
        tree.status(*at).is_some_and(|status| status >= 400) || tree.span(*at).text(name::ERROR_TYPE).is_some()
    })?;
    tree.span(failed).text(name::URL_PATH).map(str::to_owned)
}

/// The requests of the block that shows the failure.
fn hops(analysis: &Analysis<'_>, execution: &Execution) -> Vec<Hop> {
    let tree = analysis.tree;
    let block = execution.failed_in.as_ref().or(execution.blocks.last());
    let Some(block) = block else { return Vec::new() };
    let calls = tree.block(block).iter().copied().filter(|at| tree.span(*at).kind == SpanKind::Client);
    let hop = |at| {
        let span = tree.span(at);
        let method = span.text(name::HTTP_REQUEST_METHOD).unwrap_or(&span.name);
        Hop {
            caller: span.text(name::ESR_CALLER).unwrap_or(&span.service).to_owned(),
            callee: span.text(name::ESR_CALLEE).unwrap_or_default().to_owned(),
            request: format!("{method} {}", span.text(name::URL_PATH).unwrap_or_default()),
            at_ns: span.start_time_unix_nano.since(execution.start),
            duration_ns: span.duration(),
            queue_wait_ns: tree.server_of(at).map_or(0, |served| tree.queue_wait(served)),
            status: tree.status(at),
            error: span.text(name::ERROR_TYPE).map(str::to_owned),
            line: tree.line(at),
        }
    };
    calls.map(hop).collect()
}
