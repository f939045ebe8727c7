//! Queues of items that people decide on.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, ExprKind as Ast, Keyword, Node, Phrase, TextPart};
use scn_plan::{Dist, Root, Value, blueprint::Queue};
use smol_str::SmolStr;

use super::{
    Lowering, Setting, declarations,
    handler::Place,
    outline::{PartOutline, duplicate, unknown_setting},
    part::no_value,
    settings, words,
};
use crate::{expr::dotted, scope::Binding, type_expr, types::Type};

/// What a queue takes and yields.
#[derive(Clone, Debug, Default)]
pub(super) struct QueueOutline {
    /// What an item must be.
    pub item: Option<Type>,
    /// What may be decided, each with its weight.
    pub decisions: Vec<(SmolStr, f64)>,
}

impl QueueOutline {
    /// The outline of the declaration `queue`.
    pub fn of(queue: &Node, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut outline = Self::default();
        for setting in settings(queue) {
            match (setting.key.text.as_str(), setting.values) {
                ("item", [ty, ..]) => {
                    let item = type_expr::of_expr(ty, diagnostics);
                    if !matches!(item, Type::Record(_) | Type::AnyRecord | Type::Error) {
                        diagnostics.push(
                            Diagnostic::new(codes::STORE_TYPE, ty.span, format!("an item is a record, not {item}"))
                                .help(format!("write `Record{{ value: {item} }}`")),
                        );
                    }
                    outline.item = Some(item);
                }
                ("decides", [decisions, ..]) => outline.decisions = decides(decisions, diagnostics),
                _ => {}
            }
        }
        outline
    }

    /// The type of a decision.
    pub fn decision(&self) -> Type {
        match self.decisions.as_slice() {
            [] => Type::Error,
            decisions => Type::Choice(decisions.iter().map(|(name, _)| name.clone()).collect()),
        }
    }

    /// What is known of an item that has been put in: where it stands, and what was decided.
    pub fn ticket(&self) -> Type {
        let status = Type::Choice(vec!["waiting".into(), "decided".into()]);
        let item = self.item.clone().unwrap_or(Type::AnyRecord);
        let fields = [("status", status), ("decision", self.decision().maybe()), ("item", item)];
        Type::record(fields.into_iter().map(|(name, ty)| (name.into(), ty)))
    }
}

/// `choice("approve" weight 9, "reject" weight 1)`; what is wrong with it is reported.
fn decides(expr: &ast::Expr, diagnostics: &mut Vec<Diagnostic>) -> Vec<(SmolStr, f64)> {
    const EXAMPLE: &str = "write `choice(\"approve\" weight 9, \"reject\" weight 1)`";
    let args = match &expr.kind {
        Ast::Call(callee, args) if dotted(callee).is_some_and(|name| name == "choice") => args,
        Ast::Error => return Vec::new(),
        _ => {
            let headline = "what reviewers decide is a choice of names";
            diagnostics.push(Diagnostic::new(codes::BAD_QUEUE, expr.span, headline).help(EXAMPLE));
            return Vec::new();
        }
    };
    let mut decisions: Vec<(SmolStr, f64, Span)> = Vec::with_capacity(args.len());
    for arg in args {
        let (value, weight) = match &arg.value.kind {
            Ast::Phrase(Phrase::Weight, value, weight) => (value.as_ref(), Some(weight.as_ref())),
            _ => (&arg.value, None),
        };
        let Some(name) = decision(value) else {
            let headline = "a decision is a name, in quotes";
            diagnostics.push(Diagnostic::new(codes::BAD_QUEUE, value.span, headline).help(EXAMPLE));
            continue;
        };
        if let Some((.., first)) = decisions.iter().find(|(known, ..)| *known == name) {
            diagnostics.push(duplicate("decision", &name, value.span, *first));
            continue;
        }
        let weight = match weight.map(|weight| (&weight.kind, weight.span)) {
            None => 1.0,
            Some((Ast::Number { text, unit: ast::Unit::Int | ast::Unit::Decimal }, span)) => {
                match text.parse::<f64>() {
                    Ok(weight) if weight > 0.0 => weight,
                    _ => {
                        diagnostics.push(Diagnostic::new(codes::BAD_VALUE, span, "a weight is larger than zero"));
                        1.0
                    }
                }
            }
            Some((_, span)) => {
                diagnostics
                    .push(Diagnostic::new(codes::BAD_QUEUE, span, "a weight is a number, such as 9").help(EXAMPLE));
                1.0
            }
        };
        decisions.push((name, weight, value.span));
    }
    decisions.into_iter().map(|(name, weight, _)| (name, weight)).collect()
}

fn decision(expr: &ast::Expr) -> Option<SmolStr> {
    match &expr.kind {
        Ast::Name(name) => Some(name.clone()),
        Ast::Text { parts, .. } => match parts.as_slice() {
            [TextPart::Literal(text, _)] if !text.trim().is_empty() => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

impl Lowering<'_, '_> {
    /// The queue that `outline` sketches; `None` if it does not say how long a review takes or what comes of it, which is
    /// reported.
    pub(super) fn queue(&mut self, outline: &PartOutline<'_>) -> Option<Queue> {
        let (mut reviewers, mut reviewers_span, mut after) = (None, None, None);
        let (mut says_after, mut says_decides) = (false, false);
        for setting in settings(outline.node) {
            let Setting { key, values, .. } = setting;
            match (key.text.as_str(), values) {
                (name, []) if words::QUEUE.contains(&name) => self.report(no_value(key)),
                ("reviewers", [number, ..]) => {
                    reviewers = self.whole(number, 1, u32::MAX);
                    reviewers_span = Some(number.span);
                }
                ("after", [time, ..]) => {
                    says_after = true;
                    after = self.latency(time);
                }
                ("decides", _) => says_decides = true,
                ("item", _) => {}
                _ => self.report(unknown_setting(key, "queue", &words::QUEUE)),
            }
        }
        let span = outline.name.span;
        for (says, lacks, help) in [
            (says_after, "how long a review takes", "add `after: lognormal(p50: 20s, p99: 2m)`"),
            (says_decides, "what reviewers decide", "add `decides: choice(\"approve\" weight 9, \"reject\" weight 1)`"),
        ] {
            if !says {
                let headline = format!("the queue `{}` does not say {lacks}", outline.name.text);
                self.report(Diagnostic::new(codes::BAD_QUEUE, span, headline).help(help));
            }
        }
        Some(Queue {
            reviewers,
            after: after.unwrap_or(Dist::Constant(0)),
            decides: outline.queue.decisions.clone(),
            item: outline.queue.item.as_ref().map(Type::shape),
            on_decided: self.on_decided(outline),
            reviewers_span,
        })
    }

    /// `on decided:`
    fn on_decided(&mut self, outline: &PartOutline<'_>) -> Option<scn_plan::blueprint::Handler> {
        let mut first: Option<(&Node, Span)> = None;
        for (child, decl) in declarations(outline.node).filter(|(_, decl)| decl.keyword == Keyword::On) {
            let event = decl.name.as_ref();
            match (event.map(|event| event.text.as_str()), first) {
                (Some("decided"), None) => first = Some((child, decl.keyword_span)),
                (Some("decided"), Some((_, earlier))) => {
                    self.report(duplicate("handler", "on decided", decl.keyword_span, earlier));
                }
                _ => {
                    let span = event.map_or(decl.keyword_span, |event| event.span);
                    self.report(
                        Diagnostic::new(codes::MISPLACED, span, "a queue has no such event")
                            .help("write `on decided:`"),
                    );
                }
            }
        }
        let (node, _) = first?;
        let mut scope = self.handler_scope();
        let item = outline.queue.item.clone().unwrap_or(Type::AnyRecord);
        let fields = [("key", Type::TEXT), ("item", item), ("decision", outline.queue.decision())];
        let body = Type::record(fields.into_iter().map(|(name, ty)| (name.into(), ty)));
        scope.bind("body", Binding::Root(Root::Body), body);
        Some(self.handler(outline, Place::Decided, &node.children, scope, node.span).0)
    }

    /// A whole number from `least` to `most`.
    pub(super) fn whole<T: TryFrom<i64> + Copy + Into<u64>>(
        &mut self,
        expr: &ast::Expr,
        least: i64,
        most: T,
    ) -> Option<T> {
        let Value::Int(number) = self.constant(expr, &Type::Int)? else { return None };
        if number >= least
            && let Ok(number) = T::try_from(number)
        {
            return Some(number);
        }
        let most: u64 = most.into();
        let bound = if number < least { format!("at least {least}") } else { format!("at most {most}") };
        self.report(
            Diagnostic::new(codes::BAD_VALUE, expr.span, format!("this number must be {bound}"))
                .help(format!("write a whole number from {least} to {most}")),
        );
        None
    }
}
