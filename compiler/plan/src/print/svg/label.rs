//! The words in and at the picture's shapes.

use petgraph::graph::NodeIndex;

use super::super::label::{arguments, expr, node};
use crate::{
    Plan, Value,
    plan::{Node, NodeKind, Step},
};

/// What a step's box says.
pub(super) struct Words {
    /// What it is called, and its verb where that is another word.
    pub name: String,
    /// Its arguments, as they are written.
    pub code: Vec<String>,
    /// What else there is to know about it.
    pub remarks: Vec<String>,
}

/// What the box of `step` says.
pub(super) fn step(plan: &Plan, node: &Node, step: &Step) -> Words {
    let verb = &step.call.name;
    let name = if node.name == *verb { node.name.to_string() } else { format!("{} ({verb})", node.name) };
    // The first argument of most steps is what they are about, and says so without its name.
    let mut code = arguments(plan, &step.call);
    let first = step.call.args.iter().next();
    if let (Some(argument), Some((name, _))) = (code.first_mut(), first)
        && let Some(bare) = argument.strip_prefix(&format!("{name}: "))
    {
        *argument = bare.to_owned();
    }
    let mut remarks = Vec::new();
    if let Some(guard) = &step.guard {
        remarks.push(format!("only if {}", expr(plan, guard)));
    }
    if let Some(slot) = step.result {
        remarks.extend(plan.slots.get(slot.0 as usize).map(|name| format!("result: {name}")));
    }
    if step.timeout != crate::plan::DEFAULT_STEP_TIMEOUT {
        remarks.push(format!("at most {}", Value::Duration(step.timeout)));
    }
    if step.soft {
        remarks.push("soft: a failure is noted".to_owned());
    }
    Words { name, code, remarks }
}

/// All that is known of a node, for whoever points at its shape.
pub(super) fn full(plan: &Plan, at: NodeIndex, of: &Node) -> String {
    let words = node(plan, at, of);
    match plan.sources.line_of(of.span) {
        Some((source, line)) if !matches!(of.kind, NodeKind::End) => format!("{words}\n{source}:{line}"),
        _ => words,
    }
}
