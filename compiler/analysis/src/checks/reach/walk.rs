//! Which nodes journeys come to, and what is known there: forward through the plan's graph, until nothing changes.

use petgraph::visit::EdgeRef;
use scn_plan::{
    Expr, Plan,
    plan::{Edge, Node, NodeKind, Step},
};
use smallvec::SmallVec;

use super::{
    super::worklist::Worklist,
    domain::{Known, Truth},
    read::{Decided, Reader},
    state::{Fact, Place, State, place},
};

/// What changes at every visit of a node is given up after so many.
const WIDEN_AFTER: u32 = 4;

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
    let mut setting: SmallVec<[&NodeKind; 8]> = SmallVec::new();
    for node in plan.graph.node_weights() {
        conditions(node).for_each(|expr| read(expr, &mut places));
        if sets(&node.kind) {
            setting.push(&node.kind);
        }
    }
    for _ in 0..2 {
        for (slot, value) in setting.iter().flat_map(|kind| assigned(kind)) {
            if let Some(value) = value
                && places.contains(&Place::Slot(slot))
            {
                read(value, &mut places);
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
    step.arg_of("assert", "condition")
}

/// Whether a node sets any variable; most do not.
fn sets(kind: &NodeKind) -> bool {
    match kind {
        NodeKind::Step(step) => step.result.is_some() || !step.exposes.is_empty(),
        NodeKind::Assign(_) => true,
        _ => false,
    }
}

/// Whether journeys go on from a node with what they came with.
fn passes(kind: &NodeKind) -> bool {
    match kind {
        NodeKind::Step(step) => step.guard.is_none() && !sets(kind) && step.call.name != "assert",
        NodeKind::Condition(_) | NodeKind::Loop(_) | NodeKind::Assign(_) => false,
        _ => true,
    }
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
        Some((slot.0, step.arg_of("set", "to")))
    });
    let exposed = step.into_iter().flat_map(|step| &step.exposes).map(|(_, slot)| (slot.0, None));
    values.iter().map(|(slot, value)| (slot.0, Some(value))).chain(result).chain(exposed)
}

/// Walks the plan for the personas that `reader` knows.
pub(super) fn walk(plan: &Plan, reader: &Reader<'_>, followed: &[Place]) -> Vec<Visit> {
    let mut found: Vec<Visit> = vec![Visit::default(); plan.graph.node_count()];
    let mut open = Worklist::of(found.len());
    if let Some(entry) = found.get_mut(plan.entry.index()) {
        entry.state = Some(State::default());
        open.insert(plan.entry);
    }
    while let Some(at) = open.take() {
        let Some((node, visit)) = plan.node(at).zip(found.get_mut(at.index())) else { continue };
        let Some(state) = visit.state.clone() else { continue };
        let ways = (!passes(&node.kind)).then(|| ways(node, &state, reader, followed));
        visit.truth = ways.as_ref().and_then(|ways| ways.truth);
        let next = ways.as_ref().map_or(Some(&state), |ways| ways.next.as_ref());
        for edge in plan.graph.edges(at) {
            let failed;
            let next = match edge.weight() {
                Edge::Uses => None,
                Edge::Next => next,
                Edge::Then => ways.as_ref().and_then(|ways| ways.holds.as_ref()),
                Edge::Else => ways.as_ref().and_then(|ways| ways.fails.as_ref()),
                Edge::Arm(share) => next.filter(|_| *share > 0.0),
                // What fails may have set its variables or not; the persona stays the same.
                Edge::OnFail => {
                    failed = state.of_persona();
                    Some(&failed)
                }
            };
            let visit = found.get_mut(edge.target().index());
            if next.zip(visit).is_some_and(|(next, visit)| arrive(visit, next)) {
                open.insert(edge.target());
            }
        }
    }
    found
}

/// Where journeys go on from a node, and with what.
#[derive(Default)]
struct Ways {
    /// How the node's condition comes out.
    truth: Option<Truth>,
    next: Option<State>,
    holds: Option<State>,
    fails: Option<State>,
}

fn ways(node: &Node, state: &State, reader: &Reader<'_>, followed: &[Place]) -> Ways {
    match &node.kind {
        NodeKind::Condition(condition) | NodeKind::Loop(condition) => {
            let Decided { truth, holds, fails } = reader.decide(condition, state, Truth::OPEN);
            Ways { truth: Some(truth), next: None, holds, fails }
        }
        NodeKind::Step(step) => of_step(step, &node.kind, state, reader, followed),
        kind => Ways { next: Some(set(kind, state.clone(), reader, followed)), ..Ways::default() },
    }
}

fn of_step(step: &Step, kind: &NodeKind, state: &State, reader: &Reader<'_>, followed: &[Place]) -> Ways {
    let guard = step.guard.as_ref().map(|guard| reader.decide(guard, state, Truth::OPEN));
    let (mut truth, done, passed) = match guard {
        Some(guard) => (Some(guard.truth), guard.holds, guard.fails),
        None => (None, Some(state.clone()), None),
    };
    let done = match (done, assertion(step)) {
        (Some(done), Some(asserted)) => {
            let wanted = Truth { holds: !step.soft, fails: false };
            let asserted = reader.decide(asserted, &done, wanted);
            truth = truth.or(Some(asserted.truth));
            if step.soft { Some(done) } else { asserted.holds }
        }
        (done, _) => done,
    };
    let done = done.map(|done| set(kind, done, reader, followed));
    let next = match (done, passed) {
        // With a guard, what comes next follows only where the step is passed over.
        (_, passed) if step.guard.is_some() && !step.soft && matches!(step.call.name.as_str(), "stop" | "fail") => {
            passed
        }
        (Some(done), Some(passed)) => Some(done.merged(&passed, false).unwrap_or(done)),
        (done, passed) => done.or(passed),
    };
    Ways { truth, next, ..Ways::default() }
}

/// The state after a node has set its variables.
fn set(kind: &NodeKind, mut state: State, reader: &Reader<'_>, followed: &[Place]) -> State {
    if !sets(kind) {
        return state;
    }
    // All of them are read before any is set.
    let values: SmallVec<[(Place, Option<Known>); 1]> = assigned(kind)
        .map(|(slot, value)| (Place::Slot(slot), value))
        .map(|(place, value)| {
            (place, value.filter(|_| followed.contains(&place)).map(|value| reader.read(value, &state)))
        })
        .collect();
    for (place, value) in values {
        match value.filter(|value| *value != Known::ANY) {
            Some(known) => state = state.with(place, Fact { known, why: Default::default() }),
            None if state.get(place).is_some() => state = state.without(place),
            None => {}
        }
    }
    state
}

/// Notes that journeys come to a node with `state`; whether that is news.
fn arrive(visit: &mut Visit, state: &State) -> bool {
    let Some(before) = &visit.state else {
        visit.state = Some(state.clone());
        return true;
    };
    visit.visits += 1;
    let after = before.merged(state, visit.visits > WIDEN_AFTER);
    let news = after.is_some();
    if news {
        visit.state = after;
    }
    news
}
