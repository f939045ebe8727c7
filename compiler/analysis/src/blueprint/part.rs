//! Parts: what a sandbox consists of.

use scn_diagnostics::{Diagnostic, codes};
use scn_grammar::ast;
use scn_plan::collections::IndexMap;
use scn_plan::{
    Root,
    blueprint::{Envelope, Frontend, Part, PartKind, Partner, Route, Service},
};
use smol_str::{SmolStr, format_smolstr};

use super::{
    Lowering, agent,
    handler::Place,
    outline::{EnvelopeOutline, PartOutline, Role, RouteOutline, unknown_setting},
    process, settings, words,
};
use crate::{
    context::Context,
    scope::{Binding, Scope},
    types::Type,
};

impl Lowering<'_, '_> {
    /// The part that `outline` sketches; `None` if it cannot be told what it is, which is reported.
    pub(super) fn part(&mut self, outline: &PartOutline<'_>) -> Option<Part> {
        let existing = self.existing(outline);
        let mut part = Part {
            name: outline.name.text.clone(),
            kind: PartKind::Service(Service::default()),
            workers: None,
            latency: None,
            stores: outline.stores.iter().map(|(name, (ty, _))| (name.clone(), ty.shape())).collect(),
            span: outline.node.span,
            workers_span: None,
            latency_span: None,
            process: existing.process,
            elsewhere: existing.elsewhere,
            calls: existing.calls,
        };
        let mut port = None;
        // The settings of agents and queues are read where these are lowered, but for those that every part has.
        for setting in settings(outline.node) {
            match (setting.key.text.as_str(), setting.values) {
                (name, _) if outline.role == Role::Agent && !agent::has_setting(outline, &setting, name) => {}
                _ if outline.role == Role::Queue => {}
                ("workers", [workers, ..]) => {
                    part.workers = self.whole(workers, 1, u32::MAX);
                    part.workers_span = Some(workers.span);
                }
                ("latency", [latency, ..]) => {
                    part.latency = self.latency(latency);
                    part.latency_span = Some(latency.span);
                }
                ("port", [number, ..]) if outline.role == Role::Frontend => port = self.whole(number, 1, u16::MAX),
                ("workers" | "latency", []) => self.report(no_value(setting.key)),
                ("port", []) if outline.role == Role::Frontend => self.report(no_value(setting.key)),
                (name, _) if process::PROCESS.contains(&name) || process::ELSEWHERE.contains(&name) => {}
                _ => {
                    let known = words::part(outline.role == Role::Frontend);
                    self.report(unknown_setting(setting.key, outline.role.noun(), &known));
                }
            }
        }
        part.kind = match outline.role {
            Role::Frontend => {
                let pages = outline.pages.iter().map(|(path, node)| (path.clone(), self.page(outline, path, node)));
                PartKind::Frontend(Frontend { port, pages: pages.collect() })
            }
            Role::Service => PartKind::Service(Service { routes: self.routes(outline) }),
            Role::Partner => PartKind::Partner(Partner { envelopes: self.envelopes(outline) }),
            Role::Agent => PartKind::Agent(self.agent(outline)?),
            Role::Queue => PartKind::Queue(self.queue(outline)?),
        };
        Some(part)
    }

    fn routes(&mut self, outline: &PartOutline<'_>) -> Vec<Route> {
        let mut routes = Vec::with_capacity(outline.routes.len());
        for route in &outline.routes {
            let scope = route_scope(self.handler_scope(), route);
            let (handler, _) = self.handler(outline, Place::Route, &route.node.children, scope, route.node.span);
            routes.push(Route {
                method: route.method.clone(),
                path: format_smolstr!("{}", route.path),
                body: route.body.as_ref().map(Type::shape),
                handler,
                mutating: false,
                span: route.node.span,
            });
        }
        routes
    }

    fn envelopes(&mut self, outline: &PartOutline<'_>) -> IndexMap<SmolStr, Envelope> {
        let mut envelopes = IndexMap::with_capacity_and_hasher(outline.envelopes.len(), Default::default());
        for (schema, envelope) in &outline.envelopes {
            let scope = envelope_scope(self.handler_scope(), envelope);
            let node = envelope.node;
            let (handler, _) = self.handler(outline, Place::Envelope, &node.children, scope, node.span);
            let payload = envelope.payload.as_ref().map(Type::shape);
            envelopes.insert(schema.clone(), Envelope { payload, handler, span: node.span });
        }
        envelopes
    }

    /// What every handler can read.
    pub(super) fn handler_scope(&self) -> Scope {
        handler_scope(self.context)
    }
}

/// What every handler can read.
pub(super) fn handler_scope(context: &Context<'_>) -> Scope {
    let mut scope = context.scope();
    scope.bind("branch", Binding::Root(Root::Branch), Type::TEXT);
    scope
}

/// What the handler of `route` can read besides.
pub(super) fn route_scope(mut scope: Scope, route: &RouteOutline<'_>) -> Scope {
    let parameters = route.path.parameters().map(|name| (name.clone(), Type::TEXT));
    scope.bind("path", Binding::Root(Root::Path), Type::record(parameters));
    scope.bind("query", Binding::Root(Root::Query), Type::AnyRecord);
    if let Some(body) = &route.body {
        scope.bind("body", Binding::Root(Root::Body), body.clone());
    }
    scope
}

/// What the handler of `envelope` can read besides.
pub(super) fn envelope_scope(mut scope: Scope, envelope: &EnvelopeOutline<'_>) -> Scope {
    if let Some(payload) = &envelope.payload {
        scope.bind("body", Binding::Root(Root::Body), payload.clone());
    }
    scope
}

pub(super) fn no_value(key: &ast::Name) -> Diagnostic {
    Diagnostic::new(codes::MISSING_ARGUMENT, key.span, format!("`{}` has no value", key.text))
        .help("write its value after the colon")
}
