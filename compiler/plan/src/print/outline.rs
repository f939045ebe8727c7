//! A plan's graph as it was written: what stands under a branch, in a loop, in a group.

use crate::collections::HashSet;
use petgraph::{Direction, graph::NodeIndex, visit::EdgeRef};

use super::frames::{Frames, keeps_books, rounds};
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
    },
    /// Steps in a frame: rounds of a loop, attempts, a group, a flow.
    Frame {
        /// What makes it.
        at: NodeIndex,
        /// What it holds.
        body: Vec<Item>,
        /// What fails after the last round, where a loop may end so.
        fails: Option<NodeIndex>,
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
    let mut reader = Reader { plan, frames: Frames::of(plan), seen: HashSet::default(), stops: Vec::new() };
    reader.from(plan.entry)
}

struct Reader<'a> {
    plan: &'a Plan,
    frames: Frames,
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
                NodeKind::Assign(_) if keeps_books(self.plan, at) => self.only(at),
                NodeKind::Step(_) | NodeKind::Assign(_) | NodeKind::End => {
                    items.push(Item::Node(at));
                    // What leaves the journey by itself does so here.
                    self.only(at).filter(|to| !is_end(self.plan, *to) || self.stops.is_empty())
                }
                NodeKind::Loop(_) => {
                    let Some(rounds) = rounds(self.plan, at) else { break };
                    self.seen.extend(rounds.fails);
                    // The title says what ends the rounds.
                    let ends = rounds.until.unwrap_or(at);
                    let body = self.way(at, Edge::Then).map(|to| self.up_to(to, Some(ends)));
                    items.push(Item::Frame { at, body: body.unwrap_or_default(), fails: rounds.fails });
                    rounds.over
                }
                NodeKind::Retry(_) | NodeKind::Group(_) => {
                    let (stop, over) = self.frames.over(self.plan, at);
                    let body = self.only(at).map(|to| self.up_to(to, stop)).unwrap_or_default();
                    let frame = Item::Frame { at, body, fails: None };
                    let goes_on = !leaves(self.plan, std::slice::from_ref(&frame));
                    items.push(frame);
                    over.filter(|_| goes_on)
                }
                NodeKind::Condition(_) | NodeKind::Choice => {
                    let (arms, over) = self.fork(at);
                    items.push(Item::Fork { at, arms });
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
        let mut over = self.frames.join(first);
        let mut ways = Vec::new();
        let mut at = first;
        loop {
            // An `elif` has no join of its own.
            let mut more = None;
            for (edge, to) in self.following(at) {
                let elif = edge == Edge::Else
                    && matches!(self.plan.node(to).map(|node| &node.kind), Some(NodeKind::Condition(_)))
                    && self.frames.join(to).is_none()
                    && !self.seen.contains(&to)
                    && !self.stops.contains(&to);
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

    /// The node that follows by `wanted`.
    fn way(&self, at: NodeIndex, wanted: Edge) -> Option<NodeIndex> {
        self.following(at).into_iter().find(|(edge, _)| *edge == wanted).map(|(_, to)| to)
    }

    /// The edges that are followed unless something fails, in the order in which they were added, but `else` last.
    fn following(&self, node: NodeIndex) -> Vec<(Edge, NodeIndex)> {
        let mut edges: Vec<_> = self
            .plan
            .graph
            .edges_directed(node, Direction::Outgoing)
            .filter(|edge| edge.weight().is_followed() && !matches!(edge.weight(), Edge::OnFail))
            .collect();
        edges.sort_by_key(|edge| (*edge.weight() == Edge::Else, edge.id()));
        edges.into_iter().map(|edge| (*edge.weight(), edge.target())).collect()
    }
}

/// Whether the journey, or what is around, is left at the end of `items`: nothing after them follows.
pub(super) fn leaves(plan: &Plan, items: &[Item]) -> bool {
    match items.last() {
        Some(Item::Node(at)) => match plan.node(*at).map(|node| &node.kind) {
            Some(NodeKind::Step(step)) => matches!(step.call.name.as_str(), "stop" | "fail") && step.guard.is_none(),
            _ => false,
        },
        Some(Item::Jump(_)) => true,
        Some(Item::Fork { arms, .. }) => !arms.is_empty() && arms.iter().all(|arm| leaves(plan, &arm.body)),
        Some(Item::Frame { at, body, .. }) => match plan.node(*at).map(|node| &node.kind) {
            Some(NodeKind::Retry(_)) => leaves(plan, body),
            Some(NodeKind::Group(group)) => !group.soft && leaves(plan, body),
            _ => false,
        },
        None => false,
    }
}

fn is_end(plan: &Plan, at: NodeIndex) -> bool {
    matches!(plan.node(at).map(|node| &node.kind), Some(NodeKind::End))
}
