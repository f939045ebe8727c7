//! Suggested fixes, each tied to evidence.

use super::{rule, slow, timeouts};
use crate::{
    findings::{Analysis, Cause, CauseKind, Evidence, Execution, Fix, place_of_step},
    format::{counted, duration},
};

/// What to change, most urgent first: the cause's own setting, then timeouts that failed steps, then steps that leave
/// people with no way on.
pub fn fixes(analysis: &Analysis<'_>, cause: Option<&Cause>) -> Vec<Fix> {
    let failed: Vec<_> = analysis.executions.iter().filter(|execution| execution.error.is_some()).collect();
    let mut fixes: Vec<Fix> = timeouts::given_up(analysis, &failed).iter().map(raise_timeout).collect();
    // What a rule does is no failure of the system that somebody could stand in for.
    if cause.is_none_or(|cause| cause.kind != CauseKind::Rule) {
        fixes.extend(fallback(analysis, &failed));
    }
    if let Some(cause) = cause
        && let Some(fix) = of_cause(analysis, cause)
    {
        // What a probe brings about is there on purpose: what gives way under it is more urgent.
        let is_probe = slow::delaying_probe(analysis, &cause.part).is_some();
        let at = if cause.kind == CauseKind::SlowService && is_probe { fixes.len() } else { 0 };
        fixes.insert(at, fix);
    }
    fixes
}

fn of_cause(analysis: &Analysis<'_>, cause: &Cause) -> Option<Fix> {
    let part = &cause.part;
    let text = match cause.kind {
        CauseKind::Rule => rule::fix(analysis, cause)?,
        CauseKind::FailingPart => format!("mend {part}, or let its callers go on without it"),
        CauseKind::Workers => {
            let limit = slow::limit(analysis, part)?;
            format!(
                "raise {part}'s workers above {limit}: up to {} requests were there at once",
                slow::crowd(analysis, part)
            )
        }
        CauseKind::SlowService => {
            let share = 100.0 * analysis.total.of(part).total() / analysis.total.total().max(1.0);
            let charged = format!("{share:.0} % of the time in the sandbox is charged to it");
            match slow::delaying_probe(analysis, part) {
                Some(probe) => format!("prepare {part}'s callers for a slow {part}: {charged} under {}", probe.name),
                None => format!("make {part} faster: {charged}"),
            }
        }
        // The fix of the timeout itself says it.
        CauseKind::Timeout => return None,
    };
    Some(Fix { text, evidence: cause.evidence.first()?.clone(), place: cause.place.clone() })
}

fn raise_timeout(calls: &timeouts::GivenUp<'_>) -> Fix {
    let timeout = duration(calls.timeout);
    let (caller, callee) = (calls.caller, calls.callee);
    let held_by = calls.charges.most().map(|share| share.part).filter(|part| part != callee && part != caller);
    let waiting = held_by.map(|part| format!(" while waiting for {part}")).unwrap_or_default();
    // Without the callee's own record (a killed run), all that is known is that the timeout was too small.
    let text = if calls.p99 > calls.timeout {
        format!("raise {caller}'s {callee} timeout above {}, its p99{waiting}", duration(calls.p99))
    } else {
        format!("raise {caller}'s {callee} timeout above {timeout}: it is not enough{waiting}")
    };
    let evidence = Evidence {
        text: format!(
            "{} of {} calls from {caller} to {callee} were given up after {timeout}",
            calls.count, calls.made
        ),
        lines: calls.lines,
    };
    Fix { text, evidence, place: calls.place.clone() }
}

/// A human in the loop at the step that the system failed most often.
fn fallback(analysis: &Analysis<'_>, failed: &[&Execution]) -> Option<Fix> {
    let mut steps: indexmap::IndexMap<&str, Vec<&Execution>> = indexmap::IndexMap::new();
    for execution in failed {
        let is_the_systems = execution.status.is_some_and(|status| status >= 500)
            || (execution.status.is_none() && execution.error.as_deref() == Some("timeout"));
        if is_the_systems {
            steps.entry(&execution.step).or_default().push(execution);
        }
    }
    // Of equals, the first.
    let (step, executions) = steps.into_iter().rev().max_by_key(|(_, executions)| executions.len())?;
    let reached = analysis.executions.iter().filter(|execution| execution.step == step).count() as u64;
    Some(Fix {
        text: format!("add a HITL fallback at {step}"),
        evidence: Evidence {
            text: format!(
                "{} of {} ended there with a failure of the system and no other way on",
                executions.len(),
                counted(reached, "execution"),
            ),
            lines: analysis.lines(executions[0]),
        },
        place: place_of_step(analysis.store.plan(), step),
    })
}
