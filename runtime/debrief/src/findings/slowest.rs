//! The slowest path.

use esr_tap::{JourneyOutcome, JourneyRecord, SpanKind, SpanStatus, attributes as name};

use super::{Analysis, PathStep, SlowestPath, WaterfallSpan};
use crate::{
    charging::{Charges, SpanIndex},
    goals::is_finished,
};

pub(super) fn slowest(analysis: &Analysis<'_>) -> Option<SlowestPath> {
    let finished = analysis.store.journeys().iter().filter(|journey| is_finished(journey));
    // Of equals, the first persona's.
    let journey = finished
        .max_by_key(|journey| (journey.response_time(), std::cmp::Reverse((journey.persona, journey.iteration))))?;
    let mut charges = Charges::default();
    let mut steps = Vec::new();
    for (execution, charge) in analysis.executions.iter().zip(&analysis.charges) {
        if execution.trace == journey.trace_id {
            charges.add(charge);
            steps.push(PathStep {
                step: execution.step.to_string(),
                at_ns: execution.start.since(journey.start),
                response_time_ns: execution.response_time,
                status: execution.status,
                error: execution.error.clone(),
                part: charge.most().map(|share| share.part),
                lines: analysis.lines(execution),
            });
        }
    }
    let most = charges.most();
    Some(SlowestPath {
        persona: journey.persona,
        template: journey.template.to_string(),
        iteration: journey.iteration,
        trace_id: journey.trace_id.to_string(),
        at_ns: analysis.at(journey.start),
        total_ns: journey.response_time(),
        outcome: match &journey.outcome {
            JourneyOutcome::Completed => "completed".to_owned(),
            JourneyOutcome::Stopped { .. } => "stopped".to_owned(),
            JourneyOutcome::Failed { step, .. } => format!("failed at {step}"),
            JourneyOutcome::Interrupted => "interrupted".to_owned(),
        },
        part_ns: most.as_ref().map_or(0, |share| share.total_ns),
        part: most.map(|share| share.part),
        charges: charges.ranking(),
        steps,
        waterfall: waterfall(analysis, journey),
    })
}

fn waterfall(analysis: &Analysis<'_>, journey: &JourneyRecord) -> Vec<WaterfallSpan> {
    let tree = analysis.tree;
    let mut bars = Vec::new();
    // Depth first; the stack holds what is to come, the next on top.
    let mut stack: Vec<(SpanIndex, u32)> = Vec::new();
    let roots = tree.trace(journey.trace_id).iter().filter(|at| tree.parent(**at).is_none());
    stack.extend(roots.rev().map(|at| (*at, 0)));
    while let Some((at, depth)) = stack.pop() {
        let span = tree.span(at);
        bars.push(WaterfallSpan {
            name: span.name.to_string(),
            service: span.service.to_string(),
            kind: match span.kind {
                SpanKind::Internal => "internal",
                SpanKind::Client => "client",
                SpanKind::Server => "server",
            }
            .to_owned(),
            depth,
            start_ns: span.start_time_unix_nano.since(journey.start),
            duration_ns: span.duration(),
            queue_wait_ns: tree.queue_wait(at),
            probe_delay_ns: tree.probe_delay(at),
            status: tree.status(at),
            error: span.text(name::ERROR_TYPE).map(str::to_owned).or_else(|| match &span.status {
                SpanStatus::Error(reason) => Some(reason.clone()),
                _ => None,
            }),
            line: tree.line(at),
        });
        stack.extend(tree.children(at).iter().rev().map(|child| (*child, depth + 1)));
    }
    bars
}
