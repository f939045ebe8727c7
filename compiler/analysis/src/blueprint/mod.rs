//! Blueprints: from a `sandbox` declaration to a [`Blueprint`].
//!
//! First the [`outline`] is taken: every part's name, its stores, pages, routes and envelopes with their types, so that
//! handlers may call what is declared below them. Then each part is lowered against it, and who calls whom and what
//! changes a store is derived from the result.

mod agent;
pub(crate) mod branch;
mod control;
mod data;
mod derive;
pub(crate) mod flow;
mod handler;
mod latency;
mod outline;
mod page;
mod part;
pub(crate) mod path;
mod peer;
mod process;
mod queue;
mod reply;
mod variant;
pub(crate) mod words;

use scn_diagnostics::{Diagnostic, SourceMap, Span, codes};
use scn_grammar::ast::{self, Head, Node};
use scn_plan::collections::HashSet;
use scn_plan::{Blueprint, Value, blueprint::VERSION};
use smol_str::SmolStr;

use crate::{
    context::Context,
    expr::ExprChecker,
    scope::{Scope, Symbols},
    signatures::suggest,
    types::Type,
};
use branch::Branches;
use handler::KeyUse;
use outline::{Outline, Role};
use reply::Replies;

/// The blueprint that the declaration `node` gives on the branch `chosen`, if it has one of that name, else on `main`. What
/// is wrong with it is reported, on every branch; `None` if it has no name or no entry. Its `sources` are left empty for the
/// caller to fill in.
pub(crate) fn lower(
    context: &Context<'_>,
    node: &Node,
    chosen: Option<&str>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Blueprint> {
    let branches = Branches::of(node, diagnostics);
    let mut found = Vec::new();
    let mut blueprint = lower_one(context, node, &mut found);
    let known: HashSet<(&str, Span)> = found.iter().map(|found| (found.code.id, found.primary.span)).collect();
    diagnostics.append(&mut found);
    for branch in branches.names() {
        let merged = branches.merged(branch, &mut found);
        let variant = lower_one(context, &merged, &mut found);
        branches.keep_own(branch, &mut found, &known);
        diagnostics.append(&mut found);
        if chosen == Some(branch) {
            blueprint = variant.map(|variant| Blueprint { branch: Some(branch.clone()), ..variant });
        }
    }
    if let Some(blueprint) = &mut blueprint {
        blueprint.branches = branches.names().cloned().collect();
    }
    blueprint
}

/// The blueprint that the declaration `node` gives, whatever its branch blocks say.
fn lower_one(context: &Context<'_>, node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Blueprint> {
    let name = node.decl()?.name.as_ref()?;
    let outline = Outline::of(node, diagnostics);
    let mut lowering = Lowering {
        context,
        outline: &outline,
        symbols: Symbols::default(),
        keys: Vec::new(),
        replies: Replies::default(),
        diagnostics,
    };
    let entry = lowering.entry(node, name.span);
    let parts =
        outline.parts.values().filter_map(|part| Some((part.name.text.clone(), lowering.part(part)?))).collect();
    let mut blueprint = Blueprint {
        version: VERSION,
        name: name.text.clone(),
        span: node.span,
        entry: entry?,
        parts,
        edges: Vec::new(),
        seeds: Vec::new(),
        rules: Vec::new(),
        persona_fields: context.persona_fields(),
        branches: Vec::new(),
        branch: None,
        sources: SourceMap::new(),
    };
    for data in &outline.data {
        blueprint.seeds.extend(lowering.data(data));
    }
    lowering.check_keys();
    derive::edges(&mut blueprint);
    derive::mutating(&mut blueprint);
    Some(blueprint)
}

/// Lowers the parts of one sandbox.
struct Lowering<'a, 'd> {
    context: &'a Context<'a>,
    outline: &'a Outline<'a>,
    /// Names of the blueprint are checked against the outline; here every one is taken as it is.
    symbols: Symbols,
    /// What records are kept under, wherever a store is used.
    keys: Vec<KeyUse>,
    /// What routes and envelopes answer, as far as somebody has asked.
    replies: Replies,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'a> Lowering<'a, '_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// A checker of expressions that read `scope`.
    fn checker<'s>(&'s mut self, scope: &'s mut Scope) -> ExprChecker<'s> {
        ExprChecker::new(self.context.signatures, &self.symbols, scope, self.diagnostics)
    }

    /// A value that is known before anything runs.
    fn constant(&mut self, expr: &ast::Expr, wanted: &Type) -> Option<Value> {
        let mut scope = self.context.scope();
        self.checker(&mut scope).constant(expr, wanted)
    }

    /// A text that is known before anything runs.
    fn constant_text(&mut self, expr: &ast::Expr) -> Option<SmolStr> {
        self.constant(expr, &Type::TEXT)?.as_str().map(SmolStr::new)
    }

    /// The frontend that journeys' paths resolve at.
    fn entry(&mut self, sandbox: &Node, name: Span) -> Option<SmolStr> {
        let outline = self.outline;
        let frontends =
            || outline.parts.values().filter(|part| part.role == Role::Frontend).map(|part| part.name.text.as_str());
        let Some(entry) = &outline.entry else {
            let diagnostic =
                Diagnostic::new(codes::SANDBOX_ENTRY, name, "this sandbox does not say where journeys begin")
                    .note("the paths of a journey's steps resolve at the sandbox's entry");
            let diagnostic = match frontends().next() {
                Some(first) => diagnostic.help(format!("add `entry: {first}` under `sandbox`")),
                None => diagnostic.help("declare a frontend, and name it in `entry:`"),
            };
            self.report(diagnostic);
            return None;
        };
        let Some(written) =
            crate::expr::dotted(entry).or_else(|| crate::expr::quoted_text(entry).map(|(text, _)| text))
        else {
            self.report(
                Diagnostic::new(codes::UNDECLARED_PART, entry.span, "the entry is the name of a frontend")
                    .help("write the name of one of the sandbox's frontends"),
            );
            return None;
        };
        match outline.parts.get(&written) {
            Some(part) if part.role == Role::Frontend => Some(written),
            Some(part) => {
                let headline = format!("`{written}` is {}, and journeys begin at a frontend", part.role.a_noun());
                self.report(
                    Diagnostic::new(codes::WRONG_PART, entry.span, headline)
                        .also(part.name.span, "it is declared here"),
                );
                None
            }
            None => {
                let headline = format!("there is no frontend `{written}`");
                let diagnostic =
                    Diagnostic::new(codes::UNDECLARED_PART, entry.span, headline).also(sandbox.span, "in this sandbox");
                let diagnostic = suggest(diagnostic, &written, entry.span, "frontend", frontends());
                self.report(diagnostic);
                None
            }
        }
    }

    /// What records of one store are kept under must be of one type everywhere, or they would not be found again.
    fn check_keys(&mut self) {
        let mut first: Vec<&KeyUse> = Vec::new();
        let keys = std::mem::take(&mut self.keys);
        for key in &keys {
            match first.iter().find(|known| known.part == key.part && known.store == key.store) {
                None => first.push(key),
                Some(known) if crate::expr::fits(&key.ty, &known.ty) || crate::expr::fits(&known.ty, &key.ty) => {}
                Some(known) => self.diagnostics.push(
                    Diagnostic::new(
                        codes::STORE_KEY,
                        key.span,
                        format!(
                            "records of `{}` are kept under {} elsewhere, and this is {}",
                            key.store, known.ty, key.ty
                        ),
                    )
                    .also(known.span, format!("here the key is {}", known.ty))
                    .note("a record is found only under the key that it was kept under"),
                ),
            }
        }
    }
}

/// A setting of a sandbox, a part or a page: an entry, or an attribute on an entry's line.
struct Setting<'a> {
    key: &'a ast::Name,
    values: &'a [ast::Expr],
    children: &'a [Node],
}

/// The settings that stand directly under `node`, and on its own line.
fn settings(node: &Node) -> impl Iterator<Item = Setting<'_>> {
    let own = node.attrs.iter().map(|attr| Setting { key: &attr.key, values: &attr.values, children: &[] });
    let below = node.children.iter().flat_map(|child| {
        let head = match &child.head {
            Head::Entry { key, values } => Some(Setting { key, values, children: &child.children }),
            _ => None,
        };
        let has_head = head.is_some();
        let attrs = child.attrs.iter().filter(move |_| has_head);
        head.into_iter().chain(attrs.map(|attr| Setting { key: &attr.key, values: &attr.values, children: &[] }))
    });
    own.chain(below)
}

/// The declarations that stand directly under `node`.
fn declarations(node: &Node) -> impl Iterator<Item = (&Node, &ast::Decl)> {
    node.children.iter().filter_map(|child| Some((child, child.decl()?)))
}

/// Reports the lines under `node` that are neither settings nor declarations.
fn refuse_items(node: &Node, diagnostics: &mut Vec<Diagnostic>) {
    for child in &node.children {
        if let Head::Expr { .. } = child.head {
            diagnostics.push(
                Diagnostic::new(codes::MISPLACED, child.span, "a value by itself means nothing here")
                    .help("write `NAME: value`"),
            );
        }
    }
}
