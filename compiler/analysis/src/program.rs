//! A whole compilation: from a path to plans and blueprints.

mod file;
mod joined;
mod parts;

use scn_plan::collections::HashMap;
use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rayon::prelude::*;
use scn_diagnostics::{Diagnostic, Severity, Source, SourceId, SourceMap, Span, codes};
use scn_grammar::ast::{self, Keyword};
use scn_plan::collections::IndexMap;
use scn_plan::{Blueprint, Plan, blueprint::MAIN_BRANCH};
use smol_str::SmolStr;

use file::Program;
use joined::{joined, put_in_order};
use parts::Parts;

use crate::{
    blueprint,
    bodies::{self, Bodies},
    cascades,
    constants::{Constants, constants},
    context::Context,
    declared::Declared,
    index::{Notes, Survey},
    lints,
    masked::masked,
    memory::Memory,
    modules::{self, Modules, PEOPLE},
    nesting,
    persona::Personas,
    rules::Rules,
    scenario,
    signatures::Signatures,
    world::World,
};

/// What compiling a file yields.
#[derive(Debug, Default)]
pub struct Compilation {
    /// Every text that was read; all spans point into them.
    pub sources: SourceMap,
    /// Every finding, in the order in which they are shown.
    pub diagnostics: Vec<Diagnostic>,
    /// The file's scenarios that could be lowered. With errors among the diagnostics they are not fit to run.
    pub scenarios: Vec<Plan>,
    /// The file's sandboxes, and those that its scenarios ask for.
    pub blueprints: Vec<Blueprint>,
    /// What else the file declares, for documentation.
    pub declared: Declared,
}

impl Compilation {
    /// Whether a finding is an error, so that nothing can run.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The scenario named `name`.
    pub fn scenario(&self, name: &str) -> Option<&Plan> {
        self.scenarios.iter().find(|plan| plan.scenario == name)
    }

    /// The blueprint of the sandbox that `plan` asks for.
    pub fn blueprint(&self, plan: &Plan) -> Option<&Blueprint> {
        let name = plan.sandbox.as_ref()?;
        self.blueprints.iter().find(|blueprint| blueprint.name == *name)
    }
}

/// What a compilation is told besides its file.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The frontends' branch, whose blocks the blueprints take; without it, `main`. It is an error if the sandbox of a
    /// scenario does not have it, or none of those in a file without scenarios.
    pub branch: Option<SmolStr>,
    /// The path of a file of draft rules that the blueprints' forms are bound to.
    pub rules: Option<String>,
    /// What the compilation before has left, and what is left to the one after. Only [`survey`] makes use of all of it.
    pub memory: Option<Memory>,
    /// Set to true by whoever waits no longer: what comes of the compilation then is not complete.
    pub cancelled: Arc<AtomicBool>,
}

impl Options {
    pub(crate) fn are_waited_for(&self) -> bool {
        !self.cancelled.load(Ordering::Relaxed)
    }
}

/// What checking files finds.
#[derive(Debug, Default)]
pub struct Findings {
    /// Every text that was read; all spans point into them.
    pub sources: SourceMap,
    /// Every finding, once: those in the files in the order in which they were named, then those in what they use, by its name.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles the file at `path`, with all that it uses and the sandboxes that its scenarios ask for.
pub fn compile(world: &dyn World, path: &str, options: &Options) -> Compilation {
    let mut load = Load::new(world, &[path.to_owned()], options, Notes::default());
    let outcome = match load.roots.first() {
        Some(Some(root)) => load.compile(*root),
        _ => Outcome::default(),
    };
    let Outcome { mut scenarios, blueprints, diagnostics } = outcome;
    load.diagnostics.extend(diagnostics);
    let declared = Declared::new(&load.constants, std::mem::take(&mut load.personas));
    let (sources, diagnostics, ..) = load.finish();
    let kept = masked(&sources);
    for plan in &mut scenarios {
        plan.sources = kept.clone();
    }
    let blueprints =
        blueprints.into_iter().map(|blueprint| Blueprint { sources: kept.clone(), ..Arc::unwrap_or_clone(blueprint) });
    let blueprints = blueprints.collect();
    Compilation { sources, diagnostics, scenarios, blueprints, declared }
}

/// What is left of a compilation that nobody looks into any more. It is many pieces: a process that ends soon need not give them
/// back one by one. Of parts nothing is left: each is given back before the next is read.
#[derive(Debug)]
pub struct Rest(#[expect(dead_code, reason = "it is kept, and not looked at")] Option<(Survey, Vec<Arc<Constants>>)>);

/// Checks the files at `paths` as one program: each finds what [`compile`] would find in it, but what several share is read and
/// checked once. Of many files, those that have nothing to do with one another are checked apart.
pub fn check(world: &dyn World, paths: &[String], options: &Options) -> (Findings, Rest) {
    let whole = |world: &dyn World| {
        let (findings, survey, constants) = look_into(world, paths, options, Notes::default());
        (findings, Rest(Some((survey, constants))))
    };
    // Draft rules are for all files, and what is remembered is of all.
    if options.rules.is_some() || options.memory.is_some() {
        return whole(world);
    }
    let Some(Parts { world: texts, paths: parts }) = parts::of(world, paths) else { return whole(world) };
    if let [_] = parts.as_slice() {
        return whole(&texts);
    }
    let each = parts.par_iter().with_max_len(1);
    let found: Vec<Findings> = each.map(|part| look_into(&texts, part, options, Notes::default()).0).collect();
    let mut findings = joined(found);
    put_in_order(&mut findings, paths);
    (findings, Rest(None))
}

/// Checks the files at `paths` as [`check`] does, and keeps what tells what has a name in them and in all that they use.
pub fn survey(world: &dyn World, paths: &[String], options: &Options) -> (Findings, Survey) {
    let (findings, survey, constants) = look_into(world, paths, options, Notes::kept());
    rayon::spawn(move || drop(constants));
    (findings, survey)
}

fn look_into(
    world: &dyn World,
    paths: &[String],
    options: &Options,
    notes: Notes,
) -> (Findings, Survey, Vec<Arc<Constants>>) {
    let mut load = Load::new(world, paths, options, notes);
    let roots: BTreeSet<usize> = load.roots.iter().copied().flatten().collect();
    let roots: Vec<usize> = roots.into_iter().collect();
    let wanted = roots.par_iter().filter(|_| options.are_waited_for());
    let found: Vec<Vec<Diagnostic>> = wanted.map(|root| load.compile(*root).diagnostics).collect();
    load.diagnostics.extend(found.into_iter().flatten());
    let (sources, diagnostics, survey, constants) = load.finish();
    let mut findings = Findings { sources, diagnostics };
    put_in_order(&mut findings, paths);
    (findings, survey, constants)
}

/// Where a sandbox is declared.
#[derive(Clone, Copy)]
struct Place<'a> {
    module: usize,
    node: &'a ast::Node,
}

/// A sandbox as it is declared, whoever asks for it.
struct Lowered {
    blueprint: Option<Arc<Blueprint>>,
    diagnostics: Vec<Diagnostic>,
}

/// Each by the module and the name, and lowered by whoever asks first.
type SharedSandboxes = HashMap<(usize, SmolStr), Arc<OnceLock<Lowered>>>;

/// What one file compiles to.
#[derive(Default)]
struct Outcome {
    scenarios: Vec<Plan>,
    blueprints: Vec<Arc<Blueprint>>,
    diagnostics: Vec<Diagnostic>,
}

/// Everything that the files of a compilation share.
struct Load<'o> {
    options: &'o Options,
    sources: SourceMap,
    diagnostics: Vec<Diagnostic>,
    modules: Modules,
    /// The module of each path that was asked for.
    roots: Vec<Option<usize>>,
    signatures: Arc<Signatures>,
    constants: Vec<Arc<Constants>>,
    personas: Personas,
    flows: Bodies,
    probes: Bodies,
    rules: Rules,
    /// The sandboxes of each module, in the order in which they are declared: indices of nodes.
    sandboxes: Vec<IndexMap<SmolStr, usize>>,
    /// Sandboxes that have been lowered, by module and name.
    lowered: Mutex<SharedSandboxes>,
    notes: Notes,
}

impl<'o> Load<'o> {
    fn new(world: &dyn World, paths: &[String], options: &'o Options, notes: Notes) -> Self {
        let mut sources = Signatures::sources();
        let mut found = Vec::new();
        let trees = options.memory.as_ref().map(|memory| &memory.trees);
        let ((signatures, mut diagnostics), (modules, roots)) =
            rayon::join(Signatures::load, || modules::load(world, paths, trees, &mut sources, &mut found));
        diagnostics.append(&mut found);
        for (path, root) in paths.iter().zip(&roots) {
            if root.is_none() {
                let reason = world.read(path).err().map_or_else(String::new, |error| format!(": {error}"));
                let source = sources.add(Source::new(path.as_str(), ""));
                let headline = format!("`{path}` cannot be read{reason}");
                diagnostics.push(Diagnostic::new(codes::UNKNOWN_MODULE, Span::new(source, 0..0), headline));
            }
        }
        modules::imports(&modules, &mut diagnostics);
        let constants = constants(&modules, &signatures, &notes, &mut diagnostics);
        let rules = match roots.iter().any(Option::is_some) {
            true => Rules::load(world, options.rules.as_deref(), &mut sources, &mut diagnostics),
            false => Rules::default(),
        };
        let personas = Personas::load(&modules, &signatures, &constants, &notes, &mut diagnostics);
        let flows = Bodies::load(&modules, Keyword::Flow, &personas, &constants, &notes, &mut diagnostics);
        let probes = Bodies::load(&modules, Keyword::Probe, &personas, &constants, &notes, &mut diagnostics);
        let mut load = Self {
            options,
            sources,
            diagnostics,
            modules,
            roots,
            signatures,
            constants,
            personas,
            flows,
            probes,
            rules,
            sandboxes: Vec::new(),
            lowered: Mutex::default(),
            notes,
        };
        load.refuse_declarations();
        nesting::check(&load.modules, &load.sources, &mut load.diagnostics);
        if options.are_waited_for() {
            load.check_bodies();
        }
        load.declare_sandboxes();
        load
    }

    /// The plans and blueprints of the module at `root`, and what is wrong with them.
    fn compile(&self, root: usize) -> Outcome {
        let mut rules = self.rules.clone();
        let mut diagnostics = Vec::new();
        let mut program = Program {
            load: self,
            root,
            branch: self.options.branch.as_deref().filter(|branch| *branch != MAIN_BRANCH),
            rules: &mut rules,
            sandboxes: IndexMap::default(),
            blueprints: IndexMap::default(),
            diagnostics: &mut diagnostics,
        };
        program.find_sandboxes();
        program.lower_own_sandboxes();
        let scenarios = program.scenarios();
        let blueprints: Vec<Arc<Blueprint>> =
            program.blueprints.into_values().flat_map(|(blueprint, _)| blueprint).collect();
        rules.report_unbound(&blueprints, &mut diagnostics);
        lints::check(&self.modules, root, &self.sources, &mut diagnostics);
        Outcome { scenarios, blueprints, diagnostics }
    }

    /// The sources and all findings, as the settings of their files weigh them, and what is left of the files and their constants.
    fn finish(self) -> (SourceMap, Vec<Diagnostic>, Survey, Vec<Arc<Constants>>) {
        let mut diagnostics = self.diagnostics;
        let roots: Vec<usize> = self.roots.iter().copied().flatten().collect();
        cascades::drop_them(&self.modules, &self.sources, &mut diagnostics);
        lints::allow::apply(&self.modules, &roots, &self.sources, &mut diagnostics);
        let settings: HashMap<SourceId, usize> =
            self.modules.all.iter().filter_map(|module| Some((module.source, module.settings?))).collect();
        diagnostics.retain_mut(|found| {
            let settings = settings.get(&found.primary.span.source).and_then(|index| self.modules.settings.get(*index));
            match settings.map_or(Some(found.severity), |settings| settings.severity(found)) {
                Some(severity) => {
                    found.severity = severity;
                    true
                }
                None => false,
            }
        });
        Diagnostic::sort(&mut diagnostics);
        diagnostics.dedup();
        Diagnostic::thin(&mut diagnostics, |span| self.sources.line_of(span).map_or(0, |(_, line)| line));
        let (modules, personas, flows, probes) = (self.modules, self.personas, self.flows, self.probes);
        let survey = Survey { modules, personas, flows, probes, notes: self.notes.take() };
        (self.sources, diagnostics, survey, self.constants)
    }

    fn context(&self, module: usize) -> Context<'_> {
        Context {
            modules: &self.modules,
            signatures: &self.signatures,
            personas: &self.personas,
            constants: &self.constants,
            flows: &self.flows,
            probes: &self.probes,
            module,
            people: self.modules.find(PEOPLE).unwrap_or(module),
            sources: &self.sources,
            notes: &self.notes,
        }
    }

    /// Checks flows and composed probes, each by itself, whoever calls it.
    fn check_bodies(&mut self) {
        self.flows.refuse_circles(&self.modules, bodies::flow_calls, &mut self.diagnostics);
        self.probes.refuse_circles(&self.modules, bodies::probe_calls, &mut self.diagnostics);
        let (flows, probes) = scenario::check_bodies(&self.context(0));
        self.diagnostics.extend(self.flows.condemn(flows));
        self.diagnostics.extend(self.probes.condemn(probes));
    }

    /// Reports declarations that have no meaning at the top of a file, or none in this version.
    fn refuse_declarations(&mut self) {
        let modules = self.modules.all.iter().filter(|module| scn_stdlib::module(&module.path).is_none());
        for decl in modules.flat_map(|module| &module.tree.nodes).filter_map(ast::Node::decl) {
            let word = decl.keyword.as_str();
            let diagnostic = match decl.keyword {
                Keyword::Use
                | Keyword::Const
                | Keyword::Persona
                | Keyword::Flow
                | Keyword::Probe
                | Keyword::Scenario
                | Keyword::Sandbox => continue,
                Keyword::Step | Keyword::Handler | Keyword::Generator | Keyword::Metric => {
                    Diagnostic::new(codes::NOT_IN_LANGUAGE, decl.keyword_span, format!("a `{word}` cannot be declared"))
                        .note("only the prelude declares these, for each needs an executor")
                }
                _ => Diagnostic::new(
                    codes::MISPLACED,
                    decl.keyword_span,
                    format!("a `{word}` cannot stand at the top of a file"),
                )
                .help("indent it under the `sandbox NAME:` that it belongs to"),
            };
            self.diagnostics.push(diagnostic);
        }
    }

    /// Finds the sandboxes of every module; a name that is taken twice in one is reported.
    fn declare_sandboxes(&mut self) {
        for module in &self.modules.all {
            let mut declared: IndexMap<SmolStr, usize> = IndexMap::default();
            for (at, node) in module.tree.nodes.iter().enumerate() {
                let Some(decl) = node.decl().filter(|decl| decl.keyword == Keyword::Sandbox) else { continue };
                let Some(name) = &decl.name else { continue };
                let Some(first) = declared.get(&name.text) else {
                    declared.insert(name.text.clone(), at);
                    continue;
                };
                let first = module.tree.nodes.get(*first).and_then(ast::Node::decl).and_then(|decl| decl.name.as_ref());
                let headline = format!("there is a sandbox `{}` already", name.text);
                let diagnostic = Diagnostic::new(codes::DUPLICATE_NAME, name.span, headline);
                self.diagnostics.push(match first {
                    Some(first) => diagnostic.also(first.span, "it is declared here first"),
                    None => diagnostic,
                });
            }
            self.sandboxes.push(declared);
        }
    }

    /// The sandbox that a module declares under this name, lowered once for all who ask for it.
    fn lowered(&self, place: Place<'_>, name: &SmolStr, branch: Option<&str>) -> Arc<OnceLock<Lowered>> {
        let cell = {
            let mut lowered = self.lowered.lock().unwrap_or_else(PoisonError::into_inner);
            lowered.entry((place.module, name.clone())).or_default().clone()
        };
        cell.get_or_init(|| {
            let mut diagnostics = Vec::new();
            let blueprint = blueprint::lower(&self.context(place.module), place.node, branch, &mut diagnostics);
            Lowered { blueprint: blueprint.map(Arc::new), diagnostics }
        });
        cell
    }
}

/// The names of the scenarios that a file with this text declares, whatever else is wrong with it.
pub fn scenario_names(text: &str) -> Vec<SmolStr> {
    let (tree, _) = scn_grammar::parse(SourceId::default(), text);
    let declarations = scenario::declarations(&tree, &mut Vec::new());
    declarations.into_iter().map(|declaration| declaration.name.text).collect()
}

/// The span of what is inside the quotes, if `span` covers a quoted text.
pub(crate) fn inside(span: Span, sources: &SourceMap) -> Span {
    let text = sources.slice(span);
    if !text.starts_with(['"', '\'']) {
        return span;
    }
    // The quote that closes it may be missing.
    let closing = u32::from(text.len() >= 2 && text.ends_with(['"', '\'']));
    Span { start: span.start + 1, end: span.end - closing, ..span }
}
