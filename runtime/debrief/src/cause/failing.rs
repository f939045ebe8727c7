//! `failing-part`: who fails by itself.

use esr_tap::{SpanKind, attributes as name};
use indexmap::IndexMap;

use super::settings;
use crate::{
    charging::{SpanIndex, TraceTree},
    findings::{Analysis, Cause, CauseKind, Evidence, Execution, TraceLines},
};

/// Failures that start at one part.
struct Origin {
    count: u64,
    /// How the first of them failed: a status, or why there was none.
    how: String,
    /// The span of the part that served it, or the call if none did.
    example: SpanIndex,
}

pub(super) fn find(analysis: &Analysis<'_>, failed: &[&Execution]) -> Option<Cause> {
    let tree = analysis.tree;
    let mut origins: IndexMap<&str, Origin> = IndexMap::new();
    for at in failed.iter().flat_map(|execution| analysis.spans(execution)) {
        if let Some(how) = failure_of_its_own(tree, at) {
            let example = tree.server_of(at).unwrap_or(at);
            let callee = tree.span(at).text(name::ESR_CALLEE).unwrap_or(&tree.span(example).service);
            origins.entry(callee).or_insert(Origin { count: 0, how, example }).count += 1;
        }
    }
    // Of equals, the first that failed.
    let (part, origin) = origins.into_iter().rev().max_by_key(|(_, origin)| origin.count)?;
    let route = tree.span(origin.example).name.as_str();
    let place = analysis.store.blueprint().and_then(|blueprint| settings::reply(blueprint, part, &origin.how));
    let served = tree.served(part).len() as u64;
    let of = if served > 0 { format!(" of {served}") } else { String::new() };
    let lines = analysis.store.block(&tree.span(origin.example).block).map(TraceLines::from);
    Some(Cause {
        kind: CauseKind::FailingPart,
        part: part.to_owned(),
        setting: format!("{part} {route}"),
        place,
        evidence: vec![Evidence {
            text: format!(
                "{} failed steps go back to {part}: it failed {}{of} requests ({}), and no call of its own failed or timed out",
                failed.len(),
                origin.count,
                origin.how,
            ),
            lines,
        }],
    })
}

/// How a call failed, if that was the callee's own doing.
fn failure_of_its_own(tree: &TraceTree<'_>, call: SpanIndex) -> Option<String> {
    let span = tree.span(call);
    if span.kind != SpanKind::Client {
        return None;
    }
    let served = tree.server_of(call);
    if served.is_some_and(|served| tree.children(served).iter().any(|below| has_failed(tree, *below))) {
        return None;
    }
    // A fault that a probe put in the proxy is the probe's doing.
    let proxy = tree.children(call).first().map(|below| tree.span(*below));
    if served.is_none() && proxy.is_some_and(|proxy| proxy.text(name::ESR_PROBE).is_some()) {
        return None;
    }
    match tree.status(call) {
        Some(status) if status >= 500 => Some(format!("HTTP {status}")),
        // A refusal, if the caller could not live with it.
        Some(status) if status >= 400 => {
            let caller = tree.parent(call).filter(|caller| tree.span(*caller).kind == SpanKind::Server)?;
            tree.status(caller).filter(|status| *status >= 500)?;
            Some(format!("HTTP {status}"))
        }
        Some(_) => None,
        // A timeout is the caller's setting, and an interruption the run's end.
        None => {
            span.text(name::ERROR_TYPE).filter(|error| !["timeout", "interrupted"].contains(error)).map(str::to_owned)
        }
    }
}

fn has_failed(tree: &TraceTree<'_>, call: SpanIndex) -> bool {
    let span = tree.span(call);
    span.kind == SpanKind::Client
        && (tree.status(call).is_some_and(|status| status >= 400) || span.text(name::ERROR_TYPE).is_some())
}
