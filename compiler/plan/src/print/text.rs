//! A plan as an indented listing, each node with the line of the source that it comes from.

use std::collections::HashSet;

use petgraph::{
    Direction,
    graph::NodeIndex,
    visit::{Dfs, EdgeFiltered, EdgeRef},
};

use super::label;
use crate::{
    Plan, Span, Value,
    plan::{Edge, NodeKind},
};

/// `plan` as an indented listing.
pub fn text(plan: &Plan) -> String {
    let mut listing = Listing { plan, lines: Vec::new(), seen: HashSet::new() };
    listing.head();
    listing.line(0, "steps", None);
    listing.from(plan.entry, None, 1);
    listing.render()
}

struct Listing<'a> {
    plan: &'a Plan,
    /// Depth, text and place.
    lines: Vec<(usize, String, Option<Span>)>,
    seen: HashSet<NodeIndex>,
}

impl Listing<'_> {
    fn line(&mut self, depth: usize, text: impl Into<String>, span: Option<Span>) {
        self.lines.push((depth, text.into(), span));
    }

    fn head(&mut self) {
        let plan = self.plan;
        self.line(0, format!("scenario {}", plan.scenario), Some(plan.span));
        if let Some(sandbox) = &plan.sandbox {
            self.line(1, format!("sandbox {sandbox}"), None);
        }
        if !plan.tags.is_empty() {
            self.line(1, format!("tags {}", plan.tags.join(", ")), None);
        }
        self.line(1, format!("at most {}", Value::Duration(plan.duration)), None);
        if let Some(slo) = plan.slo {
            self.line(1, format!("slo {}", Value::Duration(slo)), None);
        }
        self.line(0, "personas", None);
        for group in &plan.personas {
            self.line(1, format!("{} of {}", group.count, group.template.name), Some(group.span));
        }
        if !plan.probes.is_empty() {
            self.line(0, "probes", None);
            for probe in &plan.probes {
                self.line(1, label::probe(plan, probe), Some(probe.span));
            }
        }
        self.line(0, "goals", None);
        for goal in &plan.goals {
            self.line(1, label::goal(goal), Some(goal.span));
        }
    }

    /// Lists what follows from `node` up to and without `stop`.
    fn from(&mut self, node: NodeIndex, stop: Option<NodeIndex>, depth: usize) {
        let mut next = Some(node);
        while let Some(at) = next.filter(|at| Some(*at) != stop) {
            let Some(node) = self.plan.node(at) else { return };
            if !self.seen.insert(at) {
                self.line(depth, format!("go on at {}", node.name), None);
                return;
            }
            let place = Some(node.span);
            next = match &node.kind {
                NodeKind::Join => self.following(at).next().map(|(_, to)| to),
                NodeKind::Step(_) | NodeKind::Assign(_) | NodeKind::Retry(_) | NodeKind::Group(_) | NodeKind::End => {
                    let text = label::node(self.plan, node);
                    let place = place.filter(|_| !matches!(node.kind, NodeKind::End));
                    self.line(depth, text, place);
                    self.following(at).next().map(|(_, to)| to)
                }
                NodeKind::Loop(_) => {
                    self.line(depth, label::node(self.plan, node), place);
                    let ways: Vec<(Edge, NodeIndex)> = self.following(at).collect();
                    let way = |wanted: Edge| ways.iter().find(|(edge, _)| *edge == wanted).map(|(_, to)| *to);
                    if let Some(round) = way(Edge::Then) {
                        self.from(round, Some(at), depth + 1);
                    }
                    way(Edge::Else)
                }
                NodeKind::Condition(_) | NodeKind::Choice => {
                    self.line(depth, label::node(self.plan, node), place);
                    let branches: Vec<(Edge, NodeIndex)> = self.following(at).collect();
                    let meet = self.meet(&branches);
                    for (edge, to) in branches {
                        if Some(to) != meet {
                            self.line(depth + 1, format!("{}:", label::edge(&edge)), None);
                            self.from(to, meet.or(stop), depth + 2);
                        }
                    }
                    meet
                }
            };
        }
    }

    /// The edges that are followed, in the order in which they were added.
    fn following(&self, node: NodeIndex) -> impl Iterator<Item = (Edge, NodeIndex)> + use<'_> {
        let mut edges: Vec<_> = self
            .plan
            .graph
            .edges_directed(node, Direction::Outgoing)
            .filter(|edge| !matches!(edge.weight(), Edge::Uses | Edge::OnFail))
            .collect();
        edges.sort_by_key(|edge| edge.id());
        edges.into_iter().map(|edge| (*edge.weight(), edge.target()))
    }

    /// Where the branches meet: the first node that all of them reach.
    fn meet(&self, branches: &[(Edge, NodeIndex)]) -> Option<NodeIndex> {
        // The ends of rounds lead back to nodes before them.
        let followed = EdgeFiltered::from_fn(&self.plan.graph, |edge| {
            !matches!(edge.weight(), Edge::Uses | Edge::OnFail) && edge.source() < edge.target()
        });
        let reach = |from: NodeIndex| {
            let mut order = Vec::new();
            let mut search = Dfs::new(&followed, from);
            while let Some(node) = search.next(&followed) {
                order.push(node);
            }
            order
        };
        let mut reached = branches.iter().map(|(_, to)| reach(*to));
        let mut common = reached.next()?;
        for other in reached {
            common.retain(|node| other.contains(node));
        }
        // Of the common nodes, the first is the one that reaches all the others.
        common.iter().copied().find(|node| {
            let after = reach(*node);
            common.iter().all(|other| after.contains(other))
        })
    }

    fn render(&self) -> String {
        let indented: Vec<String> =
            self.lines.iter().map(|(depth, text, _)| format!("{}{text}", "  ".repeat(*depth))).collect();
        // Places stand in one column, unless a line is much longer than the others.
        const WIDEST: usize = 72;
        let widths = indented.iter().map(|line| line.chars().count()).filter(|width| *width <= WIDEST);
        let column = widths.max().unwrap_or(0);
        let mut out = String::new();
        for ((_, _, span), line) in self.lines.iter().zip(indented) {
            out.push_str(&line);
            if let Some((source, number)) = span.and_then(|span| self.plan.sources.line_of(span)) {
                let gap = column.saturating_sub(line.chars().count()) + 2;
                out.push_str(&format!("{}{source}:{number}", " ".repeat(gap)));
            }
            out.push('\n');
        }
        out
    }
}
