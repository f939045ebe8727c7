//! A plan's graph as it was written: what stands under a branch, in a loop, in a group.

use std::collections::{HashMap, HashSet};

use petgraph::{Direction, graph::NodeIndex, visit::EdgeRef};

use crate::{
    Plan,
    plan::{Edge, NodeKind},
};

/// Part of an outline.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    /// A step, values that are given, or the end.
    Node(NodeIndex),
    /// One of several ways.
    Fork {
        /// The choice, or the first condition.
        at: NodeIndex,
        /// The ways, in the order of the source.
        arms: Vec<Arm>,
        /// Where they meet.
        over: Option<NodeIndex>,
    },
    /// Steps in a frame: rounds of a loop, attempts, a group, a flow.
    Frame {
        /// What makes it.
        at: NodeIndex,
        /// What it holds.
        body: Vec<Item>,
        /// Where it is over, if a node of its own says so.
        over: Option<NodeIndex>,
    },
    /// Goes on at a node that stands elsewhere.
    Jump(NodeIndex),
}

/// A way from a fork.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arm {
    /// The condition or choice that it leaves: where there is an `elif`, not always the fork's own.
    pub from: NodeIndex,
    /// Why it is taken.
    pub edge: Edge,
    /// What is on it.
    pub body: Vec<Item>,
}

/// The outline of `plan`.
pub(super) fn outline(plan: &Plan) -> Vec<Item> {
    let mut reader = Reader { plan, joins: joins(plan), seen: HashSet::new(), stops: Vec::new() };
    reader.from(plan.entry)
}

/// Where what each node begins is over: a join stands where the line that begins it stands.
fn joins(plan: &Plan) -> HashMap<NodeIndex, NodeIndex> {
    let mut joins = HashMap::new();
    let mut open: Vec<NodeIndex> = Vec::new();
    for at in plan.graph.node_indices() {
        let Some(node) = plan.node(at) else { continue };
        match node.kind {
            NodeKind::Condition(_) | NodeKind::Choice | NodeKind::Retry(_) | NodeKind::Group(_) => open.push(at),
            NodeKind::Join => {
                let begins = |head: &NodeIndex| {
                    let Some(head) = plan.node(*head) else { return false };
                    let (outer, inner) = (node.span, head.span);
                    outer.source == inner.source && outer.start <= inner.end && inner.start <= outer.end
                };
                if let Some(place) = open.iter().rposition(begins) {
                    if let Some(head) = open.get(place) {
                        joins.insert(*head, at);
                    }
                    open.truncate(place);
                }
            }
            _ => {}
        }
    }
    joins
}

struct Reader<'a> {
    plan: &'a Plan,
    joins: HashMap<NodeIndex, NodeIndex>,
    seen: HashSet<NodeIndex>,
    /// Where the frames and forks around are over, innermost last.
    stops: Vec<NodeIndex>,
}

impl Reader<'_> {
    /// What follows from `node`, up to where what is around it goes on.
    fn from(&mut self, node: NodeIndex) -> Vec<Item> {
        let mut items = Vec::new();
        let mut next = Some(node);
        while let Some(at) = next {
            let Some(kind) = self.plan.node(at).map(|node| &node.kind) else { break };
            if self.stops.contains(&at) {
                // It leaves more than one thing at once, as a `return` does.
                if self.stops.last() != Some(&at) {
                    items.push(Item::Jump(at));
                }
                break;
            }
            // Whatever leaves the journey leads to its end, which is listed once.
            if !self.seen.insert(at) {
                if !matches!(kind, NodeKind::End) {
                    items.push(Item::Jump(at));
                }
                break;
            }
            next = match kind {
                NodeKind::Join => self.only(at),
                // A loop's counter has no name, and is nobody's concern.
                NodeKind::Assign(values)
                    if values
                        .iter()
                        .all(|(slot, _)| self.plan.slots.get(slot.0 as usize).is_none_or(|name| name.is_empty())) =>
                {
                    self.only(at)
                }
                NodeKind::Step(_) | NodeKind::Assign(_) | NodeKind::End => {
                    items.push(Item::Node(at));
                    // What leaves the journey by itself does so here.
                    self.only(at).filter(|to| !is_end(self.plan, *to) || self.stops.is_empty())
                }
                NodeKind::Loop(_) => {
                    let ways = self.following(at);
                    let way = |wanted: Edge| ways.iter().find(|(edge, _)| *edge == wanted).map(|(_, to)| *to);
                    let body = way(Edge::Then).map(|to| self.up_to(to, Some(at))).unwrap_or_default();
                    items.push(Item::Frame { at, body, over: None });
                    way(Edge::Else)
                }
                NodeKind::Retry(_) | NodeKind::Group(_) => {
                    let over = self.joins.get(&at).copied();
                    let body = self.only(at).map(|to| self.up_to(to, over)).unwrap_or_default();
                    items.push(Item::Frame { at, body, over });
                    over
                }
                NodeKind::Condition(_) | NodeKind::Choice => {
                    let (arms, over) = self.fork(at);
                    items.push(Item::Fork { at, arms, over });
                    over
                }
            };
        }
        items
    }

    /// What follows from `node` up to `over`, or to the end where there is no such node.
    fn up_to(&mut self, node: NodeIndex, over: Option<NodeIndex>) -> Vec<Item> {
        self.stops.extend(over);
        let items = self.from(node);
        if over.is_some() {
            self.stops.pop();
        }
        items
    }

    /// The ways from `first`, with those of each `elif`, and where they meet.
    fn fork(&mut self, first: NodeIndex) -> (Vec<Arm>, Option<NodeIndex>) {
        let mut over = self.joins.get(&first).copied();
        let mut ways = Vec::new();
        let mut at = first;
        loop {
            // An `elif` has no join of its own.
            let mut more = None;
            for (edge, to) in self.following(at) {
                let elif = edge == Edge::Else
                    && matches!(self.plan.node(to).map(|node| &node.kind), Some(NodeKind::Condition(_)))
                    && !self.joins.contains_key(&to)
                    && !self.seen.contains(&to);
                if elif { more = Some(to) } else { ways.push((at, edge, to)) }
            }
            let Some(elif) = more else { break };
            self.seen.insert(elif);
            at = elif;
        }
        // Ways that all leave meet nowhere but at the end of what is around.
        if over.is_none() && self.stops.is_empty() {
            over = self.plan.graph.node_indices().rev().find(|at| is_end(self.plan, *at));
        }
        let arms = ways.into_iter().map(|(from, edge, to)| Arm { from, edge, body: self.up_to(to, over) });
        (arms.collect(), over)
    }

    /// The only node that follows.
    fn only(&self, at: NodeIndex) -> Option<NodeIndex> {
        self.following(at).first().map(|(_, to)| *to)
    }

    /// The edges that are followed unless something fails, in the order in which they were added.
    fn following(&self, node: NodeIndex) -> Vec<(Edge, NodeIndex)> {
        let mut edges: Vec<_> = self
            .plan
            .graph
            .edges_directed(node, Direction::Outgoing)
            .filter(|edge| edge.weight().is_followed() && !matches!(edge.weight(), Edge::OnFail))
            .collect();
        edges.sort_by_key(|edge| edge.id());
        edges.into_iter().map(|edge| (*edge.weight(), edge.target())).collect()
    }
}

/// Whether the journey, or what is around, is left at the end of `items`: nothing after them follows.
pub(super) fn leaves(plan: &Plan, items: &[Item]) -> bool {
    match items.last() {
        Some(Item::Node(at)) => {
            let mut follows = plan.graph.edges(*at).filter(|edge| *edge.weight() == Edge::Next);
            follows.all(|edge| matches!(plan.node(edge.target()).map(|node| &node.kind), Some(NodeKind::End)))
        }
        Some(Item::Jump(_)) => true,
        Some(Item::Fork { arms, .. }) => !arms.is_empty() && arms.iter().all(|arm| leaves(plan, &arm.body)),
        Some(Item::Frame { .. }) | None => false,
    }
}

/// Nodes by the group or the attempts that they stand in. The node that begins a frame stands in it, and the one where it
/// is over does not; whatever stands in no frame is left out.
pub(super) enum Member {
    /// A node.
    Node(NodeIndex),
    /// A frame, by the node that begins it.
    Frame(NodeIndex, Vec<Member>),
}

/// All nodes of `plan`, by the frame that they stand in.
pub(super) fn members(plan: &Plan) -> Vec<Member> {
    let mut all = Vec::new();
    let mut placed = HashSet::new();
    place(plan, &outline(plan), &mut all, &mut placed);
    // What nothing leads to stands outside.
    all.extend(plan.graph.node_indices().filter(|at| !placed.contains(at)).map(Member::Node));
    all
}

fn place(plan: &Plan, items: &[Item], members: &mut Vec<Member>, placed: &mut HashSet<NodeIndex>) {
    fn node(at: NodeIndex, members: &mut Vec<Member>, placed: &mut HashSet<NodeIndex>) {
        if placed.insert(at) {
            members.push(Member::Node(at));
        }
    }
    for item in items {
        match item {
            Item::Node(at) => node(*at, members, placed),
            Item::Jump(_) => {}
            Item::Fork { at, arms, over } => {
                node(*at, members, placed);
                for arm in arms {
                    node(arm.from, members, placed);
                    place(plan, &arm.body, members, placed);
                }
                over.iter().filter(|over| !is_end(plan, **over)).for_each(|over| node(*over, members, placed));
            }
            Item::Frame { at, body, over } => {
                // A loop is seen by the edge that leads back.
                if matches!(plan.node(*at).map(|node| &node.kind), Some(NodeKind::Loop(_))) {
                    node(*at, members, placed);
                    place(plan, body, members, placed);
                } else {
                    let mut inside = Vec::new();
                    node(*at, &mut inside, placed);
                    place(plan, body, &mut inside, placed);
                    members.push(Member::Frame(*at, inside));
                }
                over.iter().for_each(|over| node(*over, members, placed));
            }
        }
    }
}

fn is_end(plan: &Plan, at: NodeIndex) -> bool {
    matches!(plan.node(at).map(|node| &node.kind), Some(NodeKind::End))
}
