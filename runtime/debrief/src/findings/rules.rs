//! What draft rules did in the run.

use esr_tap::{SpanKind, attributes as name};
use scn_plan::{
    Blueprint,
    blueprint::{PartKind, Rule},
};

use super::{Analysis, RuleRow, places::place_of};
use crate::cause;

/// A row for each draft rule, in the order of its file.
pub(super) fn rules(analysis: &Analysis<'_>) -> Vec<RuleRow> {
    let Some(blueprint) = analysis.store.blueprint() else { return Vec::new() };
    blueprint.rules.iter().map(|rule| row(analysis, blueprint, rule)).collect()
}

fn row(analysis: &Analysis<'_>, blueprint: &Blueprint, rule: &Rule) -> RuleRow {
    let page = page_of(blueprint, rule);
    let submissions = analysis.tree.served(&rule.frontend).iter().map(|at| analysis.tree.span(*at)).filter(|span| {
        span.kind == SpanKind::Server
            && span.text(name::HTTP_REQUEST_METHOD) == Some("POST")
            && span.text(name::HTTP_ROUTE) == page
    });
    let (mut sent, mut refused) = (0, 0);
    for span in submissions {
        sent += 1;
        refused += u64::from(cause::is_refused_by(span, rule.id()));
    }
    RuleRow {
        rule: rule.id().to_string(),
        text: rule.policy.text.to_string(),
        applies_to: rule.policy.applies_to.to_string(),
        place: place_of(&blueprint.sources, rule.span),
        submissions: sent,
        refused,
    }
}

/// The path of the page that has the rule's form.
fn page_of<'a>(blueprint: &'a Blueprint, rule: &Rule) -> Option<&'a str> {
    let PartKind::Frontend(frontend) = &blueprint.part(&rule.frontend)?.kind else { return None };
    let page = frontend.pages.values().find(|page| page.forms.contains_key(&rule.form))?;
    Some(&page.path)
}
