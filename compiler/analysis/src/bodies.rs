//! Declarations with parameters and a body: flows, and probes that are composed of others.

use std::{collections::HashSet, sync::Arc};

use scn_diagnostics::{Diagnostic, Severity, Span, codes};
use scn_grammar::ast::{self, ExprKind, Head, Keyword, Node};
use smol_str::SmolStr;

use crate::{
    constants::Constants,
    expr::dotted,
    index::Notes,
    modules::{Modules, Names, visible},
    persona::Personas,
    scope::Scope,
    signatures::{Signature, signature},
    type_expr::Templates,
};

/// A flow or a composed probe.
#[derive(Debug)]
pub(crate) struct Body {
    /// The module that declares it: an index.
    pub module: usize,
    /// Its name, as it is declared.
    pub name: ast::Name,
    /// Its declaration: an index of the module's nodes.
    node: usize,
    /// What it takes and yields.
    pub signature: Signature,
    /// Whether it is part of a circle, which has been reported.
    pub circular: bool,
    /// Whether something in it is wrong, which has been reported.
    pub unsound: bool,
}

/// All flows, or all composed probes, of a compilation.
#[derive(Debug, Default)]
pub(crate) struct Bodies {
    /// In the order of the modules.
    pub all: Vec<Body>,
    /// What each module sees.
    visible: Vec<Arc<Names>>,
}

impl Body {
    /// Its declaration.
    pub fn node<'m>(&self, modules: &'m Modules) -> Option<&'m Node> {
        modules.get(self.module)?.tree.nodes.get(self.node)
    }
}

impl Bodies {
    /// Reads the headers of all declarations with this keyword.
    pub fn load(
        modules: &Modules,
        keyword: Keyword,
        personas: &Personas,
        constants: &[Arc<Constants>],
        notes: &Notes,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let none = Arc::default();
        let mut all: Vec<Body> = Vec::new();
        let mut own: Vec<Names> = Vec::new();
        for (module, file) in modules.all.iter().enumerate() {
            let mut names = Names::default();
            for (index, node) in file.tree.nodes.iter().enumerate() {
                let Some(decl) = node.decl().filter(|decl| decl.keyword == keyword) else { continue };
                let Some(name) = &decl.name else { continue };
                if let Some(first) = names.get(&name.text).and_then(|first| all.get(*first)) {
                    let headline = format!("there is a {} `{}` already", keyword.as_str(), name.text);
                    diagnostics.push(
                        Diagnostic::new(codes::DUPLICATE_NAME, name.span, headline)
                            .also(first.name.span, "it is declared here first"),
                    );
                    continue;
                }
                let templates = Templates { personas: Some((personas, module)) };
                let before = diagnostics.len();
                let scope = Scope::with(constants.get(module).unwrap_or(&none).clone(), notes);
                let signature = signature(decl, node, name, &templates, scope, diagnostics);
                let unsound = diagnostics.len() > before;
                names.insert(name.text.clone(), all.len());
                all.push(Body { module, name: name.clone(), node: index, signature, circular: false, unsound });
            }
            own.push(names);
        }
        Self { all, visible: visible(modules, &own) }
    }

    /// What `module` sees under `name`, and its index.
    pub fn find(&self, module: usize, name: &str) -> Option<(usize, &Body)> {
        let index = *self.visible.get(module)?.get(name)?;
        Some((index, self.all.get(index)?))
    }

    /// The names that `module` sees.
    pub fn names(&self, module: usize) -> impl Iterator<Item = &str> {
        self.visible.get(module).into_iter().flat_map(|names| names.keys()).map(SmolStr::as_str)
    }

    /// Whether some body that the module at `from` can call has something wrong in it, so that plans that call it lack what it does.
    pub fn are_sound(&self, modules: &Modules, from: usize) -> bool {
        let mut unsound = self.all.iter().filter(|body| body.unsound || body.circular).peekable();
        if unsound.peek().is_none() {
            return true;
        }
        let reached = modules.reached([from]);
        !unsound.any(|body| reached.contains(&body.module))
    }

    /// Notes which bodies have something wrong in them, where `found` says what was found in each, and yields all of that.
    pub fn condemn(&mut self, found: Vec<Vec<Diagnostic>>) -> Vec<Diagnostic> {
        for (body, found) in self.all.iter_mut().zip(&found) {
            body.unsound |= found.iter().any(|found| found.severity == Severity::Error);
        }
        found.into_iter().flatten().collect()
    }

    /// Finds the circles in which bodies call one another; each is reported at its earliest call. `calls` yields the names
    /// that a body calls, and where.
    pub fn refuse_circles(
        &mut self,
        modules: &Modules,
        calls: impl Fn(&Node) -> Vec<(SmolStr, Span)>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let edges: Vec<Vec<(usize, Span)>> = self
            .all
            .iter()
            .map(|body| {
                let calls = body.node(modules).map(&calls).unwrap_or_default().into_iter();
                calls.filter_map(|(name, span)| Some((self.find(body.module, &name)?.0, span))).collect()
            })
            .collect();
        let mut search = Search {
            edges: &edges,
            open: Vec::new(),
            state: vec![State::New; self.all.len()],
            circles: Vec::new(),
            circular: HashSet::default(),
        };
        (0..self.all.len()).for_each(|body| search.visit(body));
        for circle in search.circles {
            let names: Vec<&str> = circle
                .iter()
                .chain(circle.first())
                .filter_map(|(body, _)| Some(self.all.get(*body)?.name.text.as_str()))
                .collect();
            let note = way(&names);
            let Some((_, earliest)) = circle.iter().min_by_key(|(_, span)| (span.source, span.start)) else { continue };
            let mut diagnostic =
                Diagnostic::new(codes::RECURSION, *earliest, "this call leads back to itself").note(note);
            for (_, call) in circle.iter().filter(|(_, call)| call != earliest).take(MOST_SHOWN) {
                diagnostic = diagnostic.also(*call, "this call is part of the circle");
            }
            diagnostics.push(diagnostic.help("leave one call of the circle out; to do something again, use `repeat`"));
        }
        for body in search.circular {
            if let Some(body) = self.all.get_mut(body) {
                body.circular = true;
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

/// A search for circles, depth first.
struct Search<'e> {
    edges: &'e [Vec<(usize, Span)>],
    /// The bodies on the way, each with the number of the call that is looked at.
    open: Vec<(usize, usize)>,
    state: Vec<State>,
    /// Circles that are to be reported.
    circles: Vec<Vec<(usize, Span)>>,
    /// The bodies of all circles.
    circular: HashSet<usize>,
}

/// Circles that are reported; where all call all, there are more of them than anybody could read.
const MOST_CIRCLES: usize = 50;

impl Search<'_> {
    /// Walks on from `body`, without going deeper into the stack the further it comes.
    fn visit(&mut self, body: usize) {
        self.enter(body);
        while let Some((body, next)) = self.open.last().copied() {
            let Some((called, _)) = self.edges.get(body).and_then(|edges| edges.get(next)) else {
                self.open.pop();
                self.set(body, State::Done);
                self.next();
                continue;
            };
            match self.state.get(*called) {
                Some(State::New) => self.enter(*called),
                Some(State::Open) => {
                    let way = self.open.iter().skip_while(|(open, _)| open != called);
                    self.circular.extend(way.clone().map(|(open, _)| *open));
                    if self.circles.len() < MOST_CIRCLES {
                        let calls = way.filter_map(|(open, at)| Some((*open, self.edges.get(*open)?.get(*at)?.1)));
                        self.circles.push(calls.collect());
                    }
                    self.next();
                }
                Some(State::Done) | None => self.next(),
            }
        }
    }

    fn enter(&mut self, body: usize) {
        if self.state.get(body) == Some(&State::New) {
            self.set(body, State::Open);
            self.open.push((body, 0));
        }
    }

    /// Goes on to the next call of the body that is looked at.
    fn next(&mut self) {
        if let Some((_, next)) = self.open.last_mut() {
            *next += 1;
        }
    }

    fn set(&mut self, body: usize, state: State) {
        if let Some(own) = self.state.get_mut(body) {
            *own = state;
        }
    }
}

/// Links of a circle that a diagnostic shows beside the first.
pub(crate) const MOST_SHOWN: usize = 8;

/// `a → b → a`; of a long way, both ends.
pub(crate) fn way(names: &[&str]) -> String {
    let left_out = names.len().saturating_sub(2 * MOST_SHOWN);
    match (names.get(..MOST_SHOWN), names.get(names.len().saturating_sub(MOST_SHOWN)..)) {
        (Some(first), Some(last)) if left_out > 0 => {
            format!("{} → … {left_out} more … → {}", first.join(" → "), last.join(" → "))
        }
        _ => names.join(" → "),
    }
}

/// The flows that the steps under `node` call: names and where they stand.
pub(crate) fn flow_calls(node: &Node) -> Vec<(SmolStr, Span)> {
    let mut calls = Vec::new();
    let mut rest: Vec<&Node> = node.children.iter().rev().collect();
    while let Some(node) = rest.pop() {
        if let Head::Entry { key, values } = &node.head
            && key.text == "do"
            && let Some(value) = values.first()
        {
            let callee = match &value.kind {
                ExprKind::Call(callee, _) => callee,
                _ => value,
            };
            calls.extend(dotted(callee).map(|name| (name, callee.span)));
        }
        rest.extend(node.children.iter().rev());
    }
    calls
}

/// The probes that a composed probe is made of.
pub(crate) fn probe_calls(node: &Node) -> Vec<(SmolStr, Span)> {
    node.children.iter().filter_map(verb).map(|verb| (verb.text, verb.span)).collect()
}

/// The verb of an item: a key, or a dotted name and a colon.
pub(crate) fn verb(node: &Node) -> Option<ast::Name> {
    match &node.head {
        Head::Entry { key, .. } => Some(key.clone()),
        Head::Expr { expr, colon: true } => Some(ast::Name { text: dotted(expr)?, span: expr.span }),
        _ => None,
    }
}
