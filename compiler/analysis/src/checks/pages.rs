//! Pages that steps name.

use scn_diagnostics::{Diagnostic, codes};
use scn_plan::{blueprint::Page, plan::Step};
use smol_str::SmolStr;

use super::{Against, characters};
use crate::signatures::suggest;

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

/// The declared page that has this path, and its place among them.
pub(super) fn page_of<'a>(against: &Against<'a>, path: &str) -> Option<(usize, &'a Page)> {
    let pages = &against.frontend.pages;
    match pages.get_full(path) {
        Some((at, _, page)) => Some((at, page)),
        None => pages.iter().enumerate().find(|(_, (own, _))| is_page(own, path)).map(|(at, (_, page))| (at, page)),
    }
}

/// A path without its query and fragment.
pub(super) fn bare(path: &str) -> &str {
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
