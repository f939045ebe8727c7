//! What can never come about in a journey: steps, branches, conditions that always come out the same.

mod domain;
mod read;
mod state;
mod walk;

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};

use petgraph::{
    Direction,
    graph::{EdgeReference, NodeIndex},
    visit::EdgeRef,
};
use scn_diagnostics::{Diagnostic, Span, codes};
use scn_plan::{
    Expr, Plan, Value,
    plan::{Edge, Node, NodeKind, Template},
};

use self::{
    domain::{Known, Truth, Values},
    read::Reader,
    state::{Place, State, place},
    walk::{Visit, assertion, places, walk},
};

/// So many kinds of personas are told apart.
const MOST_TEMPLATES: usize = 16;

/// Which nodes of a plan are ever come to, and with what.
pub(super) struct Reach<'a> {
    /// For personas of each template; without one, for any.
    walks: Vec<(Reader<'a>, Vec<Visit>)>,
}

impl<'a> Reach<'a> {
    /// What those who may come to the node at `index` come with.
    fn at(&self, index: NodeIndex) -> impl Iterator<Item = (&Reader<'a>, &State)> {
        self.walks.iter().filter_map(move |(reader, walk)| Some((reader, walk.get(index.index())?.state.as_ref()?)))
    }

    /// Whether a journey may come to the node at `index`.
    pub fn comes_to(&self, index: NodeIndex) -> bool {
        self.at(index).next().is_some()
    }

    /// Whether `value` is known wherever it is entered at `index`, and lies outside of these ends.
    pub fn enters_only_outside(&self, value: &Expr, index: NodeIndex, ends: &(Value, Value)) -> bool {
        let mut entered = self.at(index).map(|(reader, state)| reader.read(value, state)).peekable();
        entered.peek().is_some() && entered.all(|known| known.is_outside(&ends.0, &ends.1))
    }

    /// Whether a persona of the template may come to the node at `index`.
    pub fn comes_by(&self, template: &str, index: NodeIndex) -> bool {
        self.at(index).any(|(reader, _)| reader.template.is_none_or(|own| own.name == template))
    }
}

/// A place of the source, whose steps may be in the plan several times: once for each use of a flow.
type Spot = (Span, &'static str);

/// Looks for what can never come about, and says which nodes are come to.
pub(super) fn check<'a>(plan: &'a Plan, diagnostics: &mut Vec<Diagnostic>) -> Reach<'a> {
    let followed = places(plan);
    let mut templates: Vec<Option<&Template>> = Vec::new();
    for group in &plan.personas {
        if !templates.iter().flatten().any(|known| known.name == group.template.name) {
            templates.push(Some(&group.template));
        }
    }
    if templates.is_empty() || templates.len() > MOST_TEMPLATES {
        templates = vec![None];
    }
    let walked = templates.into_iter().map(|template| {
        let reader = Reader::new(template, plan.persona_fields.len());
        let visits = walk(plan, &reader, &followed);
        (reader, visits)
    });
    let found = Findings { plan, reach: Reach { walks: walked.collect() }, come_to: OnceCell::new() };
    found.conditions(diagnostics);
    found.dead_steps(diagnostics);
    found.reach
}

struct Findings<'a> {
    plan: &'a Plan,
    reach: Reach<'a>,
    /// The places that journeys come to by any of their nodes.
    come_to: OnceCell<BTreeSet<Spot>>,
}

/// A word for what a node is, so that a step and its join are told apart.
fn kind(node: &Node) -> &'static str {
    match &node.kind {
        NodeKind::Step(_) => "step",
        NodeKind::Condition(_) => "condition",
        NodeKind::Choice => "choice",
        NodeKind::Group(_) => "group",
        NodeKind::Loop(_) | NodeKind::Retry(_) => "loop",
        NodeKind::Assign(_) => "assignment",
        NodeKind::Join | NodeKind::End => "end",
    }
}

impl Findings<'_> {
    fn nodes(&self) -> impl Iterator<Item = (NodeIndex, &Node)> {
        self.plan.graph.node_indices().filter_map(|at| Some((at, self.plan.node(at)?)))
    }

    /// Whether journeys come to the place of a node, by this one or another.
    fn comes_to(&self, at: NodeIndex, node: &Node) -> bool {
        let come_to = || {
            let nodes = self.nodes().filter(|(at, _)| self.reach.comes_to(*at));
            nodes.map(|(_, node)| (node.span, kind(node))).collect()
        };
        self.reach.comes_to(at) || self.come_to.get_or_init(come_to).contains(&(node.span, kind(node)))
    }

    /// How the condition of the node at `at` comes out, for all personas who come there.
    fn truth(&self, at: NodeIndex) -> Option<Truth> {
        let truths = self.reach.walks.iter().filter_map(|(_, walk)| walk.get(at.index())?.truth);
        truths.reduce(Truth::or)
    }

    /// Whether the condition of any node always comes out the same.
    fn any_is_decided(&self) -> bool {
        self.plan.graph.node_indices().any(|at| self.truth(at).is_some_and(|truth| truth != Truth::OPEN))
    }

    /// How each condition comes out, over all its nodes and all personas.
    fn truths(&self) -> BTreeMap<Spot, (Truth, NodeIndex)> {
        let mut truths: BTreeMap<Spot, (Truth, NodeIndex)> = BTreeMap::new();
        for (at, node) in self.nodes() {
            if let Some(truth) = self.truth(at) {
                let (known, _) = truths.entry((node.span, kind(node))).or_insert((Truth::default(), at));
                *known = known.or(truth);
            }
        }
        truths
    }

    fn conditions(&self, diagnostics: &mut Vec<Diagnostic>) {
        // A place is decided only where all of its nodes are.
        if !self.any_is_decided() {
            return;
        }
        for (truth, at) in self.truths().into_values() {
            let Some(node) = self.plan.node(at) else { continue };
            match &node.kind {
                NodeKind::Condition(condition) if !truth.holds => {
                    let found = Diagnostic::new(codes::DECIDED_CONDITION, condition.span, "this condition never holds")
                        .label("the steps under its `then` never run");
                    diagnostics.push(self.reasons(found, condition, at));
                }
                NodeKind::Condition(condition) if !truth.fails => {
                    let other = self.plan.graph.edges(at).find(|edge| *edge.weight() == Edge::Else);
                    let other = other.and_then(|edge| Some((edge.target(), self.plan.node(edge.target())?)));
                    // Nothing is lost where no steps are for the other case.
                    let Some((_, other)) = other.filter(|(at, other)| !self.comes_to(*at, other)) else { continue };
                    let found =
                        Diagnostic::new(codes::DECIDED_CONDITION, condition.span, "this condition always holds")
                            .label("what stands after it for the other case is never come to");
                    let found = found.also(other.span, "never come to");
                    diagnostics.push(self.reasons(found, condition, at));
                }
                NodeKind::Step(step) => match (&step.guard, assertion(step)) {
                    (Some(guard), _) if !truth.holds => {
                        let found = Diagnostic::new(codes::DEAD_STEP, guard.span, "this step can never run")
                            .label("this condition never holds");
                        diagnostics.push(self.reasons(found, guard, at));
                    }
                    (None, Some(asserted)) if !truth.holds => {
                        let found =
                            Diagnostic::new(codes::DECIDED_CONDITION, asserted.span, "this assertion never holds")
                                .label("every journey that comes here fails");
                        diagnostics.push(self.reasons(found, asserted, at));
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }

    /// Steps that nothing leads to: each stretch of them once, at its first.
    fn dead_steps(&self, diagnostics: &mut Vec<Diagnostic>) {
        let dead = |at: NodeIndex, node: &Node| {
            !matches!(node.kind, NodeKind::Join | NodeKind::End) && !self.comes_to(at, node)
        };
        // The last node so far from which nobody goes on.
        let mut leader: Option<&Node> = None;
        let mut reported: BTreeSet<Span> = BTreeSet::new();
        for (at, node) in self.nodes() {
            if !dead(at, node) {
                if leaves(node) && self.reach.comes_to(at) {
                    leader = Some(node);
                }
                continue;
            }
            // Rounds and attempts come back from what is later.
            let leads = |edge: &EdgeReference<'_, Edge>| edge.weight().is_followed() && edge.source() < at;
            let mut before = self.plan.graph.edges_directed(at, Direction::Incoming).filter(leads);
            let found = |label: &str| {
                let found = Diagnostic::new(codes::DEAD_STEP, node.span, "this step can never run");
                if label.is_empty() { found } else { found.label(label) }
            };
            let found = match before.next() {
                None => match leader {
                    Some(leader) => found("").also(leader.span, "every journey that comes here leaves"),
                    None => found("every path to it ends before"),
                },
                Some(edge) => match (edge.weight(), self.plan.node(edge.source()).map(|node| &node.kind)) {
                    (Edge::Arm(share), _) if *share <= 0.0 => found("its arm has a share of 0%"),
                    (_, Some(NodeKind::Loop(_))) if self.reach.comes_to(edge.source()) => {
                        found("there is no round in which it would")
                    }
                    _ => continue,
                },
            };
            if reported.insert(node.span) {
                diagnostics.push(found);
            }
        }
    }

    /// Says what is known of what `condition` reads, and why.
    fn reasons(&self, mut found: Diagnostic, condition: &Expr, at: NodeIndex) -> Diagnostic {
        let mut told: Vec<(Span, String)> = Vec::new();
        condition.walk(&mut |part| {
            let Some(place) = place(part) else { return };
            for (reader, state) in self.reach.at(at) {
                for (span, label) in self.reason(reader, place, state) {
                    if span != condition.span && !told.iter().any(|(known, _)| *known == span) {
                        told.push((span, label));
                    }
                }
            }
        });
        for (span, label) in told {
            found = found.also(span, label);
        }
        found
    }

    fn reason(&self, reader: &Reader<'_>, at: Place, state: &State) -> Vec<(Span, String)> {
        let mut reasons = Vec::new();
        if let Some(fact) = state.get(at) {
            reasons.extend(fact.why.iter().map(|span| (*span, "this says so".to_owned())));
        }
        if let Place::Field(field) = at
            && let Some(maker) = reader.maker(field)
        {
            let name = self.plan.persona_fields.get(field as usize).map_or("", |name| name.as_str());
            let template = reader.template.map_or("", |template| template.name.as_str());
            let shown = shown(&reader.read(maker, &State::default()));
            if let Some(shown) = shown {
                reasons.push((maker.span, format!("`{name}` of {template} {shown}")));
            }
        }
        reasons
    }
}

/// Whether every journey that comes to a node leaves there.
fn leaves(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Step(step) => {
            step.guard.is_none()
                && (matches!(step.call.name.as_str(), "stop" | "fail" | "return") || assertion(step).is_some())
        }
        _ => false,
    }
}

/// What is known of a value, as the end of a sentence.
fn shown(known: &Known) -> Option<String> {
    match &known.some {
        Values::Between(low, high) => Some(format!("lies between {low} and {high}")),
        Values::OneOf(values) if values.len() <= 4 && !known.none => {
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            Some(format!("is {}", values.join(" or ")))
        }
        Values::Never if known.none => Some("is none".to_owned()),
        _ => None,
    }
}
