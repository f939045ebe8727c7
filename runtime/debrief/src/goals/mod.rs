//! Goals held against what the store has.
//!
//! Percentiles and errors come from the metrics, whose histograms resolve one part in a thousand: a measured value and
//! a threshold that the histogram cannot tell apart count as equal. Success and whole journeys come from the journeys.
//! Scopes restrict, all of them at once:
//!
//! | scope | steps | journeys |
//! |---|---|---|
//! | a step | its executions | those that executed it; `success` then means that it did not fail there |
//! | `group:`, `tag:` | those of the group or flow, or with the tag | those that executed one; `success` then means that it did not fail there |
//! | `of:` | of that template or one that extends it | likewise |
//! | `during:` | that began while the probe was in force, alone or among others | that began within one of its windows |
//! | `status:` | whose final status was that | with a step whose final status was that |
//!
//! `pNN(journey)` is the percentile of finished journeys' summed response times. A goal with nothing to measure is
//! missed; only counts are then 0. What began during the warm-up is left out everywhere.
//!
//! `rate` divides the executions that sent a request, `rate(journey)` the finished journeys, by the time from the end of
//! the warm-up to the end of the last journey; within `during:`, by the time that the probe was in force in it.

mod measure;
mod scope;
mod so_far;
mod verdict;

use esr_tap::{JourneyOutcome, JourneyRecord, RunStore, Timestamp};
use scn_plan::{
    BinaryOp, Plan, Value,
    plan::{Goal, Metric, Scope},
};

pub use measure::{Selection, select};
pub(crate) use scope::{StepFacts, admits};
pub use so_far::{GoalSoFar, GoalsSoFar};
pub use verdict::{RunFacts, judge, standing, word};

use crate::{
    findings::{GoalResult, Measure, Window, place_of, recovery_of, windows},
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
        Metric::Rate => (rate(selection(store, &goal.scopes).answered(), counted_time(store, &goal.scopes)), false),
        Metric::JourneyRate => {
            let finished = journeys(store, &goal.scopes).count() as u64;
            (rate(finished, counted_time(store, &goal.scopes)), false)
        }
        Metric::Recovery(ref probe) => (recovery_of(store, probe).map(Measure::Nanoseconds), false),
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
        measured_text: measured.map_or_else(
            || if matches!(goal.metric, Metric::Recovery(_)) { "no recovery" } else { "nothing to measure" }.to_owned(),
            words,
        ),
        threshold,
        met,
        place: place_of(&plan.sources, goal.span),
    }
}

fn threshold(value: &Value) -> Option<Measure> {
    Some(match value {
        Value::Percent(share) | Value::Decimal(share) => Measure::Fraction(*share),
        Value::Duration(time) => Measure::Nanoseconds(u64::try_from(*time).ok()?),
        Value::Rate(rate) => Measure::Rate(*rate),
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
        Measure::Fraction(share) | Measure::Rate(share) => share,
        Measure::Nanoseconds(count) | Measure::Count(count) => count as f64,
    }
}

fn words(measure: Measure) -> String {
    match measure {
        Measure::Fraction(share) => format::percent(share),
        Measure::Nanoseconds(time) => format::duration(time),
        Measure::Count(count) => count.to_string(),
        Measure::Rate(rate) => format::rate(rate),
    }
}

fn selection(store: &RunStore, scopes: &[Scope]) -> Selection {
    select(store, |key| admits(store.plan(), scopes, key.into(), |probe| key.probes.iter().any(|own| own == probe)))
}

/// Finished journeys within the scopes.
fn journeys<'a>(store: &'a RunStore, scopes: &'a [Scope]) -> impl Iterator<Item = &'a JourneyRecord> {
    store.journeys().iter().filter(|journey| is_finished(journey) && !journey.warm_up).filter(|journey| {
        scope::admits_journey(store.plan(), scopes, journey, |probe| is_during(store, probe, journey.start))
    })
}

fn success(store: &RunStore, scopes: &[Scope]) -> Option<f64> {
    let (mut finished, mut failed) = (0_u32, 0_u32);
    for journey in journeys(store, scopes) {
        finished += 1;
        failed += u32::from(scope::fails(store.plan(), scopes, journey));
    }
    (finished > 0).then(|| f64::from(finished - failed) / f64::from(finished))
}

/// So many in that many nanoseconds, a second; none where no time passed.
fn rate(count: u64, nanoseconds: u64) -> Option<Measure> {
    (nanoseconds > 0).then(|| Measure::Rate(count as f64 / (nanoseconds as f64 / 1e9)))
}

/// The time that rates are about, in nanoseconds.
fn counted_time(store: &RunStore, scopes: &[Scope]) -> u64 {
    let first = store.journeys().iter().map(|journey| journey.start).min();
    let last = store.journeys().iter().map(|journey| journey.end).max();
    let (Some(first), Some(last)) = (first, last) else { return 0 };
    let started = store.record().started;
    let (from, to) = (first.plus(store.plan().warm_up()).since(started), last.since(started));
    let windows = scopes.iter().filter_map(|scope| match scope {
        Scope::During(probe) => Some(windows(store, probe)),
        _ => None,
    });
    let within = |window: &Window| window.end_ns.unwrap_or(to).min(to).saturating_sub(window.start_ns.max(from));
    match windows.max_by_key(Vec::len) {
        Some(windows) => windows.iter().map(within).sum(),
        None => to.saturating_sub(from),
    }
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
fn extends(plan: &Plan, template: &str, ancestor: &str) -> bool {
    template == ancestor
        || plan
            .personas
            .iter()
            .any(|group| group.template.name == template && group.template.lineage.iter().any(|name| name == ancestor))
}
