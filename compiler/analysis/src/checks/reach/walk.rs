//! Which nodes journeys come to, and what is known there: forward through the plan's graph, until nothing changes.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use petgraph::{Direction, graph::NodeIndex, visit::EdgeRef};
use scn_plan::{
    Expr, Plan,
    plan::{Edge, Node, NodeKind, Step},
};

use super::{
    domain::{Known, Truth},
    read::{Place, Reader, State, place},
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
}

/// What conditions of the plan look at, directly or through variables.
pub(super) fn places(plan: &Plan) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    let read = |expr: &Expr, places: &mut BTreeSet<Place>| {
        expr.walk(&mut |part| {
            if places.len() < MOST_PLACES {
                places.extend(place(part));
            }
        });
    };
    for node in plan.graph.node_weights() {
        conditions(node).into_iter().for_each(|expr| read(expr, &mut places));
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
fn conditions(node: &Node) -> Vec<&Expr> {
    match &node.kind {
        NodeKind::Condition(condition) | NodeKind::Loop(condition) => vec![condition],
        NodeKind::Step(step) => step.guard.iter().chain(assertion(step)).collect(),
        _ => Vec::new(),
    }
}

/// What a step asserts.
pub(super) fn assertion(step: &Step) -> Option<&Expr> {
    step.call.arg("condition").filter(|_| step.call.name == "assert")
}

/// The variables that a node sets, each with its value where the plan says it.
fn assigned(kind: &NodeKind) -> Vec<(u32, Option<&Expr>)> {
    match kind {
        NodeKind::Assign(values) => values.iter().map(|(slot, value)| (slot.0, Some(value))).collect(),
        NodeKind::Step(step) => {
            let value = step.call.arg("to").filter(|_| step.call.name == "set");
            let exposed = step.exposes.iter().map(|(_, slot)| (slot.0, None));
            step.result.iter().map(|slot| (slot.0, value)).chain(exposed).collect()
        }
        _ => Vec::new(),
    }
}

/// Walks the plan for the personas that `reader` knows.
pub(super) fn walk(plan: &Plan, reader: &Reader<'_>, followed: &BTreeSet<Place>) -> Vec<Visit> {
    let mut found: Vec<Visit> = vec![Visit::default(); plan.graph.node_count()];
    let mut open: BTreeSet<usize> = BTreeSet::new();
    if let Some(entry) = found.get_mut(plan.entry.index()) {
        entry.state = Some(State::default());
        open.insert(plan.entry.index());
    }
    while let Some(at) = open.pop_first() {
        let index = NodeIndex::new(at);
        let Some((node, state)) = plan.node(index).zip(found.get(at).and_then(|visit| visit.state.clone())) else {
            continue;
        };
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
                open.insert(target);
            }
        }
    }
    found
}

/// Where journeys go on from a node, and with what.
struct Ways {
    next: Option<State>,
    holds: Option<State>,
    fails: Option<State>,
}

fn ways(node: &Node, state: &State, reader: &Reader<'_>, followed: &BTreeSet<Place>) -> (Option<Truth>, Ways) {
    let mut ways = Ways { next: None, holds: None, fails: None };
    match &node.kind {
        NodeKind::Condition(condition) | NodeKind::Loop(condition) => {
            let truth = reader.read(condition, state).truth();
            ways.holds = reader.granted(condition, true, truth, state);
            ways.fails = reader.granted(condition, false, truth, state);
            (Some(truth), ways)
        }
        NodeKind::Step(step) => {
            let guard = step.guard.as_ref().map(|guard| (guard, reader.read(guard, state).truth()));
            let truth = guard.map(|(_, truth)| truth);
            let passed = guard.and_then(|(guard, truth)| reader.granted(guard, false, truth, state));
            let done = match guard {
                Some((guard, truth)) => reader.granted(guard, true, truth, state),
                None => Some(state.clone()),
            };
            let asserted = assertion(step).filter(|_| !step.soft);
            let own = done.as_ref().zip(assertion(step)).map(|(done, asserted)| reader.read(asserted, done).truth());
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

fn own((place, fact): (&Place, &super::read::Fact)) -> (Place, super::read::Fact) {
    (*place, fact.clone())
}

/// The state after a node has set its variables.
fn set(kind: &NodeKind, mut state: State, reader: &Reader<'_>, followed: &BTreeSet<Place>) -> State {
    let values: Vec<(Place, Option<Known>)> = assigned(kind)
        .into_iter()
        .map(|(slot, value)| (Place::Slot(slot), value.map(|value| reader.read(value, &state))))
        .collect();
    for (place, value) in values {
        match value.filter(|value| followed.contains(&place) && *value != Known::ANY) {
            Some(known) => drop(Rc::make_mut(&mut state).insert(place, super::read::Fact { known, why: Vec::new() })),
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
    let mut both = BTreeMap::new();
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
        let why = if fact.why == other.why { fact.why.clone() } else { Vec::new() };
        both.insert(*place, super::read::Fact { known, why });
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
