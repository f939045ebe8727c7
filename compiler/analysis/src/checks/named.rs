//! Notes which pages, forms and fields steps name.

use petgraph::graph::NodeIndex;
use scn_diagnostics::Span;
use scn_plan::{
    Expr, Plan,
    blueprint::Page,
    plan::{NodeKind, Step},
};

use super::{
    Against, characters,
    pages::{bare, page_of},
    whereabouts::Map,
};
use crate::index::Meaning;

/// Notes what the steps of `plan` name. Without a map of where journeys are, a step may mean a field of any page.
pub(super) fn note(plan: &Plan, against: &Against<'_>, map: Option<&Map<'_>>) {
    if !against.context.notes.are_kept() {
        return;
    }
    for at in plan.graph.node_indices() {
        if let Some(NodeKind::Step(step)) = plan.node(at).map(|node| &node.kind) {
            of_step(step, at, against, map);
        }
    }
}

fn of_step(step: &Step, at: NodeIndex, against: &Against<'_>, map: Option<&Map<'_>>) {
    let verb = step.call.name.as_str();
    let named = |name: &str| step.call.arg(name).and_then(|arg| Some((characters(arg)?, arg)));
    // Where nothing fits, the mistake has been reported.
    let here = || map.map(|map| map.acts_on(at)).filter(|here| !here.is_empty());
    let note = |expr: &Expr, declared: &dyn Fn(&Page) -> Vec<Span>| match here() {
        Some(pages) => pages.into_iter().flat_map(declared).for_each(|span| note_at(expr, span, against)),
        None => {
            let all: Vec<Span> = against.frontend.pages.values().flat_map(declared).collect();
            against.context.notes.note(expr.span, || Meaning::OneOf(all));
        }
    };
    match verb {
        "visit" | "expect" | "get" | "post" | "put" | "patch" | "delete" => {
            let Some((path, expr)) = named(if verb == "expect" { "page" } else { "path" }) else { return };
            let page = page_of(against, bare(path));
            page.into_iter().for_each(|(_, page)| note_at(expr, page.span, against));
        }
        "fill" | "select" | "check" | "uncheck" | "upload" => {
            let Some((name, expr)) = named(if verb == "upload" { "field" } else { "target" }) else { return };
            note(expr, &|page| {
                page.forms.values().filter_map(|form| form.fields.get(name)).map(|field| field.span).collect()
            });
        }
        "submit" => {
            let Some((name, expr)) = named("form") else { return };
            note(expr, &|page| page.forms.get(name).map(|form| form.span).into_iter().collect());
        }
        _ => {}
    }
}

fn note_at(expr: &Expr, declared: Span, against: &Against<'_>) {
    against.context.notes.note(expr.span, || Meaning::Declared(declared));
}
