//! What the findings are made from: the executions of steps, and what their time is charged to.

use std::collections::HashSet;

use esr_tap::{
    AttributeValue, Block, JourneyOutcome, RunStore, Span, SpanKind, SpanStatus, Timestamp, TraceId, attributes as name,
};
use smol_str::SmolStr;

use super::TraceLines;
use crate::charging::{Charges, Charging, PERSONA, SpanIndex, TraceTree};

/// An execution of a step.
#[derive(Clone, Debug)]
pub(crate) struct Execution {
    pub(crate) trace: TraceId,
    pub(crate) persona: Option<u32>,
    /// The persona's template, if its journey is over.
    pub(crate) template: Option<SmolStr>,
    pub(crate) step: SmolStr,
    /// Its node in the plan.
    pub(crate) node: Option<u32>,
    /// Whether it began during the warm-up, and is not counted.
    pub(crate) warm_up: bool,
    pub(crate) start: Timestamp,
    pub(crate) response_time: Option<u64>,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<String>,
    /// In a sentence, where the journey failed here.
    pub(crate) reason: Option<String>,
    pub(crate) blocks: Vec<Block>,
    /// The block that shows the failure, where there is one.
    pub(crate) failed_in: Option<Block>,
}

/// A run, its spans as trees, and every execution with its charges.
pub(crate) struct Analysis<'a> {
    pub(crate) store: &'a RunStore,
    pub(crate) tree: &'a TraceTree<'a>,
    pub(crate) charging: Charging<'a>,
    pub(crate) executions: Vec<Execution>,
    /// By execution.
    pub(crate) charges: Vec<Charges>,
    /// Their sum.
    pub(crate) total: Charges,
}

impl<'a> Analysis<'a> {
    pub(crate) fn new(store: &'a RunStore, tree: &'a TraceTree<'a>) -> Self {
        let blueprint = store.blueprint();
        let charging = Charging::new(tree, &|part| blueprint.and_then(|blueprint| blueprint.part(part)?.workers));
        let mut executions = of_journeys(store);
        executions.extend(of_unfinished(store, tree));
        let charges: Vec<_> = executions.iter().map(|execution| charging.blocks(&execution.blocks)).collect();
        let mut total = Charges::default();
        for (_, each) in executions.iter().zip(&charges).filter(|(execution, _)| !execution.warm_up) {
            total.add(each);
        }
        Self { store, tree, charging, executions, charges, total }
    }

    /// The trace lines that show an execution: those of its failure, else of what was done last, which for a step that
    /// only fills a form is the submission charged to it.
    pub(crate) fn lines(&self, execution: &Execution) -> Option<TraceLines> {
        let block = execution.failed_in.as_ref().or_else(|| execution.blocks.last())?;
        self.store.block(block).map(TraceLines::from)
    }

    /// All spans of an execution, in order of time within each block.
    pub(crate) fn spans(&self, execution: &Execution) -> impl Iterator<Item = SpanIndex> {
        execution.blocks.iter().flat_map(|block| self.tree.block(block).iter().copied())
    }

    /// Nanoseconds from the start of the run.
    pub(crate) fn at(&self, time: Timestamp) -> u64 {
        time.since(self.store.record().started)
    }
}

fn of_journeys(store: &RunStore) -> Vec<Execution> {
    let mut executions = Vec::new();
    for journey in store.journeys() {
        let failure = match &journey.outcome {
            JourneyOutcome::Failed { step, reason, block, .. } => Some((step, reason, block)),
            _ => None,
        };
        // A journey ends with the last execution of the step that failed.
        let failed = failure.and_then(|(step, ..)| {
            journey.steps.iter().rposition(|sample| sample.step == *step && sample.error.is_some())
        });
        for (at, sample) in journey.steps.iter().enumerate() {
            let failure = failure.filter(|_| failed == Some(at));
            executions.push(Execution {
                trace: journey.trace_id,
                persona: Some(journey.persona),
                template: Some(journey.template.clone()),
                step: sample.step.clone(),
                node: Some(sample.node),
                warm_up: sample.warm_up,
                start: sample.start,
                response_time: sample.response_time,
                status: sample.status,
                error: sample.error.clone(),
                reason: failure.map(|(_, reason, _)| reason.clone()),
                blocks: sample.blocks.clone(),
                failed_in: failure.map(|(_, _, block)| block.clone()),
            });
        }
    }
    executions
}

/// The steps of journeys that have no record, from their spans alone: those of a run that was killed.
fn of_unfinished(store: &RunStore, tree: &TraceTree<'_>) -> Vec<Execution> {
    let recorded: HashSet<TraceId> = store.journeys().iter().map(|journey| journey.trace_id).collect();
    let own = |at: &SpanIndex| !recorded.contains(&tree.span(*at).trace_id);
    let steps: Vec<_> = tree.all().filter(own).filter(|at| is_of_step(tree.span(*at))).collect();
    let counted_from = counted_from(store);
    let mut executions = Vec::new();
    for at in steps.iter().copied().filter(|at| !is_implicit(tree.span(*at))) {
        let span = tree.span(at);
        let mut blocks = vec![span.block.clone()];
        blocks.extend(steps.iter().map(|other| tree.span(*other)).filter_map(|other| {
            let charged_here = other.trace_id == span.trace_id
                && is_implicit(other)
                && other.block.strip_suffix(".s").is_some_and(|block| block == span.block);
            charged_here.then(|| other.block.clone())
        }));
        let requests: Vec<_> = blocks.iter().flat_map(|block| tree.requests(block)).collect();
        let error = match &span.status {
            SpanStatus::Error(reason) => Some(span.text(name::ERROR_TYPE).unwrap_or(reason).to_owned()),
            _ => None,
        };
        executions.push(Execution {
            trace: span.trace_id,
            persona: span.block.strip_prefix('p').and_then(|rest| rest.split('.').next()?.parse().ok()),
            template: None,
            step: span.text(name::ESR_STEP).unwrap_or(&span.name).into(),
            node: span.block.split('.').find_map(|part| part.strip_prefix('n')?.parse().ok()),
            warm_up: counted_from.is_some_and(|from| span.start_time_unix_nano < from),
            start: span.start_time_unix_nano,
            response_time: (!requests.is_empty()).then(|| requests.iter().map(|at| tree.span(*at).duration()).sum()),
            status: requests.last().and_then(|at| tree.status(*at)),
            reason: match &span.status {
                SpanStatus::Error(reason) => Some(reason.clone()),
                _ => None,
            },
            error,
            blocks,
            failed_in: None,
        });
    }
    executions
}

/// When the warm-up was over; none if there was none.
pub(super) fn counted_from(store: &RunStore) -> Option<Timestamp> {
    let warm_up = store.plan().warm_up();
    let journeys = store.journeys().iter().map(|journey| journey.start);
    let first = journeys
        .chain(store.spans().filter(|(_, span)| span.service == PERSONA).map(|(_, span)| span.start_time_unix_nano))
        .min()?;
    (warm_up > 0).then(|| first.plus(warm_up))
}

/// Whether the span is of a step or of a submission.
fn is_of_step(span: &Span) -> bool {
    span.kind == SpanKind::Internal && span.service == PERSONA && span.attributes.contains_key(name::ESR_STEP)
}

fn is_implicit(span: &Span) -> bool {
    span.attributes.get(name::ESR_IMPLICIT) == Some(&AttributeValue::Bool(true))
}
