//! What lowering a declaration knows of the rest of its compilation.

use std::sync::Arc;

use scn_diagnostics::SourceMap;
use scn_plan::plan::Template;
use smol_str::SmolStr;

use crate::{
    bodies::Bodies,
    constants::Constants,
    index::Notes,
    modules::Modules,
    persona::Personas,
    scope::{Scope, TemplateView},
    signatures::Signatures,
};

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
    /// Where it is noted what names stand for.
    pub notes: &'a Notes,
}

impl<'a> Context<'a> {
    /// A scope with what every expression of the module can read, and nothing else: its constants.
    pub fn scope(&self) -> Scope {
        Scope::with(self.own_constants(), self.notes)
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
    pub fn template(&self, name: &str) -> Option<&Arc<Template>> {
        self.personas.visible(self.module, name).map(|info| &info.template)
    }

    /// The template of a persona that a mere number of personas means: `Citizen` of `std.people`.
    pub fn citizen(&self) -> Option<(&Arc<Template>, TemplateView)> {
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
    pub fn persona_fields(&self) -> Arc<[SmolStr]> {
        self.personas.fields()
    }
}
