//! A journey: one persona's way through the plan.

mod control;
mod drive;
mod envelope;
mod exchange;
mod execution;
mod http_step;
mod human;
mod implicit;
mod in_browser;
mod json_path;
mod pay;
mod scope;
mod screenshot;
mod wait;
mod wire;

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use esr_tap::{
    Block, JourneyOutcome, JourneyRecord, Span, SpanKind, SpanStatus, Timestamp,
    attributes::{ERROR_TYPE, ESR_PERSONA, ESR_TEMPLATE},
};
use indexmap::IndexMap;
use scn_plan::{
    Value,
    plan::{Drives, Template},
};
use smol_str::SmolStr;

use crate::{
    Cancel, Key,
    bind::Bound,
    browser::Browser,
    redact::Redactor,
    run::{Deps, Options, Progress},
    webdriver::{BrowserError, Window},
};
use drive::Attempt;
use execution::{Execution, Failure};
use in_browser::Traffic;

/// What all journeys of a run share.
pub(crate) struct Shared {
    pub(crate) bound: Bound,
    pub(crate) options: Options,
    pub(crate) deps: Deps,
    /// Stops the journeys under way.
    pub(crate) stop: Cancel,
    /// Told of what is worth showing.
    pub(crate) progress: Arc<dyn Fn(Progress) + Send + Sync>,
    /// Names of the probes in force, sorted.
    pub(crate) in_force: RwLock<Vec<SmolStr>>,
    /// When the warm-up ends; what begins earlier is not counted.
    pub(crate) counted_from: OnceLock<Timestamp>,
}

impl Shared {
    /// Whether what begins at `time` belongs to the warm-up.
    pub(crate) fn is_warm_up(&self, time: Timestamp) -> bool {
        self.counted_from.get().is_some_and(|from| time < *from)
    }
}

/// Who makes a journey.
#[derive(Clone, Debug)]
pub(crate) struct Traveller {
    /// The persona's number, from 0.
    pub(crate) persona: u32,
    /// What it is.
    pub(crate) template: Arc<Template>,
    /// What makes its requests.
    pub(crate) drives: Drives,
    /// Its fields by index.
    pub(crate) fields: Vec<Value>,
    /// Its fields by name.
    pub(crate) record: Value,
}

/// A journey under way.
pub(crate) struct Journey {
    shared: Arc<Shared>,
    traveller: Traveller,
    /// Which of the persona's journeys it is, from 0.
    iteration: u32,
    browser: Browser,
    slots: Vec<Value>,
    /// How often each node has run.
    visits: Vec<u32>,
    executions: Vec<Execution>,
    /// Executions whose sample waits for a submission that may be charged to it.
    unsettled: Vec<usize>,
    /// Spans that have begun and not ended, the innermost last.
    open: Vec<Span>,
    choices: IndexMap<u32, u32>,
    /// Nanoseconds from the intended start to the actual one, until a request takes them on.
    lag: u64,
    /// Whether the last thing that the persona did as people do was a step that thinking follows.
    has_acted: bool,
    /// What must not be seen in anything that the journey records.
    redactor: Arc<Redactor>,
    /// Spans of a browser's requests that are under way.
    aloft: Vec<Span>,
    /// The persona's browser, if it has one.
    window: Option<Window>,
    /// What passes between it and the network.
    traffic: Option<Traffic>,
    /// How many spans have begun, so that each has an id of its own.
    spans: u32,
    /// The retries under way, by their node.
    attempts: IndexMap<usize, Attempt>,
    /// When each group with a timeout began last, by its node.
    entered: IndexMap<usize, Timestamp>,
}

/// Why a step did not end by itself.
enum Halt {
    /// It failed.
    Failed(Failure),
    /// A submission that is charged to another execution failed hard.
    Charged(usize, Failure),
    /// The journey leaves here, which is no failure.
    Left(String),
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Halt::Failed(failure)
    }
}

/// A journey that is over.
pub(crate) struct Ended {
    /// When it was to begin.
    pub(crate) intended: Timestamp,
    /// How it ended.
    pub(crate) outcome: JourneyOutcome,
    /// When it began.
    pub(crate) start: Timestamp,
    /// When it ended.
    pub(crate) end: Timestamp,
}

/// Makes the journey of `traveller`, the persona's journey number `iteration`, which was to start at `intended`, and hands
/// in its record.
pub(crate) async fn make(shared: Arc<Shared>, traveller: Traveller, iteration: u32, intended: Timestamp) -> Ended {
    let clock = shared.deps.clock.clone();
    let asked = clock.now();
    let opened = tokio::select! {
        biased;
        () = shared.stop.cancelled() => Ok(None),
        window = open_window(&shared, &traveller, iteration) => window,
    };
    let start = clock.now();
    // A persona is ready when its browser is.
    let intended = if traveller.drives == Drives::Browser { intended.plus(start.since(asked)) } else { intended };
    let is_ready = opened.is_ok();
    let mut journey = Journey::new(shared.clone(), traveller, iteration, start.since(intended), opened.unwrap_or(None));
    let outcome = if is_ready {
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => JourneyOutcome::Interrupted,
            outcome = journey.drive() => outcome,
        }
    } else {
        // That there is no browser has been noted, and makes the run inconclusive.
        JourneyOutcome::Interrupted
    };
    let window = journey.window.take();
    let ended = journey.finish(start, intended, outcome);
    if let Some(window) = window {
        window.close(&*clock).await;
    }
    ended
}

/// Opens the browser of a persona that has one.
async fn open_window(shared: &Shared, traveller: &Traveller, iteration: u32) -> Result<Option<Window>, BrowserError> {
    match &shared.deps.browsers {
        Some(browsers) if traveller.drives == Drives::Browser => {
            browsers.open(&format!("persona-{}-{iteration}", traveller.persona)).await.map(Some)
        }
        _ => Ok(None),
    }
}

impl Journey {
    fn new(shared: Arc<Shared>, traveller: Traveller, iteration: u32, lag: u64, mut window: Option<Window>) -> Self {
        let redactor = Arc::new(Redactor::default());
        redactor.learn(&traveller.record);
        Self {
            slots: vec![Value::None; shared.bound.slots],
            visits: vec![0; shared.bound.nodes.len()],
            shared,
            traveller,
            iteration,
            browser: Browser::default(),
            executions: Vec::new(),
            unsettled: Vec::new(),
            open: Vec::new(),
            choices: IndexMap::new(),
            lag,
            has_acted: false,
            redactor,
            aloft: Vec::new(),
            traffic: window.as_mut().and_then(Traffic::of),
            window,
            spans: 0,
            attempts: IndexMap::new(),
            entered: IndexMap::new(),
        }
    }

    fn now(&self) -> Timestamp {
        self.shared.deps.clock.now()
    }

    fn key(&self, node: usize, attempt: u32) -> Key {
        let node = u32::try_from(node).unwrap_or(u32::MAX);
        Key {
            seed: self.shared.options.seed,
            persona: self.traveller.persona,
            iteration: self.iteration,
            node,
            attempt,
            implicit: false,
        }
    }

    /// The key of the journey itself.
    fn own_key(&self) -> Key {
        self.key(0, 0)
    }

    /// Counts a run of `node` and yields its key.
    fn visit_node(&mut self, node: usize) -> Key {
        let attempt = self.visits[node];
        self.visits[node] += 1;
        self.key(node, attempt)
    }

    /// Ends every span that is still open, settles every sample, and hands in the journey's record.
    fn finish(mut self, start: Timestamp, intended: Timestamp, outcome: JourneyOutcome) -> Ended {
        let outcome = self.redacted(outcome);
        let recorder = self.shared.deps.recorder.clone();
        let end = self.now();
        let aloft = std::mem::take(&mut self.aloft);
        let cut_off: Vec<Span> = aloft.into_iter().chain(std::mem::take(&mut self.open).into_iter().rev()).collect();
        let blocks: BTreeSet<Block> = cut_off.iter().map(|span| span.block.clone()).collect();
        for mut span in cut_off {
            span.end_time_unix_nano = end;
            span.status = SpanStatus::Error("interrupted".to_owned());
            span.set(ERROR_TYPE, "interrupted");
            self.record_span(span);
        }
        blocks.iter().for_each(|block| recorder.close_block(block));
        self.browser.discard_input();
        self.settle();

        let key = self.own_key();
        let block = key.journey_block();
        let status = match &outcome {
            JourneyOutcome::Failed { reason, .. } => SpanStatus::Error(reason.clone()),
            JourneyOutcome::Interrupted => SpanStatus::Error("interrupted".to_owned()),
            JourneyOutcome::Completed | JourneyOutcome::Stopped { .. } => SpanStatus::Ok,
        };
        let mut span = Span {
            trace_id: key.trace_id(),
            span_id: self.journey_span(),
            parent_span_id: None,
            block: block.clone(),
            name: "journey".into(),
            kind: SpanKind::Internal,
            service: "persona".into(),
            start_time_unix_nano: start,
            end_time_unix_nano: end,
            status,
            attributes: Default::default(),
        };
        span.set(ESR_PERSONA, i64::from(self.traveller.persona));
        span.set(ESR_TEMPLATE, self.traveller.template.name.clone());
        self.record_span(span);
        recorder.close_block(&block);

        let steps = self.executions.iter().filter(|execution| execution.is_sample());
        let record = JourneyRecord {
            trace_id: key.trace_id(),
            persona: self.traveller.persona,
            template: self.traveller.template.name.clone(),
            iteration: self.iteration,
            start,
            end,
            outcome: outcome.clone(),
            steps: steps.map(|execution| self.sample(execution)).collect(),
            warm_up: self.shared.is_warm_up(start),
            choices: std::mem::take(&mut self.choices),
        };
        (self.shared.progress)(Progress::Journey(Box::new(record.clone())));
        recorder.journey(record);
        Ended { intended, outcome, start, end }
    }

    /// The probes in force, sorted by name.
    fn probes_in_force(&self) -> Vec<SmolStr> {
        self.shared.in_force.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
