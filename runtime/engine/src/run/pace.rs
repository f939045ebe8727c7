//! Who sets out when: everybody once, personas that repeat their journeys, or arrivals at a rate.
//!
//! Times are nanoseconds after the first journey's start. Nothing here reads a clock or waits.

use std::{cmp::Reverse, collections::BinaryHeap, sync::Arc};

use rand::distr::{Distribution, StandardUniform};
use scn_plan::{
    EvalError, Plan, Value,
    load::{Level, Model, Pause, Slots, levels},
    plan::{Drives, Template},
};
use smol_str::SmolStr;

use crate::{Environment, Key, bind, journey::Traveller, persona};

/// A persona's journeys begin at least so far apart: one whose journey takes no time must not keep the run from going on.
const LEAST_APART: u64 = 1_000_000;

/// A journey that is to begin.
pub(super) struct Departure {
    /// Who makes it.
    pub(super) traveller: Traveller,
    /// Which of the persona's journeys it is, from 0.
    pub(super) iteration: u32,
    /// When it was to begin.
    pub(super) intended: u64,
    /// Whether it is dropped where there is no room for it.
    pub(super) may_be_dropped: bool,
}

/// Says which journeys are to begin.
pub(super) enum Pace {
    /// Every persona makes one journey, all starting at once.
    Once(Vec<Traveller>),
    /// Personas repeat their journeys.
    Closed(Closed),
    /// Journeys arrive.
    Open(Open),
}

impl Pace {
    /// The pace of `plan`. Everyone who is known beforehand is made now, so that nobody's journey waits for it.
    pub(super) fn new(plan: &Arc<Plan>, seed: u64, environment: &Environment) -> Result<Self, EvalError> {
        let Some(load) = &plan.load else {
            let everybody = bind::population(plan).into_iter().zip(0..);
            let travellers = everybody.map(|((group, number), persona)| {
                let who = (group.template.clone(), group.drives);
                traveller(who, &plan.persona_fields, number, persona, seed, environment)
            });
            return Ok(Pace::Once(travellers.collect::<Result<_, _>>()?));
        };
        let mix = Mix::new(plan, seed, environment.clone());
        match &load.model {
            Model::Closed(stages) => Ok(Pace::Closed(Closed::new(plan, mix, levels(stages, plan.population()))?)),
            Model::Open(stages) => {
                let mut open =
                    Open { mix, slots: Slots::new(stages), next: None, made: 0, closes: plan.closes_after() };
                open.prepare();
                match open.next.take() {
                    Some((_, Err(error))) => return Err(error),
                    next => open.next = next,
                }
                Ok(Pace::Open(open))
            }
        }
    }

    /// When the next journey may have to begin; none if no other will, unless one ends.
    pub(super) fn next(&self) -> Option<u64> {
        match self {
            Pace::Once(travellers) => (!travellers.is_empty()).then_some(0),
            Pace::Closed(closed) => closed.next(),
            Pace::Open(open) => open.next.as_ref().map(|(slot, _)| *slot),
        }
    }

    /// The journeys that are to begin by `now`, in the order of their times.
    pub(super) fn due(&mut self, now: u64) -> Result<Vec<Departure>, EvalError> {
        match self {
            Pace::Once(travellers) => Ok(std::mem::take(travellers)
                .into_iter()
                .map(|traveller| Departure { traveller, iteration: 0, intended: 0, may_be_dropped: false })
                .collect()),
            Pace::Closed(closed) => Ok(closed.due(now)),
            Pace::Open(open) => open.due(now),
        }
    }

    /// The journey of `persona` that began at `began` ended at `ended`.
    pub(super) fn ended(&mut self, persona: u32, began: u64, ended: u64) {
        if let Pace::Closed(closed) = self {
            closed.ended(persona, began, ended);
        }
    }

    /// No journey is to begin any more.
    pub(super) fn close(&mut self) {
        *self = Pace::Once(Vec::new());
    }
}

fn traveller(
    (template, drives): (Arc<Template>, Drives),
    fields: &[SmolStr],
    number: u32,
    persona: u32,
    seed: u64,
    environment: &Environment,
) -> Result<Traveller, EvalError> {
    let values = persona::persona(&template, fields, number, seed, environment)?;
    let record = Value::record(persona::record(&template, fields, &values));
    Ok(Traveller { persona, template, drives, fields: values, record })
}

/// Personas without end, in the proportions of the plan's groups, evenly mixed: of the first n, each group has its share
/// to within one (smooth weighted round robin).
pub(super) struct Mix {
    plan: Arc<Plan>,
    seed: u64,
    environment: Environment,
    /// What the personas of each group are, and what drives them.
    templates: Vec<(Arc<Template>, Drives)>,
    /// The turns of as many personas as the plan has: the group, and the number among those of its template.
    turns: Vec<(usize, u32)>,
    /// How many of the group's template take a turn.
    in_turn: Vec<u32>,
}

impl Mix {
    fn new(plan: &Arc<Plan>, seed: u64, environment: Environment) -> Self {
        let groups = &plan.personas;
        let total = i64::from(plan.population());
        let mut credit = vec![0_i64; groups.len()];
        let mut counts = std::collections::HashMap::<&SmolStr, u32>::new();
        let mut turns = Vec::new();
        for _ in 0..total {
            groups.iter().zip(&mut credit).for_each(|(group, credit)| *credit += i64::from(group.count));
            // Of equals, the group that is declared first.
            let Some(at) = (0..groups.len()).max_by_key(|at| (credit[*at], Reverse(*at))) else { break };
            credit[at] -= total;
            let count = counts.entry(&groups[at].template.name).or_default();
            turns.push((at, *count));
            *count += 1;
        }
        let in_turn = groups.iter().map(|group| counts.get(&group.template.name).copied().unwrap_or(0)).collect();
        let templates = groups.iter().map(|group| (group.template.clone(), group.drives)).collect();
        Self { plan: plan.clone(), seed, environment, templates, turns, in_turn }
    }

    /// The persona of this number.
    fn persona(&self, persona: u32) -> Result<Traveller, EvalError> {
        let rounds = persona as usize / self.turns.len().max(1);
        let (group, within) = self.turns[persona as usize % self.turns.len().max(1)];
        let number = (rounds as u32).saturating_mul(self.in_turn[group]).saturating_add(within);
        let template = self.templates[group].clone();
        traveller(template, &self.plan.persona_fields, number, persona, self.seed, &self.environment)
    }
}

/// Personas that repeat their journeys while the schedule has a place for them.
pub(super) struct Closed {
    /// Changes of the number of personas that are still to come, the next one last.
    levels: Vec<Level>,
    /// How many may take part now: those with lower numbers.
    level: u32,
    personas: Vec<Persona>,
    /// When who is ready for the next journey.
    ready: BinaryHeap<Reverse<(u64, u32)>>,
    pacing: Option<Pause>,
    closes: u64,
    seed: u64,
}

struct Persona {
    traveller: Traveller,
    /// Number of the next journey.
    iteration: u32,
    /// Whether a journey is under way or awaited.
    busy: bool,
}

impl Closed {
    fn new(plan: &Arc<Plan>, mix: Mix, mut levels: Vec<Level>) -> Result<Self, EvalError> {
        let most = levels.iter().map(|level| level.personas).max().unwrap_or(0);
        let make = |persona| Ok(Persona { traveller: mix.persona(persona)?, iteration: 0, busy: false });
        let personas = (0..most).map(make).collect::<Result<_, EvalError>>()?;
        let closes = plan.closes_after();
        levels.retain(|level| level.at < closes);
        levels.reverse();
        let (level, ready) = (0, BinaryHeap::new());
        Ok(Self { levels, level, personas, ready, pacing: plan.pacing, closes, seed: mix.seed })
    }

    fn next(&self) -> Option<u64> {
        let change = self.levels.last().map(|level| level.at);
        let ready = self.ready.peek().map(|Reverse((at, _))| *at);
        change.into_iter().chain(ready).min()
    }

    fn due(&mut self, now: u64) -> Vec<Departure> {
        let mut departures = Vec::new();
        while let Some(at) = self.next().filter(|at| *at <= now) {
            match self.levels.pop_if(|level| level.at == at) {
                Some(Level { personas, .. }) => {
                    for persona in self.level..personas {
                        // Who is still on a journey goes on after it.
                        if !self.personas[persona as usize].busy {
                            departures.push(self.depart(persona, at));
                        }
                    }
                    self.level = personas;
                }
                None => {
                    let Some(Reverse((_, persona))) = self.ready.pop() else { break };
                    if persona < self.level {
                        departures.push(self.depart(persona, at));
                    } else {
                        self.personas[persona as usize].busy = false;
                    }
                }
            }
        }
        departures
    }

    fn depart(&mut self, number: u32, intended: u64) -> Departure {
        let persona = &mut self.personas[number as usize];
        let iteration = persona.iteration;
        persona.iteration += 1;
        persona.busy = true;
        Departure { traveller: persona.traveller.clone(), iteration, intended, may_be_dropped: false }
    }

    fn ended(&mut self, number: u32, began: u64, ended: u64) {
        let persona = &mut self.personas[number as usize];
        let pause = self.pacing.map_or(0, |pacing| {
            let key = Key {
                seed: self.seed,
                persona: number,
                iteration: persona.iteration,
                node: 0,
                attempt: 0,
                implicit: false,
            };
            pacing.at(StandardUniform.sample(&mut key.rng("pacing")))
        });
        let ready = ended.saturating_add(pause).max(began.saturating_add(LEAST_APART));
        persona.busy = number < self.level && ready < self.closes;
        if persona.busy {
            self.ready.push(Reverse((ready, number)));
        }
    }
}

/// Arrivals: each is a persona of its own, who makes one journey.
pub(super) struct Open {
    mix: Mix,
    slots: Slots,
    /// The next arrival, made beforehand.
    next: Option<(u64, Result<Traveller, EvalError>)>,
    made: u32,
    closes: u64,
}

impl Open {
    fn prepare(&mut self) {
        let slot = self.slots.next().filter(|slot| *slot < self.closes);
        self.next = slot.map(|slot| (slot, self.mix.persona(self.made)));
        self.made = self.made.saturating_add(1);
    }

    fn due(&mut self, now: u64) -> Result<Vec<Departure>, EvalError> {
        let mut departures = Vec::new();
        while let Some((intended, traveller)) = self.next.take_if(|(slot, _)| *slot <= now) {
            departures.push(Departure { traveller: traveller?, iteration: 0, intended, may_be_dropped: true });
            self.prepare();
        }
        Ok(departures)
    }
}
