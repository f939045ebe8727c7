//! Which steps and journeys the scopes of a goal admit.

use esr_tap::{JourneyOutcome, JourneyRecord, MetricKey, StepSample};
use scn_plan::{Plan, plan::Scope};

use super::extends;

/// What scopes ask of an execution of a step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepFacts<'a> {
    /// The step's name.
    pub(crate) step: &'a str,
    /// Its node, where that is known.
    pub(crate) node: Option<u32>,
    /// The persona's template, where that is known.
    pub(crate) template: Option<&'a str>,
    /// The final status.
    pub(crate) status: Option<u16>,
}

impl<'a> From<&'a MetricKey> for StepFacts<'a> {
    fn from(key: &'a MetricKey) -> Self {
        Self { step: &key.step, node: Some(key.node), template: Some(&key.template), status: key.status }
    }
}

impl<'a> From<&'a StepSample> for StepFacts<'a> {
    fn from(sample: &'a StepSample) -> Self {
        Self { step: &sample.step, node: Some(sample.node), template: Some(&sample.template), status: sample.status }
    }
}

/// Whether all of `scopes` admit the execution; `during` says whether a probe was in force.
pub(crate) fn admits(plan: &Plan, scopes: &[Scope], facts: StepFacts<'_>, during: impl Fn(&str) -> bool) -> bool {
    scopes.iter().all(|scope| match scope {
        Scope::Step(step) => facts.step == step,
        Scope::Group(group) => facts.node.is_some_and(|node| plan.is_in_group(node, group)),
        Scope::Tag(tag) => facts.node.is_some_and(|node| plan.has_tag(node, tag)),
        Scope::Of(template) => facts.template.is_some_and(|own| extends(plan, own, template)),
        Scope::During(probe) => during(probe),
        Scope::Status(status) => facts.status == Some(*status),
    })
}

/// Whether all of `scopes` admit the journey; `during` says whether it began while a probe was in force.
pub(crate) fn admits_journey(
    plan: &Plan,
    scopes: &[Scope],
    journey: &JourneyRecord,
    during: impl Fn(&str) -> bool,
) -> bool {
    let any = |wanted: &dyn Fn(&StepSample) -> bool| journey.steps.iter().any(wanted);
    scopes.iter().all(|scope| match scope {
        Scope::Step(step) => any(&|sample| sample.step == *step),
        Scope::Group(group) => any(&|sample| plan.is_in_group(sample.node, group)),
        Scope::Tag(tag) => any(&|sample| plan.has_tag(sample.node, tag)),
        Scope::Of(template) => extends(plan, &journey.template, template),
        Scope::During(probe) => during(probe),
        Scope::Status(status) => any(&|sample| sample.status == Some(*status)),
    })
}

/// Whether the journey failed, and did so at a step that the scopes admit.
pub(crate) fn fails(plan: &Plan, scopes: &[Scope], journey: &JourneyRecord) -> bool {
    let JourneyOutcome::Failed { step: at, .. } = &journey.outcome else { return false };
    let nodes = || (0..).zip(plan.graph.node_weights()).filter(|(_, node)| node.name == *at).map(|(index, _)| index);
    scopes.iter().all(|scope| match scope {
        Scope::Step(step) => step == at,
        Scope::Group(group) => nodes().any(|node| plan.is_in_group(node, group)),
        Scope::Tag(tag) => nodes().any(|node| plan.has_tag(node, tag)),
        _ => true,
    })
}
