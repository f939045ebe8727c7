//! What routes and envelopes answer, so that those who call them know what they get.
//!
//! The body of a response is known where every reply of its handler is written out. It is looked at when somebody calls the
//! handler, and once for all who do; handlers that call each other in a circle know nothing of each other.

use scn_plan::collections::HashMap;
use std::{cell::RefCell, sync::Arc};

use scn_grammar::ast::Node;
use scn_plan::collections::IndexMap;
use scn_plan::{Expr, Value};
use smol_str::SmolStr;

use super::{
    Lowering,
    handler::{HandlerChecker, Place},
    outline::{Outline, PartOutline},
    part::{envelope_scope, handler_scope, route_scope},
};
use crate::{
    context::Context,
    expr::{Bound, ExprChecker, response_fields},
    scope::{Scope, Symbols},
    types::Type,
};

/// A handler: its part, and a route's number or an envelope's schema.
type Door = (SmolStr, Result<usize, SmolStr>);

/// What handlers answer, as far as somebody has asked; `None` while it is being found out.
#[derive(Debug, Default)]
pub(super) struct Replies(RefCell<HashMap<Door, Option<Type>>>);

/// A reply of a handler.
#[derive(Debug)]
pub(super) struct Answer {
    /// Its status, if that is written out.
    status: Option<i64>,
    /// The type of its body; none without one.
    body: Type,
}

impl Answer {
    /// What `reply` says.
    pub fn of(bound: &Bound) -> Self {
        let status = match bound.call.arg("status").and_then(Expr::as_value) {
            Some(Value::Int(status)) => Some(*status),
            _ => None,
        };
        Self { status, body: bound.types.get("body").cloned().unwrap_or(Type::None) }
    }
}

/// A response whose body, where its status is below 400, is of type `body`.
pub(super) fn response(body: Type) -> Type {
    if matches!(body, Type::Any | Type::Error) {
        return Type::Response;
    }
    let mut fields: IndexMap<SmolStr, Type> =
        response_fields().into_iter().map(|(name, ty)| (name.into(), ty)).collect();
    fields.insert("body".into(), body);
    Type::Record(fields.into())
}

/// What is needed to look at a handler that is not the one being checked.
#[derive(Clone, Copy)]
struct Looking<'c> {
    context: &'c Context<'c>,
    outline: &'c Outline<'c>,
    replies: &'c Replies,
    symbols: &'c Symbols,
}

impl HandlerChecker<'_> {
    /// The body of what a route of `part` answers.
    pub(super) fn route_reply(&self, part: &PartOutline<'_>, route: usize) -> Type {
        self.looking().reply((part.name.text.clone(), Ok(route)))
    }

    /// The body of what a partner answers an envelope of this schema.
    pub(super) fn envelope_reply(&self, part: &PartOutline<'_>, schema: &SmolStr) -> Type {
        self.looking().reply((part.name.text.clone(), Err(schema.clone())))
    }

    fn looking(&self) -> Looking<'_> {
        Looking { context: self.context, outline: self.outline, replies: self.replies, symbols: self.checker.symbols }
    }
}

impl Lowering<'_, '_> {
    /// The body of what a route of `part` answers.
    pub(super) fn route_reply(&self, part: &PartOutline<'_>, route: usize) -> Type {
        let looking =
            Looking { context: self.context, outline: self.outline, replies: &self.replies, symbols: &self.symbols };
        looking.reply((part.name.text.clone(), Ok(route)))
    }
}

impl Looking<'_> {
    fn reply(self, door: Door) -> Type {
        let known = self.replies.0.borrow().get(&door).cloned();
        match known {
            Some(Some(known)) => known,
            // It depends on itself.
            Some(None) => Type::Any,
            None => {
                self.replies.0.borrow_mut().insert(door.clone(), None);
                let found = self.look(&door).unwrap_or(Type::Any);
                self.replies.0.borrow_mut().insert(door, Some(found.clone()));
                found
            }
        }
    }

    fn look(self, (part, door): &Door) -> Option<Type> {
        let part = self.outline.parts.get(part)?;
        let scope = handler_scope(self.context);
        match door {
            Ok(route) => {
                let route = part.routes.get(*route)?;
                self.answers(part, Place::Route, route.node, route_scope(scope, route))
            }
            Err(schema) => {
                let envelope = part.envelopes.get(schema)?;
                self.answers(part, Place::Envelope, envelope.node, envelope_scope(scope, envelope))
            }
        }
    }

    /// The body of the replies below 400 of a handler; what is wrong with it is reported where it is lowered.
    fn answers(self, part: &PartOutline<'_>, place: Place, node: &Node, mut scope: Scope) -> Option<Type> {
        let (mut unheard, mut keys) = (Vec::new(), Vec::new());
        let mut handler = HandlerChecker {
            checker: ExprChecker::new(self.context.signatures, self.symbols, &mut scope, &mut unheard),
            context: self.context,
            outline: self.outline,
            part,
            place,
            keys: &mut keys,
            replies: self.replies,
            answers: Vec::new(),
            ordinal: 0,
        };
        let (_, ends) = handler.block(&node.children);
        let answers = std::mem::take(&mut handler.answers);
        drop(handler);
        if !unheard.is_empty() {
            return None;
        }
        // Without a reply the answer is empty.
        let silent = (!ends).then_some(Type::None);
        let mut body: Option<Type> = silent;
        for answer in answers {
            match answer.status {
                Some(status) if status >= 400 => {}
                Some(_) => {
                    body = Some(match body.take() {
                        Some(body) => either(body, answer.body),
                        None => answer.body,
                    });
                }
                // It may be a failure, whose body is another.
                None => return None,
            }
        }
        match body? {
            // Somebody may look at what is not there.
            Type::None => None,
            Type::Maybe(_) => None,
            body => Some(body),
        }
    }
}

/// One of two bodies: a field that only one of them has may be none.
fn either(one: Type, other: Type) -> Type {
    match (one, other) {
        (Type::Record(one), Type::Record(other)) => {
            let mut one = Arc::unwrap_or_clone(one);
            for (name, ty) in &mut one {
                let own = std::mem::replace(ty, Type::Any);
                *ty = match other.get(name) {
                    Some(theirs) => either(own, theirs.clone()),
                    None => own.maybe(),
                };
            }
            for (name, ty) in Arc::unwrap_or_clone(other) {
                one.entry(name).or_insert_with(|| ty.maybe());
            }
            Type::Record(one.into())
        }
        (one, other) => one.join(other),
    }
}
