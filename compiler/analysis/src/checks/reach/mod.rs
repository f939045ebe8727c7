//! What can never come about in a journey: steps, branches, conditions that always come out the same.

mod domain;
mod read;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use petgraph::{Direction, graph::NodeIndex, visit::EdgeRef};
use scn_diagnostics::{Diagnostic, Span, codes};
use scn_plan::{
    Expr, Plan, Value,
    plan::{Edge, Node, NodeKind, Template},
};
use smol_str::SmolStr;

use self::{
    domain::{Known, Truth, Values},
    read::{Place, Reader, State, place},
    walk::{Visit, assertion, places, walk},
};

/// So many kinds of personas are told apart.
const MOST_TEMPLATES: usize = 16;

/// Which nodes of a plan are ever come to.
pub(super) struct Reach {
    nodes: Vec<bool>,
    /// By personas of each template; without a name, by any.
    by: Vec<(Option<SmolStr>, Vec<bool>)>,
    /// What may be entered by the steps that enter something, for each kind of persona that comes to them.
    entered: BTreeMap<usize, Vec<Known>>,
}

impl Reach {
    /// Whether a journey may come to the node at `index`.
    pub fn comes_to(&self, index: NodeIndex) -> bool {
        self.nodes.get(index.index()).copied().unwrap_or(true)
    }

    /// Whether all that may be entered at `index` is known, and lies outside of these ends.
    pub fn enters_only_outside(&self, index: NodeIndex, ends: &(Value, Value)) -> bool {
        let entered = self.entered.get(&index.index());
        entered.is_some_and(|entered| {
            !entered.is_empty() && entered.iter().all(|known| known.is_outside(&ends.0, &ends.1))
        })
    }

    /// Whether a persona of the template may come to the node at `index`.
    pub fn comes_by(&self, template: &str, index: NodeIndex) -> bool {
        let of = self.by.iter().filter(|(name, _)| name.as_deref().is_none_or(|name| name == template));
        of.into_iter().any(|(_, nodes)| nodes.get(index.index()).copied().unwrap_or(true))
    }
}

/// A place of the source, whose steps may be in the plan several times: once for each use of a flow.
type Spot = (Span, &'static str);

/// Looks for what can never come about, and says which nodes are come to.
pub(super) fn check(plan: &Plan, diagnostics: &mut Vec<Diagnostic>) -> Reach {
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
    let readers: Vec<Reader<'_>> = templates.into_iter().map(Reader::new).collect();
    let walks: Vec<Vec<Visit>> = readers.iter().map(|reader| walk(plan, reader, &followed)).collect();
    let by: Vec<(Option<SmolStr>, Vec<bool>)> = readers
        .iter()
        .zip(&walks)
        .map(|(reader, walk)| {
            let name = reader.template.map(|template| template.name.clone());
            (name, walk.iter().map(|visit| visit.state.is_some()).collect())
        })
        .collect();
    let comes = |at: usize| by.iter().any(|(_, nodes)| nodes.get(at).copied().unwrap_or(true));
    let nodes = (0..plan.graph.node_count()).map(comes).collect();
    let mut entered = BTreeMap::new();
    for at in plan.graph.node_indices() {
        let Some(NodeKind::Step(step)) = plan.node(at).map(|node| &node.kind) else { continue };
        let Some(value) = step.call.arg("value").filter(|_| step.call.name == "fill") else { continue };
        let come = readers.iter().zip(&walks).filter_map(|(reader, walk)| {
            let state = walk.get(at.index())?.state.as_ref()?;
            Some(reader.read(value, state))
        });
        entered.insert(at.index(), come.collect());
    }
    let found = Findings { plan, readers: &readers, walks: &walks, reach: Reach { nodes, by, entered } };
    let come_to = found.come_to();
    found.conditions(&come_to, diagnostics);
    found.dead_steps(&come_to, diagnostics);
    found.reach
}

struct Findings<'a> {
    plan: &'a Plan,
    readers: &'a [Reader<'a>],
    walks: &'a [Vec<Visit>],
    reach: Reach,
}

/// A word for what a node is, so that a step and its join are told apart.
fn kind(node: &Node) -> &'static str {
    match &node.kind {
        NodeKind::Step(_) => "step",
        NodeKind::Condition(_) => "condition",
        NodeKind::Choice => "choice",
        _ => "other",
    }
}

impl Findings<'_> {
    fn nodes(&self) -> impl Iterator<Item = (NodeIndex, &Node)> {
        self.plan.graph.node_indices().filter_map(|at| Some((at, self.plan.node(at)?)))
    }

    /// The places that journeys come to by any of their nodes.
    fn come_to(&self) -> BTreeSet<Spot> {
        self.nodes().filter(|(at, _)| self.reach.comes_to(*at)).map(|(_, node)| (node.span, kind(node))).collect()
    }

    /// How each condition comes out, over all its nodes and all personas.
    fn truths(&self) -> BTreeMap<Spot, (Truth, NodeIndex)> {
        let mut truths: BTreeMap<Spot, (Truth, NodeIndex)> = BTreeMap::new();
        for (at, node) in self.nodes() {
            for truth in self.walks.iter().filter_map(|walk| walk.get(at.index())?.truth) {
                let (known, _) = truths.entry((node.span, kind(node))).or_insert((Truth::default(), at));
                *known = known.or(truth);
            }
        }
        truths
    }

    fn conditions(&self, come_to: &BTreeSet<Spot>, diagnostics: &mut Vec<Diagnostic>) {
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
                    let other = other.and_then(|edge| self.plan.node(edge.target()));
                    // Nothing is lost where no steps are for the other case.
                    let Some(other) = other.filter(|other| !come_to.contains(&(other.span, kind(other)))) else {
                        continue;
                    };
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
    fn dead_steps(&self, come_to: &BTreeSet<Spot>, diagnostics: &mut Vec<Diagnostic>) {
        let dead = |node: &Node| {
            matches!(node.kind, NodeKind::Step(_) | NodeKind::Condition(_) | NodeKind::Choice)
                && !come_to.contains(&(node.span, kind(node)))
        };
        let mut reported: BTreeSet<Span> = BTreeSet::new();
        let mut leader: Option<(NodeIndex, &Node)> = None;
        for (at, node) in self.nodes() {
            if !dead(node) {
                if self.reach.comes_to(at) && leaves(node) {
                    leader = Some((at, node));
                }
                continue;
            }
            let mut before =
                self.plan.graph.edges_directed(at, Direction::Incoming).filter(|edge| edge.weight().is_followed());
            let found = |label: &str| {
                let found = Diagnostic::new(codes::DEAD_STEP, node.span, "this step can never run");
                if label.is_empty() { found } else { found.label(label) }
            };
            let found = match before.next() {
                None => match leader {
                    Some((_, leader)) => found("").also(leader.span, "every journey that comes here leaves"),
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
            for (reader, walk) in self.readers.iter().zip(self.walks) {
                let Some(state) = walk.get(at.index()).and_then(|visit| visit.state.as_ref()) else { continue };
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
        if let Some(fact) = state.get(&at) {
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
