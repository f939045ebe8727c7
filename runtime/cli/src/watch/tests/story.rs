//! A run, told event by event.

use std::sync::{Arc, LazyLock};

use esr_engine::Progress;
use esr_tap::{JourneyOutcome, JourneyRecord, ProbeEvent, StepSample, Timestamp, TraceId};
use scn_analysis::{Options, World, WorldError, compile};
use scn_plan::Plan;

use crate::watch::board::Board;

/// Moments of the story, in milliseconds.
pub const START: u64 = 0;
pub const MIDDLE: u64 = 7_000;
pub const END: u64 = 16_000;

const MILLI: u64 = 1_000_000;
const BEGIN: Timestamp = Timestamp(1_795_462_575_000_000_000);

/// A world that holds the scenario and nothing else.
struct OneText;

impl World for OneText {
    fn read(&self, path: &str) -> Result<Arc<str>, WorldError> {
        match path {
            "licence.scn" => Ok(include_str!("licence.scn").into()),
            _ => Err(WorldError::NotFound),
        }
    }

    fn settings(&self, _path: &str) -> Option<String> {
        None
    }
}

static PLAN: LazyLock<Arc<Plan>> = LazyLock::new(|| {
    let compilation = compile(&OneText, "licence.scn", &Options::default());
    assert!(!compilation.has_errors(), "{:?}", compilation.diagnostics);
    Arc::new(compilation.scenarios[0].clone())
});

/// What is known `until` so many milliseconds.
pub fn told_until(until: u64) -> Board {
    let mut board = Board::new(PLAN.clone(), at(0));
    for (time, progress) in story().iter().filter(|(time, _)| *time <= until) {
        board.note(progress, at(*time));
    }
    board.tick(at(until));
    board
}

fn at(milliseconds: u64) -> Timestamp {
    BEGIN.plus(milliseconds * MILLI)
}

#[derive(Default)]
struct Story {
    events: Vec<(u64, Progress)>,
    active: u32,
}

/// Twenty people visit, fill in and expect; the eighth fails, the last two are cut off, the probe slows some down.
fn story() -> Vec<(u64, Progress)> {
    let mut story = Story { active: 20, ..Story::default() };
    story.tell(0, Progress::Started { personas: 20 });
    for persona in 0..20 {
        story.begin(0, persona, "visit");
    }
    for persona in 0..20 {
        let took = 20 + u64::from(persona);
        story.sample(took, "visit", took, 200, None);
        story.begin(took, persona, "fill");
        story.begin(took, persona, "expect");
    }
    for persona in 0..12_u32 {
        let time = 1_000 + u64::from(persona) * 400;
        if persona == 7 {
            story.sample(time, "fill", 2_000, 504, Some("HTTP 504"));
            let (step, cause, path) = ("fill".into(), "HTTP 504".to_owned(), Some("/start".into()));
            let outcome = JourneyOutcome::Failed { step, reason: cause.clone(), cause, path, block: "b".into() };
            story.end(time, persona, outcome, time);
            continue;
        }
        story.sample(time, "fill", 400 + 10 * u64::from(persona), 200, None);
        story.begin(time, persona, "return");
        if persona < 9 {
            story.sample(time + 50, "return", 50, 200, None);
            story.end(time + 50, persona, JourneyOutcome::Completed, 500);
        }
    }
    story.probe(5_000, true);
    for persona in 9..18 {
        let time = 8_000 + u64::from(persona) * 100;
        if persona >= 12 {
            story.sample(time, "fill", 1_900, 200, None);
            story.begin(time, persona, "return");
        }
        story.sample(time + 50, "return", 45, 200, None);
        let outcome = match persona {
            9 => JourneyOutcome::Stopped { reason: "enough".to_owned() },
            _ => JourneyOutcome::Completed,
        };
        story.end(time + 50, persona, outcome, time);
    }
    story.probe(15_000, false);
    for persona in 18..20 {
        story.end(16_000, persona, JourneyOutcome::Interrupted, 0);
    }
    story.events.sort_by_key(|(time, _)| *time);
    story.events
}

impl Story {
    fn tell(&mut self, time: u64, progress: Progress) {
        self.events.push((time, progress));
    }

    fn begin(&mut self, time: u64, persona: u32, step: &str) {
        self.tell(time, Progress::StepBegan { persona, step: step.into() });
    }

    fn sample(&mut self, time: u64, step: &str, took: u64, status: u16, error: Option<&str>) {
        let probes = if time > 5_000 { vec!["slow_service".into()] } else { Vec::new() };
        let sample = StepSample {
            step: step.into(),
            node: 0,
            template: "Citizen".into(),
            probes,
            start: at(time - took.min(time)),
            response_time: Some(took * MILLI),
            status: Some(status),
            error: error.map(str::to_owned),
            blocks: Vec::new(),
            warm_up: false,
        };
        self.tell(time, Progress::Step(sample));
    }

    /// The journey ends, having waited for so many milliseconds in all.
    fn end(&mut self, time: u64, persona: u32, outcome: JourneyOutcome, waited: u64) {
        self.active -= 1;
        let step = StepSample {
            step: "visit".into(),
            node: 0,
            template: "Citizen".into(),
            probes: Vec::new(),
            start: at(0),
            response_time: Some(waited * MILLI),
            status: Some(200),
            error: None,
            blocks: Vec::new(),
            warm_up: false,
        };
        let record = JourneyRecord {
            trace_id: TraceId(u128::from(persona) + 1),
            persona,
            template: "Citizen".into(),
            iteration: 0,
            start: at(0),
            end: at(time),
            outcome: outcome.clone(),
            steps: vec![step],
            warm_up: false,
            choices: Default::default(),
        };
        self.tell(time, Progress::Journey(Box::new(record)));
        self.tell(time, Progress::JourneyEnded { persona, outcome, active: self.active });
    }

    fn probe(&mut self, time: u64, applied: bool) {
        let event = ProbeEvent {
            time_unix_nano: at(time),
            probe: "slow_service".into(),
            target: "desk-svc".into(),
            applied,
            description: "desk-svc → 1500 ms".into(),
        };
        self.tell(time, Progress::Probe(event));
    }
}
