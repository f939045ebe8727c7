//! Goals held against what the store has.
//!
//! Percentiles and errors come from the metrics, whose histograms resolve one part in a thousand: a measured value and
//! a threshold that the histogram cannot tell apart count as equal. Success and whole journeys come from the journeys.
//! Scopes restrict, all of them at once:
//!
//! | scope | steps | journeys |
//! |---|---|---|
//! | a step | its executions | those that executed it; `success` then means that it did not fail there |
//! | `of:` | of that template or one that extends it | likewise |
//! | `during:` | that began while the probe was in force, alone or among others | that began within one of its windows |
//! | `status:` | whose final status was that | with a step whose final status was that |
//!
//! `pNN(journey)` is the percentile of finished journeys' summed response times. A goal with nothing to measure is
//! missed; only counts are then 0.

mod measure;
mod so_far;
mod verdict;

use esr_tap::{JourneyOutcome, JourneyRecord, RunStore, Timestamp};
use scn_plan::{
    BinaryOp, Plan, Value,
    plan::{Goal, Metric, Scope},
};

pub use measure::{Selection, select};
pub use so_far::{GoalSoFar, GoalsSoFar};
pub use verdict::{RunFacts, judge, word};

use crate::{
    findings::{GoalResult, Measure, place_of, windows},
    format,
};

/// Holds every goal of the plan against the store, in the order of the source.
pub fn evaluate(store: &RunStore) -> Vec<GoalResult> {
    store.plan().goals.iter().map(|goal| evaluate_one(store, goal)).collect()
}

/// Whether a journey has ended by itself.
pub(crate) fn is_finished(journey: &JourneyRecord) -> bool {
    journey.outcome != JourneyOutcome::Interrupted
}

fn evaluate_one(store: &RunStore, goal: &Goal) -> GoalResult {
    let (measured, same) = match goal.metric {
        Metric::Success => (success(store, &goal.scopes).map(Measure::Fraction), false),
        Metric::Errors => (Some(Measure::Count(selection(store, &goal.scopes).failures)), false),
        Metric::Percentile(percent) => percentile(&selection(store, &goal.scopes), goal, percent),
        Metric::JourneyPercentile(percent) => {
            (journey_percentile(store, &goal.scopes, percent).map(Measure::Nanoseconds), false)
        }
    };
    result(store.plan(), goal, measured, same)
}

/// The percentile of steps' response times, and whether the histogram cannot tell it from the goal's threshold.
fn percentile(selection: &Selection, goal: &Goal, percent: f64) -> (Option<Measure>, bool) {
    let same = match threshold(&goal.threshold) {
        Some(Measure::Nanoseconds(limit)) => selection.is_at(percent, limit),
        _ => false,
    };
    (selection.percentile(percent).map(Measure::Nanoseconds), same)
}

/// Holds what was measured against the goal; `same`: it cannot be told from the threshold.
fn result(plan: &Plan, goal: &Goal, measured: Option<Measure>, same: bool) -> GoalResult {
    let threshold = threshold(&goal.threshold);
    let met = match (measured, threshold) {
        (Some(measured), Some(threshold)) => holds(goal.op, measured, if same { measured } else { threshold }),
        _ => false,
    };
    GoalResult {
        text: goal.text.to_string(),
        measured,
        measured_text: measured.map_or_else(|| "nothing to measure".to_owned(), words),
        threshold,
        met,
        place: place_of(&plan.sources, goal.span),
    }
}

fn threshold(value: &Value) -> Option<Measure> {
    Some(match value {
        Value::Percent(share) | Value::Decimal(share) => Measure::Fraction(*share),
        Value::Duration(time) => Measure::Nanoseconds(u64::try_from(*time).ok()?),
        Value::Int(count) => Measure::Count(u64::try_from(*count).ok()?),
        _ => return None,
    })
}

fn holds(op: BinaryOp, measured: Measure, threshold: Measure) -> bool {
    use std::cmp::Ordering;
    let order = match (measured, threshold) {
        (Measure::Nanoseconds(a), Measure::Nanoseconds(b)) | (Measure::Count(a), Measure::Count(b)) => a.cmp(&b),
        (a, b) => {
            let (a, b) = (number(a), number(b));
            // Shares are quotients of counts: what differs by less than this differs by rounding alone.
            if (a - b).abs() < 1e-12 { Ordering::Equal } else { a.total_cmp(&b) }
        }
    };
    match op {
        BinaryOp::Less => order.is_lt(),
        BinaryOp::LessEqual => order.is_le(),
        BinaryOp::Greater => order.is_gt(),
        BinaryOp::GreaterEqual => order.is_ge(),
        BinaryOp::Equal => order.is_eq(),
        BinaryOp::NotEqual => order.is_ne(),
        _ => false,
    }
}

fn number(measure: Measure) -> f64 {
    match measure {
        Measure::Fraction(share) => share,
        Measure::Nanoseconds(count) | Measure::Count(count) => count as f64,
    }
}

fn words(measure: Measure) -> String {
    match measure {
        Measure::Fraction(share) => format::percent(share),
        Measure::Nanoseconds(time) => format::duration(time),
        Measure::Count(count) => count.to_string(),
    }
}

fn selection(store: &RunStore, scopes: &[Scope]) -> Selection {
    select(store, |key| {
        scopes.iter().all(|scope| match scope {
            Scope::Step(step) => key.step == *step,
            Scope::Of(template) => is_kind_of(store, &key.template, template),
            Scope::During(probe) => key.probes.contains(probe),
            Scope::Status(status) => key.status == Some(*status),
        })
    })
}

/// Finished journeys within the scopes.
fn journeys<'a>(store: &'a RunStore, scopes: &'a [Scope]) -> impl Iterator<Item = &'a JourneyRecord> {
    store.journeys().iter().filter(|journey| is_finished(journey)).filter(|journey| {
        scopes.iter().all(|scope| match scope {
            Scope::Step(step) => journey.steps.iter().any(|sample| sample.step == *step),
            Scope::Of(template) => is_kind_of(store, &journey.template, template),
            Scope::During(probe) => is_during(store, probe, journey.start),
            Scope::Status(status) => journey.steps.iter().any(|sample| sample.status == Some(*status)),
        })
    })
}

fn success(store: &RunStore, scopes: &[Scope]) -> Option<f64> {
    let step = scopes.iter().find_map(|scope| match scope {
        Scope::Step(step) => Some(step),
        _ => None,
    });
    let (mut finished, mut failed) = (0_u32, 0_u32);
    for journey in journeys(store, scopes) {
        finished += 1;
        if let JourneyOutcome::Failed { step: at, .. } = &journey.outcome {
            failed += u32::from(step.is_none_or(|step| step == at));
        }
    }
    (finished > 0).then(|| f64::from(finished - failed) / f64::from(finished))
}

fn journey_percentile(store: &RunStore, scopes: &[Scope], percent: f64) -> Option<u64> {
    let mut times: Vec<_> = journeys(store, scopes).map(JourneyRecord::response_time).collect();
    times.sort_unstable();
    nearest_rank(&times, percent)
}

/// The percentile (0..=100) of ascending values by nearest rank: the least value that so many percent do not exceed.
pub(crate) fn nearest_rank(ascending: &[u64], percent: f64) -> Option<u64> {
    let rank = (percent / 100.0 * ascending.len() as f64).ceil() as usize;
    ascending.get(rank.max(1) - 1).or(ascending.last()).copied()
}

/// Whether the probe was in force at that time.
pub(crate) fn is_during(store: &RunStore, probe: &str, time: Timestamp) -> bool {
    let at = time.since(store.record().started);
    windows(store, probe).iter().any(|window| window.start_ns <= at && window.end_ns.is_none_or(|end| at < end))
}

/// Whether `template` is `ancestor` or extends it.
pub(crate) fn is_kind_of(store: &RunStore, template: &str, ancestor: &str) -> bool {
    extends(store.plan(), template, ancestor)
}

fn extends(plan: &Plan, template: &str, ancestor: &str) -> bool {
    template == ancestor
        || plan
            .personas
            .iter()
            .any(|group| group.template.name == template && group.template.lineage.iter().any(|name| name == ancestor))
}
