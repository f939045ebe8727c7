//! Agents: parts that watch requests to another part, and do something after each.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, ExprKind as Ast, Head, Node, Phrase};
use scn_plan::collections::IndexMap;
use scn_plan::{
    Root,
    blueprint::{Agent, Watch},
};
use smol_str::{SmolStr, format_smolstr};

use super::{
    Lowering, Setting,
    handler::Place,
    outline::{PartOutline, Role, path_of, unknown_setting},
    part::no_value,
    path::PathTemplate,
    peer, settings, words,
};
use crate::{
    expr::{dotted, quoted_text, response_fields},
    index::Meaning,
    scope::Binding,
    signatures::{list, suggest},
    types::Type,
};

/// What an agent can read of the requests that it watches.
struct Watched {
    watch: Watch,
    path: Type,
    body: Type,
    response: Type,
    answer: Option<scn_plan::Shape>,
}

const HOW: &str = "write `watches: payments-svc POST \"/charge\"`";

impl Lowering<'_, '_> {
    /// The agent that `outline` sketches; `None` if it does not say what it watches, which is reported.
    pub(super) fn agent(&mut self, outline: &PartOutline<'_>) -> Option<Agent> {
        let mut watches: Option<(&[ast::Expr], Span)> = None;
        for setting in settings(outline.node).filter(|setting| !is_step(outline.node, setting.key)) {
            match setting.key.text.as_str() {
                "watches" if setting.values.is_empty() => self.report(no_value(setting.key)),
                "watches" => watches = Some((setting.values, setting.key.span)),
                // They are the part's own.
                "workers" | "latency" => {}
                _ => self.report(unknown_setting(setting.key, "agent", &words::AGENT)),
            }
        }
        let Some((values, at)) = watches else {
            let headline = format!("the agent `{}` does not say what it watches", outline.name.text);
            self.report(Diagnostic::new(codes::BAD_AGENT, outline.name.span, headline).help(HOW));
            return None;
        };
        let watched = self.watched(values, at)?;
        let steps: Vec<Node> = outline.node.children.iter().filter(|child| is_step_node(child)).cloned().collect();
        if steps.is_empty() {
            let headline = format!("the agent `{}` does nothing", outline.name.text);
            self.report(
                Diagnostic::new(codes::BAD_AGENT, outline.name.span, headline)
                    .help("write the steps that it takes below it, each as `- VERB: …`"),
            );
        }
        let mut scope = self.handler_scope();
        scope.bind("path", Binding::Root(Root::Path), watched.path);
        scope.bind("query", Binding::Root(Root::Query), Type::AnyRecord);
        scope.bind("body", Binding::Root(Root::Body), watched.body);
        scope.bind("response", Binding::Root(Root::Response), watched.response);
        let (handler, _) = self.handler(outline, Place::Watch, &steps, scope, outline.node.span);
        Some(Agent { watches: watched.watch, response: watched.answer, handler })
    }

    /// `PART METHOD "/path"`: the requests that are watched.
    fn watched(&mut self, values: &[ast::Expr], at: Span) -> Option<Watched> {
        let (name, method, path) = match values {
            [part, ast::Expr { kind: Ast::Phrase(Phrase::Method, method, path), .. }] => (part, method, path),
            _ => {
                let span = values.iter().map(|value| value.span).reduce(Span::to).unwrap_or(at);
                let headline = "an agent watches the requests to a part that have a method and a path";
                self.report(Diagnostic::new(codes::BAD_AGENT, span, headline).help(HOW));
                return None;
            }
        };
        let (part, part_span) = dotted(name).map(|text| (text, name.span)).or_else(|| quoted_text(name))?;
        let outline = self.outline;
        let Some(watched) = outline.parts.get(&part) else {
            let diagnostic = Diagnostic::new(codes::UNDECLARED_PART, part_span, format!("there is no part `{part}`"));
            let names = outline.names(Role::Service).chain(outline.names(Role::Frontend));
            self.report(suggest(diagnostic, &part, part_span, "part that can be watched", names));
            return None;
        };
        let (path, path_span) = path_of(path, self.diagnostics)?;
        let method = SmolStr::new(dotted(method)?);
        let template = PathTemplate::parse(&path);
        let parameters: IndexMap<SmolStr, Type> =
            template.parameters().map(|name| (name.clone(), Type::TEXT)).collect();
        let watch = Watch { part, method: method.clone(), path: format_smolstr!("{template}"), span: at };
        let (mut body, mut answer) = (Type::Any, Type::Any);
        match watched.role {
            _ if watched.is_closed_book => {}
            Role::Service => {
                let Some(route) =
                    watched.routes.iter().position(|route| route.method == method && route.path.same_as(&template))
                else {
                    let diagnostic = peer::unknown_route(watched, &method, &template, path_span);
                    self.report(diagnostic);
                    return None;
                };
                if let Some(route) = watched.routes.get(route) {
                    self.context.notes.note(path_span, || Meaning::Declared(route.node.span));
                    body = route.body.clone().unwrap_or(Type::Any);
                }
                answer = self.route_reply(watched, route);
            }
            Role::Frontend => {
                if !self.check_page(watched, &path, path_span) {
                    return None;
                }
                if !matches!(method.as_str(), "GET" | "POST") {
                    let headline = format!("a page answers GET and POST, not {method}");
                    let help = format!("at this path it answers {}", list(&["GET", "POST"]));
                    self.report(Diagnostic::new(codes::UNDECLARED_ROUTE, path_span, headline).help(help));
                    return None;
                }
            }
            role => {
                let headline = format!("`{}` is {}, which has no requests to watch", watch.part, role.a_noun());
                self.report(
                    Diagnostic::new(codes::WRONG_PART, part_span, headline)
                        .also(watched.name.span, "it is declared here")
                        .help("an agent watches a service or a frontend"),
                );
                return None;
            }
        }
        let mut response: IndexMap<SmolStr, Type> =
            response_fields().into_iter().map(|(name, ty)| (name.into(), ty)).collect();
        let shape = (!matches!(answer, Type::Any | Type::Error)).then(|| answer.shape());
        response.insert("body".into(), answer);
        let (path, response) = (Type::Record(parameters.into()), Type::Record(response.into()));
        Some(Watched { answer: shape, watch, path, body, response })
    }
}

/// Whether `setting` is one of those that an agent has like every part, and no attribute of one of its steps.
pub(super) fn has_setting(outline: &PartOutline<'_>, setting: &Setting<'_>, name: &str) -> bool {
    matches!(name, "workers" | "latency") && !is_step(outline.node, setting.key)
}

/// Whether a line of an agent is a step of its handler.
fn is_step_node(node: &Node) -> bool {
    node.dash && matches!(node.head, Head::Entry { .. } | Head::Expr { .. } | Head::Error)
}

/// Whether the setting under `key` is in truth a step, or an attribute of one.
fn is_step(agent: &Node, key: &ast::Name) -> bool {
    agent.children.iter().any(|child| {
        is_step_node(child)
            && child.span.source == key.span.source
            && child.span.start <= key.span.start
            && key.span.end <= child.span.end
    })
}
