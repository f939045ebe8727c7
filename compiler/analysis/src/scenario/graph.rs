//! The plan's graph while it grows.

use petgraph::graph::{DiGraph, NodeIndex};
use scn_diagnostics::Span;
use scn_plan::collections::IndexMap;
use scn_plan::{
    SlotId,
    plan::{Edge, Node, NodeKind},
};
use smol_str::SmolStr;

use super::names::Names;

/// Where control comes from: nodes and the edges that leave them for what comes next.
pub(super) type Ends = Vec<(NodeIndex, Edge)>;

/// A finished graph.
pub(super) struct Finished {
    /// The graph.
    pub graph: DiGraph<Node, Edge>,
    /// Where a journey begins.
    pub entry: NodeIndex,
    /// Names of the journey's variables.
    pub slots: Vec<SmolStr>,
}

/// A graph that grows in the order of the source.
#[derive(Default)]
pub(super) struct Graph {
    graph: DiGraph<Node, Edge>,
    /// The loose ends that lead to whatever comes next.
    pub ends: Ends,
    /// The loose ends that lead to the end of the journey.
    leaving: Ends,
    /// The nodes' names.
    pub names: Names,
    /// Where each variable is set, as far as that reaches the loose ends: the nodes, each with its branch.
    definitions: IndexMap<SlotId, Vec<(NodeIndex, u32)>>,
    /// The branch that grows, in the order in which branches begin.
    branch: u32,
    /// How many branches there are.
    branches: u32,
    /// Names of the groups and flows around what comes next.
    pub groups: Vec<SmolStr>,
    /// The groups with a timeout around what comes next.
    pub limits: Vec<NodeIndex>,
    /// The groups, loops and attempts around what comes next.
    within: Vec<NodeIndex>,
    /// For each scope around what comes next that a failure leads out of: the nodes in it that can fail.
    failing: Vec<Vec<NodeIndex>>,
}

impl Graph {
    /// Makes room for so many more nodes.
    pub fn reserve(&mut self, nodes: usize) {
        self.graph.reserve_nodes(nodes);
        // In order, and a definition and its use.
        self.graph.reserve_edges(2 * nodes);
        self.names.reserve(nodes);
    }

    /// Adds a node after the loose ends.
    pub fn push(&mut self, name: SmolStr, kind: NodeKind, span: Span) -> NodeIndex {
        // Most journeys set no variable before they come here.
        let uses = if self.definitions.is_empty() { Vec::new() } else { slots_of(&kind) };
        let fails = can_fail(&kind);
        let (groups, limits, within) = (self.groups.clone(), self.limits.clone(), self.within.clone());
        let node = self.graph.add_node(Node { name, kind, groups, limits, within, span });
        if let Some(failing) = self.failing.last_mut().filter(|_| fails) {
            failing.push(node);
        }
        for (from, edge) in std::mem::take(&mut self.ends) {
            self.graph.add_edge(from, node, edge);
        }
        for slot in uses {
            for (definition, _) in self.definitions.get(&slot).into_iter().flatten() {
                self.graph.add_edge(*definition, node, Edge::Uses);
            }
        }
        node
    }

    /// What comes next follows `node` by `edge`.
    pub fn then(&mut self, node: NodeIndex, edge: Edge) {
        self.ends = vec![(node, edge)];
    }

    /// The journey ends with `node`: nothing that comes next follows it.
    pub fn leave(&mut self, node: NodeIndex) {
        self.leaving.push((node, Edge::Next));
        self.ends.clear();
    }

    /// Notes that `node` sets the variable `slot`. Unless the node may be passed over, what was set before in its branch, or
    /// in branches within that, is set no longer.
    pub fn define(&mut self, slot: SlotId, node: NodeIndex, always: bool) {
        let definitions = self.definitions.entry(slot).or_default();
        if always {
            // Branches that began after this one and have ended stand within it.
            definitions.retain(|(_, branch)| *branch < self.branch);
        }
        definitions.push((node, self.branch));
    }

    /// What comes next stands within `node`.
    pub fn enter(&mut self, node: NodeIndex) {
        self.within.push(node);
    }

    /// What comes next stands within `node` no longer.
    pub fn exit(&mut self, node: NodeIndex) {
        if let Some(place) = self.within.iter().rposition(|around| *around == node) {
            self.within.truncate(place);
        }
    }

    /// Begins a branch; returns the one around it, to be given to [`Graph::end_branch`].
    pub fn begin_branch(&mut self) -> u32 {
        self.branches += 1;
        std::mem::replace(&mut self.branch, self.branches)
    }

    /// Ends a branch.
    pub fn end_branch(&mut self, around: u32) {
        self.branch = around;
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    /// What comes next can fail without failing the journey.
    pub fn begin_failing(&mut self) {
        self.failing.push(Vec::new());
    }

    /// What comes next is outside of the scope that began last; yields the nodes in it that can fail.
    pub fn end_failing(&mut self) -> Vec<NodeIndex> {
        self.failing.pop().unwrap_or_default()
    }

    /// A failure of one of `nodes` leads to `handler`.
    pub fn on_fail(&mut self, nodes: Vec<NodeIndex>, handler: NodeIndex) {
        for node in nodes {
            self.graph.add_edge(node, handler, Edge::OnFail);
        }
    }

    /// A round that began with `head` ends at the loose ends: they lead back to it. What the round sets, the next one may
    /// read.
    pub fn close_round(&mut self, head: NodeIndex) {
        for (from, edge) in std::mem::take(&mut self.ends) {
            self.graph.add_edge(from, head, edge);
        }
        for at in (head.index()..self.graph.node_count()).map(NodeIndex::new) {
            let Some(node) = self.graph.node_weight(at) else { continue };
            for slot in slots_of(&node.kind) {
                for (definition, _) in self.definitions.get(&slot).into_iter().flatten() {
                    // Later in the round than the use, and so only by way of the next round.
                    if *definition >= at {
                        self.graph.add_edge(*definition, at, Edge::Uses);
                    }
                }
            }
        }
    }

    /// The nodes and edges so far.
    pub fn inner(&mut self) -> &mut DiGraph<Node, Edge> {
        &mut self.graph
    }

    /// Ends the journey after the loose ends.
    pub fn finish(mut self, span: Span) -> Finished {
        let leaving = std::mem::take(&mut self.leaving);
        self.ends.extend(leaving);
        let end = self.push(SmolStr::new_static("end"), NodeKind::End, span.tail());
        // Nodes are added in the order of the source, so the first one begins the journey.
        let entry = self.graph.node_indices().next().unwrap_or(end);
        Finished { graph: self.graph, entry, slots: Vec::new() }
    }
}

/// Whether a failure can come about at such a node that fails the journey.
fn can_fail(kind: &NodeKind) -> bool {
    match kind {
        NodeKind::Step(step) => !step.soft,
        NodeKind::Assign(_) | NodeKind::Condition(_) | NodeKind::Loop(_) | NodeKind::Retry(_) => true,
        NodeKind::Group(_) | NodeKind::Choice | NodeKind::Join | NodeKind::End => false,
    }
}

/// The variables that a node reads.
fn slots_of(kind: &NodeKind) -> Vec<SlotId> {
    let mut slots = Vec::new();
    let mut own = Vec::new();
    let mut read = |expr: &scn_plan::Expr| {
        expr.walk(&mut |part| {
            if let scn_plan::ExprKind::Slot(slot) = part.kind
                && !slots.contains(&slot)
            {
                slots.push(slot);
            }
        });
    };
    kind.expressions().for_each(&mut read);
    if let NodeKind::Step(step) = kind {
        own.extend(step.exposes.iter().map(|(_, slot)| *slot));
    }
    slots.retain(|slot| !own.contains(slot));
    slots
}
