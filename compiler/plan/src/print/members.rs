//! What graphs of other programs draw: nodes by the frame that they stand in, and the edges between them.

use crate::collections::HashSet;
use petgraph::{graph::NodeIndex, visit::EdgeRef};

use super::frames::keeps_books;
use crate::{
    Plan,
    plan::{Edge, NodeKind},
};

/// Nodes by the group or the attempts that they stand in. The node that begins a frame stands in it.
pub(super) enum Member {
    /// A node.
    Node(NodeIndex),
    /// A frame, by the node that begins it.
    Frame(NodeIndex, Vec<Member>),
}

/// All nodes of `plan` that are drawn, by the frame that they stand in.
pub(super) fn members(plan: &Plan) -> Vec<Member> {
    let mut open: Vec<(NodeIndex, Vec<Member>)> = Vec::new();
    let mut all = Vec::new();
    for at in plan.graph.node_indices() {
        let Some(node) = plan.node(at) else { continue };
        // Nodes are in the order of the source, and so a frame's stand together.
        while open.last().is_some_and(|(frame, _)| !node.within.contains(frame)) {
            close(&mut open, &mut all);
        }
        if keeps_books(plan, at) {
            continue;
        }
        // A loop is seen by the edge that leads back.
        if matches!(node.kind, NodeKind::Group(_) | NodeKind::Retry(_)) {
            open.push((at, vec![Member::Node(at)]));
        } else {
            open.last_mut().map_or(&mut all, |(_, inside)| inside).push(Member::Node(at));
        }
    }
    while !open.is_empty() {
        close(&mut open, &mut all);
    }
    all
}

fn close(open: &mut Vec<(NodeIndex, Vec<Member>)>, all: &mut Vec<Member>) {
    if let Some((frame, inside)) = open.pop() {
        open.last_mut().map_or(all, |(_, around)| around).push(Member::Frame(frame, inside));
    }
}

/// The edges between nodes that are drawn, in the order in which they were added; what only keeps a loop's books is passed over.
pub(super) fn edges(plan: &Plan) -> Vec<(NodeIndex, NodeIndex, Edge)> {
    let mut drawn = HashSet::default();
    let mut all = Vec::new();
    for edge in plan.graph.edge_references() {
        let (from, mut to, weight) = (edge.source(), edge.target(), *edge.weight());
        if keeps_books(plan, from) {
            continue;
        }
        if weight == Edge::Uses {
            if from == to || keeps_books(plan, to) || !drawn.insert((from, to)) {
                continue;
            }
        } else {
            while keeps_books(plan, to)
                && let Some(next) = plan.graph.edges(to).find(|edge| *edge.weight() == Edge::Next)
            {
                to = next.target();
            }
        }
        all.push((from, to, weight));
    }
    all
}
