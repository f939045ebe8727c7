//! Starts journeys and keeps the run's timetable.

use std::{collections::HashMap, sync::Arc};

use esr_tap::{JourneyOutcome, JourneyRecord, Timestamp};
use scn_plan::{Plan, Value, nanos::SECOND};
use tokio::task::{Id, JoinError, JoinSet};

use super::{Deps, Interruption, Options, Outcome, Progress, RunError, probes::Probes};
use crate::{
    Cancel, Key, bind,
    journey::{self, Shared, Traveller},
    persona,
};

/// What journeys under way are given when `duration` is over, in nanoseconds: 30 s.
const GRACE: u64 = 30 * SECOND.unsigned_abs();

pub(super) async fn run(
    plan: Arc<Plan>,
    options: Options,
    deps: Deps,
    progress: Arc<dyn Fn(Progress) + Send + Sync>,
) -> Result<Outcome, RunError> {
    let bound = bind::bind(&plan)?;
    let travellers = travellers(&plan, options.seed)?;
    let mut outcome = Outcome { started: deps.clock.now(), ..Outcome::default() };
    let stop = Cancel::new();
    let told = progress.clone();
    let shared =
        Arc::new(Shared { bound, options, deps, stop: stop.clone(), progress: told, in_force: Default::default() });
    let (clock, cancel) = (&shared.deps.clock, &shared.options.cancel);

    let mut probes = Probes::new(&plan.probes, &shared);
    if !probes.advance(0).await {
        outcome.interruption = Some(Interruption::Probe);
    } else if cancel.is_cancelled() {
        outcome.interruption = Some(Interruption::Cancelled);
    }
    // Journeys that start stopped are recorded as interrupted, and send nothing.
    if outcome.interruption.is_some() {
        stop.cancel();
    }

    let start = clock.now();
    let deadline = start.plus(u64::try_from(plan.duration).unwrap_or(0)).plus(GRACE);
    let mut journeys = Journeys::start(&shared, travellers, start);
    progress(Progress::Started { personas: journeys.active() });
    while journeys.active() > 0 {
        for event in probes.news.drain(..) {
            progress(Progress::Probe(event));
        }
        let next = probes.next().map_or(deadline, |offset| start.plus(offset).min(deadline));
        tokio::select! {
            biased;
            () = cancel.cancelled(), if !stop.is_cancelled() => {
                outcome.interruption = Some(Interruption::Cancelled);
                probes.remove_all().await;
                stop.cancel();
            }
            () = clock.sleep_until(next), if !stop.is_cancelled() => {
                let now = clock.now();
                if !probes.advance(now.since(start)).await {
                    outcome.interruption = Some(Interruption::Probe);
                    stop.cancel();
                }
                if now >= deadline {
                    stop.cancel();
                }
            }
            Some(ended) = journeys.next() => journeys.note(ended, &mut outcome, &*progress),
        }
    }
    probes.remove_all().await;
    for event in probes.news.drain(..) {
        progress(Progress::Probe(event));
    }
    outcome.windows_never_reached = probes.never_reached();
    outcome.probe_errors = std::mem::take(&mut probes.errors);
    outcome.ended = clock.now();
    Ok(outcome)
}

/// Makes everyone before anyone starts, so that nobody's journey waits for it.
fn travellers(plan: &Plan, seed: u64) -> Result<Vec<Traveller>, RunError> {
    let make = |(persona, (template, number))| {
        let fields = persona::persona(template, &plan.persona_fields, number, seed)?;
        let record = Value::record(persona::record(template, &plan.persona_fields, &fields));
        let template = Arc::new(template.clone());
        Ok(Traveller { persona: u32::try_from(persona).unwrap_or(u32::MAX), template, fields, record })
    };
    bind::population(plan).into_iter().enumerate().map(make).collect()
}

type Ended = Result<(Id, JourneyOutcome), JoinError>;

/// The journeys under way. When this is dropped they are aborted.
struct Journeys<'a> {
    shared: &'a Arc<Shared>,
    start: Timestamp,
    tasks: JoinSet<JourneyOutcome>,
    /// Who makes the journey of a task: number and template.
    makers: HashMap<Id, (u32, smol_str::SmolStr)>,
}

impl<'a> Journeys<'a> {
    fn start(shared: &'a Arc<Shared>, travellers: Vec<Traveller>, start: Timestamp) -> Self {
        let mut journeys = Self { shared, start, tasks: JoinSet::new(), makers: HashMap::new() };
        for traveller in travellers {
            let maker = (traveller.persona, traveller.template.name.clone());
            let task = journeys.tasks.spawn(journey::make(shared.clone(), traveller, start));
            journeys.makers.insert(task.id(), maker);
        }
        journeys
    }

    fn active(&self) -> u32 {
        u32::try_from(self.tasks.len()).unwrap_or(u32::MAX)
    }

    async fn next(&mut self) -> Option<Ended> {
        self.tasks.join_next_with_id().await
    }

    fn note(&mut self, ended: Ended, outcome: &mut Outcome, progress: &(dyn Fn(Progress) + Send + Sync)) {
        let id = match &ended {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        let Some((persona, template)) = self.makers.remove(&id) else { return };
        let ended = match ended {
            Ok((_, ended)) => ended,
            Err(error) => {
                outcome
                    .internal_errors
                    .push(format!("the journey of persona {persona} broke off: {}", describe(error)));
                let key =
                    Key { seed: self.shared.options.seed, persona, iteration: 0, node: 0, attempt: 0, implicit: false };
                self.shared.deps.recorder.journey(JourneyRecord {
                    trace_id: key.trace_id(),
                    persona,
                    template,
                    iteration: 0,
                    start: self.start,
                    end: self.shared.deps.clock.now(),
                    outcome: JourneyOutcome::Interrupted,
                    steps: Vec::new(),
                    choices: Default::default(),
                });
                JourneyOutcome::Interrupted
            }
        };
        match &ended {
            JourneyOutcome::Completed => outcome.completed += 1,
            JourneyOutcome::Stopped { .. } => outcome.stopped += 1,
            JourneyOutcome::Failed { .. } => outcome.failed += 1,
            JourneyOutcome::Interrupted => outcome.interrupted += 1,
        }
        progress(Progress::JourneyEnded { persona, outcome: ended, active: self.active() });
    }
}

fn describe(error: JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "its task was cancelled".to_owned() };
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it panicked".to_owned())
}
