//! Where in the blueprint a setting stands.

use scn_plan::{
    Blueprint, Span, Value,
    blueprint::{Handler, HandlerStep, HandlerStepKind, Part, PartKind},
};

use crate::findings::{Place, place_of};

/// Where `PART.workers` is set.
pub(super) fn workers(blueprint: &Blueprint, part: &str) -> Option<Place> {
    let part = blueprint.part(part)?;
    place_of(&blueprint.sources, part.workers_span.unwrap_or(part.span))
}

/// Where `PART.latency` is set.
pub(super) fn latency(blueprint: &Blueprint, part: &str) -> Option<Place> {
    let part = blueprint.part(part)?;
    place_of(&blueprint.sources, part.latency_span.unwrap_or(part.span))
}

/// Where a part replies with `status` (`HTTP 503`); else where the part is declared.
pub(super) fn reply(blueprint: &Blueprint, part: &str, status: &str) -> Option<Place> {
    let part = blueprint.part(part)?;
    let status = status.strip_prefix("HTTP ").and_then(|status| status.parse::<i64>().ok());
    let span =
        status.and_then(|status| handlers(part).into_iter().find_map(|handler| reply_in(&handler.steps, status)));
    place_of(&blueprint.sources, span.unwrap_or(part.span))
}

fn handlers(part: &Part) -> Vec<&Handler> {
    match &part.kind {
        PartKind::Frontend(frontend) => frontend
            .pages
            .values()
            .flat_map(|page| page.on_view.iter().chain(page.forms.values().filter_map(|form| form.on_submit.as_ref())))
            .collect(),
        PartKind::Service(service) => service.routes.iter().map(|route| &route.handler).collect(),
        PartKind::Partner(partner) => partner.envelopes.values().map(|envelope| &envelope.handler).collect(),
        PartKind::Agent(agent) => vec![&agent.handler],
        PartKind::Queue(queue) => queue.on_decided.iter().collect(),
    }
}

fn reply_in(steps: &[HandlerStep], status: i64) -> Option<Span> {
    steps.iter().find_map(|step| match &step.kind {
        HandlerStepKind::Call { call, .. } => {
            let replies = call.name == "reply"
                && call.arg("status").and_then(|status| status.as_value()) == Some(&Value::Int(status));
            replies.then_some(step.span)
        }
        HandlerStepKind::If { arms, otherwise } => {
            arms.iter().find_map(|(_, body)| reply_in(body, status)).or_else(|| reply_in(otherwise, status))
        }
        HandlerStepKind::For { body, .. } | HandlerStepKind::Retry { body, .. } => reply_in(body, status),
        HandlerStepKind::Set { .. } => None,
    })
}
