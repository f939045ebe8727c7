//! Loops: a round, what it may read of the round before it, and how the rounds end.

use petgraph::graph::NodeIndex;
use scn_diagnostics::Span;
use scn_grammar::ast::{self, ExprKind as Ast, Head, Node};
use scn_plan::collections::IndexMap;
use scn_plan::{
    BinaryOp, Expr, ExprKind, SlotId, Value,
    plan::{self, Admits, Edge, NodeKind, Step},
};
use smol_str::SmolStr;

use super::{graph::Ends, held::Body, steps::Steps};
use crate::{
    expr::dotted,
    scope::{Binding, Missing},
    types::Type,
};

impl Steps<'_, '_, '_> {
    /// So many rounds, or rounds until `until` holds and at most so many.
    pub(super) fn counted(&mut self, count: Expr, span: Span, body: Body<'_>, until: Option<&ast::Expr>) {
        let at = self.scope.hidden();
        let mut start = vec![(at, Expr::value(Value::Int(0), span))];
        let slot = |slot| Expr { kind: ExprKind::Slot(slot), span };
        let sure = matches!(count.as_value(), Some(Value::Int(count)) if *count > 0);
        let most = match count.as_value() {
            Some(_) => count,
            None => {
                let most = self.scope.hidden();
                start.push((most, count));
                slot(most)
            }
        };
        self.set(&start, span);
        let more = binary(BinaryOp::Less, slot(at), most);
        let here = (!sure).then_some(Missing { span, message: "not set where there is no round" });
        let mut done: Ends = Vec::new();
        let mut reason = None;
        self.round_until(
            more,
            span,
            body,
            here,
            |steps| {
                let next = binary(BinaryOp::Add, slot(at), Expr::value(Value::Int(1), span));
                steps.set(&[(at, next)], span);
            },
            |steps| {
                let Some(until) = until.filter(|_| !steps.graph.ends.is_empty()) else { return };
                let condition = steps.condition(until);
                let name = steps.graph.names.name(&SmolStr::new_static("until"), until.span);
                let node = steps.graph.push(name, NodeKind::Condition(condition), until.span);
                done.push((node, Edge::Then));
                steps.graph.then(node, Edge::Else);
                reason = Some(until.span);
            },
        );
        let Some(until) = reason else { return };
        // The rounds are over and the condition does not hold.
        let written = self.lowering.context.sources.slice(until).trim_matches(['"', '\'']).to_owned();
        let rounds = self.lowering.context.sources.slice(span);
        let text = match more_rounds(rounds) {
            Some(most) => format!("`{written}` did not hold after {most} rounds"),
            None => format!("`{written}` did not hold after the last round"),
        };
        let args = [(SmolStr::new_static("reason"), Expr::value(Value::text(text), until))];
        let name = SmolStr::new_static("fail");
        let step = Step {
            call: scn_plan::Call { name, args: args.into_iter().collect(), span: until },
            timeout: plan::DEFAULT_STEP_TIMEOUT,
            soft: false,
            guard: None,
            exposes: Vec::new(),
            result: None,
            admits: Admits::Nothing,
            tags: Vec::new(),
        };
        let name = self.graph.names.name(&SmolStr::new_static("repeat"), span);
        let at = self.graph.push(name, NodeKind::Step(step), until);
        self.graph.leave(at);
        self.graph.ends = done;
    }

    pub(super) fn round(
        &mut self,
        more: Expr,
        span: Span,
        body: Body<'_>,
        here: Option<Missing>,
        begin: impl FnMut(&mut Self),
    ) {
        self.round_until(more, span, body, here, begin, |_| {});
    }

    /// Rounds of `body` while `more` holds; `begin` and `end` add what a round begins and ends with. `here` says why there may
    /// be no round.
    pub(super) fn round_until(
        &mut self,
        more: Expr,
        span: Span,
        body: Body<'_>,
        here: Option<Missing>,
        mut begin: impl FnMut(&mut Self),
        mut end: impl FnMut(&mut Self),
    ) {
        let all = self.share.take();
        self.settle_types(body, &mut begin);
        let name = self.graph.names.name(&SmolStr::new_static("loop"), span);
        let head = self.graph.push(name, NodeKind::Loop(more), span);
        self.graph.then(head, Edge::Then);
        self.graph.enter(head);
        let mark = self.scope.mark();
        let around = self.graph.begin_branch();
        begin(self);
        self.sequence(body.steps);
        end(self);
        let ended = !self.graph.ends.is_empty();
        let set = self.scope.assigned_since(mark);
        self.graph.end_branch(around);
        self.graph.close_round(head);
        self.graph.exit(head);
        self.scope.reset(mark);
        self.graph.then(head, Edge::Else);
        // What the last round set holds after it; what it declared for itself alone is gone.
        for (name, (slot, ty)) in set {
            if !self.scope.is_variable(&name, slot) {
                continue;
            }
            let ty = match (&here, self.scope.lookup(&name).map(|(_, ty)| ty.clone())) {
                (_, Some(before)) => before.join(ty),
                (None, None) if ended => ty,
                (here, None) => {
                    let fallback = Missing { span, message: "not set where no round comes to its end" };
                    self.scope.miss(slot, vec![here.clone().unwrap_or(fallback)]);
                    ty.maybe()
                }
            };
            self.scope.bind(name, Binding::Slot(slot), ty);
        }
        self.share = all;
    }

    /// A round may begin with what the round before it set: variables from outside take the types that they have at its end,
    /// and nothing is known of their values.
    pub(super) fn settle_types(&mut self, body: Body<'_>, begin: &mut impl FnMut(&mut Self)) {
        let mut names = Vec::new();
        assigned_names(body.steps, &mut names);
        names.retain(|name| matches!(self.scope.lookup(name), Some((Binding::Slot(_), _))));
        if names.is_empty() {
            return;
        }
        let mut ends: IndexMap<SmolStr, (SlotId, Type)> = IndexMap::default();
        if !self.trial {
            let scope = self.scope.clone();
            let graph = std::mem::take(&mut self.graph);
            self.graph.names.prefix = graph.names.prefix.clone();
            let found = self.lowering.diagnostics.len();
            let frames: Vec<(usize, usize)> =
                self.frames.iter().enumerate().map(|(at, frame)| (at, frame.returns.len())).collect();
            self.trial = true;
            let mark = self.scope.mark();
            begin(self);
            self.sequence(body.steps);
            ends = self.scope.assigned_since(mark);
            self.trial = false;
            for (at, returns) in frames {
                if let Some(frame) = self.frames.get_mut(at) {
                    frame.returns.truncate(returns);
                }
            }
            self.lowering.diagnostics.truncate(found);
            self.graph = graph;
            self.scope = scope;
        }
        for name in names {
            let Some((Binding::Slot(slot), before)) = self.scope.lookup(&name).map(|(at, ty)| (at.clone(), ty.clone()))
            else {
                continue;
            };
            self.scope.forget(slot);
            if let Some((_, ty)) = ends.get(&name) {
                self.scope.bind(name, Binding::Slot(slot), before.join(ty.clone()));
            }
        }
    }

    /// Gives variables values, at a node of its own.
    pub(super) fn set(&mut self, values: &[(SlotId, Expr)], span: Span) -> NodeIndex {
        let name = self.graph.names.name(&SmolStr::new_static("assign"), span);
        let at = self.graph.push(name, NodeKind::Assign(values.to_vec()), span);
        self.graph.then(at, Edge::Next);
        for (slot, _) in values {
            self.graph.define(*slot, at, true);
        }
        at
    }
}

/// An operator between two expressions.
pub(super) fn binary(op: BinaryOp, left: Expr, right: Expr) -> Expr {
    let span = left.span;
    Expr { kind: ExprKind::Binary(op, Box::new(left), Box::new(right)), span }
}

/// The `max:` of a `repeat`, as it is written, where that is a plain number.
fn more_rounds(line: &str) -> Option<&str> {
    let (_, after) = line.split_once("max:")?;
    after.split_whitespace().next().filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The names that steps may set, however deep.
fn assigned_names(nodes: &[Node], into: &mut Vec<SmolStr>) {
    let mut rest: Vec<&Node> = nodes.iter().collect();
    while let Some(node) = rest.pop() {
        let own = match &node.head {
            Head::Entry { key, values } => Some((key, values)),
            _ => None,
        };
        for (key, values) in own.into_iter().chain(node.attrs.iter().map(|attr| (&attr.key, &attr.values))) {
            if !matches!(key.text.as_str(), "set" | "as" | "capture") {
                continue;
            }
            let name = values.first().and_then(|value| match &value.kind {
                Ast::Record(fields) => {
                    fields.iter().find(|(key, _)| key.text == "name").and_then(|(_, name)| dotted(name))
                }
                _ => dotted(value),
            });
            into.extend(name.filter(|name| !into.contains(name)));
        }
        rest.extend(&node.children);
    }
}
