//! Executions of steps: their spans, their samples, and how they end.

use esr_tap::{
    AttributeValue, Block, JourneyOutcome, Span, SpanId, SpanKind, SpanStatus, StepSample, Timestamp,
    attributes::{CODE_FILE_PATH, CODE_LINE_NUMBER, ERROR_TYPE, ESR_CALLEE, ESR_STEP, ESR_VERB, URL_PATH},
};
use smol_str::SmolStr;

use super::{Halt, Journey};
use crate::{
    Key,
    bind::{Kind, Step},
    run::Progress,
};

/// An execution of a step.
pub(super) struct Execution {
    /// Its node.
    pub(super) node: usize,
    /// Its key.
    pub(super) key: Key,
    /// When it began, after any submission that was charged to another.
    start: Timestamp,
    /// The probes in force when it began, sorted by name.
    probes: Vec<SmolStr>,
    /// When its requests, and those of the submissions charged to it, were under way: apart from one another, in order.
    busy: Vec<(Timestamp, Timestamp)>,
    /// Nanoseconds of its requests and of the submissions charged to it, of those at the same time once; none before the first.
    pub(super) response_time: Option<u64>,
    /// The last status that came.
    pub(super) status: Option<u16>,
    /// Why it failed.
    pub(super) error: Option<String>,
    /// The blocks that show it.
    pub(super) blocks: Vec<Block>,
}

impl Execution {
    /// Nanoseconds of its timeout that are used up.
    pub(super) fn used(&self) -> u64 {
        self.busy.iter().map(|(start, end)| end.since(*start)).sum()
    }

    /// Counts a request from `start` to `end`, and `lag` nanoseconds before it.
    pub(super) fn count(&mut self, start: Timestamp, end: Timestamp, lag: u64) {
        let before = self.used();
        self.busy.push((start, end));
        self.busy.sort();
        self.busy.dedup_by(|later, earlier| {
            let meet = later.0 <= earlier.1;
            if meet {
                earlier.1 = earlier.1.max(later.1);
            }
            meet
        });
        self.response_time = Some(self.response_time.unwrap_or(0) + (self.used() - before) + lag);
    }

    /// Whether it counts as a sample: it sent a request, or failed.
    pub(super) fn is_sample(&self) -> bool {
        self.response_time.is_some() || self.error.is_some()
    }
}

/// Why something failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// In a word or two, for counting.
    pub(super) cause: String,
    /// In a sentence.
    pub(super) reason: String,
    /// The block that shows it, where that is not the step's own.
    pub(super) block: Option<Block>,
    /// The path of the request that failed as it may be shown, where one did.
    pub(super) path: Option<SmolStr>,
}

impl Failure {
    pub(super) fn new(cause: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { cause: cause.into(), reason: reason.into(), block: None, path: None }
    }

    /// A final status of 400 or above; `path` as it may be shown.
    pub(super) fn status(status: u16, path: &str) -> Self {
        Self { path: Some(path.into()), ..Self::new(format!("HTTP {status}"), format!("HTTP {status} on {path}")) }
    }
}

impl From<scn_plan::EvalError> for Failure {
    fn from(error: scn_plan::EvalError) -> Self {
        Failure::new("expression", error.message)
    }
}

impl Journey {
    /// Runs `step` of `node`; the error is how the journey ends.
    pub(super) async fn step(&mut self, node: usize, key: Key, step: &Step) -> Result<(), JourneyOutcome> {
        if let Err(failure) = self.look_again().await {
            let outcome = self.fail_node(node, key, failure);
            return if step.soft { Ok(()) } else { Err(outcome) };
        }
        if let Some(guard) = &step.guard {
            match self.holds(&key, "if", guard) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(failure) => {
                    let outcome = self.fail_node(node, key, failure);
                    return if step.soft { Ok(()) } else { Err(outcome) };
                }
            }
        }
        self.think(&key, step).await;
        let execution = self.begin(node, key);
        match self.act(execution, step).await {
            Ok(()) => {
                self.end(execution, None);
                Ok(())
            }
            Err(Halt::Failed(failure)) => {
                let outcome = self.fail(execution, failure);
                if step.soft { Ok(()) } else { Err(outcome) }
            }
            Err(Halt::Charged(charged, failure)) => {
                // The step itself never came about: it leaves neither a span nor a sample.
                self.open.pop();
                let outcome = self.outcome(charged, failure);
                self.settle();
                Err(outcome)
            }
            Err(Halt::Left(reason)) => {
                self.end(execution, None);
                Err(JourneyOutcome::Stopped { reason })
            }
        }
    }

    /// Fails a node that cannot even begin.
    pub(super) fn fail_node(&mut self, node: usize, key: Key, failure: Failure) -> JourneyOutcome {
        let execution = self.begin(node, key);
        self.fail(execution, failure)
    }

    fn fail(&mut self, execution: usize, failure: Failure) -> JourneyOutcome {
        self.executions[execution].error = Some(failure.cause.clone());
        self.end(execution, Some(&failure));
        self.outcome(execution, failure)
    }

    fn outcome(&self, execution: usize, failure: Failure) -> JourneyOutcome {
        let execution = &self.executions[execution];
        JourneyOutcome::Failed {
            step: self.shared.bound.nodes[execution.node].name.clone(),
            cause: failure.cause,
            reason: failure.reason,
            path: failure.path.or_else(|| self.browser.page.as_ref().map(|page| page.shown_path.clone())),
            block: failure.block.unwrap_or_else(|| execution.key.block()),
        }
    }

    /// Begins an execution and its span.
    fn begin(&mut self, node: usize, key: Key) -> usize {
        let start = self.now();
        let shared = self.shared.clone();
        let bound = &shared.bound.nodes[node];
        let verb = match &bound.kind {
            Kind::Step(step, _) => step.verb.clone(),
            _ => "if".into(),
        };
        let parent = self.journey_span();
        let span = self.open_span(&key, bound.name.clone(), SpanKind::Internal, parent, start);
        span.set(ESR_STEP, bound.name.clone());
        span.set(ESR_VERB, verb);
        if let Some((file, line)) = &bound.place {
            span.set(CODE_FILE_PATH, file.clone());
            span.set(CODE_LINE_NUMBER, *line);
        }
        (shared.progress)(Progress::StepBegan { persona: self.traveller.persona, step: bound.name.clone() });
        let probes = self.probes_in_force();
        let blocks = vec![key.block()];
        let (busy, response_time, status, error) = (Vec::new(), None, None, None);
        self.executions.push(Execution { node, key, start, probes, busy, response_time, status, error, blocks });
        self.unsettled.push(self.executions.len() - 1);
        self.executions.len() - 1
    }

    /// Begins an execution anew, after time that was another's.
    pub(super) fn begin_again(&mut self, execution: usize) {
        let now = self.now();
        let probes = self.probes_in_force();
        if let Some(span) = self.open.last_mut() {
            span.start_time_unix_nano = now;
        }
        let execution = &mut self.executions[execution];
        execution.start = now;
        execution.probes = probes;
    }

    /// Ends an execution's span and closes its block.
    fn end(&mut self, execution: usize, failure: Option<&Failure>) {
        self.close_span(failure);
        let block = self.executions[execution].key.block();
        self.shared.deps.recorder.close_block(&block);
        self.settle();
    }

    /// Hands in the samples to which nothing more can be charged.
    pub(super) fn settle(&mut self) {
        // The execution under way, if there is one, is the last whose step span is open.
        let running = if self.open.is_empty() { None } else { self.executions.len().checked_sub(1) };
        let waits = |at: &usize| self.browser.awaits(*at) || running == Some(*at);
        let (unsettled, settled): (Vec<usize>, Vec<usize>) = self.unsettled.iter().copied().partition(waits);
        self.unsettled = unsettled;
        for at in settled {
            if self.executions[at].is_sample() {
                let sample = self.sample(&self.executions[at]);
                (self.shared.progress)(Progress::Step(sample.clone()));
                self.shared.deps.recorder.sample(sample);
            }
        }
    }

    pub(super) fn sample(&self, execution: &Execution) -> StepSample {
        StepSample {
            step: self.shared.bound.nodes[execution.node].name.clone(),
            node: execution.key.node,
            template: self.traveller.template.name.clone(),
            probes: execution.probes.clone(),
            start: execution.start,
            response_time: execution.response_time,
            status: execution.status,
            error: execution.error.as_ref().map(|error| self.redactor.shown(error)),
            blocks: execution.blocks.clone(),
            warm_up: self.shared.is_warm_up(execution.start),
        }
    }

    /// The id of the journey's span.
    pub(super) fn journey_span(&self) -> SpanId {
        self.own_key().span_id("journey")
    }

    /// Begins a span of `key` inside `parent`.
    pub(super) fn open_span(
        &mut self,
        key: &Key,
        name: SmolStr,
        kind: SpanKind,
        parent: SpanId,
        start: Timestamp,
    ) -> &mut Span {
        let span = Span {
            trace_id: key.trace_id(),
            span_id: key.span_id(&format!("span {}", self.spans)),
            parent_span_id: Some(parent),
            block: key.block(),
            name,
            kind,
            service: "persona".into(),
            start_time_unix_nano: start,
            end_time_unix_nano: start,
            status: SpanStatus::Unset,
            attributes: Default::default(),
        };
        self.spans += 1;
        let at = self.open.len();
        self.open.push(span);
        &mut self.open[at]
    }

    /// The span of that id, which has begun and not ended.
    pub(super) fn span_of(&mut self, id: SpanId) -> Option<&mut Span> {
        self.open.iter_mut().rev().chain(&mut self.aloft).find(|span| span.span_id == id)
    }

    /// Ends the span of that id now, and records it.
    pub(super) fn close_span_of(&mut self, id: SpanId, failure: Option<&Failure>) {
        let place = |spans: &[Span]| spans.iter().rposition(|span| span.span_id == id);
        let span = match (place(&self.open), place(&self.aloft)) {
            (Some(at), _) => self.open.remove(at),
            (None, Some(at)) => self.aloft.remove(at),
            (None, None) => return,
        };
        self.end_span(span, failure);
    }

    /// Ends the innermost open span now, and records it.
    pub(super) fn close_span(&mut self, failure: Option<&Failure>) {
        if let Some(span) = self.open.pop() {
            self.end_span(span, failure);
        }
    }

    fn end_span(&mut self, mut span: Span, failure: Option<&Failure>) {
        let now = self.now();
        span.end_time_unix_nano = now;
        span.status = match failure {
            Some(failure) => {
                span.set(ERROR_TYPE, failure.cause.clone());
                SpanStatus::Error(failure.reason.clone())
            }
            None if span.status == SpanStatus::Unset && span.kind == SpanKind::Internal => SpanStatus::Ok,
            None => span.status,
        };
        self.record_span(span);
    }

    /// Records a span, without anybody's data.
    pub(super) fn record_span(&self, mut span: Span) {
        if let SpanStatus::Error(reason) = &mut span.status {
            *reason = self.redactor.shown(reason);
        }
        for name in [URL_PATH, ERROR_TYPE, ESR_CALLEE] {
            if let Some(AttributeValue::Text(text)) = span.attributes.get_mut(name) {
                *text = self.redactor.shown(text).into();
            }
        }
        self.shared.deps.recorder.span(span);
    }

    /// How the journey ended, without anybody's data.
    pub(super) fn redacted(&self, outcome: JourneyOutcome) -> JourneyOutcome {
        let shown = |text: String| self.redactor.shown(&text);
        match outcome {
            JourneyOutcome::Stopped { reason } => JourneyOutcome::Stopped { reason: shown(reason) },
            JourneyOutcome::Failed { step, cause, reason, path, block } => JourneyOutcome::Failed {
                step,
                cause: shown(cause),
                reason: shown(reason),
                path: path.map(|path| shown(path.into()).into()),
                block,
            },
            other => other,
        }
    }
}
