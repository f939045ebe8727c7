//! Steps that hold steps: `repeat`, `for`, `retry` and `group`.

use scn_diagnostics::{Diagnostic, codes};
use scn_grammar::ast::{self, ExprKind as Ast, Node, OperatorKind};
use scn_plan::{
    BinaryOp, Expr, ExprKind, Value,
    plan::{Edge, GroupOf, NodeKind, Retry},
};
use smol_str::SmolStr;

use super::{loops::binary, steps::Steps};
use crate::{expr::dotted, index::Meaning, scope::Missing, types::Type};

/// More rounds than this are a mistake, or a load profile.
const MOST_ROUNDS: i64 = 100_000;

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
        let (items, ty) = self.checker().check(all, &Type::Any);
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
                steps.scope.notes.note(name_span, || Meaning::Typed(item.clone()));
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
            steps.graph.enter(at);
            steps.graph.begin_failing();
            steps.sequence(body.steps);
            let failing = steps.graph.end_failing();
            steps.graph.exit(at);
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

    /// How many rounds there are.
    fn rounds(&mut self, count: &ast::Expr) -> Expr {
        let (compiled, ty) = self.checker().check(count, &Type::Int);
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
                self.checker().refuse_maybe(&items, &ty, "where a list is expected");
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
