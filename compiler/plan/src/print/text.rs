//! A plan as an indented listing, each node with the line of the source that it comes from.

use petgraph::graph::NodeIndex;

use super::{
    label,
    outline::{Item, outline},
};
use crate::{
    Plan, Span, Value,
    plan::{Drives, NodeKind},
};

/// `plan` as an indented listing.
pub fn text(plan: &Plan) -> String {
    let mut listing = Listing { plan, lines: Vec::new() };
    listing.head();
    listing.line(0, "steps", None);
    listing.items(&outline(plan), 1);
    listing.render()
}

/// What a run is about, above the steps.
pub(super) fn head(plan: &Plan) -> Vec<Line> {
    let mut listing = Listing { plan, lines: Vec::new() };
    listing.head();
    listing.lines
}

/// A line of a listing.
pub(super) struct Line {
    /// How far it is indented.
    pub depth: usize,
    /// What it says.
    pub text: String,
    /// Where that stands in the source.
    span: Option<Span>,
}

struct Listing<'a> {
    plan: &'a Plan,
    lines: Vec<Line>,
}

impl Listing<'_> {
    fn line(&mut self, depth: usize, text: impl Into<String>, span: Option<Span>) {
        self.lines.push(Line { depth, text: text.into(), span });
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
        if let Some(signoff) = &plan.signoff {
            let by = signoff.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            self.line(1, format!("sign-off required{by}"), Some(signoff.span));
        }
        self.line(0, "personas", None);
        for group in &plan.personas {
            let drives = if group.drives == Drives::Browser { " in browsers" } else { "" };
            self.line(1, format!("{} of {}{drives}", group.count, group.template.name), Some(group.span));
        }
        if let Some(load) = &plan.load {
            self.line(0, "load", Some(load.span));
            load.stages().into_iter().for_each(|stage| self.line(1, stage, None));
        }
        if let Some(think) = &plan.think {
            self.line(0, format!("think {think}"), None);
        }
        if let Some(pacing) = &plan.pacing {
            self.line(0, format!("pacing {pacing}"), None);
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

    fn items(&mut self, items: &[Item], depth: usize) {
        for item in items {
            match item {
                Item::Node(at) => self.node(*at, depth),
                Item::Jump(at) => self.line(depth, label::jump(self.plan, *at), None),
                Item::Frame { at, body, fails } => {
                    self.node(*at, depth);
                    self.items(body, depth + 1);
                    if let Some((at, node)) = fails.and_then(|at| Some((at, self.plan.node(at)?))) {
                        self.line(depth, format!("otherwise {}", label::node(self.plan, at, node)), Some(node.span));
                    }
                }
                Item::Fork { at, arms } => {
                    let mut from = *at;
                    self.node(from, depth);
                    for arm in arms {
                        if arm.from != from {
                            from = arm.from;
                            if let Some(node) = self.plan.node(from) {
                                self.line(depth, format!("el{}", label::node(self.plan, from, node)), Some(node.span));
                            }
                        }
                        if !arm.body.is_empty() {
                            self.line(depth + 1, format!("{}:", label::edge(&arm.edge)), None);
                            self.items(&arm.body, depth + 2);
                        }
                    }
                }
            }
        }
    }

    fn node(&mut self, at: NodeIndex, depth: usize) {
        let Some(node) = self.plan.node(at) else { return };
        let place = Some(node.span).filter(|_| !matches!(node.kind, NodeKind::End));
        self.line(depth, label::node(self.plan, at, node), place);
    }

    fn render(&self) -> String {
        let indented: Vec<String> =
            self.lines.iter().map(|line| format!("{}{}", "  ".repeat(line.depth), line.text)).collect();
        // Places stand in one column, unless a line is much longer than the others.
        const WIDEST: usize = 72;
        let widths = indented.iter().map(|line| line.chars().count()).filter(|width| *width <= WIDEST);
        let column = widths.max().unwrap_or(0);
        let mut out = String::new();
        for (Line { span, .. }, line) in self.lines.iter().zip(indented) {
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
