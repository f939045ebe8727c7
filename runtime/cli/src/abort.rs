//! Goals that stop a run as soon as they are missed.

use std::sync::{Mutex, OnceLock, PoisonError};

use esr_debrief::goals::GoalsSoFar;
use esr_engine::{Cancel, Progress};
use esr_tap::Timestamp;
use scn_plan::Plan;

/// How often the goals are looked at, at the most, in nanoseconds.
const EVERY: u64 = 100_000_000;

/// Watches the goals of a run that say `abort: true`.
pub struct AbortWatch {
    /// The plan with those goals alone.
    plan: Plan,
    /// Stops the run.
    cancel: Cancel,
    told: Mutex<Told>,
    reason: OnceLock<String>,
}

struct Told {
    goals: GoalsSoFar,
    started: Option<Timestamp>,
    looked: Timestamp,
}

impl AbortWatch {
    /// Watches a run of `plan`, which `cancel` stops; none if no goal does.
    pub fn new(plan: &Plan, cancel: Cancel) -> Option<Self> {
        let mut plan = plan.clone();
        plan.goals.retain(|goal| goal.abort_after.is_some());
        if plan.goals.is_empty() {
            return None;
        }
        let told = Told { goals: GoalsSoFar::new(&plan), started: None, looked: Timestamp::default() };
        Some(Self { plan, cancel, told: Mutex::new(told), reason: OnceLock::new() })
    }

    /// Takes note of what happened by `now`, and stops the run if one of the goals is missed.
    pub fn note(&self, progress: &Progress, now: Timestamp) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let started = *told.started.get_or_insert(now);
        match progress {
            Progress::Probe(event) => told.goals.probe(event),
            Progress::Step(sample) => told.goals.sample(&self.plan, sample),
            Progress::Journey(journey) => told.goals.journey(&self.plan, journey),
            _ => return,
        }
        if now.since(told.looked) < EVERY && told.looked >= started {
            return;
        }
        told.looked = now;
        let elapsed = now.since(started);
        let results = told.goals.results(&self.plan);
        let missed = self.plan.goals.iter().zip(results).find(|(goal, result)| {
            let after = u64::try_from(goal.abort_after.unwrap_or(0)).unwrap_or(0);
            result.holds == Some(false) && elapsed >= self.plan.warm_up().saturating_add(after)
        });
        if let Some((goal, missed)) = missed {
            let measured = &missed.result.measured_text;
            let seconds = elapsed as f64 / 1e9;
            let reason = format!("stopped after {seconds:.1} s by the goal {} (measured: {measured})", goal.text);
            if self.reason.set(reason).is_ok() {
                self.cancel.cancel();
            }
        }
    }

    /// Why the run was stopped, if it was.
    pub fn reason(&self) -> Option<String> {
        self.reason.get().cloned()
    }
}
