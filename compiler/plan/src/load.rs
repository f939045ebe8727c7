//! How a run goes in time: how many personas take part when, or how many arrive.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Span, Value, nanos::SECOND};

/// Most personas that a load may ask for at once.
pub const MOST_PERSONAS: u32 = 100_000;

/// What `load:` says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Load {
    /// What happens so long after the first journey's start, in nanoseconds, is not counted in goals; zero without it.
    pub warm_up: i64,
    /// The stages, one after the other.
    pub model: Model,
    /// Where it is declared.
    pub span: Span,
}

/// Who decides when a journey begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// So many personas take part; each begins its next journey when it is through with the one before.
    Closed(Vec<Stage>),
    /// Journeys begin at a rate, whatever becomes of those before.
    Open(Vec<Arrivals>),
}

/// A stage of a closed load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stage {
    /// What it does to the number of personas.
    pub kind: StageKind,
    /// How long it takes, in nanoseconds.
    pub lasts: i64,
}

/// What a stage does to the number of personas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StageKind {
    /// Goes to this number step by step.
    Ramp(u32),
    /// Keeps it as it is.
    Hold,
    /// This number, and at the end the number before.
    Spike(u32),
}

/// A stage of an open load: journeys a second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Arrivals {
    /// At its beginning.
    pub from: f64,
    /// At its end; in between it changes evenly.
    pub to: f64,
    /// How long it takes, in nanoseconds.
    pub lasts: i64,
}

/// A pause of a length in this range, both ends included, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pause {
    /// The shortest.
    pub least: i64,
    /// The longest.
    pub most: i64,
}

/// From `at` nanoseconds after the start on, so many personas take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Nanoseconds after the start.
    pub at: u64,
    /// How many.
    pub personas: u32,
}

impl Load {
    /// How long the schedule takes, in nanoseconds.
    pub fn lasts(&self) -> i64 {
        match &self.model {
            Model::Closed(stages) => stages.iter().fold(0, |sum: i64, stage| sum.saturating_add(stage.lasts)),
            Model::Open(stages) => stages.iter().fold(0, |sum: i64, stage| sum.saturating_add(stage.lasts)),
        }
    }

    /// The stages as they would be written, in order: `ramp: 50 over 1m`.
    pub fn stages(&self) -> Vec<String> {
        let time = |nanoseconds: i64| Value::Duration(nanoseconds);
        let rate = |rate: f64| Value::Rate(rate);
        let warm_up = (self.warm_up > 0).then(|| format!("warm-up: {}", time(self.warm_up)));
        let stages: Vec<String> = match &self.model {
            Model::Closed(stages) => stages
                .iter()
                .map(|stage| match stage.kind {
                    StageKind::Ramp(to) => format!("ramp: {to} over {}", time(stage.lasts)),
                    StageKind::Hold => format!("hold: {}", time(stage.lasts)),
                    StageKind::Spike(to) => format!("spike: {to} for {}", time(stage.lasts)),
                })
                .collect(),
            Model::Open(stages) => stages
                .iter()
                .map(|stage| match stage.from == stage.to {
                    true => format!("arrivals: {} for {}", rate(stage.from), time(stage.lasts)),
                    false => format!("arrivals: {}..{} over {}", rate(stage.from), rate(stage.to), time(stage.lasts)),
                })
                .collect(),
        };
        warm_up.into_iter().chain(stages).collect()
    }

    /// Most personas that take part at once in a closed load whose scenario has `population` personas.
    pub fn peak(&self, population: u32) -> u32 {
        match &self.model {
            Model::Closed(stages) => levels(stages, population).iter().map(|level| level.personas).max().unwrap_or(0),
            Model::Open(_) => 0,
        }
    }
}

impl Pause {
    /// The pause that `share`, from 0 to 1, draws from the range, in nanoseconds.
    pub fn at(&self, share: f64) -> u64 {
        let least = u64::try_from(self.least).unwrap_or(0);
        let width = u64::try_from(self.most.saturating_sub(self.least)).unwrap_or(0);
        least.saturating_add((width as f64 * share) as u64)
    }
}

/// As it would be written: `1s..3s`, or `10s`.
impl std::fmt::Display for Pause {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}", Value::Duration(self.least))?;
        if self.most == self.least { Ok(()) } else { write!(out, "..{}", Value::Duration(self.most)) }
    }
}

/// How many take part when, in order of time, a change an entry.
///
/// A schedule that begins with a ramp begins with nobody, any other with the `population` that `personas:` says. A ramp
/// adds its first persona at its beginning and the others at equal distances; one that goes down lets the last of those
/// go at its end.
pub fn levels(stages: &[Stage], population: u32) -> Vec<Level> {
    let ramps = matches!(stages.first(), Some(Stage { kind: StageKind::Ramp(_), .. }));
    let mut now = if ramps { 0 } else { population };
    let mut levels = vec![Level { at: 0, personas: now }];
    let mut start = 0_u64;
    let push = |levels: &mut Vec<Level>, at: u64, personas: u32| match levels.last_mut() {
        Some(last) if last.at == at => last.personas = personas,
        Some(last) if last.personas == personas => {}
        _ => levels.push(Level { at, personas }),
    };
    for stage in stages {
        let lasts = u64::try_from(stage.lasts).unwrap_or(0);
        let end = start.saturating_add(lasts);
        let offset = |index: u32, of: u32| {
            let share = u128::from(lasts) * u128::from(index) / u128::from(of.max(1));
            start.saturating_add(u64::try_from(share).unwrap_or(u64::MAX))
        };
        match stage.kind {
            StageKind::Hold => {}
            StageKind::Ramp(to) if to >= now => {
                let more = to - now;
                (0..more).for_each(|index| push(&mut levels, offset(index, more), now + index + 1));
                now = to;
            }
            StageKind::Ramp(to) => {
                let fewer = now - to;
                (1..=fewer).for_each(|index| push(&mut levels, offset(index, fewer), now - index));
                now = to;
            }
            StageKind::Spike(to) => {
                push(&mut levels, start, to);
                push(&mut levels, end, now);
            }
        }
        start = end;
    }
    levels
}

/// When journeys of an open load begin: nanoseconds after the start, in order.
///
/// With the rate r(t), the slot of journey n (from 0) is where ∫r = n: the first begins at once, and at a steady rate
/// all are equally far apart. Nothing is drawn.
#[derive(Clone, Debug)]
pub struct Slots {
    stages: Vec<Arrivals>,
    /// The stage that is looked at, when it begins, and how many journeys began before it (with a fraction).
    at: usize,
    start: u64,
    before: f64,
    next: u64,
}

impl Slots {
    /// The slots of `stages`.
    pub fn new(stages: &[Arrivals]) -> Self {
        Self { stages: stages.to_vec(), at: 0, start: 0, before: 0.0, next: 0 }
    }
}

impl Iterator for Slots {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        /// What counts of the same journey are rounded by.
        const ROUNDING: f64 = 1e-9;
        let wanted = self.next as f64;
        loop {
            let stage = self.stages.get(self.at)?;
            let seconds = stage.lasts as f64 / SECOND as f64;
            let total = (stage.from + stage.to) / 2.0 * seconds;
            let within = (wanted - self.before).max(0.0);
            if within < total - ROUNDING {
                // Solves from·t + (to − from)/(2·seconds)·t² = within, in the form that a steady rate does not break.
                let slope = (stage.to - stage.from) / seconds;
                let root = (stage.from * stage.from + 2.0 * slope * within).max(0.0).sqrt();
                let time = if within > 0.0 { 2.0 * within / (stage.from + root) } else { 0.0 };
                let nanoseconds = (time.min(seconds) * SECOND as f64).round() as u64;
                self.next += 1;
                return Some(self.start.saturating_add(nanoseconds));
            }
            self.before += total;
            self.start = self.start.saturating_add(u64::try_from(stage.lasts).unwrap_or(0));
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(kind: StageKind, seconds: i64) -> Stage {
        Stage { kind, lasts: seconds * SECOND }
    }

    fn told(stages: &[Stage], population: u32) -> Vec<(u64, u32)> {
        levels(stages, population).iter().map(|level| (level.at / 1_000_000, level.personas)).collect()
    }

    #[test]
    fn ramps_go_up_and_down_in_equal_steps() {
        let stages = [stage(StageKind::Ramp(4), 2), stage(StageKind::Hold, 10), stage(StageKind::Ramp(2), 2)];
        assert_eq!(told(&stages, 9), [(0, 1), (500, 2), (1_000, 3), (1_500, 4), (13_000, 3), (14_000, 2)]);
    }

    #[test]
    fn what_does_not_begin_with_a_ramp_begins_with_everybody_and_a_spike_goes_back() {
        let stages = [stage(StageKind::Hold, 5), stage(StageKind::Spike(30), 1), stage(StageKind::Hold, 5)];
        assert_eq!(told(&stages, 10), [(0, 10), (5_000, 30), (6_000, 10)]);
        assert_eq!(told(&[stage(StageKind::Spike(3), 1)], 1), [(0, 3), (1_000, 1)]);
    }

    fn slots(stages: &[(f64, f64, i64)]) -> Vec<u64> {
        let stages: Vec<_> =
            stages.iter().map(|(from, to, s)| Arrivals { from: *from, to: *to, lasts: s * SECOND }).collect();
        Slots::new(&stages).map(|slot| slot / 1_000_000).collect()
    }

    #[test]
    fn a_steady_rate_spaces_arrivals_equally_and_a_ramp_crowds_them() {
        assert_eq!(slots(&[(4.0, 4.0, 1)]), [0, 250, 500, 750]);
        assert_eq!(slots(&[(3.0 / 60.0, 3.0 / 60.0, 60)]), [0, 20_000, 40_000]);
        // ∫ of 0/s..8/s over 1 s is 4t²: t = √(n/4).
        assert_eq!(slots(&[(0.0, 8.0, 1)]), [0, 500, 707, 866]);
        assert_eq!(slots(&[(8.0, 0.0, 1)]), [0, 133, 292, 500]);
        // What the first stage leaves of a journey the second takes on: 0.5 of one, then 2/s.
        assert_eq!(slots(&[(0.5, 0.5, 1), (2.0, 2.0, 1)]), [0, 1_250, 1_750]);
        assert_eq!(slots(&[(20.0, 20.0, 300)]).len(), 6_000);
    }
}
