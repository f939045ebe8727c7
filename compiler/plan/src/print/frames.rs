//! Where what begins in a plan is over: groups, attempts and loops by what stands within them, branches by their joins.

use crate::collections::HashMap;
use petgraph::{Direction, graph::NodeIndex, visit::EdgeRef};

use crate::{
    BinaryOp, Expr, ExprKind, Plan, SlotId, Value,
    plan::{Edge, GroupOf, Node, NodeKind},
};

/// Where everything that begins in a plan is over.
pub(super) struct Frames {
    /// Where what a frame holds goes on, by the frame.
    over: HashMap<NodeIndex, NodeIndex>,
    /// Where a failure in a soft group goes on, by the group.
    failed: HashMap<NodeIndex, NodeIndex>,
    /// Where the ways of a condition or a choice meet.
    joins: HashMap<NodeIndex, NodeIndex>,
    /// Where those who return from a flow meet, by the flow's group.
    returns: HashMap<NodeIndex, NodeIndex>,
}

impl Frames {
    /// All of `plan`.
    pub fn of(plan: &Plan) -> Frames {
        let (joins, returns) = joins(plan);
        let (mut over, mut failed) = (HashMap::default(), HashMap::default());
        // In the order in which they were added: a journey that goes on does so before one that leaves something else.
        for edge in plan.graph.edge_references().filter(|edge| edge.weight().is_followed()) {
            let found = if *edge.weight() == Edge::OnFail { &mut failed } else { &mut over };
            let Some(to) = plan.node(edge.target()) else { continue };
            for (depth, frame) in around(plan, edge.source()).enumerate() {
                if to.within.get(depth) != Some(&frame) && edge.target() != frame {
                    found.entry(frame).or_insert(edge.target());
                }
            }
        }
        Frames { over, failed, joins, returns }
    }

    /// Where the ways of a condition or a choice meet; an `elif` has no such place of its own.
    pub fn join(&self, fork: NodeIndex) -> Option<NodeIndex> {
        self.joins.get(&fork).copied()
    }

    /// Where what a group or attempts hold is left, and where the journey goes on after them.
    pub fn over(&self, plan: &Plan, frame: NodeIndex) -> (Option<NodeIndex>, Option<NodeIndex>) {
        let soft = matches!(plan.node(frame).map(|node| &node.kind), Some(NodeKind::Group(group)) if group.soft);
        let failed = || self.failed.get(&frame).filter(|_| soft);
        let over = self.over.get(&frame).or_else(failed).copied();
        (self.returns.get(&frame).copied().or(over), over)
    }
}

/// The frames around a node, and itself if it begins one, outermost first.
fn around(plan: &Plan, at: NodeIndex) -> impl Iterator<Item = NodeIndex> {
    let node = plan.node(at);
    let own = node.filter(|node| matches!(node.kind, NodeKind::Group(_) | NodeKind::Retry(_))).map(|_| at);
    node.map(|node| node.within.iter().copied()).into_iter().flatten().chain(own)
}

/// Joins by what they end: what they join begins in the same frame, and stands where they do. A flow's last join that
/// joins no branches is where its returns meet.
fn joins(plan: &Plan) -> (HashMap<NodeIndex, NodeIndex>, HashMap<NodeIndex, NodeIndex>) {
    let (mut joins, mut returns) = (HashMap::default(), HashMap::default());
    let mut open: Vec<(NodeIndex, &Node)> = Vec::new();
    for at in plan.graph.node_indices() {
        let Some(node) = plan.node(at) else { continue };
        match node.kind {
            NodeKind::Condition(_) | NodeKind::Choice => open.push((at, node)),
            NodeKind::Join => {
                let begins = |(_, head): &(NodeIndex, &Node)| {
                    let (outer, inner) = (node.span, head.span);
                    node.within == head.within
                        && outer.source == inner.source
                        && outer.start <= inner.end
                        && inner.start <= outer.end
                };
                match open.iter().rposition(begins) {
                    Some(place) => {
                        joins.extend(open.get(place).map(|(head, _)| (*head, at)));
                        open.truncate(place);
                    }
                    None => {
                        let flow = node.within.last().filter(|frame| is_flow(plan, **frame));
                        returns.extend(flow.map(|flow| (*flow, at)));
                    }
                }
            }
            _ => {}
        }
    }
    // After a flow's returns, nothing of it follows; whatever was taken for them before is a group's own end.
    let last: HashMap<NodeIndex, NodeIndex> = plan
        .graph
        .node_indices()
        .flat_map(|at| plan.node(at).and_then(|node| node.within.last()).map(|frame| (*frame, at)))
        .collect();
    returns.retain(|flow, at| last.get(flow) == Some(at) && same_place(plan, *flow, *at));
    (joins, returns)
}

fn is_flow(plan: &Plan, at: NodeIndex) -> bool {
    matches!(plan.node(at).map(|node| &node.kind), Some(NodeKind::Group(group)) if matches!(group.of, GroupOf::Flow(_)))
}

fn same_place(plan: &Plan, one: NodeIndex, other: NodeIndex) -> bool {
    plan.node(one).map(|node| node.span) == plan.node(other).map(|node| node.span)
}

/// What is to be known of a loop beside what it holds.
pub(super) struct Rounds {
    /// What it says, in a few words.
    pub kind: RoundsOf,
    /// Where the journey goes on.
    pub over: Option<NodeIndex>,
    /// The condition that ends the rounds, where there is one.
    pub until: Option<NodeIndex>,
    /// What fails where that condition does not hold after the last round.
    pub fails: Option<NodeIndex>,
}

/// What makes the rounds of a loop.
pub(super) enum RoundsOf {
    /// A number of them.
    Times(Expr),
    /// A list, each of whose items has this name in turn.
    Items(String, Expr),
    /// Something that does not come from the language.
    Condition(Expr),
}

/// The loop that begins at `at`.
pub(super) fn rounds(plan: &Plan, at: NodeIndex) -> Option<Rounds> {
    let NodeKind::Loop(condition) = &plan.node(at)?.kind else { return None };
    let kind = kind(plan, at, condition).unwrap_or_else(|| RoundsOf::Condition(condition.clone()));
    let otherwise = follows(plan, at, Edge::Else);
    // A condition at the end of the round, rather than one of its steps, leads back by itself.
    let until = plan.graph.edges_directed(at, Direction::Incoming).find_map(|edge| {
        let is_condition = matches!(plan.node(edge.source()).map(|node| &node.kind), Some(NodeKind::Condition(_)));
        (*edge.weight() == Edge::Else && is_condition).then_some(edge.source())
    });
    let left = until.and_then(|until| follows(plan, until, Edge::Then));
    let left = left.filter(|to| plan.node(*to).is_some_and(|node| !node.within.contains(&at)));
    Some(match left {
        Some(_) => Rounds { kind, over: left, until, fails: otherwise },
        None => Rounds { kind, over: otherwise, until: None, fails: None },
    })
}

fn kind(plan: &Plan, at: NodeIndex, condition: &Expr) -> Option<RoundsOf> {
    let ExprKind::Binary(BinaryOp::Less, _, most) = &condition.kind else { return None };
    Some(match &most.kind {
        ExprKind::Length(list) => {
            let ExprKind::Slot(list) = list.kind else { return None };
            let NodeKind::Assign(values) = &plan.node(follows(plan, at, Edge::Then)?)?.kind else { return None };
            let (item, _) = values.first()?;
            RoundsOf::Items(plan.slots.get(item.0 as usize)?.to_string(), defined(plan, at, list)?)
        }
        ExprKind::Slot(most) => RoundsOf::Times(defined(plan, at, *most)?),
        _ => RoundsOf::Times((**most).clone()),
    })
}

/// What the variable `slot` holds when the node at `at` is reached for the first time.
fn defined(plan: &Plan, at: NodeIndex, slot: SlotId) -> Option<Expr> {
    let mut before = plan.graph.edges_directed(at, Direction::Incoming);
    before.find_map(|edge| match &plan.node(edge.source())?.kind {
        NodeKind::Assign(values) => values.iter().find(|(own, _)| *own == slot).map(|(_, value)| value.clone()),
        _ => None,
    })
}

fn follows(plan: &Plan, at: NodeIndex, wanted: Edge) -> Option<NodeIndex> {
    plan.graph.edges(at).find(|edge| *edge.weight() == wanted).map(|edge| edge.target())
}

/// Whether the node at `at` only keeps a loop's books, which the loop's title tells of: it counts rounds, or gives the item
/// of a list its name.
pub(super) fn keeps_books(plan: &Plan, at: NodeIndex) -> bool {
    let Some(NodeKind::Assign(values)) = plan.node(at).map(|node| &node.kind) else { return false };
    let nameless = |slot: SlotId| plan.slots.get(slot.0 as usize).is_none_or(|name| name.is_empty());
    values.iter().all(|(slot, value)| {
        nameless(*slot)
            || matches!(&value.kind, ExprKind::Index(list, _) if matches!(list.kind, ExprKind::Slot(list) if nameless(list)))
    })
}

/// Whether there is one round.
pub(super) fn once(count: &Expr) -> bool {
    matches!(count.as_value(), Some(Value::Int(1)))
}
