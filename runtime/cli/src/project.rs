//! From a file that a person names to a plan and the blueprint of its sandbox.

use std::{collections::BTreeSet, io::IsTerminal, path::Path};

use esr_tap::RulesRecord;
use scn_analysis::{Compilation, Options, compile};
use scn_diagnostics::{Severity, emit};
use scn_plan::{Blueprint, Plan, SourceMap};
use scn_world::FileWorld;
use smol_str::SmolStr;

use crate::{
    arguments::SandboxChoice,
    console::counted,
    exit::{CommandError, Failure},
    output,
};

/// A scenario that compiles, and its sandbox.
pub struct Flight {
    /// The scenario.
    pub plan: Plan,
    /// The sandbox that it asks for.
    pub blueprint: Blueprint,
    /// The draft rules that its forms are bound to.
    pub rules: Option<RulesRecord>,
}

/// A file that compiles.
pub struct Compiled {
    path: String,
    compilation: Compilation,
    /// The draft rules that its sandboxes' forms are bound to.
    pub rules: Option<RulesRecord>,
}

/// Compiles `file` against sandboxes as they are `chosen`. Warnings and notes are printed to standard error.
///
/// # Errors
///
/// If a file is missing or does not compile (all its errors are rendered).
pub fn compile_file(file: &Path, chosen: &SandboxChoice) -> Result<Compiled, CommandError> {
    let path = source(file)?;
    let is_rules = |name: &str| (name.ends_with(".yaml") || name.ends_with(".yml")) && !scn_world::is_source(name);
    let rules = chosen.gov_source.as_deref().map(|rules| readable(Path::new(rules), is_rules)).transpose()?;
    let options = Options {
        branch: chosen.mfe_branch.as_deref().map(SmolStr::new),
        rules: rules.map(str::to_owned),
        ..Options::default()
    };
    let compilation = compile(&FileWorld::new(), path, &options);
    if compilation.has_errors() {
        return Err(does_not_compile(path, rules, &compilation));
    }
    output::say(render(&compilation));
    let rules = rules.and_then(|rules| {
        let (_, source) = compilation.sources.iter().find(|(_, source)| source.name() == rules)?;
        Some(RulesRecord::new(rules, source.text()))
    });
    Ok(Compiled { path: path.to_owned(), compilation, rules })
}

/// The name of the sandbox that the scenario `name` of `file`, or its only one, asks for. Mistakes in the file are left to
/// whoever compiles it.
///
/// # Errors
///
/// If the file cannot be read, or no sandbox is known for the scenario.
pub fn sandbox_asked_for(file: &Path, name: Option<&str>) -> Result<SmolStr, CommandError> {
    let path = source(file)?;
    let compilation = compile(&FileWorld::new(), path, &Options::default());
    let plan = match scenario(&compilation, path, name) {
        Ok(plan) => plan,
        // Nothing is left of a scenario with certain mistakes.
        Err(_) if compilation.has_errors() => return Err(does_not_compile(path, None, &compilation)),
        Err(error) => return Err(error),
    };
    plan.sandbox.clone().ok_or_else(|| no_sandbox(plan))
}

fn no_sandbox(plan: &Plan) -> CommandError {
    CommandError::new(Failure::Compile, format!("no sandbox is known for scenario {}", plan.scenario))
        .help("name one with `sandbox:` in the scenario, or with `sandbox = \"…\"` in esr.toml")
}

fn does_not_compile(path: &str, rules: Option<&str>, compilation: &Compilation) -> CommandError {
    let errors = compilation.diagnostics.iter().filter(|found| found.severity == Severity::Error).count();
    let errors = counted(u32::try_from(errors).unwrap_or(u32::MAX), "error");
    let under = rules.map(|rules| format!(" under {rules}")).unwrap_or_default();
    let mut failure = CommandError::new(Failure::Compile, format!("{path} does not compile{under}: {errors}"));
    failure.diagnostics = Some(render(compilation));
    let with = rules.map(|rules| format!(" {path} --gov-source {rules}")).unwrap_or_default();
    failure.help(format!("nothing was started; `esrc check{with}` finds the same without running anything"))
}

impl Compiled {
    /// The file's only scenario, or the one named `name`, with its sandbox.
    ///
    /// # Errors
    ///
    /// If there is no such scenario, or no sandbox is known for it.
    pub fn flight(&self, name: Option<&str>) -> Result<Flight, CommandError> {
        let plan = scenario(&self.compilation, &self.path, name)?.clone();
        let Some(blueprint) = self.compilation.blueprint(&plan).cloned() else {
            return Err(no_sandbox(&plan));
        };
        Ok(Flight { plan, blueprint, rules: self.rules.clone() })
    }

    /// How many scenarios the file declares.
    pub fn scenario_count(&self) -> usize {
        self.compilation.scenarios.len()
    }

    /// The sandbox that the file is about: that of the scenario `name`, that of all its scenarios, or the only one that it
    /// declares.
    ///
    /// # Errors
    ///
    /// If the file is about none, or about several.
    pub fn sandbox(&self, name: Option<&str>) -> Result<Blueprint, CommandError> {
        let scenarios = &self.compilation.scenarios;
        let asked: BTreeSet<_> = scenarios.iter().map(|plan| &plan.sandbox).collect();
        if name.is_some() || (!scenarios.is_empty() && asked.len() > 1) {
            return self.flight(name).map(|flight| flight.blueprint);
        }
        match (scenarios.first(), self.compilation.blueprints.as_slice()) {
            (Some(first), _) => self.flight(Some(&first.scenario)).map(|flight| flight.blueprint),
            (None, [only]) => Ok(only.clone()),
            (None, []) => {
                let message = format!("{} declares neither a scenario nor a sandbox", self.path);
                Err(CommandError::new(Failure::Compile, message)
                    .help("name a file with a `scenario` or a `sandbox` in it"))
            }
            (None, several) => {
                let names: Vec<&str> = several.iter().map(|blueprint| blueprint.name.as_str()).collect();
                let message = format!("{} declares several sandboxes: {}", self.path, names.join(", "));
                Err(CommandError::new(Failure::Usage, message).help("name the file of a scenario that asks for one"))
            }
        }
    }

    /// The names of the file's scenarios that ask for this sandbox.
    pub fn scenarios_in(&self, sandbox: &str) -> Vec<SmolStr> {
        let scenarios = self.compilation.scenarios.iter();
        let asking = scenarios.filter(|plan| plan.sandbox.as_deref() == Some(sandbox));
        asking.map(|plan| plan.scenario.clone()).collect()
    }
}

/// Whether two blueprints differ in what they bring up; where in their files it stands does not matter.
pub fn differ(a: &Blueprint, b: &Blueprint) -> bool {
    let plain = |blueprint: &Blueprint| {
        let mut value = serde_json::json!(Blueprint { sources: SourceMap::new(), ..blueprint.clone() });
        forget_places(&mut value);
        value
    };
    plain(a) != plain(b)
}

/// Forgets all spans: objects of a source and two offsets, and nothing else.
fn forget_places(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            let is_span = fields.len() == 3
                && ["source", "start", "end"].iter().all(|name| fields.get(*name).is_some_and(|place| place.is_u64()));
            if is_span {
                *value = serde_json::Value::Null;
            } else {
                fields.values_mut().for_each(forget_places);
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(forget_places),
        _ => {}
    }
}

/// The path of a source file as text, once it is clear that one can be read there.
fn source(file: &Path) -> Result<&str, CommandError> {
    let path = readable(file, scn_world::is_source)?;
    if matches!(file.extension().and_then(|extension| extension.to_str()), Some("yaml" | "yml"))
        && !scn_world::is_source(path)
    {
        return Err(CommandError::new(
            Failure::Usage,
            format!("{path} is no scenario: their files end in .scn or .scn.yaml"),
        )
        .help("a file of draft rules is given with `--gov-source` beside a scenario's file"));
    }
    Ok(path)
}

/// The path as text, once it is clear that something can be read there; `is_wanted` says of a file's name whether it could
/// be meant.
fn readable(file: &Path, is_wanted: fn(&str) -> bool) -> Result<&str, CommandError> {
    let usage = |why: String| CommandError::new(Failure::Usage, why);
    let path = file.to_str().ok_or_else(|| usage(format!("`{}` is not a path in UTF-8", file.display())))?;
    match std::fs::metadata(file) {
        Ok(found) if found.is_dir() => Err(usage(format!("{path} is a directory")).help("name a file in it")),
        Ok(_) => Ok(path),
        Err(error) => {
            let mut failure = usage(format!("cannot read {path}: {error}"));
            let near = nearby(file, is_wanted);
            if !near.is_empty() {
                failure = failure.help(format!("there are {}", near.join(", ")));
            }
            Err(failure)
        }
    }
}

/// Files beside one that is missing, and under `scenarios/`, that could be meant.
fn nearby(file: &Path, is_wanted: fn(&str) -> bool) -> Vec<String> {
    let beside = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut found = Vec::new();
    for folder in [beside, Path::new("scenarios")] {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let path = path.strip_prefix("./").unwrap_or(&path).to_string_lossy().into_owned();
            if is_wanted(&path) && !found.contains(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    found.truncate(5);
    found
}

fn render(compilation: &Compilation) -> String {
    let color = std::env::var_os("NO_COLOR").is_none() && std::io::stderr().is_terminal();
    let options = emit::Options { color, ..emit::Options::default() };
    emit::terminal(&compilation.diagnostics, &compilation.sources, options)
}

fn scenario<'a>(compilation: &'a Compilation, path: &str, name: Option<&str>) -> Result<&'a Plan, CommandError> {
    let names: Vec<&str> = compilation.scenarios.iter().map(|plan| plan.scenario.as_str()).collect();
    let usage = |why: String| CommandError::new(Failure::Usage, why);
    match (name, compilation.scenarios.as_slice()) {
        (_, []) => Err(usage(format!("{path} declares no scenario")).help("rehearse a file with a `scenario` in it")),
        (None, [only]) => Ok(only),
        (None, _) => Err(usage(format!("{path} declares several scenarios"))
            .help(format!("choose one with `--scenario`: {}", names.join(", ")))),
        (Some(name), _) => compilation.scenario(name).ok_or_else(|| {
            usage(format!("{path} declares no scenario {name}")).help(format!("it declares {}", names.join(", ")))
        }),
    }
}
