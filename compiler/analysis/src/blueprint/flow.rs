//! The flow of pages: where a person can get to from a page, for the checks of a scenario against its blueprint.

use indexmap::IndexSet;
use scn_plan::{
    Blueprint,
    blueprint::{Frontend, Handler, HandlerStepKind, Page, PartKind},
};
use smol_str::SmolStr;

use super::peer::symbol;

/// The frontend that journeys begin at.
pub(crate) fn entry(blueprint: &Blueprint) -> Option<&Frontend> {
    match &blueprint.part(&blueprint.entry)?.kind {
        PartKind::Frontend(frontend) => Some(frontend),
        _ => None,
    }
}

/// The pages that submitting a form of `page` can lead to: where its arrows point, the page itself, which is shown again
/// where something is not filled in right, and the pages that its handlers reply with.
pub(crate) fn next(page: &Page) -> IndexSet<SmolStr> {
    let mut next = IndexSet::new();
    for form in page.forms.values() {
        next.insert(form.to.clone().unwrap_or_else(|| page.path.clone()));
        if let Some(handler) = &form.on_submit {
            replied(handler, &mut next);
        }
    }
    if !page.forms.is_empty() {
        next.insert(page.path.clone());
    }
    if let Some(handler) = &page.on_view {
        replied(handler, &mut next);
    }
    next
}

/// The pages that can be reached from `path` by submitting forms, itself among them.
pub(crate) fn reachable(frontend: &Frontend, path: &str) -> IndexSet<SmolStr> {
    let mut reached: IndexSet<SmolStr> = IndexSet::new();
    let mut open = vec![SmolStr::new(path)];
    while let Some(path) = open.pop() {
        if let Some(page) = frontend.pages.get(&path)
            && reached.insert(path)
        {
            open.extend(next(page));
        }
    }
    reached
}

fn replied(handler: &Handler, pages: &mut IndexSet<SmolStr>) {
    handler.for_each_step(&mut |step| {
        if let HandlerStepKind::Call { call, .. } = &step.kind
            && let Some(page) = call.arg("page").and_then(|page| symbol(page.as_value()))
        {
            pages.insert(page.clone());
        }
    });
}
