//! Why a goal was missed, and what to do about it.
//!
//! A cause is looked for only where a goal was missed, and only in what made it be missed:
//!
//! - *failed executions*, for a missed `success` or `errors`: steps with an error, within the goal's steps and statuses;
//! - *windows*, times in which somebody waited too long: for a missed percentile the persona's requests of those
//!   executions (or journeys) that took longer than the goal allows; for failed executions their calls that timed out,
//!   the outermost of nested ones.
//!
//! The kinds are tried in this order, and the first that matches is the cause:
//!
//! 1. `rule`: of the failed executions, those that one draft rule refused (a part's span says so) are more than those of
//!    any other rule, and no fewer than those of any step that failed in one way by no rule. One that several rules refused
//!    counts for each. The part at fault is the frontend that is bound to the rule.
//! 2. `failing-part`: in failed executions, a call that ended with 5xx, was refused or broke, or with a 4xx that made
//!    the calling part answer 5xx, though no call of the callee failed or timed out. The part with most of these.
//! 3. `workers`: over the whole run, wait in the part's own queue that is charged to the part itself exceeds the part's
//!    own time. Not where more of that wait is charged to a `slow-service`: then the workers wait, too. At least a
//!    tenth of the windows must be wait in that queue. The part with most of such wait.
//! 4. `slow-service`: over the whole run, a request to the part takes on average, own time and the delays of its proxies,
//!    at least five times what one to the median of all parts that served a request takes (the mean of the middle two of
//!    an even number). At least a tenth of the windows must be charged to the part. The part that takes most. Where a
//!    probe's delay is the greater share, the setting is the probe.
//! 5. `timeout`: the caller and callee with most calls that timed out in failed executions, calls between parts only;
//!    the part at fault is the caller, whose setting it is.
//! 6. `slow-service` again, in a sandbox of two parts, where the median can tell nothing: compared with the other part.

mod failing;
mod fixes;
mod rule;
mod settings;
mod slow;
mod timeouts;

pub use fixes::fixes;
pub(crate) use rule::{is_refused_by, named as rules_that_refused};

use std::collections::HashMap;

use esr_tap::TraceId;
use scn_plan::plan::{Goal, Metric, Scope};

use crate::{
    charging::{Charges, SpanIndex},
    findings::{Analysis, Cause, Execution, GoalResult, Measure},
    goals::{StepFacts, admits, is_during},
};

/// What made the goals be missed.
struct Missed<'e> {
    /// Executions that failed and thereby missed a goal.
    failed: Vec<&'e Execution>,
    /// What the windows are charged to.
    windows: Charges,
}

/// The cause, if a goal was missed and a kind matches.
pub(crate) fn find(analysis: &Analysis<'_>, goals: &[GoalResult]) -> Option<Cause> {
    let missed = missed(analysis, goals)?;
    rule::find(analysis, &missed.failed)
        .or_else(|| failing::find(analysis, &missed.failed))
        .or_else(|| slow::workers(analysis, &missed.windows))
        .or_else(|| slow::service(analysis, &missed.windows))
        .or_else(|| timeouts::find(analysis, &missed.failed))
        .or_else(|| slow::service_of_two(analysis, &missed.windows))
}

fn missed<'e>(analysis: &'e Analysis<'_>, results: &[GoalResult]) -> Option<Missed<'e>> {
    let goals = &analysis.store.plan().goals;
    let missed: Vec<_> = goals.iter().zip(results).filter(|(_, result)| !result.met).collect();
    if missed.is_empty() {
        return None;
    }
    let mut failed = Vec::new();
    let mut windows = Charges::default();
    let journeys =
        analysis.store.journeys().iter().map(|journey| (journey.trace_id, journey.response_time())).collect();
    for (execution, charges) in analysis.executions.iter().zip(&analysis.charges) {
        let mut concerns = missed.iter().filter(|(goal, _)| within(analysis, execution, &goal.scopes));
        if concerns.any(|(goal, result)| is_too_slow(&journeys, execution, goal, result)) {
            windows.add(charges);
        }
        let mut concerns = missed.iter().filter(|(goal, _)| within(analysis, execution, &goal.scopes));
        if execution.error.is_some()
            && concerns.any(|(goal, _)| matches!(goal.metric, Metric::Success | Metric::Errors))
        {
            for call in outermost_timeouts(analysis, execution) {
                windows.add(&analysis.charging.span(call));
            }
            failed.push(execution);
        }
    }
    Some(Missed { failed, windows })
}

/// Whether the scopes admit the execution.
fn within(analysis: &Analysis<'_>, execution: &Execution, scopes: &[Scope]) -> bool {
    let facts = StepFacts {
        step: &execution.step,
        node: execution.node,
        template: execution.template.as_deref(),
        status: execution.status,
    };
    let during = |probe: &str| is_during(analysis.store, probe, execution.start);
    !execution.warm_up && admits(analysis.store.plan(), scopes, facts, during)
}

/// `journeys` has the response times of whole journeys.
fn is_too_slow(journeys: &HashMap<TraceId, u64>, execution: &Execution, goal: &Goal, result: &GoalResult) -> bool {
    let Some(Measure::Nanoseconds(limit)) = result.threshold else { return false };
    let time = match goal.metric {
        Metric::Percentile(_) => execution.response_time,
        Metric::JourneyPercentile(_) => journeys.get(&execution.trace).copied(),
        Metric::Success | Metric::Errors | Metric::Rate | Metric::JourneyRate | Metric::Recovery(_) => None,
    };
    time.is_some_and(|time| time > limit)
}

/// The calls of an execution that timed out, without those below another one.
fn outermost_timeouts(analysis: &Analysis<'_>, execution: &Execution) -> Vec<SpanIndex> {
    let tree = analysis.tree;
    let is_timeout = |at: SpanIndex| timeouts::is_timeout(tree.span(at));
    let below_another =
        |at: SpanIndex| std::iter::successors(tree.parent(at), |above| tree.parent(*above)).any(is_timeout);
    analysis.spans(execution).filter(|at| is_timeout(*at) && !below_another(*at)).collect()
}
