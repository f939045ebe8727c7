//! Calls between parts: which route or envelope a call reaches, and what that wants.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_plan::Value;
use smol_str::SmolStr;

use super::{
    handler::HandlerChecker,
    outline::{PartOutline, Role},
    path::PathTemplate,
};
use crate::{
    content::{self, given, written},
    expr::{Bound, quoted_text},
    index::Meaning,
    line::Line,
    scope::Scope,
    signatures::{Signature, list, suggest},
    types::{Nominal, Type},
};

/// What a call's callee wants, and what it answers.
pub(super) struct Expected {
    pub content: Option<Type>,
    /// The body of a response below 400.
    pub reply: Type,
}

impl<'c> HandlerChecker<'c> {
    /// Makes `signature` ask for what the queue takes that the step on `line` names, and yields what it knows of an item.
    pub(super) fn expect_item(&mut self, signature: &mut Signature, line: &Line<'_>) -> Option<Expected> {
        let (queue, at) = given(line, 0, "queue").and_then(written)?;
        let part = self.callee(&queue, at, Role::Queue)?;
        if let Some(item) = &part.queue.item {
            content::expect(signature, "item", item);
        }
        Some(Expected { content: part.queue.item.clone(), reply: part.queue.ticket() })
    }

    /// What is known of an item of the queue that the `find` on `line` names; `None` if it names none.
    pub(super) fn queue_found(&self, line: &Line<'_>) -> Option<Type> {
        let (name, at) = given(line, 0, "store").and_then(written)?;
        if self.part.stores.contains_key(&name) {
            return None;
        }
        let part = self.outline.parts.get(&name).filter(|part| part.role == Role::Queue)?;
        self.checker.scope.notes.note(at, || Meaning::Named(Nominal::Queue, name.clone(), None));
        Some(part.queue.ticket())
    }

    /// Makes `signature` ask for what the route wants that the call on `line` reaches, and yields that; what it cannot
    /// reach is reported.
    pub(super) fn expect_route(&mut self, signature: &mut Signature, line: &Line<'_>) -> Option<Expected> {
        let (service, at) = given(line, 0, "service").and_then(written)?;
        let part = self.callee(&service, at, Role::Service)?;
        // What is not written here answers whatever it likes.
        if part.is_closed_book {
            return None;
        }
        let path = given(line, 1, "path")?;
        // A path that is built at run time is looked at as far as it is written.
        let (compiled, ty) = {
            let mut unheard = Vec::new();
            let mut scope: Scope = self.checker.scope.clone();
            crate::expr::ExprChecker::new(self.checker.signatures, self.checker.symbols, &mut scope, &mut unheard)
                .check(path, &Type::Path)
        };
        let called = PathTemplate::of_call(&compiled).filter(|_| !ty.is_error())?;
        let method = SmolStr::new(line.verb.text.to_uppercase());
        let span = quoted_text(path).map_or(path.span, |(_, span)| span);
        match reached(part, &method, &called) {
            Some(at) => {
                if let Some(route) = part.routes.get(at) {
                    self.checker.scope.notes.note(span, || Meaning::Declared(route.node.span));
                }
                let body = part.routes.get(at).and_then(|route| route.body.clone());
                if let Some(body) = &body {
                    content::expect(signature, "body", body);
                }
                // A path that is known in part may lead to several routes.
                let reply = if called.is_written_out() { self.route_reply(part, at) } else { Type::Any };
                Some(Expected { content: body, reply })
            }
            None => {
                let diagnostic = unknown_route(part, &method, &called, span);
                self.checker.report(diagnostic);
                None
            }
        }
    }

    /// Makes `signature` ask for what the partner wants in the envelope that `line` sends, and yields that.
    pub(super) fn expect_envelope(&mut self, signature: &mut Signature, line: &Line<'_>) -> Option<Expected> {
        let (partner, at) = given(line, 1, "to").and_then(written)?;
        let part = self.callee(&partner, at, Role::Partner)?;
        if part.is_closed_book {
            return None;
        }
        let (schema, span) = given(line, 2, "schema").and_then(quoted_text)?;
        match part.envelopes.get(&schema) {
            Some(envelope) => {
                self.checker.scope.notes.note(span, || Meaning::Declared(envelope.node.span));
                if let Some(payload) = &envelope.payload {
                    content::expect(signature, "payload", payload);
                }
                Some(Expected { content: envelope.payload.clone(), reply: self.envelope_reply(part, &schema) })
            }
            None => {
                let schemas = part.envelopes.keys().map(SmolStr::as_str);
                let found = content::unknown_schema(&partner, part.name.span, (&schema, span), schemas);
                self.checker.report(found);
                None
            }
        }
    }

    /// What is sent must have every field that its receiver requires.
    pub(super) fn check_content(&mut self, bound: &Bound, wanted: &Type) {
        let content = ["body", "payload", "item"].into_iter().find_map(|name| bound.call.arg(name));
        if let Some(found) = content.and_then(|content| content::lacking(content, wanted)) {
            self.checker.report(found);
        }
    }

    /// The part that a call names, which must have this role.
    fn callee(&mut self, name: &str, span: Span, role: Role) -> Option<&'c PartOutline<'c>> {
        match self.outline.parts.get(name) {
            Some(part) if part.role == role => Some(part),
            Some(part) => {
                let headline = format!("`{name}` is {}, and {} is needed here", part.role.a_noun(), role.a_noun());
                let how = match part.role {
                    Role::Partner => "partners are reached by `send: envelope to: …`",
                    Role::Service => "services are reached by `get`, `post`, `put`, `patch` and `delete`",
                    Role::Frontend => "frontends are for people; no part calls them",
                    Role::Agent => "agents watch others; no part calls them",
                    Role::Queue => "items are put into queues by `enqueue: QUEUE key: … item: { … }`",
                };
                self.checker.report(
                    Diagnostic::new(codes::WRONG_PART, span, headline)
                        .also(part.name.span, "it is declared here")
                        .help(how),
                );
                None
            }
            None => {
                let headline = format!("there is no {} `{name}`", role.noun());
                let diagnostic = Diagnostic::new(codes::UNDECLARED_PART, span, headline);
                self.checker.report(suggest(diagnostic, name, span, role.noun(), self.outline.names(role)));
                None
            }
        }
    }
}

/// The route of `part` that a request reaches, by its number; where several do, the one with the fewest parameters.
fn reached(part: &PartOutline<'_>, method: &str, called: &PathTemplate) -> Option<usize> {
    let admitting =
        part.routes.iter().enumerate().filter(|(_, route)| route.method == method && route.path.admits(called));
    admitting.min_by_key(|(_, route)| route.path.openness()).map(|(at, _)| at)
}

pub(super) fn unknown_route(part: &PartOutline<'_>, method: &str, called: &PathTemplate, span: Span) -> Diagnostic {
    let name = &part.name.text;
    let diagnostic = Diagnostic::new(codes::UNDECLARED_ROUTE, span, format!("`{name}` has no route {method} {called}"))
        .also(part.name.span, "it is declared here");
    let methods: Vec<&str> =
        part.routes.iter().filter(|route| route.path.admits(called)).map(|route| route.method.as_str()).collect();
    if !methods.is_empty() {
        return diagnostic.help(format!("at this path it answers {}", list(&methods)));
    }
    let paths: Vec<String> =
        part.routes.iter().filter(|route| route.method == method).map(|route| route.path.to_string()).collect();
    let what = format!("path for {method}");
    suggest(diagnostic, &called.to_string(), span, &what, paths.iter().map(String::as_str))
}

/// The name that an argument's value is.
pub(super) fn symbol(value: Option<&Value>) -> Option<&SmolStr> {
    match value {
        Some(Value::Symbol(name)) => Some(name),
        _ => None,
    }
}
