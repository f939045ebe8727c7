//! `rule`: draft rules that refused people.

use esr_tap::{Span, SpanKind, SpanStatus, attributes as name};
use indexmap::IndexMap;

use crate::{
    charging::SpanIndex,
    findings::{Analysis, Cause, CauseKind, Evidence, Execution, Place, TraceLines, place_named, place_of},
};

/// How the setting of a cause names a rule.
const SETTING: &str = "rule ";

/// A rule that refused a request.
#[derive(Clone, Copy)]
struct Refusal<'a> {
    rule: &'a str,
    /// What it demands, as [`name::ESR_RULE_DEMAND`] has it.
    demand: &'a str,
    /// `file:line`
    place: Option<&'a str>,
    /// Why its expression has no value, if it has none.
    why: Option<&'a str>,
}

/// What failed executions have in common.
#[derive(PartialEq, Eq, Hash)]
enum Group<'a> {
    Rule(&'a str),
    /// A step and how it failed, by no rule.
    Other(&'a str, &'a str),
}

pub(super) fn find(analysis: &Analysis<'_>, failed: &[&Execution]) -> Option<Cause> {
    let mut groups: IndexMap<Group<'_>, Vec<Option<SpanIndex>>> = IndexMap::new();
    for execution in failed {
        match refused(analysis, execution) {
            Some(at) => {
                for refusal in refusals(analysis.tree.span(at)) {
                    groups.entry(Group::Rule(refusal.rule)).or_default().push(Some(at));
                }
            }
            None => {
                let group = Group::Other(&execution.step, execution.error.as_deref().unwrap_or_default());
                groups.entry(group).or_default().push(None);
            }
        }
    }
    // Of equals, a rule, and the first.
    let largest =
        groups.into_iter().rev().max_by_key(|(group, members)| (members.len(), matches!(group, Group::Rule(_))))?;
    let (Group::Rule(rule), refused) = largest else { return None };
    let example = analysis.tree.span(refused.first().copied().flatten()?);
    let refusal = refusals(example).find(|refusal| refusal.rule == rule)?;
    let status = example.int(name::HTTP_RESPONSE_STATUS_CODE).unwrap_or_default();
    Some(Cause {
        kind: CauseKind::Rule,
        part: example.service.to_string(),
        setting: format!("{SETTING}{rule}"),
        place: place(analysis, &refusal),
        evidence: vec![Evidence {
            text: format!(
                "{} of {} failed steps were refused by it with HTTP {status} on {}: {}",
                refused.len(),
                failed.len(),
                example.text(name::HTTP_ROUTE).unwrap_or(&example.name),
                in_words(&refusal),
            ),
            lines: analysis.store.block(&example.block).map(TraceLines::from),
        }],
    })
}

/// The rules that refused an execution, for people: `rule GOV-17, dev-rules.yaml:4`.
pub(crate) fn named(analysis: &Analysis<'_>, execution: &Execution) -> Option<String> {
    let at = refused(analysis, execution)?;
    let named = refusals(analysis.tree.span(at)).map(|refusal| match place(analysis, &refusal) {
        Some(place) => format!("{SETTING}{}, {}:{}", refusal.rule, place.file, place.line),
        None => format!("{SETTING}{}", refusal.rule),
    });
    Some(named.collect::<Vec<_>>().join("; "))
}

/// Whether the rule `id` refused the request of a server span.
pub(crate) fn is_refused_by(span: &Span, id: &str) -> bool {
    refusals(span).any(|refusal| refusal.rule == id)
}

/// What to change about the rule that is the cause.
pub(super) fn fix(analysis: &Analysis<'_>, cause: &Cause) -> Option<String> {
    let rule = cause.setting.strip_prefix(SETTING)?;
    let tree = analysis.tree;
    let refusal = tree.all().flat_map(|at| refusals(tree.span(at))).find(|refusal| refusal.rule == rule)?;
    let bound = analysis.store.blueprint().and_then(|blueprint| blueprint.rule(rule));
    let policy = bound.map(|bound| &bound.policy);
    let form = bound.map(|bound| format!(" in the form {}", bound.form)).unwrap_or_default();
    Some(match refusal.demand.split_once(' ').unwrap_or((refusal.demand, "")) {
        ("required", field) => {
            format!("let rule {rule} make {field} optional, or teach the scenario to fill {field}{form}")
        }
        ("pattern", field) => {
            let pattern = policy.and_then(|policy| policy.validation.as_ref()).map(|own| format!(" /{}/", own.pattern));
            let pattern = pattern.unwrap_or_default();
            format!(
                "let rule {rule}'s pattern{pattern} admit what people enter as {field}, or teach the scenario to enter what matches"
            )
        }
        ("decision", _) => {
            let when = policy.and_then(|policy| policy.decision.as_ref()).map(|own| format!(" where {}", own.when));
            format!(
                "narrow rule {rule}, which denies{}, or give those whom it denies another way on",
                when.unwrap_or_default()
            )
        }
        _ => format!("mend rule {rule}: {}", no_value(refusal.why)),
    })
}

/// The last request of an execution that rules refused: the span of the part that served it.
fn refused(analysis: &Analysis<'_>, execution: &Execution) -> Option<SpanIndex> {
    let by_a_rule = |at: &SpanIndex| analysis.tree.span(*at).text(name::ESR_RULE).is_some();
    analysis.spans(execution).filter(by_a_rule).last()
}

/// The rules that refused the request of a server span.
fn refusals(span: &Span) -> impl Iterator<Item = Refusal<'_>> {
    let list = |attribute| {
        let text = if span.kind == SpanKind::Server { span.text(attribute) } else { None };
        text.into_iter().flat_map(|text| text.split(", "))
    };
    let mut demands = list(name::ESR_RULE_DEMAND);
    let mut places = list(name::ESR_RULE_PLACE);
    list(name::ESR_RULE).map(move |rule| Refusal {
        rule,
        demand: demands.next().unwrap_or_default(),
        place: places.next(),
        why: match &span.status {
            SpanStatus::Error(why) => Some(why),
            _ => None,
        },
    })
}

/// Where the rule stands.
fn place(analysis: &Analysis<'_>, refusal: &Refusal<'_>) -> Option<Place> {
    let blueprint = analysis.store.blueprint();
    let bound = blueprint.and_then(|blueprint| place_of(&blueprint.sources, blueprint.rule(refusal.rule)?.span));
    bound.or_else(|| {
        place_named(&blueprint.map(|blueprint| &blueprint.sources).into_iter().collect::<Vec<_>>(), refusal.place?)
    })
}

fn in_words(refusal: &Refusal<'_>) -> String {
    match refusal.demand.split_once(' ').unwrap_or((refusal.demand, "")) {
        ("required", field) => format!("it makes {field} a field that must be filled in"),
        ("pattern", field) => format!("its pattern does not match what was entered as {field}"),
        ("decision", _) => "it denies what was sent".to_owned(),
        _ => no_value(refusal.why),
    }
}

/// That an expression has no value for what people send, and why.
fn no_value(why: Option<&str>) -> String {
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    format!("its expression has no value for what people send{why}")
}
