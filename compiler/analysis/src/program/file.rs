//! One file of a compilation: its sandboxes and its scenarios.

use std::sync::Arc;

use rayon::prelude::*;
use scn_diagnostics::{Applicability, Diagnostic, Severity, Span, codes};
use scn_plan::{
    Blueprint, Plan,
    collections::{HashMap, IndexMap},
};
use smol_str::SmolStr;

use super::{Load, Place, inside};
use crate::{
    blueprint, checks,
    context::Context,
    index::{Meaning, Notes},
    memory::{Found, Recalled},
    rules::Rules,
    scenario::{self, Declaration},
    signatures::{list, nearest},
};

/// One file of a compilation.
pub(super) struct Program<'a, 'd> {
    pub load: &'a Load<'a>,
    /// The file's module.
    pub root: usize,
    pub rules: &'d mut Rules,
    /// The branch that the blueprints are to be on; without it, `main`.
    pub branch: Option<&'a str>,
    /// Where each sandbox is declared.
    pub sandboxes: IndexMap<SmolStr, Place<'a>>,
    /// Lowered sandboxes, and whether they are free of errors.
    pub blueprints: IndexMap<SmolStr, (Option<Arc<Blueprint>>, bool)>,
    pub diagnostics: &'d mut Vec<Diagnostic>,
}

impl Program<'_, '_> {
    /// Sandboxes of the file itself, then of what it uses, then of the settings' modules: the first of a name holds.
    pub fn find_sandboxes(&mut self) {
        let load = self.load;
        for module in load.modules.seen_from(self.root) {
            let Some((declared, tree)) = load.sandboxes.get(module).zip(load.modules.get(module)) else { continue };
            for (name, at) in declared {
                if let Some(node) = tree.tree.nodes.get(*at) {
                    self.sandboxes.entry(name.clone()).or_insert(Place { module, node });
                }
            }
        }
    }

    /// A file is compiled with all of its sandboxes, asked for or not.
    pub fn lower_own_sandboxes(&mut self) {
        let own: Vec<SmolStr> = self
            .sandboxes
            .iter()
            .filter(|(_, place)| place.module == self.root)
            .map(|(name, _)| name.clone())
            .collect();
        for name in own {
            self.lower_sandbox(&name);
        }
    }

    fn lower_sandbox(&mut self, name: &SmolStr) {
        let Some(place) = self.sandboxes.get(name).copied() else { return };
        if self.blueprints.contains_key(name) {
            return;
        }
        let lowered = self.load.lowered(place, name, self.branch);
        let Some(lowered) = lowered.get() else { return };
        self.diagnostics.extend(lowered.diagnostics.iter().cloned());
        let sound = !lowered.diagnostics.iter().any(|found| found.severity == Severity::Error);
        let mut blueprint = lowered.blueprint.clone();
        if let Some(blueprint) = &mut blueprint {
            self.rules.bind(blueprint, &self.load.signatures, self.diagnostics);
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
        let on_branch = |(blueprint, _): &(Option<Arc<Blueprint>>, bool)| {
            blueprint.as_ref().is_some_and(|blueprint| blueprint.branch.is_some())
        };
        if !self.blueprints.values().any(on_branch) {
            for name in self.blueprints.keys().cloned().collect::<Vec<_>>() {
                self.check_branch(&name);
            }
        }
    }

    pub fn scenarios(&mut self) -> Vec<Plan> {
        let Some(module) = self.load.modules.get(self.root) else { return Vec::new() };
        let declarations = scenario::declarations(&module.tree, self.diagnostics);
        if declarations.is_empty() {
            self.check_branch_of_own_sandboxes();
        }
        let mut asked = Vec::with_capacity(declarations.len());
        for declaration in &declarations {
            let sandbox = self.sandbox_of(declaration);
            if let Some(name) = &sandbox {
                self.lower_sandbox(name);
                self.check_branch(name);
            }
            asked.push((declaration, sandbox));
        }
        let recalled = self.recalled(&declarations);
        let context = self.load.context(self.root);
        let (blueprints, is_sound) = (&self.blueprints, self.rules.is_sound());
        // Where a blueprint has errors of its own, or lacks what rules meant to add, checks against it would only repeat them.
        let sandboxes: HashMap<&SmolStr, checks::Sandbox<'_>> = blueprints
            .iter()
            .filter_map(|(name, (blueprint, sound))| Some((name, blueprint.as_ref().filter(|_| *sound && is_sound)?)))
            .map(|(name, blueprint)| (name, checks::Sandbox::of(blueprint)))
            .collect();
        let options = self.load.options;
        let lowered: Vec<(Option<Plan>, Found)> = asked
            .into_par_iter()
            .filter(|_| options.are_waited_for())
            .map(|(declaration, sandbox)| {
                if let Some((recalled, at)) = recalled.as_ref().zip(declaration.whole)
                    && let Some(found) = recalled.get(self.load.sources.slice(at), at.start)
                {
                    return (None, found);
                }
                // What is to be kept is noted apart.
                let own = if recalled.is_some() { Notes::kept() } else { context.notes.clone() };
                let context = Context { notes: &own, ..context };
                let known = sandbox.as_ref().and_then(|name| sandboxes.get(name));
                let mut found = Vec::new();
                let blueprint = known.map(|sandbox| sandbox.blueprint);
                let mut plan = scenario::lower(&context, declaration, blueprint, &mut found);
                if let Some(plan) = &mut plan {
                    plan.sandbox = sandbox;
                    checks::check(plan, known, &context, &mut found);
                }
                let notes = if recalled.is_some() { own.take() } else { Vec::new() };
                (plan, Found { diagnostics: found, notes })
            })
            .collect();
        if let (Some(recalled), Some(memory), true) = (recalled, &options.memory, options.are_waited_for()) {
            let found = declarations.iter().zip(&lowered).filter_map(|(declaration, (_, found))| {
                let whole = declaration.whole?;
                Some((whole, self.load.sources.slice(whole).into(), found.clone()))
            });
            memory.scenarios.keep(recalled, found);
        }
        let mut plans = Vec::with_capacity(lowered.len());
        for (plan, found) in lowered {
            plans.extend(plan);
            self.diagnostics.extend(found.diagnostics);
            self.load.notes.extend(found.notes);
        }
        plans
    }

    /// What is known of the scenarios from the compilation before, which leaves their plans out. Where something is asked that it was
    /// not told, nothing is.
    fn recalled(&self, declarations: &[Declaration<'_>]) -> Option<Recalled> {
        let options = self.load.options;
        let memory = options.memory.as_ref().filter(|_| options.branch.is_none() && options.rules.is_none())?;
        let source = self.load.modules.get(self.root)?.source;
        let mut places: Vec<Span> = declarations.iter().filter_map(|declaration| declaration.whole).collect();
        places.sort();
        memory.scenarios.recall(&self.load.sources, source, &places)
    }

    /// The sandbox that a scenario asks for, by itself or by the settings. An unknown one is reported.
    fn sandbox_of(&mut self, declaration: &Declaration<'_>) -> Option<SmolStr> {
        let (name, span, own) = match declaration.sandbox() {
            Some((name, span)) => (name, span, true),
            None => match self.load.modules.settings_of(self.root).and_then(|settings| settings.sandbox.as_ref()) {
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
        if let Some(place) = self.sandboxes.get(&name) {
            self.load.notes.note(span, || Meaning::Declared(place.node.span));
            return Some(name);
        }
        let known: Vec<&str> = self.sandboxes.keys().map(SmolStr::as_str).collect();
        let mut diagnostic = Diagnostic::new(codes::UNKNOWN_SANDBOX, span, format!("there is no sandbox `{name}`"));
        diagnostic = match (nearest(&name, known.iter().copied()), known.is_empty()) {
            (Some(near), _) => diagnostic.help(format!("did you mean `{near}`?")).fix(
                format!("write `{near}`"),
                inside(span, &self.load.sources),
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
