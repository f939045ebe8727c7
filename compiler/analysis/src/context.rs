//! What lowering a declaration knows of the rest of its compilation.

use std::sync::Arc;

use indexmap::IndexMap;
use scn_diagnostics::{Diagnostic, SourceMap};
use scn_grammar::ast::Keyword;
use scn_plan::{Expr, plan::Template};
use smol_str::{SmolStr, format_smolstr};

use crate::{
    bodies::Bodies,
    expr::ExprChecker,
    modules::{Modules, is_private},
    persona::Personas,
    scope::{Binding, Scope, Symbols, TemplateView},
    signatures::Signatures,
    types::Type,
};

/// Constants that a module sees, by the name that it sees them under.
pub(crate) type Constants = IndexMap<SmolStr, (Binding, Type)>;

/// The surroundings of a declaration: what the prelude declares, and what its module sees.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    /// All files.
    pub modules: &'a Modules,
    /// What the prelude declares.
    pub signatures: &'a Signatures,
    /// All persona templates.
    pub personas: &'a Personas,
    /// Constants that each module sees.
    pub constants: &'a [Arc<Constants>],
    /// All flows.
    pub flows: &'a Bodies,
    /// All probes that are composed of others.
    pub probes: &'a Bodies,
    /// The module that the declaration stands in: an index.
    pub module: usize,
    /// The module of the persona that a mere number of personas means.
    pub people: usize,
    /// All texts.
    pub sources: &'a SourceMap,
}

impl<'a> Context<'a> {
    /// A scope with what every expression of the module can read, and nothing else: its constants.
    pub fn scope(&self) -> Scope {
        Scope::with(self.own_constants())
    }

    /// The constants that the module sees.
    pub fn own_constants(&self) -> Arc<Constants> {
        self.constants.get(self.module).cloned().unwrap_or_default()
    }

    /// The same, seen from another module.
    pub fn of(&self, module: usize) -> Context<'a> {
        Context { module, ..*self }
    }

    /// The persona template that the module sees under `name`, compiled; its fields index
    /// [`Context::persona_fields`].
    pub fn template(&self, name: &str) -> Option<&Template> {
        self.personas.visible(self.module, name).map(|info| &info.template)
    }

    /// The template of a persona that a mere number of personas means: `Citizen` of `std.people`.
    pub fn citizen(&self) -> Option<(&Template, TemplateView)> {
        self.personas.visible(self.people, "Citizen").map(|info| (&info.template, info.view()))
    }

    /// The fields of the template that the module sees under `name`, as `persona` sees them.
    pub fn template_view(&self, name: &str) -> Option<TemplateView> {
        self.personas.visible(self.module, name).map(|info| info.view())
    }

    /// The names of the templates that the module sees.
    pub fn template_names(&self) -> Vec<SmolStr> {
        self.personas.names(self.module)
    }

    /// The names of all personas' fields, by index.
    pub fn persona_fields(&self) -> Vec<SmolStr> {
        self.personas.fields()
    }
}

/// The constants of every module, in the order of the modules.
pub(crate) fn constants(
    modules: &Modules,
    signatures: &Signatures,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Arc<Constants>> {
    let mut own: Vec<Arc<Constants>> = modules.all.iter().map(|_| Arc::default()).collect();
    for index in modules.used_first() {
        fill(modules, index, signatures, &mut own, diagnostics);
    }
    own
}

/// What a module uses is filled before it.
fn fill(
    modules: &Modules,
    index: usize,
    signatures: &Signatures,
    all: &mut [Arc<Constants>],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(module) = modules.get(index) else { return };
    let mut seen = Constants::new();
    for (alias, used) in &module.uses {
        for (name, value) in all.get(*used).into_iter().flat_map(|constants| constants.iter()) {
            // What the used module itself has from elsewhere is dotted, or not its own to pass on.
            if is_private(name) || name.contains('.') {
                continue;
            }
            let name = match alias {
                Some(alias) => format_smolstr!("{alias}.{name}"),
                None => name.clone(),
            };
            seen.insert(name, value.clone());
        }
    }
    let symbols = Symbols::default();
    let mut scope = Scope::with(Arc::new(seen.clone()));
    for node in &module.tree.nodes {
        let Some(decl) = node.decl().filter(|decl| decl.keyword == Keyword::Const) else { continue };
        let (Some(name), Some(value)) = (&decl.name, &decl.value) else { continue };
        let mut checker = ExprChecker::new(signatures, &symbols, scope, diagnostics);
        let errors = checker.diagnostics.len();
        let (_, ty) = checker.check(value, &Type::Any);
        checker.diagnostics.truncate(errors);
        let entry = match checker.constant(value, &Type::Any) {
            Some(constant) => (Binding::Const(Expr::value(constant, value.span)), ty),
            None => (Binding::Const(Expr::value(scn_plan::Value::None, value.span)), Type::Error),
        };
        scope = checker.scope;
        scope.bind(name.text.clone(), entry.0.clone(), entry.1.clone());
        if seen.insert(name.text.clone(), entry).is_some() {
            diagnostics.push(Diagnostic::new(
                scn_diagnostics::codes::DUPLICATE_NAME,
                name.span,
                format!("there is a constant `{}` already", name.text),
            ));
        }
    }
    if let Some(slot) = all.get_mut(index) {
        *slot = Arc::new(seen);
    }
}
