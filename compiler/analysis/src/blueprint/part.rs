//! Parts: frontends, services and partners.

use indexmap::IndexMap;
use scn_diagnostics::{Diagnostic, codes};
use scn_grammar::ast;
use scn_plan::{
    Root, Value,
    blueprint::{Envelope, Frontend, Part, PartKind, Partner, Route, Service},
};
use smol_str::{SmolStr, format_smolstr};

use super::{
    Lowering, Setting,
    handler::Place,
    outline::{PartOutline, Role, unknown_setting},
    settings,
};
use crate::{
    scope::{Binding, Scope},
    types::Type,
};

/// Settings of parts that exist in another way than the embedded sandbox's.
const ELSEWHERE: [&str; 12] =
    ["repo", "branch", "build", "run", "health", "calls", "env", "image", "manifests", "openapi", "url", "port"];

impl Lowering<'_, '_> {
    /// The part that `outline` sketches; `None` if it cannot exist in an embedded sandbox, which is reported.
    pub(super) fn part(&mut self, outline: &PartOutline<'_>) -> Option<Part> {
        let mut part = Part {
            name: outline.name.text.clone(),
            kind: PartKind::Service(Service::default()),
            workers: None,
            latency: None,
            stores: outline.stores.iter().map(|(name, (ty, _))| (name.clone(), ty.shape())).collect(),
            span: outline.node.span,
            workers_span: None,
            latency_span: None,
        };
        let mut port = None;
        let mut available = true;
        for setting in settings(outline.node) {
            match (setting.key.text.as_str(), setting.values) {
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
                (name, _) if ELSEWHERE.contains(&name) => {
                    // One cause, one error: such a part has several of these settings.
                    if std::mem::take(&mut available) {
                        self.report(elsewhere(&setting, outline));
                    }
                }
                _ => {
                    let known: &[&str] = match outline.role {
                        Role::Frontend => &["workers", "latency", "port"],
                        Role::Service | Role::Partner => &["workers", "latency"],
                    };
                    self.report(unknown_setting(setting.key, outline.role.noun(), known));
                }
            }
        }
        if !available {
            return None;
        }
        part.kind = match outline.role {
            Role::Frontend => {
                let pages = outline.pages.iter().map(|(path, node)| (path.clone(), self.page(outline, path, node)));
                PartKind::Frontend(Frontend { port, pages: pages.collect() })
            }
            Role::Service => PartKind::Service(Service { routes: self.routes(outline) }),
            Role::Partner => PartKind::Partner(Partner { envelopes: self.envelopes(outline) }),
        };
        Some(part)
    }

    /// A whole number from `least` to `most`.
    fn whole<T: TryFrom<i64> + Copy + Into<u64>>(&mut self, expr: &ast::Expr, least: i64, most: T) -> Option<T> {
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

    fn routes(&mut self, outline: &PartOutline<'_>) -> Vec<Route> {
        let mut routes = Vec::with_capacity(outline.routes.len());
        for route in &outline.routes {
            let mut scope = self.handler_scope();
            let parameters = route.path.parameters().map(|name| (name.clone(), Type::TEXT)).collect();
            scope.bind("path", Binding::Root(Root::Path), Type::Record(parameters));
            scope.bind("query", Binding::Root(Root::Query), Type::AnyRecord);
            if let Some(body) = &route.body {
                scope.bind("body", Binding::Root(Root::Body), body.clone());
            }
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
        let mut envelopes = IndexMap::with_capacity(outline.envelopes.len());
        for (schema, envelope) in &outline.envelopes {
            let mut scope = self.handler_scope();
            if let Some(payload) = &envelope.payload {
                scope.bind("body", Binding::Root(Root::Body), payload.clone());
            }
            let node = envelope.node;
            let (handler, _) = self.handler(outline, Place::Envelope, &node.children, scope, node.span);
            let payload = envelope.payload.as_ref().map(Type::shape);
            envelopes.insert(schema.clone(), Envelope { payload, handler, span: node.span });
        }
        envelopes
    }

    /// What every handler can read.
    pub(super) fn handler_scope(&self) -> Scope {
        let mut scope = self.context.scope();
        scope.bind("branch", Binding::Root(Root::Branch), Type::TEXT);
        scope
    }
}

fn no_value(key: &ast::Name) -> Diagnostic {
    Diagnostic::new(codes::MISSING_ARGUMENT, key.span, format!("`{}` has no value", key.text))
        .help("write its value after the colon")
}

fn elsewhere(setting: &Setting<'_>, outline: &PartOutline<'_>) -> Diagnostic {
    let behaviour = match outline.role {
        Role::Frontend => "pages",
        Role::Service => "routes",
        Role::Partner => "envelopes",
    };
    Diagnostic::new(
        codes::PART_UNAVAILABLE,
        setting.key.span,
        format!("`{}` asks for a part that the embedded sandbox does not have", setting.key.text),
    )
    .also(outline.name.span, format!("`{}` is declared here", outline.name.text))
    .note("the embedded sandbox has frontends, services and partners whose behaviour is written in the blueprint")
    .help(format!("declare the {behaviour} of `{}` here instead", outline.name.text))
}
