//! The plan in the dense form that journeys run: indices instead of edges, executors instead of names.

mod verbs;

use petgraph::{Direction, graph::NodeIndex, visit::EdgeRef};
use scn_plan::{
    Expr, Plan, SlotId, Span,
    load::Pause,
    plan::{Admits, Edge, NodeKind, PersonaGroup},
};
use smol_str::SmolStr;

pub(crate) use verbs::{Act, Action, Press};
pub use verbs::{VERBS, Verb};

use crate::run::RunError;

/// A plan, ready to be run.
#[derive(Debug)]
pub(crate) struct Bound {
    /// Nodes by their index in the plan.
    pub(crate) nodes: Vec<Node>,
    /// Where a journey begins.
    pub(crate) entry: usize,
    /// How many variables a journey has.
    pub(crate) slots: usize,
    /// The persona field that holds the wallet, if any template has one.
    pub(crate) wallet: Option<usize>,
    /// Hosts beside this machine and the sandbox that journeys may ask.
    pub(crate) allow_hosts: Vec<SmolStr>,
    /// How long people think between two steps.
    pub(crate) think: Option<Pause>,
}

/// A node.
#[derive(Debug)]
pub(crate) struct Node {
    /// Its name in reports.
    pub(crate) name: SmolStr,
    /// The `.scn` file and line that it stands on.
    pub(crate) place: Option<(SmolStr, i64)>,
    /// What it does.
    pub(crate) kind: Kind,
    /// Where a failure of it leads; without it, the journey fails.
    pub(crate) on_fail: Option<usize>,
    /// The groups with a timeout around it, outermost first.
    pub(crate) limits: Vec<usize>,
}

/// What a node does, and the node that follows.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Runs a step; nothing follows one that leaves the journey.
    Step(Box<Step>, Option<usize>),
    /// Asks a condition.
    Condition {
        /// The condition.
        condition: Expr,
        /// Where it holds.
        then: usize,
        /// Where it does not.
        otherwise: usize,
    },
    /// Gives variables values.
    Assign(Vec<(SlotId, Expr)>, usize),
    /// Attempts what follows; a failure in it comes back here.
    Retry {
        /// How many attempts there are in all.
        attempts: u32,
        /// Nanoseconds between two attempts.
        backoff: u64,
        /// Where an attempt begins.
        next: usize,
    },
    /// Begins a group that is bound to so many nanoseconds, if it is.
    Group(Option<u64>, usize),
    /// Draws one of these by their weights.
    Choice(Vec<(f64, usize)>),
    /// Goes on.
    Join(usize),
    /// The journey is complete.
    End,
}

/// A step.
#[derive(Debug)]
pub(crate) struct Step {
    /// Its verb, for spans.
    pub(crate) verb: SmolStr,
    /// What it does.
    pub(crate) action: Action,
    /// Bound of its requests, in nanoseconds.
    pub(crate) timeout: u64,
    /// Whether a failure is recorded and passed over.
    pub(crate) soft: bool,
    /// Runs only where this holds.
    pub(crate) guard: Option<Expr>,
    /// The variable that receives the result.
    pub(crate) result: Option<SlotId>,
    /// Which final statuses of 400 and above do not fail it.
    pub(crate) admits: Admits,
}

/// Binds `plan` to the executors. The error names what has none.
pub(crate) fn bind(plan: &Plan) -> Result<Bound, RunError> {
    let nodes = plan.graph.node_indices().map(|index| node(plan, index)).collect::<Result<_, _>>()?;
    let wallet = plan.persona_fields.iter().position(|field| field == "wallet");
    Ok(Bound {
        nodes,
        entry: plan.entry.index(),
        slots: plan.slots.len(),
        wallet,
        allow_hosts: plan.allow_hosts.clone(),
        think: plan.think,
    })
}

fn node(plan: &Plan, index: NodeIndex) -> Result<Node, RunError> {
    let node = &plan.graph[index];
    let follow = |wanted: fn(&Edge) -> bool, called: &str| {
        let mut edges = plan.graph.edges_directed(index, Direction::Outgoing).filter(|edge| wanted(edge.weight()));
        let missing =
            || RunError { message: format!("after `{}` nothing follows {called}", node.name), span: node.span };
        edges.next().map(|edge| edge.target().index()).ok_or_else(missing)
    };
    let next = || follow(|edge| *edge == Edge::Next, "next");
    let kind = match &node.kind {
        NodeKind::Step(step) => {
            let step = bind_step(plan, step)?;
            let leaves = matches!(step.action, Action::Stop { .. } | Action::Fail { .. });
            let next = if leaves { next().ok() } else { Some(next()?) };
            Kind::Step(Box::new(step), next)
        }
        NodeKind::Assign(values) => Kind::Assign(values.clone(), next()?),
        NodeKind::Retry(retry) => {
            Kind::Retry { attempts: retry.attempts, backoff: u64::try_from(retry.backoff).unwrap_or(0), next: next()? }
        }
        NodeKind::Group(group) => Kind::Group(group.timeout.map(|bound| u64::try_from(bound).unwrap_or(0)), next()?),
        NodeKind::Condition(condition) | NodeKind::Loop(condition) => Kind::Condition {
            condition: condition.clone(),
            then: follow(|edge| *edge == Edge::Then, "where its condition holds")?,
            otherwise: follow(|edge| *edge == Edge::Else, "where its condition does not hold")?,
        },
        NodeKind::Choice => Kind::Choice(arms(plan, index, node.span)?),
        NodeKind::Join => Kind::Join(next()?),
        NodeKind::End => Kind::End,
    };
    let place = plan.sources.line_of(node.span).map(|(file, line)| (file.into(), line as i64));
    let on_fail = follow(|edge| *edge == Edge::OnFail, "a failure").ok();
    let limits = node.limits.iter().map(|limit| limit.index()).collect();
    Ok(Node { name: node.name.clone(), place, kind, on_fail, limits })
}

/// The arms of a choice in the order of the source.
fn arms(plan: &Plan, index: NodeIndex, span: Span) -> Result<Vec<(f64, usize)>, RunError> {
    let mut arms: Vec<_> = plan
        .graph
        .edges_directed(index, Direction::Outgoing)
        .filter_map(|edge| match edge.weight() {
            Edge::Arm(weight) => Some((edge.id(), (*weight, edge.target().index()))),
            _ => None,
        })
        .collect();
    arms.sort_by_key(|(id, _)| *id);
    let arms: Vec<(f64, usize)> = arms.into_iter().map(|(_, arm)| arm).collect();
    if arms.iter().any(|(weight, _)| *weight > 0.0) {
        Ok(arms)
    } else {
        Err(RunError { message: "a choice has no arm that can be drawn".to_owned(), span })
    }
}

fn bind_step(plan: &Plan, step: &scn_plan::plan::Step) -> Result<Step, RunError> {
    Ok(Step {
        verb: step.call.name.clone(),
        action: verbs::bind(plan, step)?,
        timeout: u64::try_from(step.timeout).unwrap_or(0),
        soft: step.soft,
        guard: step.guard.clone(),
        result: step.result,
        admits: step.admits.clone(),
    })
}

/// Each persona's group and its number among those of the same template, in the plan's order.
pub(crate) fn population(plan: &Plan) -> Vec<(&PersonaGroup, u32)> {
    let mut counts = std::collections::HashMap::<&SmolStr, u32>::new();
    let mut population = Vec::new();
    for group in &plan.personas {
        let count = counts.entry(&group.template.name).or_default();
        population.extend((*count..*count + group.count).map(|number| (group, number)));
        *count += group.count;
    }
    population
}
