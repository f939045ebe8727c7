//! Which places of all texts mean the same: what an editor finds, highlights and renames.
//!
//! The checker notes what names stand for while it resolves them; what is declared, and what only the syntax tells, is read off
//! the trees afterwards. A symbol may be declared in several places: a field that templates inherit and declare anew, a variable
//! that several steps set.

mod areas;
mod build;
mod declare;
mod notes;

use std::collections::{BTreeMap, BTreeSet};

use scn_diagnostics::{Source, SourceId, Span};
use smol_str::SmolStr;

pub(crate) use notes::{Meaning, Note, Notes};

use crate::{
    Findings, Options,
    bodies::Bodies,
    editor,
    modules::{Module, Modules},
    persona::Personas,
    settings::{Library, LibraryPlace},
};

/// What is left of files that were checked, from which their index is built if somebody asks for it.
#[derive(Debug)]
pub struct Survey {
    pub(crate) modules: Modules,
    pub(crate) personas: Personas,
    pub(crate) flows: Bodies,
    pub(crate) probes: Bodies,
    pub(crate) notes: Vec<notes::Note>,
}

/// A `use` and the file that it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// What names the file: its path in quotes, or the name of a module.
    pub written: Span,
    /// The name before the dot of what the file declares; without one, its names are used as they are.
    pub alias: Option<SmolStr>,
    /// The file.
    pub file: SourceId,
}

impl Survey {
    /// What the file at `path` uses.
    pub fn uses(&self, findings: &Findings, path: &str) -> Vec<Used> {
        let Some(module) = self.module(findings, path) else { return Vec::new() };
        let uses = module.uses.iter().zip(&module.places);
        let used = uses.filter_map(|((alias, used), written)| {
            let file = self.modules.get(*used)?.source;
            Some(Used { written: *written, alias: alias.clone(), file })
        });
        used.collect()
    }

    /// What the file declares at its top.
    pub fn declared(&self, findings: &Findings, file: SourceId) -> Vec<editor::Declared> {
        let module = self.modules.all.iter().find(|module| module.source == file);
        let text = findings.sources.get(file).map(Source::text);
        module.zip(text).map(|(module, text)| editor::declared(text, &module.tree)).unwrap_or_default()
    }

    /// The libraries that the settings of the file at `path` name, with their folders, as far as these are known.
    pub fn libraries(&self, findings: &Findings, path: &str) -> Vec<(String, Option<String>)> {
        let settings = self.module(findings, path).and_then(|module| self.modules.settings.get(module.settings?));
        let libraries = settings.into_iter().flat_map(|settings| &settings.libraries);
        let folder = |library: &Library| match &library.place {
            LibraryPlace::Folder(folder) => Some(folder.clone()),
            LibraryPlace::Git(_) => None,
        };
        libraries.map(|(name, library)| (name.clone(), folder(library))).collect()
    }

    fn module(&self, findings: &Findings, path: &str) -> Option<&Module> {
        let is_it = |module: &&Module| findings.sources.get(module.source).is_some_and(|source| source.name() == path);
        self.modules.all.iter().find(is_it)
    }

    /// The index of the files that `findings` are about; not a complete one if nobody waits any longer.
    pub fn index(&self, findings: &Findings, options: &Options) -> Index {
        build::build(self, &findings.sources, options)
    }
}

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A constant.
    Constant,
    /// A persona template.
    Template,
    /// A field of persona templates.
    Field,
    /// A flow.
    Flow,
    /// A parameter of a flow or of a composed probe.
    Parameter,
    /// A composed probe.
    Probe,
    /// A scenario.
    Scenario,
    /// A sandbox.
    Sandbox,
    /// A variable of a journey or of a handler.
    Variable,
    /// A step, a group or a use of a probe, by the name that it is given.
    Step,
    /// A frontend, service, partner, agent or queue.
    Part,
    /// A store of a part.
    Store,
    /// A page, by its path.
    Page,
    /// A form of a page.
    Form,
    /// A field of a form.
    Control,
    /// A route of a service, by its path.
    Route,
    /// What a partner answers, by its schema.
    Envelope,
    /// What a used file is called here.
    Alias,
}

impl Kind {
    /// What to call it in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Kind::Constant => "constant",
            Kind::Template => "persona template",
            Kind::Field => "field of a persona",
            Kind::Flow => "flow",
            Kind::Parameter => "parameter",
            Kind::Probe => "probe",
            Kind::Scenario => "scenario",
            Kind::Sandbox => "sandbox",
            Kind::Variable => "variable",
            Kind::Step => "step",
            Kind::Part => "part",
            Kind::Store => "store",
            Kind::Page => "page",
            Kind::Form => "form",
            Kind::Control => "field of a form",
            Kind::Route => "route",
            Kind::Envelope => "envelope",
            Kind::Alias => "used file",
        }
    }
}

/// A symbol of an [`Index`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SymbolId(usize);

/// Something that has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// What it is.
    pub kind: Kind,
    /// Its name, as it is declared.
    pub name: SmolStr,
    /// Where it is declared first.
    pub declared: Span,
    /// Where what has it is declared: the templates of a field, those that inherit it too, the form of a control, the page of a form, the sandbox of a page. For a
    /// variable, a parameter or a step it is all of the journey, the flow or the handler; for what a file declares, the declaration.
    pub owners: Vec<Span>,
}

/// A place where a symbol's name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// The name itself, without quotes and what comes before its last dot.
    pub at: Span,
    /// Whose it is.
    pub symbol: SymbolId,
    /// Whether this place declares it, or gives it a value.
    pub declares: bool,
}

/// Everything that has a name in the files of a compilation, and what is known of their expressions.
#[derive(Clone, Debug, Default)]
pub struct Index {
    symbols: Vec<Symbol>,
    /// In the order of their places.
    occurrences: Vec<Occurrence>,
    /// In the order of their places, each with one of the symbols that it may mean, or that it leads to without having its name.
    doubts: Vec<Occurrence>,
    types: BTreeMap<Span, BTreeSet<String>>,
    shares: BTreeMap<Span, BTreeSet<String>>,
}

impl Index {
    /// The symbol with this id.
    pub fn symbol(&self, id: SymbolId) -> Option<&Symbol> {
        self.symbols.get(id.0)
    }

    /// All symbols.
    pub fn symbols(&self) -> impl Iterator<Item = (SymbolId, &Symbol)> {
        self.symbols.iter().enumerate().map(|(index, symbol)| (SymbolId(index), symbol))
    }

    /// All places, in their order.
    pub fn occurrences(&self) -> &[Occurrence] {
        &self.occurrences
    }

    /// The name at the byte `offset`: the shortest around it. Where a mistake hides which one is meant, it is the first that may be.
    pub fn at(&self, source: SourceId, offset: u32) -> Option<Occurrence> {
        let around = |places: &[Occurrence]| {
            let of_source = places.iter().filter(|place| place.at.source == source);
            of_source.filter(|place| holds(place.at, offset)).min_by_key(|place| place.at.len()).copied()
        };
        around(&self.occurrences).or_else(|| around(&self.doubts))
    }

    /// Every place of a symbol.
    pub fn of(&self, symbol: SymbolId) -> impl Iterator<Item = Occurrence> {
        self.occurrences.iter().filter(move |place| place.symbol == symbol).copied()
    }

    /// The type of the shortest expression around the byte `offset`, and where that stands.
    pub fn type_at(&self, source: SourceId, offset: u32) -> Option<(Span, String)> {
        let of_source = self.types.iter().filter(|(span, _)| span.source == source && holds(**span, offset));
        let (span, types) = of_source.min_by_key(|(span, _)| span.len())?;
        Some((*span, or(types)))
    }

    /// The type of what stands at `span`.
    pub fn type_of(&self, span: Span) -> Option<String> {
        self.types.get(&span).map(or)
    }

    /// The arms of a `choose` in a text, and how many personas take each.
    pub fn shares(&self, source: SourceId) -> impl Iterator<Item = (Span, &str)> {
        let of_source = self.shares.iter().filter(move |(span, _)| span.source == source);
        // One that depends on who calls is told by nobody.
        of_source.filter(|(_, told)| told.len() == 1).filter_map(|(span, told)| Some((*span, told.first()?.as_str())))
    }
}

fn holds(span: Span, offset: u32) -> bool {
    span.start <= offset && offset <= span.end
}

/// A flow may be called with several types.
fn or(types: &BTreeSet<String>) -> String {
    types.iter().map(String::as_str).collect::<Vec<_>>().join(" or ")
}
