//! Which parts a handler calls, how long each caller waits, and what is called from there.

use std::sync::OnceLock;

use scn_diagnostics::Span;
use scn_plan::{
    Blueprint, Call, Value,
    blueprint::{Handler, HandlerStep, HandlerStepKind, PartKind},
};
use smol_str::SmolStr;

use crate::blueprint::path::PathTemplate;

/// Calls lead so far at most.
const DEEPEST: usize = 12;

/// A call of one part by another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hop<'a> {
    /// Who calls.
    pub caller: &'a SmolStr,
    /// Who is called.
    pub callee: &'a SmolStr,
    /// How long the caller waits, in nanoseconds.
    pub timeout: i64,
    /// The call.
    pub span: Span,
    /// Whether the handler makes the call whenever it runs.
    pub always: bool,
}

/// Calls that lead from a handler of `part` to the part `target`, outermost first.
pub(super) fn chains<'a>(
    blueprint: &'a Blueprint,
    part: &'a SmolStr,
    handler: &'a Handler,
    target: &str,
) -> Vec<Vec<Hop<'a>>> {
    let mut chains = Vec::new();
    follow(blueprint, part, handler, target, &mut Vec::new(), &mut chains);
    chains
}

fn follow<'a>(
    blueprint: &'a Blueprint,
    part: &'a SmolStr,
    handler: &'a Handler,
    target: &str,
    path: &mut Vec<Hop<'a>>,
    chains: &mut Vec<Vec<Hop<'a>>>,
) {
    /// So many ways are more than anybody would be told of.
    const MOST: usize = 64;
    let mut calls = Vec::new();
    calls_of(&handler.steps, true, part, &mut calls);
    for (hop, call) in calls {
        if path.len() >= DEEPEST || chains.len() >= MOST || path.iter().any(|known| known.span == hop.span) {
            return;
        }
        path.push(hop);
        if hop.callee == target {
            chains.push(path.clone());
        } else if let Some(next) = called(blueprint, hop.callee, call) {
            follow(blueprint, hop.callee, next, target, path, chains);
        }
        path.pop();
    }
}

/// How long at least a part of a sandbox waits for another that it calls, found out once.
#[derive(Default)]
pub(in crate::checks) struct Patience(OnceLock<Option<i64>>);

impl Patience {
    /// It in nanoseconds; nothing if no part calls another.
    pub fn of(&self, blueprint: &Blueprint) -> Option<i64> {
        *self.0.get_or_init(|| {
            let mut least: Option<i64> = None;
            for part in blueprint.parts.values() {
                part.kind.handlers(&mut |handler| {
                    handler.for_each_step(&mut |step| {
                        if let HandlerStepKind::Call { call, .. } = &step.kind
                            && let Some(timeout) = timeout(call)
                        {
                            least = Some(least.map_or(timeout, |least| least.min(timeout)));
                        }
                    });
                });
            }
            least
        })
    }
}

/// How long the caller waits, where that is said.
fn timeout(call: &Call) -> Option<i64> {
    match call.arg("timeout")?.as_value()? {
        Value::Duration(timeout) => Some(*timeout),
        _ => None,
    }
}

fn calls_of<'a>(steps: &'a [HandlerStep], always: bool, part: &'a SmolStr, into: &mut Vec<(Hop<'a>, &'a Call)>) {
    let mut always = always;
    for step in steps {
        match &step.kind {
            HandlerStepKind::Call { call, .. } => {
                let callee = call.arg("service").or_else(|| call.arg("to")).and_then(|callee| callee.as_value());
                if let (Some(Value::Symbol(callee)), Some(timeout)) = (callee, timeout(call)) {
                    let always = always && step.guard.is_none();
                    into.push((Hop { caller: part, callee, timeout, span: call.span, always }, call));
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
fn called<'b>(blueprint: &'b Blueprint, callee: &str, call: &Call) -> Option<&'b Handler> {
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
