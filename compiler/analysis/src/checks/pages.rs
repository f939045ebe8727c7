//! Pages that steps name.

use indexmap::IndexSet;
use scn_diagnostics::{Diagnostic, codes};
use scn_plan::{Plan, plan::Step};
use smol_str::SmolStr;

use super::{Against, characters, steps};
use crate::{
    blueprint::flow,
    signatures::{list, suggest},
};

pub(super) fn check(step: &Step, against: &Against<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let named = match step.call.name.as_str() {
        "visit" => step.call.arg("path"),
        "expect" => step.call.arg("page"),
        _ => None,
    };
    let Some(expr) = named else { return };
    let Some(path) = characters(expr) else { return };
    // A whole URL names its own host, which is no part of the blueprint.
    if path.contains("://") {
        return;
    }
    let bare = bare(path);
    if page_of(against, bare).is_some() {
        return;
    }
    let span = against.place(expr);
    let diagnostic = Diagnostic::new(codes::UNKNOWN_PAGE, span, format!("the sandbox has no page `{bare}`"));
    let pages = against.frontend.pages.keys().map(SmolStr::as_str);
    diagnostics.push(suggest(diagnostic, bare, span, "page", pages));
}

/// Each page that is expected can be reached from one that is visited.
pub(super) fn check_flow(plan: &Plan, against: &Against<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut reached: IndexSet<SmolStr> = IndexSet::new();
    for step in steps(plan) {
        match step.call.name.as_str() {
            "visit" => {
                match step.call.arg("path").and_then(characters).map(bare).and_then(|path| page_of(against, path)) {
                    // What can be reached from a page that is reached is reached too.
                    Some(page) if reached.contains(page) => {}
                    Some(page) => reached.extend(flow::reachable(against.frontend, page)),
                    // Where it leads is known only in a journey, or has been reported.
                    None => return,
                }
            }
            // A link may lead anywhere.
            "click" => return,
            _ => {}
        }
    }
    for step in steps(plan).filter(|step| step.call.name == "expect") {
        let Some(expr) = step.call.arg("page") else { continue };
        let Some(page) = characters(expr).map(bare).and_then(|path| page_of(against, path)) else { continue };
        if reached.contains(page) {
            continue;
        }
        let reached: Vec<&str> = reached.iter().map(SmolStr::as_str).collect();
        let headline = format!("no form leads to `{page}` from the pages that this scenario visits");
        let diagnostic = Diagnostic::new(codes::UNREACHABLE_PAGE, against.place(expr), headline);
        diagnostics.push(match (reached.as_slice(), against.frontend.pages.get(page)) {
            ([], _) => diagnostic.help("visit a page first"),
            (_, declared) => {
                let diagnostic = diagnostic.help(format!("a journey can reach {}", list(&reached)));
                match declared {
                    Some(declared) => diagnostic.also(declared.span, "the page is declared here"),
                    None => diagnostic,
                }
            }
        });
    }
}

/// The declared page that has this path.
fn page_of<'a>(against: &Against<'a>, path: &str) -> Option<&'a SmolStr> {
    let pages = &against.frontend.pages;
    match pages.get_key_value(path) {
        Some((page, _)) => Some(page),
        None => pages.keys().find(|page| is_page(page, path)),
    }
}

/// A path without its query and fragment.
fn bare(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or(path)
}

/// Whether `path` is that of `page`, whose segments `{name}` stand for any.
fn is_page(page: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    page.split('/').all(|own| match segments.next() {
        Some(segment) => own == segment || (own.starts_with('{') && own.ends_with('}') && !segment.is_empty()),
        None => false,
    }) && segments.next().is_none()
}
