//! What is known of a run under way: a value that is told what happens and when, and can be asked how things stand.

use std::{collections::HashMap, sync::Arc};

use esr_debrief::goals::{GoalSoFar, GoalsSoFar, Selection};
use esr_engine::Progress;
use esr_tap::{JourneyOutcome, ProbeEvent, Timestamp};
use scn_plan::{
    Plan,
    plan::{NodeKind, Probe},
};
use smol_str::SmolStr;

use crate::console::Tally;

/// The state of a run as far as it has been told.
#[derive(Clone, Debug)]
pub struct Board {
    plan: Arc<Plan>,
    /// When the run began; none before anything was told.
    started: Option<Timestamp>,
    now: Timestamp,
    active: u32,
    /// Most personas that have been active.
    most: u32,
    steps: Vec<StepState>,
    /// The step at which each persona is, as an index into `steps`.
    at: HashMap<u32, usize>,
    probes: Vec<ProbeState>,
    goals: GoalsSoFar,
    tally: Tally,
}

#[derive(Clone, Debug, Default)]
struct StepState {
    name: SmolStr,
    /// Personas that are at it.
    now: u32,
    /// Executions that are over, whether or not a sample has been told.
    ended: u64,
    samples: Selection,
}

#[derive(Clone, Debug, Default)]
struct ProbeState {
    /// What it does, as it said when it came into force.
    description: Option<SmolStr>,
    since: Option<Timestamp>,
    over: bool,
}

/// A step, for the table.
#[derive(Clone, Debug, PartialEq)]
pub struct StepRow {
    /// Its name.
    pub name: SmolStr,
    /// Personas that are at it.
    pub now: u32,
    /// Executions that did not fail.
    pub done: u64,
    /// Executions that failed, soft ones too.
    pub failed: u64,
    /// Median response time in nanoseconds; none if no request has been answered.
    pub p50: Option<u64>,
    /// 95th percentile.
    pub p95: Option<u64>,
    /// Largest.
    pub max: Option<u64>,
}

/// How far a probe has got; times in nanoseconds from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbePhase {
    /// It comes into force in so long; zero if it is due.
    Waiting(u64),
    /// In force, for so long yet; none if to the end.
    InForce(Option<u64>),
    /// It has been removed.
    Over,
}

/// A probe, for the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeRow {
    /// What it does.
    pub description: String,
    /// How far it has got.
    pub phase: ProbePhase,
}

/// What the goals say so far, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing has been measured.
    Unknown,
    /// So many goals hold, of so many; the others cannot be told yet.
    Holding(usize, usize),
    /// So many goals are missed so far, of so many.
    Missed(usize, usize),
}

impl Board {
    /// The board of a run that is about to begin.
    pub fn new(plan: Arc<Plan>, now: Timestamp) -> Self {
        let mut steps: Vec<StepState> = Vec::new();
        for node in plan.graph.node_weights() {
            if matches!(node.kind, NodeKind::Step(_)) && steps.iter().all(|step| step.name != node.name) {
                steps.push(StepState { name: node.name.clone(), ..StepState::default() });
            }
        }
        Self {
            started: None,
            now,
            active: plan.load.as_ref().map_or(plan.population(), |_| 0),
            most: 0,
            steps,
            at: HashMap::new(),
            probes: vec![ProbeState::default(); plan.probes.len()],
            goals: GoalsSoFar::new(&plan),
            tally: Tally::default(),
            plan,
        }
    }

    /// It is `now`.
    pub fn tick(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
    }

    /// Takes in what happened.
    pub fn note(&mut self, progress: &Progress, now: Timestamp) {
        self.tick(now);
        // A first step may be told of before the start is.
        self.started.get_or_insert(now);
        self.take_in(progress);
        self.most = self.most.max(self.active);
    }

    fn take_in(&mut self, progress: &Progress) {
        match progress {
            Progress::Started { personas } => self.active = *personas,
            Progress::JourneyBegan { active } => self.active = *active,
            Progress::Probe(event) => self.note_probe(event),
            Progress::StepBegan { persona, step } => {
                self.leave(*persona);
                let at = self.step(step);
                self.steps[at].now += 1;
                self.at.insert(*persona, at);
            }
            Progress::Step(sample) => {
                let at = self.step(&sample.step);
                self.steps[at].samples.record(sample);
                self.goals.sample(&self.plan, sample);
            }
            Progress::Journey(journey) => self.goals.journey(&self.plan, journey),
            Progress::JourneyEnded { persona, outcome, active } => {
                let at = self.at.get(persona).map(|at| &self.steps[*at].name);
                // A step that was cut off, or that never came about since an earlier one failed, is not over.
                let is_over = match outcome {
                    JourneyOutcome::Completed | JourneyOutcome::Stopped { .. } => true,
                    JourneyOutcome::Failed { step, .. } => at == Some(step),
                    JourneyOutcome::Interrupted => false,
                };
                if is_over {
                    self.leave(*persona);
                } else if let Some(at) = self.at.remove(persona) {
                    self.steps[at].now -= 1;
                }
                self.tally.add(outcome);
                self.active = *active;
            }
        }
    }

    fn note_probe(&mut self, event: &ProbeEvent) {
        self.goals.probe(event);
        let Some(at) = self.plan.probes.iter().position(|probe| probe.name == event.probe) else { return };
        let probe = &mut self.probes[at];
        probe.over = !event.applied;
        if event.applied {
            probe.since = Some(event.time_unix_nano);
            probe.description = Some(event.description.clone());
        }
    }

    /// The step of this name; one that the plan lacks, such as a condition that failed, gets a row of its own.
    fn step(&mut self, name: &SmolStr) -> usize {
        self.steps.iter().position(|step| step.name == *name).unwrap_or_else(|| {
            self.steps.push(StepState { name: name.clone(), ..StepState::default() });
            self.steps.len() - 1
        })
    }

    /// The persona is through with the step that it was at.
    fn leave(&mut self, persona: u32) {
        if let Some(at) = self.at.remove(&persona) {
            self.steps[at].now -= 1;
            self.steps[at].ended += 1;
        }
    }

    /// The scenario's name.
    pub fn scenario(&self) -> &str {
        &self.plan.scenario
    }

    /// Nanoseconds since the run began.
    pub fn elapsed(&self) -> u64 {
        self.started.map_or(0, |started| self.now.since(started))
    }

    /// Bound of the run in nanoseconds.
    pub fn bound(&self) -> u64 {
        self.plan.closes_after()
    }

    /// Personas in all; with a load, at its peak, as far as that is known.
    pub fn total(&self) -> u32 {
        let peak = self.plan.load.as_ref().map(|load| load.peak(self.plan.population()));
        peak.unwrap_or_else(|| self.plan.population()).max(self.most)
    }

    /// Personas that are active.
    pub fn active(&self) -> u32 {
        self.active
    }

    /// How journeys ended.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The goals, in the order of the source.
    pub fn goals(&self) -> Vec<GoalSoFar> {
        self.goals.results(&self.plan)
    }

    /// The steps, in the order of the plan.
    pub fn steps(&self) -> Vec<StepRow> {
        let row = |step: &StepState| {
            let figures = step.samples.figures();
            StepRow {
                name: step.name.clone(),
                now: step.now,
                done: step.ended.saturating_sub(figures.failures),
                failed: figures.failures,
                p50: figures.p50_ns,
                p95: figures.p95_ns,
                max: figures.max_ns,
            }
        };
        self.steps.iter().map(row).collect()
    }

    /// The probes, in the order of the source.
    pub fn probes(&self) -> Vec<ProbeRow> {
        self.plan.probes.iter().zip(&self.probes).map(|(probe, state)| self.probe(probe, state)).collect()
    }

    fn probe(&self, probe: &Probe, state: &ProbeState) -> ProbeRow {
        let nanoseconds = |time: i64| u64::try_from(time).unwrap_or(0);
        let description = match &state.description {
            Some(description) => description.to_string(),
            None => format!("{} → {}", probe.target, probe.call.name),
        };
        let phase = match state.since {
            _ if state.over => ProbePhase::Over,
            Some(since) => {
                let left = |lasts: i64| nanoseconds(lasts).saturating_sub(self.now.since(since));
                ProbePhase::InForce(probe.lasts.map(left))
            }
            None => ProbePhase::Waiting(nanoseconds(probe.from.unwrap_or(0)).saturating_sub(self.elapsed())),
        };
        ProbeRow { description, phase }
    }
}

/// What `goals` say together.
pub fn standing(goals: &[GoalSoFar]) -> Standing {
    let count = |holds: bool| goals.iter().filter(|goal| goal.holds == Some(holds)).count();
    match (count(false), count(true)) {
        (0, 0) => Standing::Unknown,
        (0, holding) => Standing::Holding(holding, goals.len()),
        (missed, _) => Standing::Missed(missed, goals.len()),
    }
}
