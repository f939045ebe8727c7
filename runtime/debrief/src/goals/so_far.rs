//! Goals of a run that is under way, held against what has been told of it until now.
//!
//! Once everything has been told, each goal has the value that [`evaluate`](super::evaluate) finds in the store; only a
//! count of nothing, 0 there, cannot be told here yet.

use esr_tap::{JourneyOutcome, JourneyRecord, ProbeEvent, StepSample, Timestamp};
use scn_plan::{
    Plan,
    plan::{Goal, Metric, Scope},
};
use smol_str::SmolStr;

use super::{GoalResult, Selection, extends, is_finished, nearest_rank, percentile, result};
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
        Self { goals: plan.goals.iter().map(measured).collect(), windows: Vec::new() }
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

    /// An execution of a step is over.
    pub fn sample(&mut self, plan: &Plan, sample: &StepSample) {
        for measured in &mut self.goals {
            let within = measured.goal.scopes.iter().all(|scope| match scope {
                Scope::Step(step) => sample.step == *step,
                Scope::Of(template) => extends(plan, &sample.template, template),
                Scope::During(probe) => sample.probes.contains(probe),
                Scope::Status(status) => sample.status == Some(*status),
            });
            if within && matches!(measured.goal.metric, Metric::Percentile(_) | Metric::Errors) {
                measured.steps.record(sample);
            }
        }
    }

    /// A journey is over.
    pub fn journey(&mut self, plan: &Plan, journey: &JourneyRecord) {
        if !is_finished(journey) {
            return;
        }
        let windows = &self.windows;
        for measured in &mut self.goals {
            let within = measured.goal.scopes.iter().all(|scope| match scope {
                Scope::Step(step) => journey.steps.iter().any(|sample| sample.step == *step),
                Scope::Of(template) => extends(plan, &journey.template, template),
                Scope::During(probe) => windows.iter().any(|(name, from, until)| {
                    name == probe && *from <= journey.start && until.is_none_or(|until| journey.start < until)
                }),
                Scope::Status(status) => journey.steps.iter().any(|sample| sample.status == Some(*status)),
            });
            if within {
                measured.add(journey);
            }
        }
    }

    /// What the goals measure now, in the order of the source.
    pub fn results(&self, plan: &Plan) -> Vec<GoalSoFar> {
        self.goals.iter().map(|measured| measured.result(plan)).collect()
    }
}

impl Measured {
    fn add(&mut self, journey: &JourneyRecord) {
        match self.goal.metric {
            Metric::Success => {
                let step = self.goal.scopes.iter().find_map(|scope| match scope {
                    Scope::Step(step) => Some(step),
                    _ => None,
                });
                self.finished += 1;
                if let JourneyOutcome::Failed { step: at, .. } = &journey.outcome {
                    self.failed += u32::from(step.is_none_or(|step| step == at));
                }
            }
            Metric::JourneyPercentile(_) => {
                let time = journey.response_time();
                self.times.insert(self.times.partition_point(|other| *other <= time), time);
            }
            Metric::Percentile(_) | Metric::Errors => {}
        }
    }

    fn result(&self, plan: &Plan) -> GoalSoFar {
        let (measured, same) = match self.goal.metric {
            Metric::Success => {
                let share = || f64::from(self.finished - self.failed) / f64::from(self.finished);
                ((self.finished > 0).then(|| Measure::Fraction(share())), false)
            }
            Metric::Errors => ((self.steps.count > 0).then_some(Measure::Count(self.steps.failures)), false),
            Metric::Percentile(percent) => percentile(&self.steps, &self.goal, percent),
            Metric::JourneyPercentile(percent) => (nearest_rank(&self.times, percent).map(Measure::Nanoseconds), false),
        };
        let mut result = result(plan, &self.goal, measured, same);
        if measured.is_none() {
            result.measured_text = "–".to_owned();
        }
        GoalSoFar { holds: measured.map(|_| result.met), result }
    }
}
