//! A run: all journeys of a plan, and its probes in their windows.

mod pace;
mod probes;
mod scheduler;

use std::{collections::BTreeMap, fmt, sync::Arc};

use esr_tap::{JourneyOutcome, JourneyRecord, ProbeEvent, Recorder, StepSample, Timestamp};
use scn_plan::{EvalError, Plan, nanos::SECOND, plan::Drives};
use smol_str::SmolStr;
use url::Url;

use crate::{Browsers, Cancel, Clock, Environment, Faults, Transport};

/// What a run is told besides its plan.
#[derive(Clone, Debug)]
pub struct Options {
    /// The run's id; it is sent with every request as `x-esr-sim`.
    pub run_id: SmolStr,
    /// The seed of every draw.
    pub seed: u64,
    /// Where journeys' paths resolve: the address of the entry frontend's proxy.
    pub entry: Url,
    /// The name of the entry frontend, for spans.
    pub entry_part: SmolStr,
    /// Where envelopes are sent to: the addresses of the partners' proxies, by name.
    pub partners: BTreeMap<SmolStr, Url>,
    /// What `env("NAME")` and `secret("NAME")` read: the environment's variables.
    pub environment: Environment,
    /// Most journeys of an open load that may be under way at once; an arrival beyond is dropped.
    pub most_journeys: u32,
    /// Stops the run from outside, at any moment.
    pub cancel: Cancel,
}

/// What a run works with.
#[derive(Clone)]
pub struct Deps {
    /// The only source of time.
    pub clock: Arc<dyn Clock>,
    /// Carries personas' requests.
    pub transport: Arc<dyn Transport>,
    /// Starts the browsers of personas that have one.
    pub browsers: Option<Arc<Browsers>>,
    /// Receives what happens.
    pub recorder: Arc<dyn Recorder>,
    /// Applies and removes probes.
    pub faults: Arc<dyn Faults>,
}

/// Something that is worth showing while a run is under way.
#[derive(Clone, Debug)]
pub enum Progress {
    /// Probes that are in force from the start are, and journeys set out.
    Started {
        /// How many personas are active.
        personas: u32,
    },
    /// A journey of a load begins.
    JourneyBegan {
        /// How many journeys are under way.
        active: u32,
    },
    /// A probe came into force or is gone; its description is in words, such as `eligibility-svc → 800 ms`.
    Probe(ProbeEvent),
    /// A persona begins a step, and has left the one that it was at.
    StepBegan {
        /// Number of the persona, from 0.
        persona: u32,
        /// The step's name.
        step: SmolStr,
    },
    /// An execution of a step is over, and whatever is charged to it: the same that the recorder is given.
    Step(StepSample),
    /// What the recorder is given of a journey that is over; [`Progress::JourneyEnded`] follows.
    Journey(Box<JourneyRecord>),
    /// A journey has ended.
    JourneyEnded {
        /// Number of the persona, from 0.
        persona: u32,
        /// How it ended.
        outcome: JourneyOutcome,
        /// How many personas are still active.
        active: u32,
    },
}

/// Why a run did not end by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// It was cancelled from outside.
    Cancelled,
    /// A probe could not be applied, so that the run would not be what was asked for.
    Probe,
}

/// What became of a run.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// When it began: before its first probe.
    pub started: Timestamp,
    /// When it ended: after its last probe was removed.
    pub ended: Timestamp,
    /// Journeys that were begun.
    pub begun: u64,
    /// Arrivals of an open load for which there was no room.
    pub dropped: u64,
    /// Journeys of a load that began more than [`LATE`] after they were to.
    pub late: u64,
    /// Journeys that reached the end.
    pub completed: u32,
    /// Journeys that left by `stop:`.
    pub stopped: u32,
    /// Journeys with a hard failure.
    pub failed: u32,
    /// Journeys that the run's end cut off.
    pub interrupted: u32,
    /// Why the run did not end by itself; reaching `duration` is no interruption.
    pub interruption: Option<Interruption>,
    /// Probes that could not be applied or removed, in a sentence each.
    pub probe_errors: Vec<String>,
    /// Probes whose window was never reached, in the plan's order.
    pub windows_never_reached: Vec<SmolStr>,
    /// Faults of the engine itself: journeys that panicked, in a sentence each.
    pub internal_errors: Vec<String>,
}

/// A journey that begins so much later than it was to, in nanoseconds, is late: this machine does not keep up.
pub const LATE: u64 = SECOND.unsigned_abs();

/// Why a plan cannot be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunError {
    /// A sentence that stands alone.
    pub message: String,
    /// The place in the plan's sources that caused it.
    pub span: scn_plan::Span,
}

impl fmt::Display for RunError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for RunError {}

impl From<EvalError> for RunError {
    fn from(error: EvalError) -> Self {
        Self { message: error.message, span: error.span }
    }
}

/// Runs `plan` to its end: journeys as its load says, else one per persona, all starting at once; and every probe in its
/// window.
///
/// Whatever happens (cancellation, a panic, this future being dropped), every probe that was applied is removed.
/// The future must be polled on a tokio runtime, where journeys are spawned as tasks. `progress` is called from them, so
/// it must return at once; it is dropped when the run is over.
pub async fn run(
    plan: Arc<Plan>,
    options: Options,
    deps: Deps,
    progress: impl Fn(Progress) + Send + Sync + 'static,
) -> Result<Outcome, RunError> {
    if deps.browsers.is_none()
        && let Some(group) = plan.personas.iter().find(|group| group.drives == Drives::Browser)
    {
        let message = "these personas have browsers, and nothing starts any here".to_owned();
        return Err(RunError { message, span: group.span });
    }
    scheduler::run(plan, options, deps, Arc::new(progress)).await
}
