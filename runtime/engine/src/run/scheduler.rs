//! Starts journeys and keeps the run's timetable.

use std::{collections::HashMap, sync::Arc};

use esr_tap::{JourneyOutcome, JourneyRecord, Timestamp};
use scn_plan::{Plan, nanos::SECOND};
use smol_str::SmolStr;
use tokio::task::{Id, JoinError, JoinSet};

use super::{
    Deps, Interruption, LATE, Options, Outcome, Progress, RunError,
    pace::{Departure, Pace},
    probes::Probes,
};
use crate::{
    Cancel, Key, bind,
    journey::{self, Ended, Shared},
};

/// What journeys under way are given when no other starts: when `duration` or the schedule is over, in nanoseconds: 30 s.
const GRACE: u64 = 30 * SECOND.unsigned_abs();

pub(super) async fn run(
    plan: Arc<Plan>,
    options: Options,
    deps: Deps,
    progress: Arc<dyn Fn(Progress) + Send + Sync>,
) -> Result<Outcome, RunError> {
    let bound = bind::bind(&plan)?;
    let mut pace = Pace::new(&plan, options.seed, &options.environment)?;
    let mut outcome = Outcome { started: deps.clock.now(), ..Outcome::default() };
    let stop = Cancel::new();
    let (told, in_force, counted_from) = (progress.clone(), Default::default(), Default::default());
    let shared = Arc::new(Shared { bound, options, deps, stop: stop.clone(), progress: told, in_force, counted_from });
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
    let _ = shared.counted_from.set(start.plus(plan.warm_up()));
    let closing = start.plus(plan.closes_after());
    let deadline = closing.plus(GRACE);
    let mut journeys = Journeys::new(&shared, start);
    journeys.begin(pace.due(0)?, &mut outcome);
    progress(Progress::Started { personas: journeys.active() });
    let mut loaded = plan.load.is_some();
    while journeys.active() > 0 || pace.next().is_some() {
        for event in probes.news.drain(..) {
            progress(Progress::Probe(event));
        }
        if stop.is_cancelled() && pace.next().is_some() {
            pace.close();
            continue;
        }
        let changes = [probes.next(), pace.next()].into_iter().flatten().map(|offset| start.plus(offset));
        let next = changes.chain(loaded.then_some(closing)).fold(deadline, Timestamp::min);
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
                    continue;
                }
                match pace.due(now.since(start)) {
                    Ok(departures) => {
                        for departure in departures {
                            journeys.begin(vec![departure], &mut outcome);
                            progress(Progress::JourneyBegan { active: journeys.active() });
                        }
                    }
                    Err(error) => {
                        outcome.internal_errors.push(format!("a persona could not be made: {}", error.message));
                        stop.cancel();
                    }
                }
                if now >= closing {
                    pace.close();
                    loaded = false;
                }
                if now >= deadline {
                    stop.cancel();
                }
            }
            Some(ended) = journeys.next() => {
                if let Some((persona, began, ended)) = journeys.note(ended, &mut outcome, &*progress) {
                    pace.ended(persona, began.since(start), ended.since(start));
                }
            }
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

type Joined = Result<(Id, Ended), JoinError>;

/// The journeys under way. When this is dropped they are aborted.
struct Journeys<'a> {
    shared: &'a Arc<Shared>,
    start: Timestamp,
    tasks: JoinSet<Ended>,
    /// Who makes the journey of a task.
    makers: HashMap<Id, Maker>,
}

struct Maker {
    persona: u32,
    template: SmolStr,
    iteration: u32,
    intended: Timestamp,
}

impl<'a> Journeys<'a> {
    fn new(shared: &'a Arc<Shared>, start: Timestamp) -> Self {
        Self { shared, start, tasks: JoinSet::new(), makers: HashMap::new() }
    }

    /// Begins journeys; one for which there is no room is counted and never made.
    fn begin(&mut self, departures: Vec<Departure>, outcome: &mut Outcome) {
        for Departure { traveller, iteration, intended, may_be_dropped } in departures {
            if may_be_dropped && self.active() >= self.shared.options.most_journeys {
                outcome.dropped += 1;
                continue;
            }
            let intended = self.start.plus(intended);
            let (persona, template) = (traveller.persona, traveller.template.name.clone());
            let task = self.tasks.spawn(journey::make(self.shared.clone(), traveller, iteration, intended));
            self.makers.insert(task.id(), Maker { persona, template, iteration, intended });
            outcome.begun += 1;
        }
    }

    fn active(&self) -> u32 {
        u32::try_from(self.tasks.len()).unwrap_or(u32::MAX)
    }

    async fn next(&mut self) -> Option<Joined> {
        self.tasks.join_next_with_id().await
    }

    /// Takes note of a journey that is over; yields the persona, and when the journey began and ended.
    fn note(
        &mut self,
        joined: Joined,
        outcome: &mut Outcome,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Option<(u32, Timestamp, Timestamp)> {
        let id = match &joined {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        let Maker { persona, template, iteration, intended } = self.makers.remove(&id)?;
        let Ended { intended, outcome: ending, start, end } = match joined {
            Ok((_, ended)) => ended,
            Err(error) => {
                outcome
                    .internal_errors
                    .push(format!("the journey of persona {persona} broke off: {}", describe(error)));
                let seed = self.shared.options.seed;
                let key = Key { seed, persona, iteration, node: 0, attempt: 0, implicit: false };
                let (start, end) = (intended, self.shared.deps.clock.now());
                self.shared.deps.recorder.journey(JourneyRecord {
                    trace_id: key.trace_id(),
                    persona,
                    template,
                    iteration,
                    start,
                    end,
                    outcome: JourneyOutcome::Interrupted,
                    steps: Vec::new(),
                    warm_up: self.shared.is_warm_up(start),
                    choices: Default::default(),
                });
                Ended { intended, outcome: JourneyOutcome::Interrupted, start, end }
            }
        };
        match &ending {
            JourneyOutcome::Completed => outcome.completed += 1,
            JourneyOutcome::Stopped { .. } => outcome.stopped += 1,
            JourneyOutcome::Failed { .. } => outcome.failed += 1,
            JourneyOutcome::Interrupted => outcome.interrupted += 1,
        }
        outcome.late += u64::from(start.since(intended) > LATE);
        progress(Progress::JourneyEnded { persona, outcome: ending, active: self.active() });
        Some((persona, start, end))
    }
}

fn describe(error: JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "its task was cancelled".to_owned() };
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it panicked".to_owned())
}
