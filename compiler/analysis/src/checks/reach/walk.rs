//! Which nodes journeys come to, and what is known there: forward through the plan's graph, until nothing changes.

use std::rc::Rc;

use petgraph::{Direction, graph::NodeIndex, visit::EdgeRef};
use scn_plan::{
    Expr, Plan,
    collections::VecMap,
    plan::{Edge, Node, NodeKind, Step},
};

use super::{
    domain::{Known, Truth},
    read::{Fact, Place, Reader, State, place},
};

/// What changes at every visit of a node is given up after so many.
const PATIENCE: u32 = 4;

/// So many things are followed; more would make states large.
const MOST_PLACES: usize = 64;

/// What the walk finds at a node.
#[derive(Clone, Debug, Default)]
pub(super) struct Visit {
    /// What is known where journeys come here; nothing where none does.
    pub state: Option<State>,
    /// How the node's condition comes out, or the guard of its step, or what its step asserts.
    pub truth: Option<Truth>,
    visits: u32,
    /// Whether it is yet to be looked at.
    open: bool,
}

/// What conditions of the plan look at, directly or through variables.
pub(super) fn places(plan: &Plan) -> Vec<Place> {
    let mut places = Vec::new();
    let read = |expr: &Expr, places: &mut Vec<Place>| {
        expr.walk(&mut |part| {
            if let Some(place) = place(part)
                && places.len() < MOST_PLACES
                && !places.contains(&place)
            {
                places.push(place);
            }
        });
    };
    for node in plan.graph.node_weights() {
        conditions(node).for_each(|expr| read(expr, &mut places));
    }
    for _ in 0..2 {
        for node in plan.graph.node_weights() {
            for (slot, value) in assigned(&node.kind) {
                if places.contains(&Place::Slot(slot))
                    && let Some(value) = value
                {
                    read(value, &mut places);
                }
            }
        }
    }
    places
}

/// The conditions that decide where a journey goes on from a node.
fn conditions(node: &Node) -> impl Iterator<Item = &Expr> {
    let (first, second) = match &node.kind {
        NodeKind::Condition(condition) | NodeKind::Loop(condition) => (Some(condition), None),
        NodeKind::Step(step) => (step.guard.as_ref(), assertion(step)),
        _ => (None, None),
    };
    first.into_iter().chain(second)
}

/// What a step asserts.
pub(super) fn assertion(step: &Step) -> Option<&Expr> {
    (step.call.name == "assert").then(|| step.call.arg("condition")).flatten()
}

/// The variables that a node sets, each with its value where the plan says it.
fn assigned(kind: &NodeKind) -> impl Iterator<Item = (u32, Option<&Expr>)> {
    let (values, step) = match kind {
        NodeKind::Assign(values) => (values.as_slice(), None),
        NodeKind::Step(step) => (Default::default(), Some(step)),
        _ => (Default::default(), None),
    };
    let result = step.into_iter().filter_map(|step| {
        let slot = step.result?;
        Some((slot.0, (step.call.name == "set").then(|| step.call.arg("to")).flatten()))
    });
    let exposed = step.into_iter().flat_map(|step| &step.exposes).map(|(_, slot)| (slot.0, None));
    values.iter().map(|(slot, value)| (slot.0, Some(value))).chain(result).chain(exposed)
}

/// Walks the plan for the personas that `reader` knows.
pub(super) fn walk(plan: &Plan, reader: &Reader<'_>, followed: &[Place]) -> Vec<Visit> {
    let mut found: Vec<Visit> = vec![Visit::default(); plan.graph.node_count()];
    if let Some(entry) = found.get_mut(plan.entry.index()) {
        entry.state = Some(State::default());
        entry.open = true;
    }
    // The first node that may be open: most edges lead to later ones.
    let mut at = plan.entry.index();
    while let Some(visit) = found.get_mut(at) {
        if !std::mem::take(&mut visit.open) {
            at += 1;
            continue;
        }
        let index = NodeIndex::new(at);
        let Some((node, state)) = plan.node(index).zip(visit.state.clone()) else { continue };
        let mut next_open = at + 1;
        let (truth, ways) = ways(node, &state, reader, followed);
        // What fails may have set its variables or not; the persona stays the same.
        let failed = || {
            if state.keys().all(|place| matches!(place, Place::Field(_))) {
                return state.clone();
            }
            Rc::new(state.iter().filter(|(place, _)| matches!(place, Place::Field(_))).map(own).collect())
        };
        if let Some(visit) = found.get_mut(at) {
            visit.truth = truth;
        }
        for edge in plan.graph.edges_directed(index, Direction::Outgoing) {
            let next = match edge.weight() {
                Edge::Uses => None,
                Edge::Next => ways.next.clone(),
                Edge::Then => ways.holds.clone(),
                Edge::Else => ways.fails.clone(),
                Edge::Arm(share) => ways.next.clone().filter(|_| *share > 0.0),
                Edge::OnFail => Some(failed()),
            };
            let Some(next) = next else { continue };
            let target = edge.target().index();
            if let Some(visit) = found.get_mut(target)
                && arrive(visit, &next)
            {
                visit.open = true;
                next_open = next_open.min(target);
            }
        }
        at = next_open;
    }
    found
}

/// Where journeys go on from a node, and with what.
struct Ways {
    next: Option<State>,
    holds: Option<State>,
    fails: Option<State>,
}

fn ways(node: &Node, state: &State, reader: &Reader<'_>, followed: &[Place]) -> (Option<Truth>, Ways) {
    let mut ways = Ways { next: None, holds: None, fails: None };
    match &node.kind {
        NodeKind::Condition(condition) | NodeKind::Loop(condition) => {
            let truth = reader.truth(condition, state);
            ways.holds = reader.granted(condition, true, truth, state);
            ways.fails = reader.granted(condition, false, truth, state);
            (Some(truth), ways)
        }
        NodeKind::Step(step) => {
            let guard = step.guard.as_ref().map(|guard| (guard, reader.truth(guard, state)));
            let truth = guard.map(|(_, truth)| truth);
            let passed = guard.and_then(|(guard, truth)| reader.granted(guard, false, truth, state));
            let done = match guard {
                Some((guard, truth)) => reader.granted(guard, true, truth, state),
                None => Some(state.clone()),
            };
            let asserted = assertion(step).filter(|_| !step.soft);
            let own = done.as_ref().zip(assertion(step)).map(|(done, asserted)| reader.truth(asserted, done));
            let done = match (done, asserted) {
                (Some(done), Some(asserted)) => reader.assume(asserted, true, &done),
                (done, _) => done,
            };
            let leaves = matches!(step.call.name.as_str(), "stop" | "fail") && !step.soft;
            let done = done.map(|done| set(&node.kind, done, reader, followed));
            ways.next = match (done, passed) {
                // With a guard, what comes next follows only where the step is passed over.
                (_, passed) if leaves && guard.is_some() => passed,
                (Some(done), Some(passed)) => Some(merged(&done, &passed, false)),
                (done, passed) => done.or(passed),
            };
            (truth.or(own), ways)
        }
        kind => {
            ways.next = Some(set(kind, state.clone(), reader, followed));
            (None, ways)
        }
    }
}

fn own((place, fact): (&Place, &Fact)) -> (Place, Fact) {
    (*place, fact.clone())
}

/// The state after a node has set its variables.
fn set(kind: &NodeKind, mut state: State, reader: &Reader<'_>, followed: &[Place]) -> State {
    // Most steps set nothing.
    if matches!(kind, NodeKind::Step(step) if step.result.is_none() && step.exposes.is_empty()) {
        return state;
    }
    let values: Vec<(Place, Option<Known>)> = assigned(kind)
        .map(|(slot, value)| (Place::Slot(slot), value.map(|value| reader.read(value, &state))))
        .collect();
    for (place, value) in values {
        match value.filter(|value| followed.contains(&place) && *value != Known::ANY) {
            Some(known) => drop(Rc::make_mut(&mut state).insert(place, Fact { known, why: Default::default() })),
            None if state.contains_key(&place) => drop(Rc::make_mut(&mut state).remove(&place)),
            None => {}
        }
    }
    state
}

/// What holds on both ways; where `give_up`, nothing of what differs.
fn merged(a: &State, b: &State, give_up: bool) -> State {
    if Rc::ptr_eq(a, b) {
        return a.clone();
    }
    let mut both = VecMap::with_capacity(a.len().min(b.len()));
    for (place, fact) in a.iter() {
        let Some(other) = b.get(place) else { continue };
        if fact == other {
            both.insert(*place, fact.clone());
            continue;
        }
        let known = fact.known.clone().or(other.known.clone());
        if known != fact.known && give_up || known == Known::ANY {
            continue;
        }
        let why = if fact.why == other.why { fact.why.clone() } else { Default::default() };
        both.insert(*place, Fact { known, why });
    }
    Rc::new(both)
}

/// Notes that journeys come to a node with `state`; whether that is news.
fn arrive(visit: &mut Visit, state: &State) -> bool {
    let Some(before) = &visit.state else {
        visit.state = Some(state.clone());
        return true;
    };
    visit.visits += 1;
    let after = merged(before, state, visit.visits > PATIENCE);
    let news = after != *before;
    if news {
        visit.state = Some(after);
    }
    news
}
