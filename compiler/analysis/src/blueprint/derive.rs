//! What follows from the handlers: who calls whom, and what changes a store.

use scn_plan::collections::HashSet;
use scn_plan::{
    Blueprint, Call,
    blueprint::{Agent, CallEdge, Handler, HandlerStepKind, Part, PartKind},
};
use smol_str::SmolStr;

use super::{path::PathTemplate, peer::symbol};

/// Handlers that others can reach: a route by its number, an envelope by its schema.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Door {
    Route(SmolStr, usize),
    Envelope(SmolStr, SmolStr),
}

/// Fills in [`Blueprint::edges`], in the order in which the calls stand in the source.
pub(super) fn edges(blueprint: &mut Blueprint) {
    let mut edges: Vec<CallEdge> = Vec::new();
    for (caller, part) in &blueprint.parts {
        let mut add = |callee: &SmolStr, from: &SmolStr| {
            let edge = CallEdge { caller: from.clone(), callee: callee.clone() };
            if !edges.contains(&edge) {
                edges.push(edge);
            }
        };
        part.kind.handlers(&mut |handler| {
            calls(handler, &mut |call| {
                if let Some(callee) = callee(call, part) {
                    add(callee, caller);
                }
            });
        });
        part.calls.iter().for_each(|callee| add(callee, caller));
        // What is watched tells the agent.
        if let PartKind::Agent(agent) = &part.kind {
            add(caller, &agent.watches.part);
        }
    }
    blueprint.edges = edges;
}

/// Fills in which forms and routes may change a store, here or at a part that is called.
pub(super) fn mutating(blueprint: &mut Blueprint) {
    let mut known: HashSet<Door> = HashSet::default();
    // A door that calls a mutating one is mutating: repeated until nothing is added.
    loop {
        let mut added: Vec<Door> = Vec::new();
        for (name, part) in &blueprint.parts {
            match &part.kind {
                PartKind::Service(service) => {
                    for (number, route) in service.routes.iter().enumerate() {
                        let watched = || watchers(blueprint, name, &route.method, &route.path);
                        if changes(&route.handler, part, blueprint, &known)
                            || watched().any(|(agent, handler)| changes(handler, agent, blueprint, &known))
                        {
                            added.push(Door::Route(name.clone(), number));
                        }
                    }
                }
                PartKind::Partner(partner) => {
                    for (schema, envelope) in &partner.envelopes {
                        if changes(&envelope.handler, part, blueprint, &known) {
                            added.push(Door::Envelope(name.clone(), schema.clone()));
                        }
                    }
                }
                PartKind::Frontend(_) | PartKind::Agent(_) | PartKind::Queue(_) => {}
            }
        }
        let before = known.len();
        known.extend(added);
        if known.len() == before {
            break;
        }
    }
    let mut forms: HashSet<(SmolStr, SmolStr, SmolStr)> = HashSet::default();
    for (name, part) in &blueprint.parts {
        let PartKind::Frontend(frontend) = &part.kind else { continue };
        for (path, page) in &frontend.pages {
            let watched = watchers(blueprint, name, "POST", path)
                .any(|(agent, handler)| changes(handler, agent, blueprint, &known));
            for (form, declared) in &page.forms {
                let submits = declared.on_submit.as_ref();
                if watched || submits.is_some_and(|handler| changes(handler, part, blueprint, &known)) {
                    forms.insert((name.clone(), path.clone(), form.clone()));
                }
            }
        }
    }
    for (name, part) in &mut blueprint.parts {
        match &mut part.kind {
            PartKind::Service(service) => {
                for (number, route) in service.routes.iter_mut().enumerate() {
                    route.mutating = known.contains(&Door::Route(name.clone(), number));
                }
            }
            PartKind::Frontend(frontend) => {
                for (path, page) in &mut frontend.pages {
                    for (form, declared) in &mut page.forms {
                        declared.mutating = forms.contains(&(name.clone(), path.clone(), form.clone()));
                    }
                }
            }
            PartKind::Partner(_) | PartKind::Agent(_) | PartKind::Queue(_) => {}
        }
    }
}

/// The agents that watch requests to this path, each with what it does.
fn watchers<'b>(
    blueprint: &'b Blueprint,
    part: &str,
    method: &str,
    path: &str,
) -> impl Iterator<Item = (&'b Part, &'b Handler)> {
    let path = PathTemplate::parse(path);
    blueprint.parts.values().filter_map(move |agent| match &agent.kind {
        PartKind::Agent(Agent { watches, handler, .. })
            if watches.part == part
                && watches.method == method
                && PathTemplate::parse(&watches.path).same_as(&path) =>
        {
            Some((agent, handler))
        }
        _ => None,
    })
}

fn changes(handler: &Handler, of: &Part, blueprint: &Blueprint, known: &HashSet<Door>) -> bool {
    let mut found = false;
    calls(handler, &mut |call| {
        found |= match call.name.as_str() {
            "store" | "update" | "remove" | "enqueue" => true,
            // What a part does whose behaviour is unknown may change something, unless it is asked with GET.
            name if name != "get" && callee(call, of).is_some_and(|callee| is_closed(blueprint, callee)) => true,
            _ => doors(call, of, blueprint).iter().any(|door| known.contains(door)),
        };
    });
    found
}

fn calls(handler: &Handler, visit: &mut dyn FnMut(&Call)) {
    handler.for_each_step(&mut |step| {
        if let HandlerStepKind::Call { call, .. } = &step.kind {
            visit(call);
        }
    });
}

fn is_closed(blueprint: &Blueprint, part: &str) -> bool {
    blueprint.part(part).is_some_and(|part| !part.is_open_book())
}

/// The part that a call of `of` reaches, if it leaves its own.
fn callee<'c>(call: &'c Call, of: &Part) -> Option<&'c SmolStr> {
    let parameter = match call.name.as_str() {
        "send" => "to",
        "enqueue" => "queue",
        // What is no store of the part is a queue.
        "find" => "store",
        _ => "service",
    };
    let name = symbol(call.arg(parameter)?.as_value())?;
    (call.name != "find" || !of.stores.contains_key(name)).then_some(name)
}

/// The doors that a call may reach.
fn doors(call: &Call, of: &Part, blueprint: &Blueprint) -> Vec<Door> {
    let Some(name) = callee(call, of) else { return Vec::new() };
    let Some(part) = blueprint.part(name) else { return Vec::new() };
    match &part.kind {
        PartKind::Service(service) => {
            let called = call.arg("path").and_then(PathTemplate::of_call);
            let admits = |route: &str| called.as_ref().is_none_or(|called| PathTemplate::parse(route).admits(called));
            let reached = service
                .routes
                .iter()
                .enumerate()
                .filter(|(_, route)| route.method.eq_ignore_ascii_case(&call.name) && admits(&route.path));
            reached.map(|(number, _)| Door::Route(name.clone(), number)).collect()
        }
        PartKind::Partner(partner) => {
            let schema = call.arg("schema").and_then(|schema| schema.as_value()?.as_str());
            let schemas = partner.envelopes.keys().filter(|own| schema.is_none_or(|schema| *own == schema));
            schemas.map(|own| Door::Envelope(name.clone(), own.clone())).collect()
        }
        PartKind::Frontend(_) | PartKind::Agent(_) | PartKind::Queue(_) => Vec::new(),
    }
}
