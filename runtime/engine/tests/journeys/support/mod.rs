//! What the tests run journeys with.

pub mod clock;
pub mod plan;
pub mod server;

use std::sync::{Arc, Mutex};

use esr_engine::{Cancel, Deps, FaultError, Faults, Options, Outcome, Progress, clock::BoxFuture};
use esr_tap::{Attachment, Block, JourneyOutcome, JourneyRecord, ProbeEvent, Recorder, Span, StepSample};
use scn_plan::{Plan, plan::Probe};
use smol_str::SmolStr;

pub use clock::VirtualClock;
pub use plan::*;
pub use server::{Server, Wire, answer, broken, page, redirect};

/// Everything that a run recorded.
#[derive(Default)]
pub struct Tape {
    pub spans: Mutex<Vec<Span>>,
    pub probes: Mutex<Vec<ProbeEvent>>,
    pub closed: Mutex<Vec<Block>>,
    pub samples: Mutex<Vec<StepSample>>,
    pub attachments: Mutex<Vec<Attachment>>,
    pub journeys: Mutex<Vec<JourneyRecord>>,
}

struct Tap(Arc<Tape>);

impl Recorder for Tap {
    fn span(&self, span: Span) {
        assert!(!self.0.closed.lock().unwrap().contains(&span.block), "a span of the closed block {}", span.block);
        self.0.spans.lock().unwrap().push(span);
    }
    fn probe(&self, event: ProbeEvent) {
        self.0.probes.lock().unwrap().push(event);
    }
    fn close_block(&self, block: &Block) {
        self.0.closed.lock().unwrap().push(block.clone());
    }
    fn sample(&self, sample: StepSample) {
        self.0.samples.lock().unwrap().push(sample);
    }
    fn attach(&self, attachment: Attachment) {
        self.0.attachments.lock().unwrap().push(attachment);
    }
    fn journey(&self, record: JourneyRecord) {
        self.0.journeys.lock().unwrap().push(record);
    }
}

/// Faults that only note what is asked of them; the probe named `impossible` cannot be applied.
#[derive(Default)]
pub struct Levers(pub Mutex<Vec<String>>);

impl Faults for Levers {
    fn apply<'a>(&'a self, probe: &'a Probe) -> BoxFuture<'a, Result<SmolStr, FaultError>> {
        Box::pin(async move {
            if probe.name == "impossible" {
                return Err(FaultError("no such part".to_owned()));
            }
            self.0.lock().unwrap().push(format!("+{}", probe.name));
            Ok(format!("{} → 800 ms", probe.target).into())
        })
    }
    fn remove<'a>(&'a self, probe: &'a str) -> BoxFuture<'a, Result<(), FaultError>> {
        Box::pin(async move {
            self.0.lock().unwrap().push(format!("-{probe}"));
            Ok(())
        })
    }
    fn clear(&self) {
        self.0.lock().unwrap().push("-all".to_owned());
    }
}

/// A run under test.
pub struct Flight {
    pub clock: VirtualClock,
    pub server: Arc<Server>,
    pub tape: Arc<Tape>,
    pub levers: Arc<Levers>,
    pub cancel: Cancel,
    pub progress: Arc<Mutex<Vec<Progress>>>,
}

impl Flight {
    /// A flight over the server that `routes` builds.
    pub fn over(routes: impl FnOnce(Server) -> Server) -> Self {
        let clock = VirtualClock::default();
        Self {
            server: Arc::new(routes(Server::new(clock.clone()))),
            clock,
            tape: Arc::default(),
            levers: Arc::default(),
            cancel: Cancel::new(),
            progress: Arc::default(),
        }
    }

    /// Runs `plan` to its end.
    pub fn run(&self, plan: Plan) -> Outcome {
        self.try_run(plan).expect("a plan that can be run")
    }

    pub fn try_run(&self, plan: Plan) -> Result<Outcome, esr_engine::RunError> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let time = tokio::spawn(self.clock.clone().pass());
            let outcome = self.start(plan).await;
            time.abort();
            outcome
        })
    }

    /// The future of a run.
    pub async fn start(&self, plan: Plan) -> Result<Outcome, esr_engine::RunError> {
        let options = Options {
            run_id: "run-1".into(),
            seed: 42,
            entry: "http://portal.example/".parse().expect("a url"),
            entry_part: "portal".into(),
            partners: [("IRS".into(), "http://irs.example/".parse().expect("a url"))].into(),
            environment: [("TOKEN".to_owned(), "t0p".to_owned())].into(),
            most_journeys: 50,
            cancel: self.cancel.clone(),
        };
        let deps = Deps {
            browsers: None,
            clock: Arc::new(self.clock.clone()),
            transport: Arc::new(Wire(self.server.clone())),
            recorder: Arc::new(Tap(self.tape.clone())),
            faults: self.levers.clone(),
        };
        let progress = self.progress.clone();
        esr_engine::run(Arc::new(plan), options, deps, move |event| progress.lock().unwrap().push(event)).await
    }

    /// The record of the only journey.
    pub fn journey(&self) -> JourneyRecord {
        let journeys = self.tape.journeys.lock().unwrap();
        assert_eq!(journeys.len(), 1);
        journeys[0].clone()
    }

    /// How the only journey ended: `completed`, `step: cause`, …
    pub fn ending(&self) -> String {
        match self.journey().outcome {
            JourneyOutcome::Completed => "completed".to_owned(),
            JourneyOutcome::Stopped { reason } => format!("stopped: {reason}"),
            JourneyOutcome::Failed { step, cause, .. } => format!("{step}: {cause}"),
            JourneyOutcome::Interrupted => "interrupted".to_owned(),
        }
    }

    /// Why the only journey failed, in a sentence.
    pub fn reason(&self) -> String {
        match self.journey().outcome {
            JourneyOutcome::Failed { reason, .. } => reason,
            other => panic!("no failure: {other:?}"),
        }
    }

    /// `step ms status error` of every sample, in the order of the journey.
    pub fn samples(&self) -> Vec<String> {
        let line = |sample: &StepSample| {
            let time = sample.response_time.map_or("-".to_owned(), |time| format!("{}ms", time / 1_000_000));
            let status = sample.status.map_or("-".to_owned(), |status| status.to_string());
            format!("{} {time} {status} {}", sample.step, sample.error.as_deref().unwrap_or("ok"))
        };
        self.journey().steps.iter().map(line).collect()
    }

    /// The spans with this name.
    pub fn spans(&self, name: &str) -> Vec<Span> {
        self.tape.spans.lock().unwrap().iter().filter(|span| span.name == name).cloned().collect()
    }
}
