//! Steps of handlers that are no calls: `if`, `for`, `retry` and `set`. The language has them, not the prelude.

use scn_diagnostics::{Diagnostic, codes};
use scn_grammar::ast::{self, ExprKind as Ast, Node, OperatorKind};
use scn_plan::{
    Expr, Value,
    blueprint::{HandlerStep, HandlerStepKind},
};
use smol_str::SmolStr;

use super::handler::{HandlerChecker, Lowered, no_value};
use crate::{
    line::{Attribute, Line},
    scope::Binding,
    signatures::suggest,
    types::Type,
};

impl HandlerChecker<'_> {
    pub(super) fn conditional(&mut self, node: &Node, ordinal: u32) -> Option<Lowered> {
        let line = Line::of(node, |_| false)?;
        let Some(first) = line.values.first() else {
            self.report(no_value(line.verb, "a condition such as `record is none`"));
            return None;
        };
        let before = self.checker.scope.mark();
        let mut pending = Some(self.checker.condition(first));
        let mut arms: Vec<(Expr, Vec<HandlerStep>)> = Vec::new();
        let mut ends: Vec<bool> = Vec::new();
        let mut otherwise: Option<(Vec<HandlerStep>, bool)> = None;
        for attr in &line.attrs {
            match (attr.key.text.as_str(), pending.take()) {
                ("then", Some(condition)) => {
                    let mark = self.checker.scope.mark();
                    self.checker.scope.assume(&condition, true);
                    let (steps, ended) = self.nested(attr);
                    self.checker.scope.reset(mark);
                    self.checker.scope.assume(&condition, false);
                    arms.push((condition, steps));
                    ends.push(ended);
                }
                ("elif", None) if otherwise.is_none() => match attr.value() {
                    Some(condition) => pending = Some(self.checker.condition(&condition)),
                    None => self.report(no_value(attr.key, "a condition such as `record is none`")),
                },
                ("else", None) if otherwise.is_none() => {
                    let mark = self.checker.scope.mark();
                    otherwise = Some(self.nested(attr));
                    self.checker.scope.reset(mark);
                }
                ("then" | "elif" | "else", taken) => {
                    pending = taken;
                    self.report(
                        Diagnostic::new(
                            codes::MISPLACED,
                            attr.key.span,
                            format!("`{}` has no place here", attr.key.text),
                        )
                        .help("the order is `if:`, `then:`, any number of `elif:` and `then:`, and at last `else:`"),
                    );
                }
                (_, taken) => {
                    pending = taken;
                    let headline = format!("`if` has no attribute `{}`", attr.key.text);
                    let diagnostic = Diagnostic::new(codes::UNKNOWN_ATTRIBUTE, attr.key.span, headline);
                    self.report(suggest(
                        diagnostic,
                        &attr.key.text,
                        attr.key.span,
                        "attribute",
                        ["then", "elif", "else"],
                    ));
                }
            }
        }
        if pending.is_some() {
            self.report(
                Diagnostic::new(codes::MISSING_ARGUMENT, line.verb.span, "this condition leads nowhere")
                    .help("add `then:` and steps under it"),
            );
        }
        self.checker.scope.reset(before);
        // What ends the handler where a condition holds leaves the rest of it to where the condition does not hold.
        for ((condition, _), _) in arms.iter().zip(&ends).take_while(|(_, ended)| **ended) {
            self.checker.scope.assume(condition, false);
        }
        let all_end = !ends.is_empty() && ends.iter().all(|ended| *ended);
        let (otherwise, otherwise_ends) = otherwise.unwrap_or_default();
        let kind = HandlerStepKind::If { arms, otherwise };
        Some((HandlerStep { ordinal, kind, guard: None, span: node.span }, all_end && otherwise_ends))
    }

    /// The steps under an attribute.
    fn nested(&mut self, attr: &Attribute<'_>) -> (Vec<HandlerStep>, bool) {
        if attr.children.is_empty() {
            self.report(
                Diagnostic::new(codes::MISSING_ARGUMENT, attr.key.span, format!("`{}` holds no steps", attr.key.text))
                    .help("write the steps below it, each as `- VERB: …`"),
            );
        }
        self.block(attr.children)
    }

    /// The steps under `steps:`.
    fn body(&mut self, line: &Line<'_>) -> Vec<HandlerStep> {
        match line.attrs.iter().find(|attr| attr.is("steps")) {
            Some(steps) => self.nested(steps).0,
            None => {
                self.report(
                    Diagnostic::new(
                        codes::MISSING_ARGUMENT,
                        line.verb.span,
                        format!("`{}` has no steps", line.verb.text),
                    )
                    .help("add `steps:` and steps under it"),
                );
                Vec::new()
            }
        }
    }

    /// Reports attributes other than `known`.
    fn only(&mut self, line: &Line<'_>, known: &[&str]) {
        for attr in line.attrs.iter().filter(|attr| !known.iter().any(|known| attr.is(known))) {
            let headline = format!("`{}` has no attribute `{}`", line.verb.text, attr.key.text);
            let diagnostic = Diagnostic::new(codes::UNKNOWN_ATTRIBUTE, attr.key.span, headline);
            self.report(suggest(diagnostic, &attr.key.text, attr.key.span, "attribute", known.iter().copied()));
        }
    }

    /// `for: x in xs`
    pub(super) fn repeated(&mut self, node: &Node, ordinal: u32) -> Option<Lowered> {
        let mut line = Line::of(node, |_| false)?;
        let guard = self.guard(&mut line);
        self.only(&line, &["steps", "if"]);
        let (name, items) = match line.values {
            [ast::Expr { kind: Ast::Binary(operator, name, items), .. }] if operator.kind == OperatorKind::In => {
                match &name.kind {
                    Ast::Name(name) => (name.clone(), items),
                    _ => return self.malformed_for(&line),
                }
            }
            _ => return self.malformed_for(&line),
        };
        let (items, ty) = self.checker.check(items, &Type::List(Box::new(Type::Any)));
        let item = match ty {
            Type::List(item) => *item,
            _ => Type::Any,
        };
        let mark = self.checker.scope.mark();
        let slot = self.checker.scope.declare(name, item);
        let body = self.body(&line);
        self.checker.scope.reset(mark);
        let kind = HandlerStepKind::For { slot, items, body };
        Some((HandlerStep { ordinal, kind, guard, span: node.span }, false))
    }

    fn malformed_for(&mut self, line: &Line<'_>) -> Option<Lowered> {
        let span = line.values.first().map_or(line.verb.span, |value| value.span);
        self.report(
            Diagnostic::new(codes::MISSING_ARGUMENT, span, "`for` names an item and a list")
                .help("write `for: item in items`"),
        );
        None
    }

    /// `retry: 3 backoff: 500ms`
    pub(super) fn retried(&mut self, node: &Node, ordinal: u32) -> Option<Lowered> {
        let mut line = Line::of(node, |_| false)?;
        let guard = self.guard(&mut line);
        self.only(&line, &["backoff", "steps", "if"]);
        let times = match line.values.first() {
            Some(times) => match self.checker.constant(times, &Type::Int) {
                Some(Value::Int(count)) => match u32::try_from(count) {
                    Ok(count) if count > 0 => count,
                    _ => {
                        self.report(Diagnostic::new(codes::BAD_VALUE, times.span, "there is at least one attempt"));
                        1
                    }
                },
                _ => 1,
            },
            None => {
                self.report(no_value(line.verb, "how many attempts there are in all, such as `3`"));
                1
            }
        };
        let backoff = line.attrs.iter().find(|attr| attr.is("backoff")).and_then(Attribute::value);
        let backoff = match backoff.and_then(|backoff| self.checker.constant(&backoff, &Type::Duration)) {
            Some(Value::Duration(nanos)) => nanos,
            _ => 0,
        };
        // Past it, an attempt has gone through, so what it found out is known; unless there was none.
        let mark = self.checker.scope.mark();
        let body = self.body(&line);
        if guard.is_some() {
            self.checker.scope.reset(mark);
        }
        let kind = HandlerStepKind::Retry { times, backoff, body };
        Some((HandlerStep { ordinal, kind, guard, span: node.span }, false))
    }

    /// `set: name to: value`
    pub(super) fn assigned(&mut self, node: &Node, ordinal: u32) -> Option<Lowered> {
        let mut line = Line::of(node, |_| false)?;
        let guard = self.guard(&mut line);
        self.only(&line, &["to", "if"]);
        let name = match line.values.first() {
            Some(name) => self.checker.check(name, &Type::Name).0.as_value().and_then(Value::as_str).map(SmolStr::new),
            None => {
                self.report(no_value(line.verb, "a name"));
                None
            }
        };
        let Some(value) = line.attrs.iter().find(|attr| attr.is("to")).and_then(Attribute::value) else {
            self.report(
                Diagnostic::new(codes::MISSING_ARGUMENT, line.verb.span, "`set` needs `to`")
                    .help("add `to:` with a value"),
            );
            return None;
        };
        let name = name?;
        // A variable keeps its type, so that it means the same whichever way the handler came.
        let known = match self.checker.scope.lookup(&name) {
            Some((Binding::Slot(_), ty)) => Some(ty.clone()),
            _ => None,
        };
        let (to, ty) = self.checker.check(&value, known.as_ref().unwrap_or(&Type::Any));
        let slot = match (known, &guard) {
            (Some(known), _) => self.checker.scope.assign(&name, known),
            (None, None) => self.checker.scope.declare(name, ty.wide()),
            (None, Some(_)) => self.checker.scope.declare(name, ty.wide().maybe()),
        };
        let kind = HandlerStepKind::Set { slot, to };
        Some((HandlerStep { ordinal, kind, guard, span: node.span }, false))
    }
}
