//! Checks of a whole plan: against the blueprint of its sandbox, and against time.

mod answers;
mod controls;
mod hosts;
mod named;
mod pages;
mod reach;
mod timing;
mod wallet;
mod whereabouts;
mod worklist;

use std::{cell::OnceCell, sync::OnceLock};

use petgraph::graph::NodeIndex;
use scn_diagnostics::{Diagnostic, Severity, Span};
use scn_plan::{
    Blueprint, Expr, Plan, Value,
    blueprint::Frontend,
    plan::{NodeKind, Step},
};

use self::{
    controls::Controls,
    timing::{Patience, Surroundings},
    whereabouts::{Map, Moves},
};
use crate::{blueprint::flow, context::Context, program::inside};

/// Checks `plan`; what needs the blueprint is passed over where there is none. `diagnostics` holds what was found while the scenario
/// was lowered, and nothing of others.
pub(crate) fn check(
    plan: &Plan,
    sandbox: Option<&Sandbox<'_>>,
    context: &Context<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let sound = context.flows.are_sound(context.modules, context.module)
        && !diagnostics.iter().any(|found| found.severity == Severity::Error);
    // A condition or a step that is missing for its own error says nothing of what can be.
    let reach = sound.then(|| reach::check(plan, diagnostics));
    if let Some(reach) = &reach {
        wallet::check(plan, reach, context, diagnostics);
    }
    hosts::check(plan, context, diagnostics);
    let Some((sandbox, frontend)) = sandbox.and_then(|sandbox| Some((sandbox, sandbox.entry?))) else {
        timing::check(plan, context, sound, None, diagnostics);
        return;
    };
    let moves = sandbox.moves.get_or_init(|| Moves::of(frontend));
    let controls = sandbox.controls.get_or_init(|| controls::controls(frontend));
    let against = Against { plan, frontend, moves, controls, context, refusals: OnceCell::new() };
    let mut map = Map::of(plan, &against);
    for (at, step) in numbered(plan) {
        if !map.knows_page(at) {
            pages::check(step, &against, diagnostics);
        }
        controls::check(step, at, &against, reach.as_ref(), diagnostics);
    }
    // A step that is missing for its own error may be the one that leads on.
    let Some(reach) = reach else {
        named::note(plan, &against, None);
        timing::check(plan, context, sound, None, diagnostics);
        return;
    };
    answers::check(plan, &against, &reach, diagnostics);
    map.follow();
    map.check(&against, &reach, diagnostics);
    named::note(plan, &against, Some(&map));
    let (blueprint, patience) = (sandbox.blueprint, &sandbox.patience);
    let surroundings = Surroundings { blueprint, patience, against: &against, map: &map, reach: &reach };
    timing::check(plan, context, sound, Some(surroundings), diagnostics);
}

/// A sandbox, and what is found out about it once for all scenarios of a file.
pub(crate) struct Sandbox<'a> {
    /// What it is.
    pub blueprint: &'a Blueprint,
    /// Where journeys begin, if the blueprint says what is shown there.
    entry: Option<&'a Frontend>,
    moves: OnceLock<Moves<'a>>,
    controls: OnceLock<Controls<'a>>,
    patience: Patience,
}

impl<'a> Sandbox<'a> {
    /// The sandbox of `blueprint`.
    pub fn of(blueprint: &'a Blueprint) -> Self {
        Self {
            blueprint,
            entry: flow::entry(blueprint),
            moves: OnceLock::new(),
            controls: OnceLock::new(),
            patience: Patience::default(),
        }
    }
}

/// What steps are held against.
struct Against<'a> {
    plan: &'a Plan,
    frontend: &'a Frontend,
    moves: &'a Moves<'a>,
    controls: &'a Controls<'a>,
    context: &'a Context<'a>,
    /// Whether the scenario looks for refusals, once that has been asked.
    refusals: OnceCell<bool>,
}

impl Against<'_> {
    /// Whether the scenario looks for refusals, so that what is refused is no mistake.
    fn refusals(&self) -> bool {
        *self.refusals.get_or_init(|| answers::expects_refusals(self.plan))
    }

    /// Where the value of `expr` stands, without its quotes.
    fn place(&self, expr: &Expr) -> Span {
        inside(expr.span, self.context.sources)
    }
}

/// The steps of `plan` in the order of the source.
fn steps(plan: &Plan) -> impl Iterator<Item = &Step> {
    numbered(plan).map(|(_, step)| step)
}

/// The same, with their nodes.
fn numbered(plan: &Plan) -> impl Iterator<Item = (NodeIndex, &Step)> {
    plan.graph.node_indices().filter_map(|at: NodeIndex| match &plan.graph.node_weight(at)?.kind {
        NodeKind::Step(step) => Some((at, step)),
        _ => None,
    })
}

/// The characters of a constant text, path or name.
fn characters(expr: &Expr) -> Option<&str> {
    match expr.as_value()? {
        Value::Text(text) => Some(&text.value),
        Value::Path(path) => Some(path),
        Value::Symbol(name) => Some(name),
        _ => None,
    }
}
