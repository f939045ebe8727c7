//! What all steps share that hold others: their line, and the guard, the group and the softness around what they hold.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::Node;
use scn_plan::collections::IndexMap;
use scn_plan::plan::{Edge, Group, GroupOf, NodeKind};
use smol_str::SmolStr;

use super::{
    control::Assigned,
    graph::Ends,
    steps::{Common, Steps},
};
use crate::{line::Line, scope::Missing, signatures::suggest};

/// Attributes of all steps that hold steps.
const OWN: &[&str] = &["steps", "name", "timeout", "if", "soft"];

/// What a step holds.
#[derive(Clone, Copy)]
pub(super) struct Body<'n> {
    pub steps: &'n [Node],
    pub span: Span,
}

impl Steps<'_, '_, '_> {
    /// The line of a step that holds others, what every step takes, and what it holds.
    pub(super) fn holder<'n>(&mut self, node: &'n Node, own: &[&str]) -> Option<(Line<'n>, Common, Body<'n>)> {
        let mut line = Line::of(node, |name| own.contains(&name) || OWN.contains(&name))?;
        let steps = line.take("steps");
        let common = self.common(&mut line);
        let verb = line.verb.clone();
        if let Some(value) = line.values.get(1) {
            let headline = format!("`{}` takes one value", verb.text);
            let help = match verb.text.as_str() {
                "repeat" => Some("write `repeat: 3`, which is three times"),
                "retry" => Some("write `retry: 3`, which is three attempts"),
                _ => None,
            };
            self.report(codes::SURPLUS_ARGUMENT, value.span, &headline, help);
        }
        let stray = line.rest.first().map(|stray| stray.span);
        line.rest.clear();
        let body = match (steps, stray) {
            (Some(steps), None) => Body { steps: steps.children, span: steps.span },
            (_, Some(stray)) => {
                let headline = format!("a step under `{}` stands under `steps:`", verb.text);
                self.report(
                    codes::MISPLACED,
                    stray,
                    &headline,
                    Some("add `steps:` above it, and indent it below that"),
                );
                return None;
            }
            (None, None) => {
                let headline = format!("`{}` holds no steps", verb.text);
                let help = Some("add `steps:` below it, and steps below that");
                self.report(codes::MISSING_ARGUMENT, verb.span, &headline, help);
                return None;
            }
        };
        if body.steps.is_empty() {
            self.report(codes::MISSING_ARGUMENT, body.span, "there are no steps here", Some("add one, indented below"));
        }
        Some((line, common, body))
    }

    /// Reports the attributes that are left in `line`.
    pub(super) fn refuse_others(&mut self, line: &Line<'_>, own: &[&str]) {
        for attr in &line.attrs {
            let (verb, key) = (&line.verb.text, &attr.key.text);
            if key == "as" {
                let headline = format!("`{verb}` yields nothing that could be named");
                self.report(codes::UNKNOWN_ATTRIBUTE, attr.key.span, &headline, Some("remove `as:`"));
                continue;
            }
            let headline = format!("`{verb}` has no attribute `{key}`");
            let diagnostic = Diagnostic::new(codes::UNKNOWN_ATTRIBUTE, attr.key.span, headline);
            let names = own.iter().chain(OWN).copied();
            self.lowering.report(suggest(diagnostic, key, attr.key.span, "attribute", names));
        }
    }

    /// Lowers what a step holds inside what all of them share: the guard, and the group with its timeout and softness. `lower`
    /// is told the name of the group, which is empty where there is none.
    pub(super) fn held(
        &mut self,
        common: Common,
        group: Option<(GroupOf, SmolStr)>,
        verb: &SmolStr,
        span: Span,
        lower: impl FnOnce(&mut Self, Span, &SmolStr),
    ) {
        let Common { name, timeout, soft, guard } = common;
        let mark = self.scope.mark();
        let branches = guard.is_some() || soft;
        let around = branches.then(|| self.graph.begin_branch());
        let condition = guard.map(|guard| {
            let name = self.graph.names.name(&SmolStr::new_static("if"), guard.span);
            let at = self.graph.push(name, NodeKind::Condition(guard.clone()), guard.span);
            self.graph.then(at, Edge::Then);
            self.scope.assume(&guard, true);
            (at, guard.span)
        });
        let grouped = group.is_some() || timeout.is_some() || soft || name.is_some();
        let (groups, limits) = (self.graph.groups.len(), self.graph.limits.len());
        let mut called = SmolStr::default();
        let mut entered = None;
        if grouped {
            let (of, title) = group.unwrap_or((GroupOf::Rounds, SmolStr::default()));
            let name = match &of {
                // Groups of one name are one to goals, so the name may be taken.
                GroupOf::Steps => match name {
                    Some((name, _)) => self.graph.names.name(&name, span),
                    None => self.graph.names.name(&title, span),
                },
                _ => self.node_name(name, verb, span),
            };
            let at = self.graph.push(name.clone(), NodeKind::Group(Group { of, timeout, soft }), span);
            self.graph.then(at, Edge::Next);
            self.graph.groups.push(if title.is_empty() { name.clone() } else { title });
            called = name;
            self.graph.enter(at);
            entered = Some(at);
            if timeout.is_some() {
                self.graph.limits.push(at);
            }
        }
        if soft {
            self.graph.begin_failing();
        }
        lower(self, span, &called);
        let failing = if soft { self.graph.end_failing() } else { Vec::new() };
        self.graph.groups.truncate(groups);
        self.graph.limits.truncate(limits);
        if let Some(group) = entered {
            self.graph.exit(group);
        }
        let Some(around) = around else { return };
        self.graph.end_branch(around);
        let mut assigned: Assigned = Vec::new();
        if !self.graph.ends.is_empty() {
            let here = Missing { span, message: "not set where this does not come to its end" };
            assigned.push((here, self.scope.assigned_since(mark)));
        }
        self.scope.reset(mark);
        let mut ends: Ends = std::mem::take(&mut self.graph.ends);
        if let Some((at, span)) = condition {
            ends.push((at, Edge::Else));
            let here = Missing { span, message: "not set where this does not hold" };
            assigned.push((here, IndexMap::default()));
        }
        if soft {
            let here = Missing { span, message: "not set where a step in this fails" };
            assigned.push((here, IndexMap::default()));
        }
        let join = self.join(ends, assigned, span, soft);
        if let Some(join) = join {
            self.graph.on_fail(failing, join);
        }
    }
}
