//! Steps that hold steps: `repeat`, `for`, `retry` and `group`.

use indexmap::IndexMap;
use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, ExprKind as Ast, Head, Node, OperatorKind};
use scn_plan::{
    BinaryOp, Expr, ExprKind, SlotId, Value,
    plan::{self, Admits, Edge, Group, GroupOf, NodeKind, Retry, Step},
};
use smol_str::SmolStr;

use super::{
    control::Assigned,
    graph::Ends,
    steps::{Common, Steps},
};
use crate::{
    expr::dotted,
    line::Line,
    scope::{Binding, Missing},
    signatures::suggest,
    types::Type,
};

/// More rounds than this are a mistake, or a load profile.
const MOST_ROUNDS: i64 = 100_000;

/// Attributes of all steps that hold steps.
const OWN: &[&str] = &["steps", "name", "timeout", "if", "soft"];

/// What a step holds.
#[derive(Clone, Copy)]
struct Body<'n> {
    steps: &'n [Node],
    span: Span,
}

impl Steps<'_, '_, '_> {
    /// `repeat: N` and `repeat: until: c max: N`
    pub(super) fn repeat(&mut self, node: &Node) {
        let Some((mut line, common, body)) = self.holder(node, &["until", "max"]) else { return };
        let (until, max) = (line.take("until"), line.take("max"));
        self.refuse_others(&line, &["until", "max"]);
        let span = line.span;
        match (line.values, until) {
            ([count, ..], None) => {
                if let Some(max) = max {
                    let headline = "`max` bounds a `repeat` that goes on until something holds";
                    self.report(codes::SURPLUS_ARGUMENT, max.span, headline, Some("remove it, or write `until: …`"));
                }
                let count = self.rounds(count);
                self.held(common, None, &line.verb.text, span, |steps, span, _| steps.counted(count, span, body, None));
            }
            ([], Some(until)) => {
                let Some(condition) = until.value().map(std::borrow::Cow::into_owned) else {
                    let help = Some("write `until: page.has(\"#done\")`");
                    self.report(codes::MISSING_ARGUMENT, until.key.span, "`until` has no condition", help);
                    return;
                };
                let most = match max.as_ref().map(|max| (max.value(), max.key.span)) {
                    Some((Some(max), _)) => self.rounds(&max),
                    other => {
                        let at = other.map_or(line.verb.span, |(_, span)| span);
                        let help = Some("add `max: 10`; a loop that might never end would outlast the run");
                        self.report(codes::MISSING_ARGUMENT, at, "`repeat` does not say how often at most", help);
                        return;
                    }
                };
                self.held(common, None, &line.verb.text, span, |steps, span, _| {
                    steps.counted(most, span, body, Some(&condition));
                });
            }
            ([value, ..], Some(until)) => {
                let headline = "`repeat` takes a number of rounds, or `until`, and not both";
                let diagnostic = Diagnostic::new(codes::SURPLUS_ARGUMENT, value.span, headline);
                let max = self.lowering.context.sources.slice(value.span).to_owned();
                let diagnostic = diagnostic.also(until.key.span, "the condition is this one");
                self.lowering.report(diagnostic.help(format!("write `repeat: until: … max: {max}`")));
            }
            ([], None) => {
                let help = Some("write `repeat: 3`, or `repeat: until: … max: 10`");
                self.report(codes::MISSING_ARGUMENT, line.verb.span, "`repeat` does not say how often", help);
            }
        }
    }

    /// `for: x in xs`
    pub(super) fn each(&mut self, node: &Node) {
        let Some((line, common, body)) = self.holder(node, &[]) else { return };
        self.refuse_others(&line, &[]);
        let found = match line.values {
            [ast::Expr { kind: Ast::Binary(operator, item, all), .. }] if operator.kind == OperatorKind::In => {
                match &item.kind {
                    Ast::Name(name) => Some((name.clone(), item.span, all)),
                    _ => None,
                }
            }
            _ => None,
        };
        let Some((name, name_span, all)) = found else {
            let at = line.values.first().map_or(line.verb.span, |value| value.span);
            let help = Some("write `for: method in [\"credit_card\", \"bank_transfer\"]`, or `for: i in 1..3`");
            self.report(codes::TYPE_MISMATCH, at, "`for` gives a name to each item of a list", help);
            return;
        };
        let mut checker = self.checker();
        let (items, ty) = checker.check(all, &Type::Any);
        self.scope = checker.scope;
        let Some((items, item)) = self.items(items, ty) else { return };
        self.held(common, None, &line.verb.text, line.span, |steps, span, _| {
            let (list, at) = (steps.scope.hidden(), steps.scope.hidden());
            let zero = Expr::value(Value::Int(0), span);
            steps.set(&[(list, items), (at, zero)], span);
            let slot = |slot| Expr { kind: ExprKind::Slot(slot), span };
            let length = Expr { kind: ExprKind::Length(Box::new(slot(list))), span };
            let more = binary(BinaryOp::Less, slot(at), length);
            let here = Missing { span, message: "not set where this list is empty" };
            steps.round(more, span, body, Some(here), |steps| {
                let value = Expr { kind: ExprKind::Index(Box::new(slot(list)), Box::new(slot(at))), span: name_span };
                let variable = steps.scope.declare(name.clone(), item.clone());
                let next = binary(BinaryOp::Add, slot(at), Expr::value(Value::Int(1), span));
                let node = steps.set(&[(variable, value), (at, next)], span);
                steps.graph.define(variable, node, true);
            });
        });
    }

    /// `retry: N backoff: 500ms`
    pub(super) fn retry(&mut self, node: &Node) {
        let Some((mut line, common, body)) = self.holder(node, &["backoff"]) else { return };
        let backoff = line.take("backoff");
        self.refuse_others(&line, &["backoff"]);
        let Some(count) = line.values.first() else {
            let help = Some("write `retry: 3 backoff: 500ms`; it is the number of attempts in all");
            self.report(codes::MISSING_ARGUMENT, line.verb.span, "`retry` does not say how often", help);
            return;
        };
        let mut scope = self.lowering.context.scope();
        let attempts = match self.lowering.constant(count, &Type::Int, &mut scope) {
            Some(Value::Int(attempts)) if (1..=1000).contains(&attempts) => u32::try_from(attempts).unwrap_or(1),
            Some(_) => {
                let help = Some("it is the number of attempts in all, from 1 to 1000");
                self.report(codes::BAD_VALUE, count.span, "steps cannot be attempted so often", help);
                1
            }
            None => 1,
        };
        let backoff = backoff.and_then(|backoff| backoff.value()).map(|value| {
            match self.lowering.constant(&value, &Type::Duration, &mut scope) {
                Some(Value::Duration(nanos)) if nanos >= 0 => nanos,
                Some(_) => {
                    self.report(codes::BAD_VALUE, value.span, "a pause is no shorter than nothing", None);
                    0
                }
                None => 0,
            }
        });
        let retry = Retry { attempts, backoff: backoff.unwrap_or(0) };
        self.held(common, None, &line.verb.text, line.span, |steps, span, _| {
            let name = steps.graph.names.name(&SmolStr::new_static("retry"), span);
            let at = steps.graph.push(name, NodeKind::Retry(retry), span);
            steps.graph.then(at, Edge::Next);
            steps.graph.begin_failing();
            steps.sequence(body.steps);
            let failing = steps.graph.end_failing();
            steps.graph.on_fail(failing, at);
        });
    }

    /// `group: "checkout"`
    pub(super) fn group(&mut self, node: &Node) {
        let Some((line, mut common, body)) = self.holder(node, &[]) else { return };
        self.refuse_others(&line, &[]);
        let title = line.values.first().and_then(|value| {
            let name = dotted(value).or_else(|| crate::expr::quoted_text(value).map(|(text, _)| text))?;
            Some((name, value.span))
        });
        let Some((title, span)) = title.filter(|(title, _)| !title.trim().is_empty()) else {
            let at = line.values.first().map_or(line.verb.span, |value| value.span);
            self.report(codes::MISSING_ARGUMENT, at, "a group has a name", Some("write `group: \"checkout\"`"));
            return;
        };
        if common.name.is_none() {
            common.name = Some((title.clone(), span));
        }
        let group = Some((GroupOf::Steps, title));
        self.held(common, group, &line.verb.text, line.span, |steps, _, _| steps.sequence(body.steps));
    }

    /// The line of a step that holds others, what every step takes, and what it holds.
    fn holder<'n>(&mut self, node: &'n Node, own: &[&str]) -> Option<(Line<'n>, Common, Body<'n>)> {
        let mut line = Line::of(node, |name| own.contains(&name) || OWN.contains(&name))?;
        let steps = line.take("steps");
        let common = self.common(&mut line);
        let verb = line.verb.clone();
        if let Some(value) = line.values.get(1) {
            let headline = format!("`{}` takes one value", verb.text);
            self.report(codes::SURPLUS_ARGUMENT, value.span, &headline, None);
        }
        let stray = line.rest.first().map(|stray| stray.span);
        line.rest.clear();
        let body = match (steps, stray) {
            (Some(steps), None) => Body { steps: steps.children, span: steps.span },
            (_, Some(stray)) => {
                let headline = format!("a step under `{}` stands under `steps:`", verb.text);
                self.report(
                    codes::MISPLACED,
                    stray,
                    &headline,
                    Some("add `steps:` above it, and indent it below that"),
                );
                return None;
            }
            (None, None) => {
                let headline = format!("`{}` holds no steps", verb.text);
                let help = Some("add `steps:` below it, and steps below that");
                self.report(codes::MISSING_ARGUMENT, verb.span, &headline, help);
                return None;
            }
        };
        if body.steps.is_empty() {
            self.report(codes::MISSING_ARGUMENT, body.span, "there are no steps here", Some("add one, indented below"));
        }
        Some((line, common, body))
    }

    /// Reports the attributes that are left in `line`.
    pub(super) fn refuse_others(&mut self, line: &Line<'_>, own: &[&str]) {
        for attr in &line.attrs {
            let (verb, key) = (&line.verb.text, &attr.key.text);
            if key == "as" {
                let headline = format!("`{verb}` yields nothing that could be named");
                self.report(codes::UNKNOWN_ATTRIBUTE, attr.key.span, &headline, Some("remove `as:`"));
                continue;
            }
            let headline = format!("`{verb}` has no attribute `{key}`");
            let diagnostic = Diagnostic::new(codes::UNKNOWN_ATTRIBUTE, attr.key.span, headline);
            let names = own.iter().chain(OWN).copied();
            self.lowering.report(suggest(diagnostic, key, attr.key.span, "attribute", names));
        }
    }

    /// Lowers what a step holds inside what all of them share: the guard, and the group with its timeout and softness. `lower`
    /// is told the name of the group, which is empty where there is none.
    pub(super) fn held(
        &mut self,
        common: Common,
        group: Option<(GroupOf, SmolStr)>,
        verb: &SmolStr,
        span: Span,
        lower: impl FnOnce(&mut Self, Span, &SmolStr),
    ) {
        let Common { name, timeout, soft, guard } = common;
        let mark = self.scope.mark();
        let branches = guard.is_some() || soft;
        let around = branches.then(|| self.graph.begin_branch());
        let condition = guard.map(|guard| {
            let name = self.graph.names.name(&SmolStr::new_static("if"), guard.span);
            let at = self.graph.push(name, NodeKind::Condition(guard.clone()), guard.span);
            self.graph.then(at, Edge::Then);
            self.scope.assume(&guard, true);
            (at, guard.span)
        });
        let grouped = group.is_some() || timeout.is_some() || soft || name.is_some();
        let (groups, limits) = (self.graph.groups.len(), self.graph.limits.len());
        let mut called = SmolStr::default();
        if grouped {
            let (of, title) = group.unwrap_or((GroupOf::Rounds, SmolStr::default()));
            let name = match &of {
                // Groups of one name are one to goals, so the name may be taken.
                GroupOf::Steps => match name {
                    Some((name, _)) => self.graph.names.name(&name, span),
                    None => self.graph.names.name(&title, span),
                },
                _ => self.node_name(name, verb, span),
            };
            let at = self.graph.push(name.clone(), NodeKind::Group(Group { of, timeout, soft }), span);
            self.graph.then(at, Edge::Next);
            self.graph.groups.push(if title.is_empty() { name.clone() } else { title });
            called = name;
            if timeout.is_some() {
                self.graph.limits.push(at);
            }
        }
        if soft {
            self.graph.begin_failing();
        }
        lower(self, span, &called);
        let failing = if soft { self.graph.end_failing() } else { Vec::new() };
        self.graph.groups.truncate(groups);
        self.graph.limits.truncate(limits);
        let Some(around) = around else { return };
        self.graph.end_branch(around);
        let mut assigned: Assigned = Vec::new();
        if !self.graph.ends.is_empty() {
            let here = Missing { span, message: "not set where this does not come to its end" };
            assigned.push((here, self.scope.assigned_since(mark)));
        }
        self.scope.reset(mark);
        let mut ends: Ends = std::mem::take(&mut self.graph.ends);
        if let Some((at, span)) = condition {
            ends.push((at, Edge::Else));
            let here = Missing { span, message: "not set where this does not hold" };
            assigned.push((here, IndexMap::new()));
        }
        if soft {
            let here = Missing { span, message: "not set where a step in this fails" };
            assigned.push((here, IndexMap::new()));
        }
        let join = self.join(ends, assigned, span, soft);
        if let Some(join) = join {
            self.graph.on_fail(failing, join);
        }
    }

    /// So many rounds, or rounds until `until` holds and at most so many.
    fn counted(&mut self, count: Expr, span: Span, body: Body<'_>, until: Option<&ast::Expr>) {
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

    fn round(&mut self, more: Expr, span: Span, body: Body<'_>, here: Option<Missing>, begin: impl FnMut(&mut Self)) {
        self.round_until(more, span, body, here, begin, |_| {});
    }

    /// Rounds of `body` while `more` holds; `begin` and `end` add what a round begins and ends with. `here` says why there may
    /// be no round.
    fn round_until(
        &mut self,
        more: Expr,
        span: Span,
        body: Body<'_>,
        here: Option<Missing>,
        mut begin: impl FnMut(&mut Self),
        mut end: impl FnMut(&mut Self),
    ) {
        self.settle_types(body, &mut begin);
        let name = self.graph.names.name(&SmolStr::new_static("loop"), span);
        let head = self.graph.push(name, NodeKind::Loop(more), span);
        self.graph.then(head, Edge::Then);
        let mark = self.scope.mark();
        let around = self.graph.begin_branch();
        begin(self);
        self.sequence(body.steps);
        end(self);
        let ended = !self.graph.ends.is_empty();
        let set = self.scope.assigned_since(mark);
        self.graph.end_branch(around);
        self.graph.close_round(head);
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
    }

    /// A round may begin with what the round before it set: variables from outside take the types that they have at its end,
    /// and nothing is known of their values.
    fn settle_types(&mut self, body: Body<'_>, begin: &mut impl FnMut(&mut Self)) {
        let mut names = Vec::new();
        assigned_names(body.steps, &mut names);
        names.retain(|name| matches!(self.scope.lookup(name), Some((Binding::Slot(_), _))));
        if names.is_empty() {
            return;
        }
        let mut ends: IndexMap<SmolStr, (SlotId, Type)> = IndexMap::new();
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
    pub(super) fn set(&mut self, values: &[(SlotId, Expr)], span: Span) -> petgraph::graph::NodeIndex {
        let name = self.graph.names.name(&SmolStr::new_static("assign"), span);
        let at = self.graph.push(name, NodeKind::Assign(values.to_vec()), span);
        self.graph.then(at, Edge::Next);
        for (slot, _) in values {
            self.graph.define(*slot, at, true);
        }
        at
    }

    /// How many rounds there are.
    fn rounds(&mut self, count: &ast::Expr) -> Expr {
        let mut checker = self.checker();
        let (compiled, ty) = checker.check(count, &Type::Int);
        self.scope = checker.scope;
        if let Some(Value::Int(rounds)) = compiled.as_value()
            && !ty.is_error()
            && !(1..=MOST_ROUNDS).contains(rounds)
        {
            let help = Some("from 1 to 100000 rounds can be made; to go on for a time, give the scenario a `load:`");
            self.report(codes::BAD_VALUE, count.span, "there cannot be so many rounds", help);
        }
        compiled
    }

    /// The list that `for` goes through, and the type of its items; a range of whole numbers is the list of them.
    fn items(&mut self, items: Expr, ty: Type) -> Option<(Expr, Type)> {
        match ty {
            Type::Error => None,
            Type::Any => Some((items, Type::Any)),
            Type::List(item) => Some((items, *item)),
            Type::Range(inner) if *inner == Type::Int => {
                let span = items.span;
                let Some(Value::Range(ends)) = items.as_value() else {
                    let headline = "the range of a `for` must be known before anything runs";
                    self.report(codes::NOT_CONSTANT, span, headline, Some("write `for: i in 1..3`, or use `repeat`"));
                    return None;
                };
                let (Value::Int(low), Value::Int(high)) = &**ends else { return None };
                if high.saturating_sub(*low) >= MOST_ROUNDS {
                    let help = Some("at most 100000 rounds can be made");
                    self.report(codes::BAD_VALUE, span, "there cannot be so many rounds", help);
                    return None;
                }
                let numbers = (*low..=*high).map(Value::Int).collect();
                Some((Expr::value(Value::list(numbers), span), Type::Int))
            }
            Type::Maybe(_) | Type::None => {
                let mut checker = self.checker();
                checker.refuse_maybe(&items, &ty, "where a list is expected");
                self.scope = checker.scope;
                None
            }
            other => {
                let headline = format!("a list is expected here, found {other}");
                self.report(
                    codes::TYPE_MISMATCH,
                    items.span,
                    &headline,
                    Some("write `[a, b]`, or a range such as `1..3`"),
                );
                None
            }
        }
    }
}

fn binary(op: BinaryOp, left: Expr, right: Expr) -> Expr {
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
