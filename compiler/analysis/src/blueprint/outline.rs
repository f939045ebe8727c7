//! What the parts of a sandbox offer each other, before any handler is looked at.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, Keyword, Node};
use scn_plan::collections::IndexMap;
use smol_str::SmolStr;

use super::{branch, declarations, path::PathTemplate, process, queue::QueueOutline, refuse_items, settings, words};
use crate::{expr::quoted_text, signatures::suggest, type_expr, types::Type};

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Frontend,
    Service,
    Partner,
    Agent,
    Queue,
}

impl Role {
    /// What to call it in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Role::Frontend => "frontend",
            Role::Service => "service",
            Role::Partner => "partner",
            Role::Agent => "agent",
            Role::Queue => "queue",
        }
    }

    /// The same, with its article.
    pub fn a_noun(self) -> String {
        with_article(self.noun())
    }
}

/// A sandbox's parts and settings.
pub(super) struct Outline<'a> {
    pub entry: Option<&'a ast::Expr>,
    pub parts: IndexMap<SmolStr, PartOutline<'a>>,
    /// The blocks under `data:`.
    pub data: Vec<&'a [Node]>,
}

/// A part and what it offers.
pub(super) struct PartOutline<'a> {
    pub role: Role,
    pub name: &'a ast::Name,
    pub node: &'a Node,
    /// Stores with the type of their records, and where they are declared.
    pub stores: IndexMap<SmolStr, (Type, Span)>,
    /// Pages by path.
    pub pages: IndexMap<SmolStr, &'a Node>,
    pub routes: Vec<RouteOutline<'a>>,
    pub envelopes: IndexMap<SmolStr, EnvelopeOutline<'a>>,
    /// What a queue takes and yields.
    pub queue: QueueOutline,
    /// Whether it has no behaviour here, but exists in another way: nobody knows what it answers.
    pub is_closed_book: bool,
}

/// A route and what its body must be.
pub(super) struct RouteOutline<'a> {
    pub method: SmolStr,
    pub path: PathTemplate,
    pub body: Option<Type>,
    pub node: &'a Node,
}

/// What an envelope's payload must be.
pub(super) struct EnvelopeOutline<'a> {
    pub payload: Option<Type>,
    pub node: &'a Node,
}

impl<'a> Outline<'a> {
    /// The outline of the declaration `sandbox`.
    pub fn of(sandbox: &'a Node, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut outline = Self { entry: None, parts: IndexMap::default(), data: Vec::new() };
        refuse_items(sandbox, diagnostics);
        for setting in settings(sandbox) {
            match (setting.key.text.as_str(), setting.values) {
                ("entry", [entry, ..]) if outline.entry.is_none() => outline.entry = Some(entry),
                ("entry", _) => diagnostics.push(
                    Diagnostic::new(
                        codes::SANDBOX_ENTRY,
                        setting.key.span,
                        "`entry:` is given once, with the name of a frontend",
                    )
                    .help("keep the one that journeys begin at"),
                ),
                ("data", _) => outline.data.push(setting.children),
                _ => diagnostics.push(unknown_setting(setting.key, "sandbox", &words::SANDBOX)),
            }
        }
        for (node, decl) in declarations(sandbox) {
            let role = match decl.keyword {
                Keyword::Frontend => Role::Frontend,
                Keyword::Service => Role::Service,
                Keyword::Partner => Role::Partner,
                Keyword::Agent => Role::Agent,
                Keyword::Queue => Role::Queue,
                Keyword::Branch => {
                    diagnostics.push(branch::misplaced(decl, "sandbox"));
                    continue;
                }
                _ => {
                    diagnostics.push(
                        Diagnostic::new(codes::MISPLACED, decl.keyword_span, "this cannot stand directly in a sandbox")
                            .help("a sandbox holds frontends, services, partners, agents, queues and `data:`"),
                    );
                    continue;
                }
            };
            let Some(name) = &decl.name else { continue };
            if let Some(first) = outline.parts.get(&name.text) {
                diagnostics.push(duplicate("part", &name.text, name.span, first.name.span));
                continue;
            }
            outline.parts.insert(name.text.clone(), PartOutline::of(node, role, name, diagnostics));
        }
        outline
    }

    /// The names of all parts with this role.
    pub fn names(&self, role: Role) -> impl Iterator<Item = &str> {
        self.parts.values().filter(move |part| part.role == role).map(|part| part.name.text.as_str())
    }
}

impl<'a> PartOutline<'a> {
    fn of(node: &'a Node, role: Role, name: &'a ast::Name, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut part = Self {
            role,
            name,
            node,
            stores: IndexMap::default(),
            pages: IndexMap::default(),
            routes: Vec::new(),
            envelopes: IndexMap::default(),
            queue: QueueOutline::default(),
            is_closed_book: false,
        };
        if role == Role::Agent {
            // What stands under it are the steps of its handler, and stores.
            for (_, decl) in declarations(node) {
                match decl.keyword {
                    Keyword::Store => part.store(decl, diagnostics),
                    _ => diagnostics.push(
                        Diagnostic::new(codes::MISPLACED, decl.keyword_span, "this cannot stand directly in an agent")
                            .help("an agent holds stores, and the steps that it takes"),
                    ),
                }
            }
            return part;
        }
        if role == Role::Queue {
            part.queue = QueueOutline::of(node, diagnostics);
        }
        refuse_items(node, diagnostics);
        for (child, decl) in declarations(node) {
            match (decl.keyword, role) {
                (Keyword::Store, _) => part.store(decl, diagnostics),
                (Keyword::Page, Role::Frontend) => part.page(child, decl, diagnostics),
                (Keyword::Route, Role::Service) => part.route(child, decl, diagnostics),
                (Keyword::On, Role::Partner) => part.envelope(child, decl, diagnostics),
                // It is lowered with the queue's settings.
                (Keyword::On, Role::Queue) => {}
                // They are merged into the frontend's pages before a branch is lowered.
                (Keyword::Branch, Role::Frontend) => {}
                (Keyword::Branch, _) => diagnostics.push(branch::misplaced(decl, role.noun())),
                _ => {
                    let holds = match role {
                        Role::Frontend => "a frontend holds pages, stores and branches",
                        Role::Service => "a service holds routes and stores",
                        Role::Partner => "a partner holds `on envelope` and stores",
                        Role::Agent => "an agent holds stores, and the steps that it takes",
                        Role::Queue => "a queue holds `on decided` and stores",
                    };
                    let headline = format!("this cannot stand directly in a {}", role.noun());
                    diagnostics.push(Diagnostic::new(codes::MISPLACED, decl.keyword_span, headline).help(holds));
                }
            }
        }
        let behaves = !part.pages.is_empty() || !part.routes.is_empty() || !part.envelopes.is_empty();
        let exists_elsewhere = |setting: &str| setting == "run" || process::ELSEWHERE.contains(&setting);
        part.is_closed_book = !behaves && settings(node).any(|setting| exists_elsewhere(setting.key.text.as_str()));
        part
    }

    fn store(&mut self, decl: &ast::Decl, diagnostics: &mut Vec<Diagnostic>) {
        let Some(name) = &decl.name else { return };
        let ty = match &decl.ty {
            Some(ty) => type_expr::of_type(ty, diagnostics),
            None => {
                diagnostics.push(
                    Diagnostic::new(
                        codes::STORE_TYPE,
                        name.span,
                        format!("the store `{}` does not say what it keeps", name.text),
                    )
                    .help(format!("write `store {}: Record{{ id: Text }}`", name.text)),
                );
                Type::Error
            }
        };
        if !matches!(ty, Type::Record(_) | Type::AnyRecord | Type::Error) {
            let span = decl.ty.as_ref().map_or(name.span, |ty| ty.span);
            diagnostics.push(
                Diagnostic::new(codes::STORE_TYPE, span, format!("a store keeps records, not {ty}"))
                    .help(format!("write `Record{{ value: {ty} }}`")),
            );
        }
        if let Some((_, first)) = self.stores.get(&name.text) {
            diagnostics.push(duplicate("store", &name.text, name.span, *first));
            return;
        }
        self.stores.insert(name.text.clone(), (ty, name.span));
    }

    fn page(&mut self, node: &'a Node, decl: &'a ast::Decl, diagnostics: &mut Vec<Diagnostic>) {
        let Some((path, span)) = decl.operands.first().and_then(|path| path_of(path, diagnostics)) else { return };
        if let Some(first) = self.pages.get(&path) {
            diagnostics.push(duplicate("page", &path, span, first.span));
            return;
        }
        self.pages.insert(path, node);
    }

    fn route(&mut self, node: &'a Node, decl: &'a ast::Decl, diagnostics: &mut Vec<Diagnostic>) {
        let Some(method) = &decl.name else { return };
        let capitals = SmolStr::new(method.text.to_uppercase());
        if !words::METHODS.contains(&capitals.as_str()) {
            let diagnostic =
                Diagnostic::new(codes::BAD_ROUTE, method.span, format!("a route has no method `{}`", method.text));
            diagnostics.push(suggest(diagnostic, &method.text, method.span, "method", words::METHODS));
            return;
        }
        let Some((path, span)) = decl.operands.first().and_then(|path| path_of(path, diagnostics)) else { return };
        let path = PathTemplate::parse(&path);
        if let Some(twice) = path.repeated() {
            diagnostics.push(Diagnostic::new(
                codes::DUPLICATE_NAME,
                span,
                format!("`{{{twice}}}` stands twice in this path"),
            ));
        }
        let body = body_type(node, "body", diagnostics);
        if let Some(first) = self.routes.iter().find(|route| route.method == capitals && route.path.same_as(&path)) {
            diagnostics.push(duplicate("route", &format!("{capitals} {path}"), span, first.node.span));
            return;
        }
        self.routes.push(RouteOutline { method: capitals, path, body, node });
    }

    fn envelope(&mut self, node: &'a Node, decl: &'a ast::Decl, diagnostics: &mut Vec<Diagnostic>) {
        let schema = match (&decl.name, decl.operands.as_slice()) {
            (Some(event), [schema, ..]) if event.text == "envelope" => quoted_text(schema),
            _ => None,
        };
        let Some((schema, span)) = schema else {
            diagnostics.push(
                Diagnostic::new(codes::MISPLACED, node.span, "a partner answers envelopes, each of a schema")
                    .help("write `on envelope \"schema.v1\" payload: Record{ … }:`"),
            );
            return;
        };
        let payload = body_type(node, "payload", diagnostics);
        if let Some(first) = self.envelopes.get(&schema) {
            diagnostics.push(duplicate("envelope", &schema, span, first.node.span));
            return;
        }
        self.envelopes.insert(schema, EnvelopeOutline { payload, node });
    }
}

/// The type that the attribute `name` on the line of `node` gives.
fn body_type(node: &Node, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Type> {
    let mut body = None;
    for attr in &node.attrs {
        match attr.values.first() {
            Some(value) if attr.key.text == name => body = Some(type_expr::of_expr(value, diagnostics)),
            _ if attr.key.text == name => diagnostics.push(
                Diagnostic::new(codes::MISSING_ARGUMENT, attr.span, format!("`{name}:` has no type"))
                    .help("write `Record{ id: Text }` after the colon"),
            ),
            _ => diagnostics.push(unknown_setting(&attr.key, "line", &[name])),
        }
    }
    body
}

/// The path of a page or a route, and where its characters stand.
pub(super) fn path_of(expr: &ast::Expr, diagnostics: &mut Vec<Diagnostic>) -> Option<(SmolStr, Span)> {
    let path = match &expr.kind {
        ast::ExprKind::Path(path) => Some((path.clone(), expr.span)),
        _ => quoted_text(expr),
    };
    match path {
        Some((path, span)) if path.starts_with('/') && !path.contains(char::is_whitespace) => Some((path, span)),
        Some((path, span)) => {
            diagnostics.push(
                Diagnostic::new(codes::BAD_ROUTE, span, format!("`{path}` is no path"))
                    .help("a path begins with `/` and holds no spaces, such as \"/start\""),
            );
            None
        }
        None if expr.kind == ast::ExprKind::Error => None,
        None => {
            diagnostics.push(
                Diagnostic::new(codes::BAD_ROUTE, expr.span, "a path is expected here")
                    .help("write a path in quotes, such as \"/start\""),
            );
            None
        }
    }
}

/// `name` is declared twice.
pub(super) fn duplicate(what: &str, name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(codes::DUPLICATE_NAME, span, format!("there are two {what}s `{name}`"))
        .also(first, "the first is declared here")
        .help("give one of the two another name, or leave it out")
}

/// `noun` behind its indefinite article.
fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// There is no such setting.
pub(super) fn unknown_setting(key: &ast::Name, of: &str, known: &[&str]) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        codes::UNKNOWN_SETTING,
        key.span,
        format!("{} has no setting `{}`", with_article(of), key.text),
    );
    suggest(diagnostic, &key.text, key.span, "setting", known.iter().copied())
}
