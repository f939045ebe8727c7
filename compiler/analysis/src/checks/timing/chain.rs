//! Which parts a handler calls, how long each caller waits, and what is called from there.

use scn_diagnostics::Span;
use scn_plan::{
    Blueprint, Value,
    blueprint::{Handler, HandlerStep, HandlerStepKind, PartKind},
};
use smol_str::SmolStr;

use crate::blueprint::path::PathTemplate;

/// Calls lead so far at most.
const DEEPEST: usize = 12;

/// A call of one part by another.
#[derive(Clone, Debug)]
pub(super) struct Hop {
    /// Who calls.
    pub caller: SmolStr,
    /// Who is called.
    pub callee: SmolStr,
    /// How long the caller waits, in nanoseconds.
    pub timeout: i64,
    /// The call.
    pub span: Span,
    /// Whether the handler makes the call whenever it runs.
    pub always: bool,
}

/// Calls that lead from a handler of `part` to the part `target`, outermost first.
pub(super) fn chains(blueprint: &Blueprint, part: &SmolStr, handler: &Handler, target: &str) -> Vec<Vec<Hop>> {
    let mut chains = Vec::new();
    follow(blueprint, part, handler, target, &mut Vec::new(), &mut chains);
    chains
}

fn follow(
    blueprint: &Blueprint,
    part: &SmolStr,
    handler: &Handler,
    target: &str,
    path: &mut Vec<Hop>,
    chains: &mut Vec<Vec<Hop>>,
) {
    /// So many ways are more than anybody would be told of.
    const MOST: usize = 64;
    let mut calls = Vec::new();
    calls_of(&handler.steps, true, part, &mut calls);
    for (hop, step) in calls {
        if path.len() >= DEEPEST || chains.len() >= MOST || path.iter().any(|known| known.span == hop.span) {
            return;
        }
        path.push(hop.clone());
        if hop.callee == target {
            chains.push(path.clone());
        } else if let Some(next) = called(blueprint, &hop.callee, step) {
            follow(blueprint, &hop.callee, next, target, path, chains);
        }
        path.pop();
    }
}

fn calls_of<'a>(steps: &'a [HandlerStep], always: bool, part: &SmolStr, into: &mut Vec<(Hop, &'a HandlerStep)>) {
    let mut always = always;
    for step in steps {
        match &step.kind {
            HandlerStepKind::Call { call, .. } => {
                let callee = call.arg("service").or_else(|| call.arg("to")).and_then(|callee| callee.as_value());
                if let (Some(Value::Symbol(callee)), Some(Value::Duration(timeout))) =
                    (callee, call.arg("timeout").and_then(|timeout| timeout.as_value()))
                {
                    into.push((
                        Hop {
                            caller: part.clone(),
                            callee: callee.clone(),
                            timeout: *timeout,
                            span: call.span,
                            always: always && step.guard.is_none(),
                        },
                        step,
                    ));
                }
                // What stands after a reply that may be is not always come to.
                always &= call.name != "reply";
            }
            HandlerStepKind::If { arms, otherwise } => {
                arms.iter().for_each(|(_, steps)| calls_of(steps, false, part, into));
                calls_of(otherwise, false, part, into);
                always &= !arms.iter().map(|(_, steps)| steps).chain([otherwise]).any(|steps| replies(steps));
            }
            HandlerStepKind::For { body, .. } => {
                calls_of(body, false, part, into);
                always &= !replies(body);
            }
            HandlerStepKind::Retry { body, .. } => {
                calls_of(body, always, part, into);
                always &= !replies(body);
            }
            #[allow(unreachable_patterns)]
            _ => {}
        }
    }
}

/// Whether the steps may end the handler.
fn replies(steps: &[HandlerStep]) -> bool {
    steps.iter().any(|step| match &step.kind {
        HandlerStepKind::Call { call, .. } => call.name == "reply",
        HandlerStepKind::If { arms, otherwise } => arms.iter().any(|(_, steps)| replies(steps)) || replies(otherwise),
        HandlerStepKind::For { body, .. } | HandlerStepKind::Retry { body, .. } => replies(body),
        _ => false,
    })
}

/// The handler that a call reaches, as far as the blueprint says.
fn called<'b>(blueprint: &'b Blueprint, callee: &str, step: &HandlerStep) -> Option<&'b Handler> {
    let HandlerStepKind::Call { call, .. } = &step.kind else { return None };
    match &blueprint.part(callee)?.kind {
        PartKind::Service(service) => {
            let path = PathTemplate::of_call(call.arg("path")?)?;
            let method = call.name.to_uppercase();
            let fits = service.routes.iter().filter(|route| route.method == method);
            let fits = fits.map(|route| (PathTemplate::parse(&route.path), route));
            let fits = fits.filter(|(own, _)| own.admits(&path));
            fits.min_by_key(|(own, _)| own.openness()).map(|(_, route)| &route.handler)
        }
        PartKind::Partner(partner) => {
            let Value::Text(schema) = call.arg("schema")?.as_value()? else { return None };
            partner.envelopes.get(&schema.value).map(|envelope| &envelope.handler)
        }
        _ => None,
    }
}
