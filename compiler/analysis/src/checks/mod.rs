//! Checks of a whole plan: against the blueprint of its sandbox, and against time.

mod controls;
mod pages;
mod reach;
mod timing;

use petgraph::graph::NodeIndex;
use scn_diagnostics::{Diagnostic, Severity, Span};
use scn_plan::{
    Blueprint, Expr, Plan, Value,
    blueprint::Frontend,
    plan::{NodeKind, Step},
};

use crate::{blueprint::flow, context::Context, program::inside};

/// Checks `plan`; what needs the blueprint is passed over where there is none.
pub(crate) fn check(
    plan: &Plan,
    blueprint: Option<&Blueprint>,
    context: &Context<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let sound = !diagnostics.iter().any(|found| found.severity == Severity::Error);
    timing::check(plan, diagnostics);
    // A condition or a step that is missing for its own error says nothing of what can be.
    if sound {
        reach::check(plan, diagnostics);
    }
    let Some(frontend) = blueprint.and_then(flow::entry) else { return };
    let against = Against { frontend, context };
    for step in steps(plan) {
        pages::check(step, &against, diagnostics);
        controls::check(step, &against, diagnostics);
    }
    // A step that is missing for its own error may be the one that leads on.
    if !diagnostics.iter().any(|found| found.severity == Severity::Error) {
        pages::check_flow(plan, &against, diagnostics);
    }
}

/// What steps are held against.
struct Against<'a> {
    frontend: &'a Frontend,
    context: &'a Context<'a>,
}

impl Against<'_> {
    /// Where the value of `expr` stands, without its quotes.
    fn place(&self, expr: &Expr) -> Span {
        inside(expr.span, self.context.sources)
    }
}

/// The steps of `plan` in the order of the source.
fn steps(plan: &Plan) -> impl Iterator<Item = &Step> {
    plan.graph.node_indices().filter_map(|at: NodeIndex| match &plan.graph.node_weight(at)?.kind {
        NodeKind::Step(step) => Some(step),
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
