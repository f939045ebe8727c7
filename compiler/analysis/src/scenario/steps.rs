//! Steps: a verb's line becomes a node of the plan.

use scn_plan::collections::{HashMap, HashSet};
use std::borrow::Cow;

use petgraph::{
    Direction,
    graph::{DiGraph, NodeIndex},
    visit::EdgeRef,
};
use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, Head, Node};
use scn_plan::{
    ExprKind, Value,
    plan::{self, Admits, Edge, NodeKind, Step},
};
use smol_str::SmolStr;

use super::{
    Lowering, capture,
    graph::{Ends, Finished, Graph},
};
use crate::{
    expr::{ExprChecker, dotted, parameter, quoted_text, reads_last_status},
    index::Meaning,
    line::{Attribute, Line},
    scope::{Binding, Missing, Scope},
    signatures::Signature,
    types::Type,
};

/// Verbs of control, which are no steps of the prelude.
pub(crate) const CONTROL: &[&str] = &["if", "choose", "repeat", "for", "retry", "group", "do", "return"];

/// Attributes that every step takes.
pub(crate) const COMMON: &[&str] = &["name", "timeout", "if", "soft", "as", "tag", "tags"];

/// Steps while they are lowered.
pub(super) struct Steps<'a, 'l, 'd> {
    /// What the scenario's pieces share.
    pub lowering: &'l mut Lowering<'a, 'd>,
    /// What expressions can read at this point of the journey.
    pub scope: Scope,
    /// The graph so far.
    pub graph: Graph,
    /// The flows whose bodies are being lowered, outermost first.
    pub frames: Vec<Frame>,
    /// Whether flows that are called become part of the graph.
    pub inline: bool,
    /// Whether this is a first look at a round, for the types that its variables have at its end.
    pub trial: bool,
    /// The share of all personas that come here, where that is known.
    pub share: Option<f64>,
    /// How deep in one another the steps that are being lowered stand, those of flows in those that call them.
    depth: usize,
}

/// Steps may be nested this deep, those of flows in those that call them. Lowering goes as deep into the stack as they do.
const MOST_DEEP: usize = 64;

/// A flow whose body is being lowered.
pub(super) struct Frame {
    /// The loose ends of its `return`s.
    pub returns: Ends,
    /// Its name.
    pub name: SmolStr,
    /// The variable that receives what it yields, and its type.
    pub result: Option<(scn_plan::SlotId, Type)>,
}

/// Attributes that every step takes, whatever it does.
pub(super) struct Common {
    /// `name:`, and where it stands.
    pub name: Option<(SmolStr, Span)>,
    /// `timeout:`, in nanoseconds.
    pub timeout: Option<i64>,
    /// `soft:`
    pub soft: bool,
    /// `if:`
    pub guard: Option<scn_plan::Expr>,
}

impl Lowering<'_, '_> {
    /// Lowers the entry `steps:`.
    pub(super) fn steps(&mut self, entry: &Node, scope: Scope) -> Finished {
        if let Head::Entry { values, .. } = &entry.head
            && let Some(value) = values.first()
        {
            self.report(
                Diagnostic::new(codes::TYPE_MISMATCH, value.span, "steps are items")
                    .help("write each below, as `- visit: \"/start\"`"),
            );
        }
        let mut scope = scope;
        scope.set_once = Some(set_once(&entry.children).into());
        let mut steps = Steps::new(self, scope);
        steps.inline = true;
        steps.share = Some(1.0);
        steps.graph.reserve(2 * entry.children.len());
        steps.sequence(&entry.children);
        steps.admit();
        let slots = steps.scope.slots().to_vec();
        let last = entry.children.last().map_or(entry.span, |node| node.span);
        Finished { slots, ..steps.graph.finish(last) }
    }

    /// The value of `name:`.
    pub(super) fn given_name(&mut self, attr: &Attribute<'_>) -> Option<(SmolStr, Span)> {
        let value = attr.value();
        let name = value
            .as_deref()
            .and_then(|value| Some((dotted(value).or_else(|| quoted_text(value).map(|(text, _)| text))?, value.span)));
        match name {
            Some((name, span)) if !name.trim().is_empty() => Some((name, span)),
            _ => {
                let span = value.map_or(attr.key.span, |value| value.span);
                self.report(
                    Diagnostic::new(codes::TYPE_MISMATCH, span, "a name is expected here")
                        .help("write `name: pay-fee`"),
                );
                None
            }
        }
    }
}

impl<'a, 'l, 'd> Steps<'a, 'l, 'd> {
    /// No steps yet, in `scope`.
    pub(super) fn new(lowering: &'l mut Lowering<'a, 'd>, scope: Scope) -> Self {
        let graph = Graph::default();
        Self { lowering, scope, graph, frames: Vec::new(), inline: false, trial: false, share: None, depth: 0 }
    }

    /// Lowers items one after another.
    pub(super) fn sequence(&mut self, nodes: &[Node]) {
        if self.depth == MOST_DEEP {
            let Some(first) = nodes.first() else { return };
            let headline =
                format!("steps are nested more than {MOST_DEEP} deep, those of flows in those that call them");
            if !self.lowering.diagnostics.iter().any(|found| found.headline == headline) {
                self.report(
                    codes::NESTED_TOO_DEEP,
                    first.span,
                    &headline,
                    Some("let a flow call fewer flows that call others"),
                );
            }
            return;
        }
        self.depth += 1;
        self.each_item(nodes);
        self.depth -= 1;
    }

    fn each_item(&mut self, nodes: &[Node]) {
        for node in nodes {
            match &node.head {
                Head::Entry { key, .. } if node.dash => self.item(node, key),
                Head::Error => {}
                Head::Entry { key, .. } if self.lowering.context.signatures.steps.contains_key(&key.text) => {
                    self.lowering.report(Diagnostic::new(codes::MISPLACED, key.span, "a step begins with a dash").fix(
                        "add the dash",
                        Span { end: key.span.start, ..key.span },
                        "- ",
                        scn_diagnostics::Applicability::Suggested,
                    ));
                }
                _ => self.no_step(node),
            }
        }
    }

    fn item(&mut self, node: &Node, verb: &ast::Name) {
        match verb.text.as_str() {
            "if" => self.branch(node),
            "choose" => self.choose(node),
            "repeat" => self.repeat(node),
            "for" => self.each(node),
            "retry" => self.retry(node),
            "group" => self.group(node),
            "do" => self.call(node),
            "return" => self.leave_flow(node),
            _ => self.step(node, verb),
        }
    }

    /// A checker of expressions at this point.
    pub(super) fn checker(&mut self) -> ExprChecker<'_> {
        let Lowering { context, symbols, diagnostics, .. } = &mut *self.lowering;
        ExprChecker::new(context.signatures, symbols, &mut self.scope, diagnostics)
    }

    /// The condition `expr`.
    pub(super) fn condition(&mut self, expr: &ast::Expr) -> scn_plan::Expr {
        self.checker().condition(expr)
    }

    fn step(&mut self, node: &Node, verb: &ast::Name) {
        let signatures = self.lowering.context.signatures;
        let known = signatures.steps.get(&verb.text).or_else(|| {
            self.unknown_step(verb);
            // What is set is read below.
            signatures.steps.get("set").filter(|_| super::unknown::sets(&verb.text))
        });
        let Some(signature) = known else { return };
        let verb = &ast::Name { text: signature.name.clone(), span: verb.span };
        let yields_response = matches!(signature.result, Some(Type::Response));
        let is_attribute = |name: &str| {
            COMMON.contains(&name)
                || parameter(signature, name).is_some()
                || (yields_response && matches!(name, "capture" | "from"))
        };
        let Some(mut line) = Line::of(node, is_attribute) else { return };
        let tags = self.tags(&mut line);
        let result_name = line.take("as");
        let captures = if yields_response { capture::take(&mut line) } else { Vec::new() };
        let Common { name, timeout, soft, guard } = self.common(&mut line);

        let mark = self.scope.mark();
        if let Some(guard) = &guard {
            self.scope.assume(guard, true);
        }
        let mut signature = Cow::Borrowed(signature);
        let payload = match verb.text.as_str() {
            "send" => self.expect_envelope(signature.to_mut(), &line),
            _ => None,
        };
        let errors = self.lowering.diagnostics.len();
        let bound = self.checker().bind_call(&signature, &line, COMMON);
        self.scope.reset(mark);
        if let Some(payload) = payload.filter(|_| self.lowering.diagnostics.len() == errors) {
            self.check_payload(&bound, &payload);
        }

        let name = self.node_name(name, &verb.text, verb.span);
        let result = self.result(&signature, &bound, result_name.as_ref(), guard.as_ref());
        let step = Step {
            call: bound.call,
            timeout: timeout.unwrap_or(plan::DEFAULT_STEP_TIMEOUT),
            soft,
            guard: guard.clone(),
            exposes: bound.exposes,
            result,
            admits: if yields_response { Admits::Anything } else { Admits::Nothing },
            tags,
        };
        let at = self.graph.push(name, NodeKind::Step(step), node.span);
        if let Some(slot) = result {
            self.graph.define(slot, at, guard.is_none());
        }
        // With a guard, the journey goes on where the step is passed over.
        match verb.text.as_str() {
            "stop" | "fail" if guard.is_none() => self.graph.leave(at),
            _ => self.graph.then(at, Edge::Next),
        }
        for (capture, from) in captures {
            self.capture(&capture, from);
        }
    }

    /// Takes the attributes that every step has out of `line`.
    pub(super) fn common(&mut self, line: &mut Line<'_>) -> Common {
        let name = line.take("name").and_then(|attr| self.lowering.given_name(&attr));
        let timeout = line.take("timeout").and_then(|attr| self.timeout(&attr));
        let soft = line.take("soft").is_some_and(|attr| self.soft(&attr));
        let guard = line.take("if").and_then(|attr| self.guard(&attr));
        Common { name, timeout, soft, guard }
    }

    /// The name of a node: the one that it was given, else one that is made of `verb`.
    pub(super) fn node_name(&mut self, given: Option<(SmolStr, Span)>, verb: &SmolStr, span: Span) -> SmolStr {
        let Some((name, span)) = given else { return self.graph.names.name(verb, span) };
        if let Some(first) = self.graph.names.claim(&name, span) {
            self.lowering.report(
                Diagnostic::new(codes::DUPLICATE_NAME, span, format!("there is a step `{name}` already"))
                    .also(first, "it is this one")
                    .help("give one of the two another name"),
            );
        }
        self.graph.names.full(&name)
    }

    /// The variable that a step sets: by `as:`, or because a parameter of its signature is a new name.
    fn result(
        &mut self,
        signature: &Signature,
        bound: &crate::expr::Bound,
        given: Option<&Attribute<'_>>,
        guard: Option<&scn_plan::Expr>,
    ) -> Option<scn_plan::SlotId> {
        let named = signature.params.iter().find(|param| matches!(param.ty, Type::Name));
        if let Some(param) = named {
            let given = bound.call.arg(&param.name)?;
            let Some(Value::Symbol(name)) = given.as_value() else { return None };
            let ty = bound.any.clone().unwrap_or(Type::Any);
            self.scope.notes.note(given.span, || Meaning::Typed(ty.clone()));
            return Some(self.assign(name, ty, guard));
        }
        let given = given?;
        let Some(ty) = signature.result.clone() else {
            self.lowering.report(
                Diagnostic::new(
                    codes::UNKNOWN_ATTRIBUTE,
                    given.key.span,
                    format!("`{}` yields nothing that could be named", signature.name),
                )
                .help("remove `as:`; read `page` or `last` after the step"),
            );
            return None;
        };
        let (name, span) = self.new_name(given)?;
        self.scope.notes.note(span, || Meaning::Typed(ty.clone()));
        Some(self.assign(&name, ty, guard))
    }

    /// Sets the variable `name`; where `guard` does not hold, it keeps what it held before, or is not set at all.
    pub(super) fn assign(&mut self, name: &SmolStr, ty: Type, guard: Option<&scn_plan::Expr>) -> scn_plan::SlotId {
        let Some(guard) = guard else { return self.scope.assign(name, ty) };
        let before = match self.scope.lookup(name) {
            Some((Binding::Slot(_), before)) => Some(before.clone()),
            _ => None,
        };
        match before {
            Some(before) => self.scope.assign(name, before.join(ty)),
            None => {
                let slot = self.scope.assign(name, ty.clone().maybe());
                let here = Missing { span: guard.span, message: "not set where this does not hold" };
                self.scope.miss(slot, vec![here]);
                self.scope.guard(guard, slot, &ty);
                slot
            }
        }
    }

    pub(super) fn new_name(&mut self, attr: &Attribute<'_>) -> Option<(SmolStr, Span)> {
        let value = attr.value()?;
        let (name, ty) = self.checker().check(&value, &Type::Name);
        match (name.as_value(), ty.is_error()) {
            (Some(Value::Symbol(name)), false) => Some((name.clone(), value.span)),
            _ => None,
        }
    }

    fn timeout(&mut self, attr: &Attribute<'_>) -> Option<i64> {
        let value = attr.value()?;
        self.lowering.duration(&value, &mut self.scope)
    }

    /// `tag: a`, or `tags: [a, b]`.
    fn tags(&mut self, line: &mut Line<'_>) -> Vec<SmolStr> {
        let mut tags = Vec::new();
        for attr in [line.take("tag"), line.take("tags")].iter().flatten() {
            tags.extend(self.lowering.tags_in(attr));
        }
        tags
    }

    fn soft(&mut self, attr: &Attribute<'_>) -> bool {
        let Some(value) = attr.value() else { return false };
        self.lowering.constant(&value, &Type::Bool, &mut self.scope) == Some(Value::Bool(true))
    }

    fn guard(&mut self, attr: &Attribute<'_>) -> Option<scn_plan::Expr> {
        match attr.value() {
            Some(value) => Some(self.condition(&value)),
            None => {
                self.lowering.report(
                    Diagnostic::new(codes::MISSING_ARGUMENT, attr.key.span, "`if` has no condition")
                        .help("write `if: page.has(\"#fee\")`"),
                );
                None
            }
        }
    }

    /// A step whose successor looks at the status does not fail by it.
    fn admit(&mut self) {
        let graph = self.graph.inner();
        // What a journey that comes to a node next makes of a status. Most edges lead to later nodes, so those are done
        // first; rounds lead back, so it is done until nothing changes.
        let mut arriving: Vec<Admits> = vec![Admits::Nothing; graph.node_count()];
        let nodes: Vec<NodeIndex> = graph.node_indices().collect();
        let own: Vec<Option<Admits>> = graph.node_weights().map(|node| looks_at_status(&node.kind)).collect();
        let mut changed = own.iter().flatten().any(|own| *own != Admits::Nothing);
        if !changed {
            return;
        }
        while std::mem::take(&mut changed) {
            for (at, own) in nodes.iter().zip(&own).rev() {
                let found = own.clone().unwrap_or_else(|| after(graph, *at, &arriving));
                if let Some(slot) = arriving.get_mut(at.index()).filter(|slot| **slot != found) {
                    *slot = found;
                    changed = true;
                }
            }
        }
        for at in nodes {
            let after = after(graph, at, &arriving);
            if let Some(NodeKind::Step(step)) = graph.node_weight_mut(at).map(|node| &mut node.kind)
                && step.admits == Admits::Nothing
            {
                step.admits = after;
            }
        }
    }
}

/// What is made of a status that `at` yields, where `arriving` says what the nodes after it make of it.
fn after(graph: &DiGraph<plan::Node, Edge>, at: NodeIndex, arriving: &[Admits]) -> Admits {
    let mut after = Admits::Nothing;
    let followed = |edge: &Edge| !matches!(edge, Edge::Uses | Edge::OnFail);
    for edge in graph.edges_directed(at, Direction::Outgoing).filter(|edge| followed(edge.weight())) {
        match arriving.get(edge.target().index()) {
            Some(Admits::Anything) => after = Admits::Anything,
            Some(Admits::Status(status)) if after == Admits::Nothing => after = Admits::Status(*status),
            _ => {}
        }
    }
    after
}

/// What a node makes of the status that a journey brings to it; `None` if it leaves that to the nodes after it.
fn looks_at_status(kind: &NodeKind) -> Option<Admits> {
    Some(match kind {
        NodeKind::Step(step) => {
            let reads = step.call.args.values().chain(&step.guard).any(reads_last_status);
            match (step.call.name == "expect").then(|| step.call.arg("status")).flatten().map(|status| &status.kind) {
                _ if reads => Admits::Anything,
                Some(ExprKind::Value(Value::Int(status))) if *status >= 400 => {
                    u16::try_from(*status).map_or(Admits::Nothing, Admits::Status)
                }
                Some(ExprKind::Value(_)) | None => Admits::Nothing,
                Some(_) => Admits::Anything,
            }
        }
        NodeKind::End => Admits::Nothing,
        other if other.expressions().any(reads_last_status) => Admits::Anything,
        _ => return None,
    })
}

/// The names of variables that only one place below `nodes` sets: the ranges of their values hold wherever they are read,
/// whatever loops there are.
pub(super) fn set_once(nodes: &[Node]) -> HashSet<SmolStr> {
    fn note(key: &ast::Name, value: &ast::Expr, times: &mut HashMap<SmolStr, u32>) {
        if let ast::ExprKind::Record(fields) = &value.kind {
            fields.iter().for_each(|(key, value)| note(key, value, times));
        }
        if let "set" | "capture" | "as" | "name" | "for" = key.text.as_str()
            && let Some(name) = dotted(value).or_else(|| quoted_text(value).map(|(text, _)| text))
        {
            *times.entry(name).or_default() += 1;
        }
    }
    fn count(nodes: &[Node], times: &mut HashMap<SmolStr, u32>) {
        for node in nodes {
            let head = match &node.head {
                Head::Entry { key, values } => Some((key, values)),
                _ => None,
            };
            for (key, values) in head.into_iter().chain(node.attrs.iter().map(|attr| (&attr.key, &attr.values))) {
                values.iter().for_each(|value| note(key, value, times));
            }
            count(&node.children, times);
        }
    }
    let mut times = HashMap::default();
    count(nodes, &mut times);
    times.into_iter().filter(|(_, times)| *times == 1).map(|(name, _)| name).collect()
}
