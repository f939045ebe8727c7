//! Handlers: what a part does with a request.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, ExprKind as Ast, Head, Node};
use scn_plan::collections::HashSet;
use scn_plan::{
    Expr, ExprKind, SlotId, Value,
    blueprint::{Handler, HandlerStep, HandlerStepKind},
};
use smol_str::SmolStr;

use super::{
    Lowering,
    outline::{Outline, PartOutline, Role},
    peer::{Expected, symbol},
    reply::{self, Answer, Replies},
    words::{COMMON, CONTROL},
};
use crate::{
    content::fields_of,
    context::Context,
    expr::{Bound, ExprChecker, parameter},
    index::Meaning,
    line::{Attribute, Line},
    scope::Scope,
    signatures::{Signature, suggest},
    types::{Nominal, Type},
};

/// What a handler answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A page is about to be shown.
    View,
    /// A form was submitted.
    Submit,
    /// A request to a route.
    Route,
    /// An envelope.
    Envelope,
    /// A request to another part, which that has answered.
    Watch,
    /// A reviewer has decided on an item.
    Decided,
}

/// What records of a store are kept under, at one place.
#[derive(Clone, Debug)]
pub(super) struct KeyUse {
    pub part: SmolStr,
    pub store: SmolStr,
    pub ty: Type,
    pub span: Span,
}

impl Lowering<'_, '_> {
    /// The handler with these steps, and what can be read after it.
    pub(super) fn handler(
        &mut self,
        part: &PartOutline<'_>,
        place: Place,
        steps: &[Node],
        mut scope: Scope,
        span: Span,
    ) -> (Handler, Scope) {
        let mut handler = HandlerChecker {
            checker: ExprChecker::new(self.context.signatures, &self.symbols, &mut scope, self.diagnostics),
            context: self.context,
            outline: self.outline,
            part,
            place,
            keys: &mut self.keys,
            replies: &self.replies,
            answers: Vec::new(),
            ordinal: 0,
        };
        let (steps, _) = handler.block(steps);
        let mut handler = Handler { slots: scope.slots().to_vec(), steps, span };
        mark_status_reads(&mut handler, std::iter::empty());
        (handler, scope)
    }
}

/// Checks and lowers the steps of one handler.
pub(super) struct HandlerChecker<'c> {
    pub checker: ExprChecker<'c>,
    pub context: &'c Context<'c>,
    pub outline: &'c Outline<'c>,
    pub part: &'c PartOutline<'c>,
    pub place: Place,
    pub keys: &'c mut Vec<KeyUse>,
    /// What routes and envelopes answer, as far as somebody has asked.
    pub replies: &'c Replies,
    /// What the handler itself answers.
    pub answers: Vec<Answer>,
    pub ordinal: u32,
}

/// A step, and whether nothing runs after it.
pub(super) type Lowered = (HandlerStep, bool);

impl HandlerChecker<'_> {
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.checker.report(diagnostic);
    }

    /// Steps in order, and whether they always end the handler.
    pub(super) fn block(&mut self, nodes: &[Node]) -> (Vec<HandlerStep>, bool) {
        let mut steps = Vec::with_capacity(nodes.len());
        let mut ended: Option<Span> = None;
        for node in nodes {
            if let Some(end) = ended
                && !matches!(node.head, Head::Error)
            {
                self.report(
                    Diagnostic::new(codes::AFTER_REPLY, node.span, "this step can never run")
                        .also(end, "the handler ends here at the latest")
                        .help("move it above the reply, or leave it out"),
                );
                break;
            }
            if let Some((step, ends)) = self.step(node) {
                ended = ends.then_some(step.span);
                steps.push(step);
            }
        }
        (steps, ended.is_some())
    }

    fn step(&mut self, node: &Node) -> Option<Lowered> {
        let ordinal = self.ordinal;
        self.ordinal += 1;
        let Head::Entry { key, .. } = &node.head else {
            if node.head != Head::Error {
                self.report(
                    Diagnostic::new(codes::MISPLACED, node.span, "a handler holds steps").help("write `- VERB: …`"),
                );
            }
            return None;
        };
        match key.text.as_str() {
            "if" => self.conditional(node, ordinal),
            "for" => self.repeated(node, ordinal),
            "retry" => self.retried(node, ordinal),
            "set" => self.assigned(node, ordinal),
            _ => self.call(node, key, ordinal),
        }
    }

    /// The condition of `if:` on a step's line, which holds where the step's arguments are read.
    pub(super) fn guard(&mut self, line: &mut Line<'_>) -> Option<Expr> {
        let attr = line.take("if")?;
        match attr.value() {
            Some(condition) => Some(self.checker.condition(&condition)),
            None => {
                self.report(no_value(attr.key, "a condition such as `record is none`"));
                None
            }
        }
    }

    /// Something that the prelude declares for handlers.
    fn call(&mut self, node: &Node, verb: &ast::Name, ordinal: u32) -> Option<Lowered> {
        let Some(signature) = self.checker.signatures.handlers.get(&verb.text) else {
            self.unknown_step(verb);
            return None;
        };
        let mut signature: Signature = signature.clone();
        let mut line = Line::of(node, |name| parameter(&signature, name).is_some() || COMMON.contains(&name))?;
        let guard = self.guard(&mut line);
        let result = line.take("as");
        let mark = self.checker.scope.mark();
        if let Some(guard) = &guard {
            self.checker.scope.assume(guard, true);
        }
        let found = if verb.text == "find" { self.queue_found(&line) } else { None };
        let store = if found.is_none() { self.store_of(&mut signature, &line) } else { None };
        let expected = match verb.text.as_str() {
            "get" | "post" | "put" | "patch" | "delete" => self.expect_route(&mut signature, &line),
            "send" => self.expect_envelope(&mut signature, &line),
            "enqueue" => self.expect_item(&mut signature, &line),
            _ => None,
        };
        let (content, reply) = match expected {
            Some(Expected { content, reply }) => (content, Some(reply)),
            None => (None, None),
        };
        let errors = self.checker.diagnostics.len();
        let bound = self.checker.bind_call(&signature, &line, &COMMON);
        self.checker.scope.reset(mark);
        // What has been reported is in the call as none; one cause, one error.
        let sound = self.checker.diagnostics.len() == errors;
        if let Some(content) = content.filter(|_| sound) {
            self.check_content(&bound, &content);
        }
        if verb.text == "reply" {
            self.check_reply(&bound);
        }
        if let Some((store, record)) = &store {
            self.check_record(&bound, store, record);
        }

        if verb.text == "enqueue" || found.is_some() {
            self.check_single_key(&bound);
        }

        let body = match (verb.text.as_str(), &reply) {
            ("enqueue", _) | (_, None | Some(Type::Any | Type::Error)) => None,
            (_, Some(reply)) => Some(reply.shape()),
        };
        let yields = match (&store, signature.result) {
            _ if found.is_some() => found.map(Type::maybe),
            (Some((_, record)), Some(Type::Maybe(_))) => Some(record.clone().maybe()),
            (_, Some(Type::Response)) => Some(reply.map_or(Type::Response, reply::response)),
            (_, Some(_)) if verb.text == "enqueue" => reply.or(Some(Type::AnyRecord)),
            (_, yields) => yields,
        };
        let result = result.and_then(|attr| self.named_result(&attr, verb, yields, guard.is_some()));
        let ends = verb.text == "reply";
        if let (true, Some(guard)) = (ends, &guard) {
            self.checker.scope.assume(guard, false);
        }
        let ends = ends && guard.is_none();
        let kind = HandlerStepKind::Call { call: bound.call, result, status_read: false, body };
        Some((HandlerStep { ordinal, kind, guard, span: node.span }, ends))
    }

    fn unknown_step(&mut self, verb: &ast::Name) {
        let diagnostic =
            Diagnostic::new(codes::UNKNOWN_STEP, verb.span, format!("handlers have no step `{}`", verb.text));
        let names: Vec<&str> = self.checker.signatures.handlers.keys().map(SmolStr::as_str).chain(CONTROL).collect();
        self.report(suggest(diagnostic, &verb.text, verb.span, "step of a handler", names));
    }

    /// `as: name`
    fn named_result(
        &mut self,
        attr: &Attribute<'_>,
        verb: &ast::Name,
        yields: Option<Type>,
        guarded: bool,
    ) -> Option<SlotId> {
        let Some(name) = attr.value() else {
            self.report(no_value(attr.key, "a name"));
            return None;
        };
        let Some(yields) = yields else {
            self.report(
                Diagnostic::new(codes::SURPLUS_ARGUMENT, attr.span, format!("`{}` yields nothing to name", verb.text))
                    .help("leave `as:` out"),
            );
            return None;
        };
        let name = self.checker.check(&name, &Type::Name).0;
        let span = name.span;
        let name = name.as_value().and_then(Value::as_str)?;
        // Where the guard does not hold, nothing was found out.
        let ty = if guarded { yields.maybe() } else { yields };
        self.checker.scope.notes.note(span, || Meaning::Typed(ty.clone()));
        Some(self.checker.scope.declare(name, ty))
    }

    /// The store that a step works on, with the type of its records; the step's `value` must then be one.
    fn store_of(&mut self, signature: &mut Signature, line: &Line<'_>) -> Option<(SmolStr, Type)> {
        signature.param("store")?;
        let written =
            line.values.first().or_else(|| line.attrs.iter().find(|attr| attr.is("store"))?.values.first())?;
        let (name, span) = crate::expr::dotted(written)
            .map(|name| (name, written.span))
            .or_else(|| crate::expr::quoted_text(written))?;
        let Some((record, _)) = self.part.stores.get(&name) else {
            let part = &self.part.name;
            let diagnostic =
                Diagnostic::new(codes::UNDECLARED_STORE, span, format!("`{}` has no store `{name}`", part.text))
                    .also(part.span, "it is declared here");
            let stores = self.part.stores.keys().map(SmolStr::as_str);
            let diagnostic = suggest(diagnostic, &name, span, "store", stores);
            self.report(diagnostic);
            return None;
        };
        self.checker.scope.notes.note(span, || Meaning::Named(Nominal::Store, name.clone(), None));
        if let Some(value) = signature.params.iter_mut().find(|param| param.name == "value") {
            value.ty = match (signature.name.as_str(), record) {
                // `update` changes some of the fields.
                ("update", Type::Record(fields)) => {
                    let mut given = fields.as_ref().clone();
                    let written = line.attrs.iter().find(|attr| attr.is("value")).and_then(Attribute::value);
                    if let Some(Ast::Record(written)) = written.as_deref().map(|value| &value.kind) {
                        given.retain(|name, _| written.iter().any(|(own, _)| own.text == *name));
                    }
                    Type::Record(given.into())
                }
                (_, record) => record.clone(),
            };
        }
        Some((name, record.clone()))
    }

    /// What is kept has no other field than the store's records, and a key of one type.
    fn check_record(&mut self, bound: &Bound, store: &SmolStr, record: &Type) {
        if let (Some(key), Some(expr)) = (bound.types.get("key"), bound.call.arg("key")) {
            self.check_key(store, key, expr);
        }
        let (Some(value), Type::Record(fields)) = (bound.call.arg("value"), record) else { return };
        let known: Vec<&str> = fields.keys().map(SmolStr::as_str).collect();
        let span = value.span;
        for name in fields_of(value).unwrap_or_default().into_iter().filter(|name| !fields.contains_key(*name)) {
            let headline = format!("records in `{store}` have no field `{name}`");
            let diagnostic = Diagnostic::new(codes::UNKNOWN_FIELD, span, headline);
            self.report(diagnostic.help(format!("their fields are {}", crate::signatures::list(&known))));
        }
    }

    fn check_key(&mut self, store: &SmolStr, ty: &Type, expr: &Expr) {
        let span = expr.span;
        match no_key(ty) {
            None if ty.is_error() || *ty == Type::Any => {}
            None => {
                let part = self.part.name.text.clone();
                self.keys.push(KeyUse { part, store: store.clone(), ty: ty.clone(), span });
            }
            Some(why) => self.refuse_key(why, ty, span),
        }
    }

    /// What an item of a queue is found again by is a single value.
    fn check_single_key(&mut self, bound: &Bound) {
        if let (Some(ty), Some(expr)) = (bound.types.get("key"), bound.call.arg("key"))
            && let Some(why) = no_key(ty)
        {
            self.refuse_key(why, ty, expr.span);
        }
    }

    fn refuse_key(&mut self, why: &str, ty: &Type, span: Span) {
        self.report(
            Diagnostic::new(codes::STORE_KEY, span, format!("{why}, and this is {ty}"))
                .help("name what the record is found again by, such as `body.id`"),
        );
    }

    /// A frontend answers with pages, the others with bodies.
    fn check_reply(&mut self, bound: &Bound) {
        self.answers.push(Answer::of(bound));
        if matches!(self.place, Place::Watch | Place::Decided) {
            let (who, instead) = match self.place {
                Place::Watch => ("an agent", "the request that it watches has been answered already"),
                _ => ("a queue", "nobody waits for an answer when an item is decided"),
            };
            let span = bound.call.span;
            self.report(
                Diagnostic::new(codes::WRONG_REPLY, span, format!("{who} has nobody to reply to"))
                    .note(instead)
                    .help("leave the reply out; let other parts be called, or something be stored"),
            );
            return;
        }
        let frontend = self.part.role == Role::Frontend;
        let unsuited: &[&str] = if frontend { &["body"] } else { &["page", "error"] };
        for name in unsuited {
            if let Some(value) = bound.call.arg(name) {
                let headline = format!("a {} does not reply with `{name}`", self.part.role.noun());
                let help = match (frontend, self.place) {
                    (true, _) => "a frontend replies with a page: write `page:` and `error:`",
                    (false, Place::Envelope) => "a partner replies with a body: write `body: { … }`",
                    (false, _) => "a service replies with a body: write `body: { … }`",
                };
                let span = value.span;
                self.report(Diagnostic::new(codes::WRONG_REPLY, span, headline).help(help));
            }
        }
        if let Some(page) = bound.call.arg("page").filter(|_| frontend)
            && let (Some(path), span) = (symbol(page.as_value()), page.span)
            && !self.part.pages.contains_key(path)
        {
            let diagnostic =
                Diagnostic::new(codes::UNDECLARED_PAGE, span, format!("`{}` has no page {path}", self.part.name.text));
            let pages = self.part.pages.keys().map(SmolStr::as_str);
            let diagnostic = suggest(diagnostic, path, span, "page", pages);
            self.report(diagnostic);
        }
    }
}

/// Why a value of this type cannot be what something is found again by.
fn no_key(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Maybe(_) | Type::None => Some("a key may not be none"),
        Type::List(_)
        | Type::Record(_)
        | Type::AnyRecord
        | Type::Response
        | Type::File
        | Type::Range(_)
        | Type::Persona => Some("a key is a single value"),
        _ => None,
    }
}

pub(super) fn no_value(name: &ast::Name, what: &str) -> Diagnostic {
    Diagnostic::new(codes::MISSING_ARGUMENT, name.span, format!("`{}` has no value", name.text))
        .help(format!("write {what} after the colon"))
}

/// Finds out which calls' `.status` the handler's expressions read, or those of the page that it prepares.
pub(super) fn mark_status_reads<'e>(handler: &mut Handler, outside: impl Iterator<Item = &'e Expr>) {
    let mut read: HashSet<SlotId> = HashSet::default();
    let mut look = |expr: &Expr| {
        expr.walk(&mut |expr| {
            if let ExprKind::Field(base, name) = &expr.kind
                && let (ExprKind::Slot(slot), "status") = (&base.kind, name.as_str())
            {
                read.insert(*slot);
            }
        });
    };
    handler.expressions(&mut look);
    outside.for_each(look);
    handler.for_each_step_mut(&mut |step| {
        if let HandlerStepKind::Call { result: Some(slot), status_read, .. } = &mut step.kind {
            *status_read |= read.contains(slot);
        }
    });
}
