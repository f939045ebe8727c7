//! Branches: `if` and `choose`.

use petgraph::graph::NodeIndex;
use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, Head, Node};
use scn_plan::collections::IndexMap;
use scn_plan::{
    Expr, SlotId, Value,
    plan::{Edge, NodeKind},
};
use smol_str::SmolStr;

use super::{graph::Ends, steps::Steps};
use crate::{
    index::Meaning,
    line::Line,
    scope::{Binding, Missing},
    types::Type,
};

/// How far the arms of a `choose` may be from 100% before it counts as wrong.
const TOLERANCE: f64 = 1e-9;

/// A condition and the steps under its `then`.
type Arm<'n> = (&'n ast::Expr, Option<&'n [Node]>);

/// The variables that each branch sets, with what to say of the branch where it lacks one.
pub(super) type Assigned = Vec<(Missing, IndexMap<SmolStr, (SlotId, Type)>)>;

impl Steps<'_, '_, '_> {
    /// `if: c` with `then:`, and then any number of `elif: c` with `then:`, and `else:`.
    pub(super) fn branch(&mut self, node: &Node) {
        let Some(mut line) = Line::of(node, |_| false) else { return };
        let common = self.common(&mut line);
        let mut arms: Vec<Arm<'_>> = Vec::new();
        let mut otherwise: Option<&[Node]> = None;
        match line.values {
            [condition, rest @ ..] => {
                arms.push((condition, None));
                if let Some(surplus) = rest.first() {
                    self.report(codes::SURPLUS_ARGUMENT, surplus.span, "`if` takes one condition", None);
                }
            }
            [] => {
                self.report(codes::MISSING_ARGUMENT, line.verb.span, "`if` has no condition", Some("write `- if: c`"));
                return;
            }
        }
        for attr in &line.attrs {
            let text = attr.key.text.as_str();
            match text {
                "then" => match arms.last_mut() {
                    Some((_, body @ None)) if otherwise.is_none() => *body = Some(attr.children),
                    _ => self.report(
                        codes::MISPLACED,
                        attr.key.span,
                        "this `then` belongs to no condition",
                        Some("each `if` and each `elif` has one `then`"),
                    ),
                },
                "elif" => {
                    if otherwise.is_some() {
                        self.report(codes::MISPLACED, attr.key.span, "`elif` stands before `else`", None);
                    }
                    match attr.values.first() {
                        Some(condition) => arms.push((condition, None)),
                        None => self.report(codes::MISSING_ARGUMENT, attr.key.span, "`elif` has no condition", None),
                    }
                }
                "else" if otherwise.is_none() => otherwise = Some(attr.children),
                "else" => self.report(codes::DUPLICATE_ARGUMENT, attr.key.span, "there is an `else` already", None),
                _ => {
                    let headline = format!("`if` has no attribute `{text}`");
                    self.report(
                        codes::UNKNOWN_ATTRIBUTE,
                        attr.key.span,
                        &headline,
                        Some("`then`, `elif` and `else` can stand under it"),
                    );
                }
            }
        }
        for stray in &line.rest {
            self.report(
                codes::MISPLACED,
                stray.span,
                "a step under `if` stands under `then` or `else`",
                Some("add `then:` above it"),
            );
        }
        for (condition, body) in &arms {
            if body.is_none() && line.rest.is_empty() {
                let headline = "this condition has no `then`";
                self.report(codes::MISPLACED, condition.span, headline, Some("add `then:` and steps below it"));
            }
        }
        self.held(common, None, &line.verb.text, line.span, |steps, span, _| {
            steps.lower_arms(&arms, otherwise, span);
        });
    }

    fn lower_arms(&mut self, arms: &[Arm<'_>], otherwise: Option<&[Node]>, span: Span) {
        let all = self.share.take();
        let mut ends: Ends = Vec::new();
        let mut assigned: Assigned = Vec::new();
        let outer = self.scope.mark();
        let mut known: Vec<(Expr, bool)> = Vec::new();
        for (condition, body) in arms {
            let mark = self.scope.mark();
            for (earlier, truth) in &known {
                self.scope.assume(earlier, *truth);
            }
            let compiled = self.condition(condition);
            let name = self.graph.names.name(&SmolStr::new_static("if"), condition.span);
            let at = self.graph.push(name, NodeKind::Condition(compiled.clone()), condition.span);
            self.graph.then(at, Edge::Then);
            self.scope.assume(&compiled, true);
            let here = Missing { span: condition.span, message: "not set where this holds" };
            self.body(body.unwrap_or_default(), here, &mut ends, &mut assigned);
            self.scope.reset(mark);
            self.graph.then(at, Edge::Else);
            known.push((compiled, false));
        }
        for (earlier, truth) in &known {
            self.scope.assume(earlier, *truth);
        }
        let here = Missing {
            span: arms.last().map_or(span, |(condition, _)| condition.span),
            message: match arms {
                [_] => "not set where this does not hold",
                _ => "not set where neither this nor a condition above it holds",
            },
        };
        self.body(otherwise.unwrap_or_default(), here, &mut ends, &mut assigned);
        self.scope.reset(outer);
        let set: Vec<(SlotId, Type)> = match (assigned.first(), known.as_slice()) {
            (Some((_, set)), [_]) => set.values().cloned().collect(),
            _ => Vec::new(),
        };
        self.join(ends, assigned, span, false);
        if let [(condition, _)] = known.as_slice() {
            set.iter().for_each(|(slot, ty)| self.scope.guard(condition, *slot, ty));
        }
        // Where every arm but the last leaves, what the conditions deny holds from here on.
        if let [(only, _)] = arms
            && otherwise.is_none()
            && self.leaves_alone(only)
        {
            for (condition, _) in &known {
                self.scope.assume(condition, false);
            }
        }
        self.share = all;
    }

    /// Whether the node before the join was reached by the condition's `else` alone.
    fn leaves_alone(&mut self, condition: &ast::Expr) -> bool {
        use petgraph::{Direction, visit::EdgeRef};
        let ends = self.graph.ends.clone();
        let graph = self.graph.inner();
        ends.iter().all(|(join, _)| {
            let mut incoming =
                graph.edges_directed(*join, Direction::Incoming).filter(|edge| *edge.weight() != Edge::Uses);
            match (incoming.next(), incoming.next()) {
                (Some(edge), None) => {
                    *edge.weight() == Edge::Else
                        && graph.node_weight(edge.source()).is_some_and(|node| node.span == condition.span)
                }
                _ => false,
            }
        })
    }

    /// One branch: its steps, its loose ends, and the variables that it sets.
    fn body(&mut self, nodes: &[Node], here: Missing, ends: &mut Ends, assigned: &mut Assigned) {
        let mark = self.scope.mark();
        let around = self.graph.begin_branch();
        self.sequence(nodes);
        self.graph.end_branch(around);
        // A branch that leaves the journey says nothing about what comes after.
        if !self.graph.ends.is_empty() {
            assigned.push((here, self.scope.assigned_since(mark)));
        }
        self.scope.reset(mark);
        ends.append(&mut self.graph.ends);
    }

    /// Branches meet; a variable that some of them do not set may be none afterwards.
    /// Without loose ends there is nothing to join, unless failures lead there (`always`).
    pub(super) fn join(&mut self, ends: Ends, assigned: Assigned, span: Span, always: bool) -> Option<NodeIndex> {
        self.graph.ends = ends;
        if self.graph.ends.is_empty() && !always {
            return None;
        }
        let name = self.graph.names.name(&SmolStr::new_static("join"), span);
        let at = self.graph.push(name, NodeKind::Join, span);
        self.graph.then(at, Edge::Next);
        let mut names: IndexMap<SmolStr, (SlotId, Type)> = IndexMap::default();
        for (_, branch) in &assigned {
            for (name, (slot, ty)) in branch {
                let joined = match names.get(name) {
                    Some((_, other)) => other.clone().join(ty.clone()),
                    None => ty.clone(),
                };
                names.insert(name.clone(), (*slot, joined));
            }
        }
        for (name, (slot, ty)) in names {
            let lacking = assigned.iter().filter(|(_, branch)| !branch.contains_key(&name));
            let missing: Vec<Missing> = lacking.map(|(here, _)| here.clone()).collect();
            let everywhere = missing.is_empty();
            let before = self.scope.lookup(&name).map(|(_, ty)| ty.clone());
            let ty = match (everywhere, before) {
                (true, _) => ty,
                (false, Some(before)) => before.join(ty),
                (false, None) => {
                    self.scope.miss(slot, missing);
                    ty.maybe()
                }
            };
            self.scope.bind(name, Binding::Slot(slot), ty);
        }
        Some(at)
    }

    /// `choose:` with arms `70%:` and at most one `else:`.
    pub(super) fn choose(&mut self, node: &Node) {
        let Some(mut line) = Line::of(node, |_| false) else { return };
        let common = self.common(&mut line);
        let mut arms: Vec<(f64, Span, &[Node])> = Vec::new();
        let mut otherwise: Option<(Span, &[Node])> = None;
        for attr in &line.attrs {
            match attr.key.text.as_str() {
                "else" if otherwise.is_none() => otherwise = Some((attr.key.span, attr.children)),
                text => {
                    let headline = format!("`choose` has no attribute `{text}`");
                    self.report(
                        codes::UNKNOWN_ATTRIBUTE,
                        attr.key.span,
                        &headline,
                        Some("its arms are written `70%:`, and at most one `else:`"),
                    );
                }
            }
        }
        let mut sound = true;
        for arm in &line.rest {
            let Head::Expr { expr, .. } = &arm.head else {
                sound = false;
                self.report(codes::MISPLACED, arm.span, "this is no arm of a `choose`", Some("write `70%:`"));
                continue;
            };
            let mut scope = self.lowering.context.scope();
            match self.lowering.constant(expr, &Type::Percent, &mut scope) {
                Some(Value::Percent(share)) if (0.0..=1.0).contains(&share) => {
                    arms.push((share, expr.span, &arm.children));
                }
                Some(_) => {
                    sound = false;
                    self.report(codes::BAD_VALUE, expr.span, "an arm's share lies between 0% and 100%", None);
                }
                None => sound = false,
            }
        }
        if let Some(value) = line.values.first() {
            self.report(codes::SURPLUS_ARGUMENT, value.span, "`choose` takes arms, and no value", None);
        }
        if arms.is_empty() && otherwise.is_none() {
            if sound {
                self.report(
                    codes::MISSING_ARGUMENT,
                    line.verb.span,
                    "`choose` has no arms",
                    Some("add `70%:` and steps below it"),
                );
            }
            return;
        }
        let total: f64 = arms.iter().map(|(share, ..)| share).sum();
        let rest = 1.0 - total;
        let wrong = if otherwise.is_some() { rest < -TOLERANCE } else { rest.abs() > TOLERANCE };
        if wrong && sound {
            let shown = (total * 1e6).round() / 1e4;
            let mut diagnostic = Diagnostic::new(
                codes::CHOOSE_TOTAL,
                line.verb.span,
                format!("the arms of this `choose` make up {shown}%, not 100%"),
            );
            for (_, span, _) in &arms {
                diagnostic = diagnostic.also(*span, "");
            }
            let help = if rest > 0.0 { "add an `else:` arm, which takes the rest" } else { "lower a share" };
            self.lowering.report(diagnostic.help(help));
        }
        let mut branches = arms.clone();
        if let Some((span, body)) = otherwise {
            branches.push((rest.max(0.0), span, body));
        }
        self.held(common, None, &line.verb.text, line.span, |steps, span, _| {
            let name = steps.graph.names.name(&SmolStr::new_static("choose"), line.verb.span);
            let at = steps.graph.push(name, NodeKind::Choice, span);
            let (mut ends, mut assigned): (Ends, Assigned) = (Vec::new(), Vec::new());
            for (share, arm, body) in branches {
                steps.graph.then(at, Edge::Arm(share));
                let here = Missing { span: arm, message: "not set in this arm" };
                let all = steps.share;
                steps.share = all.map(|all| all * share);
                let of_all = steps.share;
                let personas = steps.lowering.personas;
                steps.scope.notes.note(arm, || Meaning::Share { share, personas: of_all.zip(personas) });
                steps.body(body, here, &mut ends, &mut assigned);
                steps.share = all;
            }
            steps.join(ends, assigned, span, false);
        });
    }

    pub(super) fn report(
        &mut self,
        code: &'static scn_diagnostics::Code,
        span: Span,
        headline: &str,
        help: Option<&str>,
    ) {
        let diagnostic = Diagnostic::new(code, span, headline);
        self.lowering.report(match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        });
    }
}
