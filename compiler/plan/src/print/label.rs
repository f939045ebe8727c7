//! What nodes and edges are called in every format.

use petgraph::graph::NodeIndex;

use super::frames::{self, RoundsOf};
use crate::{
    Call, Expr, Plan, Value,
    plan::{Edge, Goal, GroupOf, Node, NodeKind, Probe},
};

/// An expression as it is written; constants as the language writes them, sensitive ones redacted.
pub(super) fn expr(plan: &Plan, expr: &Expr) -> String {
    match expr.as_value() {
        Some(value) => value.to_string(),
        None => one_line(plan.sources.slice(expr.span)),
    }
}

/// The arguments of a call that its source gives; defaults are left out.
pub(super) fn arguments(plan: &Plan, call: &Call) -> Vec<String> {
    let given = call.args.iter().filter(|(_, arg)| arg.span.source == call.span.source);
    given.map(|(name, arg)| format!("{name}: {}", expr(plan, arg))).collect()
}

/// What a node does, in a few words.
pub(super) fn node(plan: &Plan, at: NodeIndex, node: &Node) -> String {
    match &node.kind {
        NodeKind::Step(step) => {
            let mut words = vec![node.name.to_string()];
            if node.name != step.call.name {
                words.push(format!("({})", step.call.name));
            }
            words.extend(arguments(plan, &step.call));
            if let Some(slot) = step.result {
                words.extend(plan.slots.get(slot.0 as usize).map(|name| format!("as: {name}")));
            }
            if let Some(guard) = &step.guard {
                words.push(format!("if: {}", expr(plan, guard)));
            }
            if step.soft {
                words.push("soft: true".to_owned());
            }
            words.join("  ")
        }
        NodeKind::Assign(values) => {
            let values = values.iter().filter_map(|(slot, value)| {
                let name = plan.slots.get(slot.0 as usize).filter(|name| !name.is_empty())?;
                Some(format!("{name} = {}", expr(plan, value)))
            });
            values.collect::<Vec<_>>().join("  ")
        }
        NodeKind::Condition(condition) => format!("if {}", expr(plan, condition)),
        NodeKind::Loop(_) => rounds(plan, at),
        NodeKind::Retry(retry) => {
            let apart = match retry.backoff {
                0 => String::new(),
                backoff => format!(", {} apart", Value::Duration(backoff)),
            };
            format!("retry: up to {} attempts{apart}", retry.attempts)
        }
        NodeKind::Group(group) => {
            let mut words = match &group.of {
                GroupOf::Flow(flow) if *flow == node.name => format!("flow {flow}"),
                GroupOf::Flow(flow) => format!("{}  (flow {flow})", node.name),
                GroupOf::Steps => format!("group {}", node.name),
                // The loop within says what it is.
                GroupOf::Rounds => node.name.to_string(),
            };
            if let Some(timeout) = group.timeout {
                words.push_str(&format!(", at most {}", Value::Duration(timeout)));
            }
            if group.soft {
                words.push_str(", soft");
            }
            words
        }
        NodeKind::Choice => "choose".to_owned(),
        NodeKind::Join => String::new(),
        NodeKind::End => "end".to_owned(),
    }
}

/// What makes the rounds of the loop at `at`.
fn rounds(plan: &Plan, at: NodeIndex) -> String {
    let Some(rounds) = frames::rounds(plan, at) else { return String::new() };
    let until = rounds.until.and_then(|until| match &plan.node(until)?.kind {
        NodeKind::Condition(condition) => Some(expr(plan, condition)),
        _ => None,
    });
    let times = |count: &Expr| match frames::once(count) {
        true => "once".to_owned(),
        false => format!("{} times", expr(plan, count)),
    };
    match (&rounds.kind, until) {
        (RoundsOf::Times(count), Some(until)) => format!("repeat until {until}, at most {}", times(count)),
        (RoundsOf::Times(count), None) => format!("repeat {}", times(count)),
        (RoundsOf::Items(item, list), _) => format!("for {item} in {}", listed(plan, list)),
        (RoundsOf::Condition(condition), _) => format!("while {}", expr(plan, condition)),
    }
}

/// A list as it is written, which may be a range; sensitive ones redacted.
fn listed(plan: &Plan, list: &Expr) -> String {
    match list.as_value() {
        Some(value) if is_sensitive(value) => value.to_string(),
        _ => one_line(plan.sources.slice(list.span)),
    }
}

fn is_sensitive(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.labels.is_sensitive(),
        Value::List(items) => items.iter().any(is_sensitive),
        Value::Record(fields) => fields.values().any(is_sensitive),
        _ => false,
    }
}

/// What it is to go on at a node that stands elsewhere.
pub(super) fn jump(plan: &Plan, to: NodeIndex) -> String {
    match plan.node(to) {
        // Only a flow is left from within what it holds.
        Some(Node { kind: NodeKind::Join, .. }) | None => "return".to_owned(),
        Some(node) => format!("go on at {}", node.name),
    }
}

/// Why an edge is followed; empty for what is simply next.
pub(super) fn edge(edge: &Edge) -> String {
    match edge {
        Edge::Next => String::new(),
        Edge::Then => "then".to_owned(),
        Edge::Else => "else".to_owned(),
        Edge::OnFail => "on failure".to_owned(),
        Edge::Arm(share) => Value::Percent(*share).to_string(),
        Edge::Uses => "uses".to_owned(),
    }
}

/// A probe, in a few words.
pub(super) fn probe(plan: &Plan, probe: &Probe) -> String {
    let mut words = vec![probe.name.to_string()];
    if probe.name != probe.call.name {
        words.push(format!("({})", probe.call.name));
    }
    words.extend(arguments(plan, &probe.call));
    let duration = |nanos| Value::Duration(nanos);
    match (probe.from, probe.lasts) {
        (None, None) => words.push("throughout".to_owned()),
        (from, lasts) => {
            words.extend(from.map(|from| format!("from: {}", duration(from))));
            words.extend(lasts.map(|lasts| format!("for: {}", duration(lasts))));
        }
    }
    words.join("  ")
}

/// A goal as it is written.
pub(super) fn goal(goal: &Goal) -> String {
    one_line(&goal.text)
}

/// A text without line breaks and runs of spaces.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
