//! Goals of a run that is under way, held against what has been told of it until now.
//!
//! Once everything has been told, each goal has the value that [`evaluate`](super::evaluate) finds in the store; only a
//! count of nothing, 0 there, cannot be told here yet, and a recovery only when the run is over.

use esr_tap::{JourneyRecord, ProbeEvent, StepSample, Timestamp};
use scn_plan::{
    Plan,
    plan::{Goal, Metric, Scope},
};
use smol_str::SmolStr;

use super::{GoalResult, Selection, is_finished, nearest_rank, percentile, rate, result, scope};
use crate::findings::Measure;

/// A goal of a run that is under way.
#[derive(Clone, Debug, PartialEq)]
pub struct GoalSoFar {
    /// The goal and what has been measured; in words, `–` if there is nothing to measure yet.
    pub result: GoalResult,
    /// Whether it holds; none if there is nothing to measure yet.
    pub holds: Option<bool>,
}

/// Measures a plan's goals while its run is under way.
#[derive(Clone, Debug)]
pub struct GoalsSoFar {
    goals: Vec<Measured>,
    /// When probes were in force: name, from, until.
    windows: Vec<(SmolStr, Timestamp, Option<Timestamp>)>,
    /// When the first thing began that was told of, and when the last ended.
    first: Option<Timestamp>,
    last: Timestamp,
}

/// A goal, and all that has been told within its scopes.
#[derive(Clone, Debug)]
struct Measured {
    goal: Goal,
    /// Executions of steps.
    steps: Selection,
    /// Response times of finished journeys in ascending order; kept for percentiles only.
    times: Vec<u64>,
    /// Finished journeys.
    finished: u32,
    /// Of these, failed.
    failed: u32,
}

impl GoalsSoFar {
    /// The goals of `plan`, of whose run nothing has been told.
    pub fn new(plan: &Plan) -> Self {
        let measured = |goal: &Goal| Measured {
            goal: goal.clone(),
            steps: Selection::default(),
            times: Vec::new(),
            finished: 0,
            failed: 0,
        };
        Self {
            goals: plan.goals.iter().map(measured).collect(),
            windows: Vec::new(),
            first: None,
            last: Timestamp::default(),
        }
    }

    /// A probe came into force or is gone.
    pub fn probe(&mut self, event: &ProbeEvent) {
        let open = self.windows.iter_mut().find(|(probe, _, until)| *probe == event.probe && until.is_none());
        match open {
            Some((_, _, until)) if !event.applied => *until = Some(event.time_unix_nano),
            None if event.applied => self.windows.push((event.probe.clone(), event.time_unix_nano, None)),
            _ => {}
        }
    }

    fn pass(&mut self, from: Timestamp, to: Timestamp) {
        self.first = Some(self.first.map_or(from, |first| first.min(from)));
        self.last = self.last.max(to);
    }

    /// An execution of a step is over.
    pub fn sample(&mut self, plan: &Plan, sample: &StepSample) {
        self.pass(sample.start, sample.start.plus(sample.response_time.unwrap_or(0)));
        if sample.warm_up {
            return;
        }
        for measured in &mut self.goals {
            let counts = matches!(measured.goal.metric, Metric::Percentile(_) | Metric::Errors | Metric::Rate);
            let during = |probe: &str| sample.probes.iter().any(|own| own == probe);
            if counts && scope::admits(plan, &measured.goal.scopes, sample.into(), during) {
                measured.steps.record(sample);
            }
        }
    }

    /// A journey is over.
    pub fn journey(&mut self, plan: &Plan, journey: &JourneyRecord) {
        self.pass(journey.start, journey.end);
        if !is_finished(journey) || journey.warm_up {
            return;
        }
        let windows = &self.windows;
        let during = |probe: &str| {
            windows.iter().any(|(name, from, until)| {
                name == probe && *from <= journey.start && until.is_none_or(|until| journey.start < until)
            })
        };
        for measured in &mut self.goals {
            if scope::admits_journey(plan, &measured.goal.scopes, journey, during) {
                measured.add(plan, journey);
            }
        }
    }

    /// The time that the rates of `scopes` are about, in nanoseconds.
    fn counted_time(&self, plan: &Plan, scopes: &[Scope]) -> u64 {
        let Some(first) = self.first else { return 0 };
        let from = first.plus(plan.warm_up());
        let probe = scopes.iter().find_map(|scope| if let Scope::During(probe) = scope { Some(probe) } else { None });
        let Some(probe) = probe else { return self.last.since(from) };
        let windows = self.windows.iter().filter(|(name, ..)| name == probe);
        windows.map(|(_, start, end)| end.unwrap_or(self.last).min(self.last).since((*start).max(from))).sum()
    }

    /// What the goals measure now, in the order of the source.
    pub fn results(&self, plan: &Plan) -> Vec<GoalSoFar> {
        let time = |measured: &Measured| self.counted_time(plan, &measured.goal.scopes);
        self.goals.iter().map(|measured| measured.result(plan, time(measured))).collect()
    }
}

impl Measured {
    fn add(&mut self, plan: &Plan, journey: &JourneyRecord) {
        match self.goal.metric {
            Metric::Success | Metric::JourneyRate => {
                self.finished += 1;
                self.failed += u32::from(scope::fails(plan, &self.goal.scopes, journey));
            }
            Metric::JourneyPercentile(_) => {
                let time = journey.response_time();
                self.times.insert(self.times.partition_point(|other| *other <= time), time);
            }
            Metric::Percentile(_) | Metric::Errors | Metric::Rate | Metric::Recovery(_) => {}
        }
    }

    fn result(&self, plan: &Plan, counted_time: u64) -> GoalSoFar {
        let (measured, same) = match self.goal.metric {
            Metric::Success => {
                let share = || f64::from(self.finished - self.failed) / f64::from(self.finished);
                ((self.finished > 0).then(|| Measure::Fraction(share())), false)
            }
            Metric::Errors => ((self.steps.count > 0).then_some(Measure::Count(self.steps.failures)), false),
            Metric::Percentile(percent) => percentile(&self.steps, &self.goal, percent),
            Metric::JourneyPercentile(percent) => (nearest_rank(&self.times, percent).map(Measure::Nanoseconds), false),
            Metric::Rate => (rate(self.steps.answered(), counted_time), false),
            Metric::JourneyRate => (rate(u64::from(self.finished), counted_time), false),
            Metric::Recovery(_) => (None, false),
        };
        let mut result = result(plan, &self.goal, measured, same);
        if measured.is_none() {
            result.measured_text = "–".to_owned();
        }
        GoalSoFar { holds: measured.map(|_| result.met), result }
    }
}
