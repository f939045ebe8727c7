//! What a sandbox answers to requests without a page, and the statuses that it can give at all.

use std::collections::BTreeSet;

use scn_diagnostics::{Diagnostic, codes};
use scn_plan::{
    Expr, ExprKind, Member, Plan, Value,
    blueprint::HandlerStepKind,
    plan::{NodeKind, Step},
};

use super::{
    Against, characters, numbered,
    pages::{bare, page_of},
    reach::Reach,
    steps,
};
use crate::signatures::{list, suggest};

/// What any frontend may answer: pages, what is wrong with a request, and what is wrong behind it.
const USUAL: &[i64] = &[200, 400, 404, 405, 408, 413, 415, 422, 429, 431, 500, 502, 503, 504];

/// Reports requests that nothing answers, and expectations of a status that nothing gives.
pub(super) fn check(plan: &Plan, against: &Against<'_>, reach: &Reach<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let requests = numbered(plan).filter(|(_, step)| is_request(step));
    let mut requests = requests.filter(|(at, _)| reach.comes_to(*at)).peekable();
    if requests.peek().is_some() && !looks_for_refusals(plan) {
        requests.for_each(|(_, step)| request(step, against, diagnostics));
    }
    let mut unusual = steps(plan).filter_map(unusual).peekable();
    if unusual.peek().is_some()
        && let Some(given) = given(plan, against)
    {
        unusual.for_each(|(expr, status)| expected(expr, status, &given, against, diagnostics));
    }
}

/// Whether the step sends a request without a page.
fn is_request(step: &Step) -> bool {
    matches!(step.call.name.as_str(), "get" | "post" | "put" | "patch" | "delete")
}

/// Whether the plan looks for one of the statuses that say that nothing answers.
fn looks_for_refusals(plan: &Plan) -> bool {
    let mut looks = false;
    for node in plan.graph.node_weights() {
        for expr in node.kind.expressions() {
            expr.walk(&mut |part| looks |= matches!(part.as_value(), Some(Value::Int(404 | 405))));
        }
    }
    looks
}

fn request(step: &Step, against: &Against<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(expr) = step.call.arg("path") else { return };
    let Some(path) = characters(expr).filter(|path| !path.contains("://")) else { return };
    let (bare, span) = (bare(path), against.place(expr));
    let method = step.call.name.to_uppercase();
    let Some((_, page)) = page_of(against, bare) else {
        let found = Diagnostic::new(
            codes::UNANSWERED_REQUEST,
            span,
            format!("nothing in the sandbox answers `{method} {bare}`, so it always gets 404"),
        );
        let pages = against.frontend.pages.keys().map(|page| page.as_str());
        diagnostics.push(suggest(found, bare, span, "page", pages));
        return;
    };
    let answered = method == "GET" || (method == "POST" && !page.forms.is_empty());
    if !answered {
        let takes = if page.forms.is_empty() { "`GET`" } else { "`GET` and `POST`" };
        diagnostics.push(
            Diagnostic::new(
                codes::UNANSWERED_REQUEST,
                span,
                format!("the page `{}` does not answer `{method}`, so it always gets 405", page.path),
            )
            .also(page.span, format!("a page like this answers {takes}")),
        );
    }
}

/// The statuses that the frontend can give; nothing where that is known only in a run.
fn given(plan: &Plan, against: &Against<'_>) -> Option<BTreeSet<i64>> {
    let mut given: BTreeSet<i64> = USUAL.iter().copied().collect();
    let mut open = false;
    let constant = |expr: &Expr, given: &mut BTreeSet<i64>, open: &mut bool| match expr.as_value() {
        Some(Value::Int(status)) => drop(given.insert(*status)),
        _ => *open = true,
    };
    for page in against.frontend.pages.values() {
        let handlers = page.on_view.iter().chain(page.forms.values().filter_map(|form| form.on_submit.as_ref()));
        for handler in handlers {
            handler.for_each_step(&mut |step| {
                if let HandlerStepKind::Call { call, .. } = &step.kind
                    && call.name == "reply"
                    && let Some(status) = call.arg("status")
                {
                    constant(status, &mut given, &mut open);
                }
            });
        }
        // What rules decide, they answer with statuses of their own.
        open |= page.forms.values().any(|form| !form.decisions.is_empty());
    }
    for probe in &plan.probes {
        if let Some(status) = probe.call.arg("status") {
            constant(status, &mut given, &mut open);
        }
    }
    // Another host answers as it likes.
    let elsewhere = |step: &Step| {
        step.call.arg("path").is_some_and(|path| characters(path).is_none_or(|path| path.contains("://")))
    };
    open |= steps(plan).any(elsewhere);
    (!open).then_some(given)
}

/// The status that a step expects, if it is none of those that any frontend may answer.
fn unusual(step: &Step) -> Option<(&Expr, i64)> {
    let expr = step.arg_of("expect", "status")?;
    match expr.as_value()? {
        Value::Int(status) if !USUAL.contains(status) => Some((expr, *status)),
        _ => None,
    }
}

fn expected(expr: &Expr, status: i64, given: &BTreeSet<i64>, against: &Against<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if given.contains(&status) {
        return;
    }
    let given: Vec<String> = given.iter().map(ToString::to_string).collect();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    diagnostics.push(
        Diagnostic::new(
            codes::STATUS_NEVER_GIVEN,
            against.place(expr),
            format!("nothing that a journey can ask here answers {status}"),
        )
        .help(format!("the frontend can answer {}", list(&given).replace('`', ""))),
    );
}

/// Whether the plan looks at a status that says that something was refused.
pub(super) fn expects_refusals(plan: &Plan) -> bool {
    let reads = |expr: &Expr| {
        let mut reads = false;
        expr.walk(&mut |part| {
            reads |= matches!(part.kind, ExprKind::Member(Member::LastStatus | Member::PageStatus, _));
        });
        reads
    };
    plan.graph.node_weights().any(|node| {
        let refused = match &node.kind {
            NodeKind::Step(step) if step.call.name == "expect" => match step.call.arg("status") {
                Some(status) => !matches!(status.as_value(), Some(Value::Int(..400))),
                None => false,
            },
            _ => false,
        };
        refused || node.kind.expressions().any(reads)
    })
}
