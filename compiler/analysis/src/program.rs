//! A whole compilation: from a path to plans and blueprints.

use std::sync::{Arc, LazyLock};

use indexmap::IndexMap;
use scn_diagnostics::{Applicability, Diagnostic, Severity, Source, SourceId, SourceMap, Span, codes};
use scn_grammar::ast::{self, Keyword};
use scn_plan::{Blueprint, Plan, blueprint::MAIN_BRANCH};
use smol_str::SmolStr;

use crate::{
    blueprint, checks,
    context::{Constants, Context, constants},
    declared::Declared,
    modules::{Loader, Modules, PEOPLE},
    persona::Personas,
    rules::Rules,
    scenario::{self, Declaration},
    settings::Settings,
    signatures::{Signatures, list, nearest},
    world::{World, normal},
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
}

/// Where a sandbox is declared.
#[derive(Clone, Copy)]
struct Place<'a> {
    module: usize,
    node: &'a ast::Node,
}

/// Compiles the file at `path`, with all that it uses and the sandboxes that its scenarios ask for.
pub fn compile(world: &dyn World, path: &str, options: &Options) -> Compilation {
    let Options { branch, rules } = options;
    let mut sources = SourceMap::new();
    let mut diagnostics = Vec::new();
    let root = normal(path);
    let text = match world.read(path) {
        Ok(text) => text,
        Err(error) => {
            let source = sources.add(Source::new(path, ""));
            let span = Span::new(source, 0..0);
            diagnostics.push(Diagnostic::new(codes::UNKNOWN_MODULE, span, format!("`{path}` cannot be read: {error}")));
            return Compilation { sources, diagnostics, ..Compilation::default() };
        }
    };
    let mut modules = Modules::default();
    let mut settings = Settings::default();
    let mut loader = Loader { world, settings: &settings, sources: &mut sources, diagnostics: &mut diagnostics };
    // The file itself is the first source, so that its findings are shown first.
    let index = modules.add(&mut loader, &root, path, &text);
    settings = Settings::load(world, path, &mut sources, &mut diagnostics);
    let mut loader = Loader { world, settings: &settings, sources: &mut sources, diagnostics: &mut diagnostics };
    modules.resolve_uses(&mut loader, index);
    for (module, span) in &settings.modules {
        modules.load_file(&mut loader, "", module, *span);
    }
    if let Some(people) = scn_stdlib::module(PEOPLE) {
        modules.add_std(&mut loader, people);
    }
    let signatures = Signatures::load(&mut sources, &mut diagnostics);
    let constants = constants(&modules, &signatures, &mut diagnostics);
    let mut rules = Rules::load(world, rules.as_deref(), &mut sources, &mut diagnostics);
    let personas = Personas::load(&modules, &signatures, &constants, &mut diagnostics);

    let mut program = Program {
        modules: &modules,
        settings: &settings,
        signatures: &signatures,
        constants: &constants,
        personas: &personas,
        sources: &sources,
        branch: branch.as_deref().filter(|branch| *branch != MAIN_BRANCH),
        rules: &mut rules,
        sandboxes: IndexMap::new(),
        blueprints: IndexMap::new(),
        diagnostics: &mut diagnostics,
    };
    program.refuse_declarations();
    program.find_sandboxes();
    program.lower_own_sandboxes();
    let scenarios = program.scenarios();
    let blueprints: Vec<Blueprint> = program.blueprints.into_values().flat_map(|(blueprint, _)| blueprint).collect();
    rules.report_unbound(&blueprints, &mut diagnostics);

    let declared = Declared::new(&constants, personas);
    let mut compilation = Compilation { sources, diagnostics, scenarios, blueprints, declared };
    for plan in &mut compilation.scenarios {
        plan.sources = compilation.sources.clone();
    }
    for blueprint in &mut compilation.blueprints {
        blueprint.sources = compilation.sources.clone();
    }
    Diagnostic::sort(&mut compilation.diagnostics);
    compilation.diagnostics.dedup();
    compilation
}

/// The names of the scenarios that a file with this text declares, whatever else is wrong with it.
pub fn scenario_names(text: &str) -> Vec<SmolStr> {
    let (tree, _) = scn_grammar::parse(SourceId::default(), text);
    let declarations = scenario::declarations(&tree, &mut Vec::new());
    declarations.into_iter().map(|declaration| declaration.name.text).collect()
}

/// A compilation once its files are loaded.
struct Program<'a, 'd> {
    rules: &'d mut Rules,
    modules: &'a Modules,
    settings: &'a Settings,
    signatures: &'a Signatures,
    constants: &'a [Arc<Constants>],
    personas: &'a Personas,
    sources: &'a SourceMap,
    /// The branch that the blueprints are to be on; without it, `main`.
    branch: Option<&'a str>,
    /// Where each sandbox is declared.
    sandboxes: IndexMap<SmolStr, Place<'a>>,
    /// Lowered sandboxes, and whether they are free of errors.
    blueprints: IndexMap<SmolStr, (Option<Blueprint>, bool)>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'a> Program<'a, '_> {
    fn context(&self, module: usize) -> Context<'a> {
        static NONE: LazyLock<Arc<Constants>> = LazyLock::new(Arc::default);
        Context {
            signatures: self.signatures,
            personas: self.personas,
            constants: self.constants.get(module).unwrap_or(&NONE),
            module,
            people: self.modules.find(PEOPLE).unwrap_or(module),
            sources: self.sources,
        }
    }

    /// Reports declarations that have no meaning at the top of a file, or none in this version.
    fn refuse_declarations(&mut self) {
        let modules = self.modules.all.iter().filter(|module| scn_stdlib::module(&module.path).is_none());
        for decl in modules.flat_map(|module| &module.tree.nodes).filter_map(ast::Node::decl) {
            let word = decl.keyword.as_str();
            let diagnostic = match decl.keyword {
                Keyword::Use | Keyword::Const | Keyword::Persona | Keyword::Scenario | Keyword::Sandbox => continue,
                Keyword::Flow | Keyword::Probe => Diagnostic::new(
                    codes::NOT_IN_LANGUAGE,
                    decl.keyword_span,
                    format!("a `{word}` cannot be declared in this version"),
                )
                .help(match decl.keyword {
                    Keyword::Flow => "write its steps out in each scenario",
                    _ => "write its probes under `probes:` of each scenario",
                }),
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

    /// Sandboxes of the file itself, then of what it uses, then of the settings' modules: the first of a name holds.
    fn find_sandboxes(&mut self) {
        let mut order: Vec<usize> = vec![0];
        let mut at = 0;
        while let Some(module) = order.get(at).and_then(|index| self.modules.get(*index)) {
            for (_, used) in &module.uses {
                if !order.contains(used) {
                    order.push(*used);
                }
            }
            at += 1;
        }
        for index in 0..self.modules.all.len() {
            if !order.contains(&index) {
                order.push(index);
            }
        }
        for module in order {
            for node in self.modules.get(module).into_iter().flat_map(|module| &module.tree.nodes) {
                let Some(decl) = node.decl().filter(|decl| decl.keyword == Keyword::Sandbox) else { continue };
                let Some(name) = &decl.name else { continue };
                match self.sandboxes.get(&name.text) {
                    Some(first) if first.module == module => {
                        let first = first.node.decl().and_then(|decl| decl.name.as_ref()).map(|name| name.span);
                        let headline = format!("there is a sandbox `{}` already", name.text);
                        let diagnostic = Diagnostic::new(codes::DUPLICATE_NAME, name.span, headline);
                        self.diagnostics.push(match first {
                            Some(first) => diagnostic.also(first, "it is declared here first"),
                            None => diagnostic,
                        });
                    }
                    Some(_) => {}
                    None => {
                        self.sandboxes.insert(name.text.clone(), Place { module, node });
                    }
                }
            }
        }
    }

    /// A file is compiled with all of its sandboxes, asked for or not.
    fn lower_own_sandboxes(&mut self) {
        let own: Vec<SmolStr> =
            self.sandboxes.iter().filter(|(_, place)| place.module == 0).map(|(name, _)| name.clone()).collect();
        for name in own {
            self.lower_sandbox(&name);
        }
    }

    fn lower_sandbox(&mut self, name: &SmolStr) {
        let Some(place) = self.sandboxes.get(name).copied() else { return };
        if self.blueprints.contains_key(name) {
            return;
        }
        let context = self.context(place.module);
        let before = self.diagnostics.len();
        let mut blueprint = blueprint::lower(&context, place.node, self.branch, self.diagnostics);
        let sound = !self.diagnostics.iter().skip(before).any(|found| found.severity == Severity::Error);
        if let Some(blueprint) = &mut blueprint {
            self.rules.bind(blueprint, self.signatures, self.diagnostics);
        }
        self.blueprints.insert(name.clone(), (blueprint, sound));
    }

    /// Reports that the sandbox `name` does not have the branch that was asked for.
    fn check_branch(&mut self, name: &SmolStr) {
        let (Some(branch), Some(place)) = (self.branch, self.sandboxes.get(name)) else { return };
        let Some((Some(blueprint), _)) = self.blueprints.get(name) else { return };
        if blueprint.branch.is_none()
            && let Some(name) = place.node.decl().and_then(|decl| decl.name.as_ref())
        {
            self.diagnostics.push(blueprint::branch::unknown(branch, name.span, &blueprint.branches));
        }
    }

    /// Of the sandboxes of a file without scenarios at least one has the branch that was asked for.
    fn check_branch_of_own_sandboxes(&mut self) {
        let on_branch = |(blueprint, _): &(Option<Blueprint>, bool)| {
            blueprint.as_ref().is_some_and(|blueprint| blueprint.branch.is_some())
        };
        if !self.blueprints.values().any(on_branch) {
            for name in self.blueprints.keys().cloned().collect::<Vec<_>>() {
                self.check_branch(&name);
            }
        }
    }

    fn scenarios(&mut self) -> Vec<Plan> {
        let Some(module) = self.modules.get(0) else { return Vec::new() };
        let declarations = scenario::declarations(&module.tree, self.diagnostics);
        if declarations.is_empty() {
            self.check_branch_of_own_sandboxes();
        }
        let mut plans = Vec::new();
        for declaration in &declarations {
            let sandbox = self.sandbox_of(declaration);
            if let Some(name) = &sandbox {
                self.lower_sandbox(name);
                self.check_branch(name);
            }
            let context = self.context(0);
            // Where the blueprint has errors of its own, or lacks what rules meant to add, checks against it would only
            // repeat them.
            let blueprint = match sandbox.as_ref().and_then(|name| self.blueprints.get(name)) {
                Some((Some(blueprint), true)) if self.rules.is_sound() => Some(blueprint),
                _ => None,
            };
            if let Some(mut plan) = scenario::lower(&context, declaration, blueprint, self.diagnostics) {
                plan.sandbox = sandbox;
                checks::check(&plan, blueprint, &context, self.diagnostics);
                plans.push(plan);
            }
        }
        plans
    }

    /// The sandbox that a scenario asks for, by itself or by the settings. An unknown one is reported.
    fn sandbox_of(&mut self, declaration: &Declaration<'_>) -> Option<SmolStr> {
        let (name, span, own) = match declaration.sandbox() {
            Some((name, span)) => (name, span, true),
            None => match &self.settings.sandbox {
                Some((name, span)) => (SmolStr::from(name.as_str()), *span, false),
                None => {
                    self.diagnostics.push(
                        Diagnostic::new(
                            codes::NO_SANDBOX,
                            declaration.name.span,
                            format!(
                                "no sandbox is known for `{}`, so nothing was checked against its pages and parts",
                                declaration.name.text
                            ),
                        )
                        .help("add `sandbox: NAME` to the scenario, or `sandbox = \"NAME\"` to `esr.toml`"),
                    );
                    return None;
                }
            },
        };
        if self.sandboxes.contains_key(&name) {
            return Some(name);
        }
        let known: Vec<&str> = self.sandboxes.keys().map(SmolStr::as_str).collect();
        let mut diagnostic = Diagnostic::new(codes::UNKNOWN_SANDBOX, span, format!("there is no sandbox `{name}`"));
        diagnostic = match (nearest(&name, known.iter().copied()), known.is_empty()) {
            (Some(near), _) => diagnostic.help(format!("did you mean `{near}`?")).fix(
                format!("write `{near}`"),
                inside(span, self.sources),
                near,
                Applicability::Suggested,
            ),
            (None, true) => {
                diagnostic.help("name the file that declares it under `modules` in `esr.toml`, or `use` it")
            }
            (None, false) => diagnostic.help(format!("there is {}", list(&known))),
        };
        if !own {
            diagnostic = diagnostic.also(declaration.name.span, "this scenario names no sandbox of its own");
        }
        self.diagnostics.push(diagnostic);
        None
    }
}

/// The span of what is inside the quotes, if `span` covers a quoted text.
pub(crate) fn inside(span: Span, sources: &SourceMap) -> Span {
    let text = sources.slice(span);
    if text.len() >= 2 && text.starts_with(['"', '\'']) {
        return Span { start: span.start + 1, end: span.end - 1, ..span };
    }
    span
}
