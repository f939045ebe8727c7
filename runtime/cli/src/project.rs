//! From a file that a person names to a plan and the blueprint of its sandbox.

use std::{io::IsTerminal, path::Path};

use esr_tap::RulesRecord;
use scn_analysis::{Compilation, Options, compile};
use scn_diagnostics::{Severity, emit};
use scn_plan::{Blueprint, Plan};
use scn_world::FileWorld;

use crate::{
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

/// What is compiled, and how.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// The scenario's file.
    pub file: &'a Path,
    /// The scenario to take, where the file holds several.
    pub scenario: Option<&'a str>,
    /// The file of draft rules that the sandbox's forms are bound to.
    pub rules: Option<&'a Path>,
}

/// Compiles the file and takes its only scenario, or the one named.
///
/// Warnings and notes are printed to standard error.
///
/// # Errors
///
/// If a file is missing or does not compile (all its errors are rendered), or has no such scenario or sandbox.
pub fn load(load: &Load<'_>) -> Result<Flight, CommandError> {
    let path = readable(load.file)?;
    let rules = load.rules.map(readable).transpose()?;
    let options = Options { rules: rules.map(str::to_owned), ..Options::default() };
    let compilation = compile(&FileWorld::new(), path, &options);
    let rendered = render(&compilation);
    if compilation.has_errors() {
        let errors = compilation.diagnostics.iter().filter(|found| found.severity == Severity::Error).count();
        let errors = counted(u32::try_from(errors).unwrap_or(u32::MAX), "error");
        let under = rules.map(|rules| format!(" under {rules}")).unwrap_or_default();
        let mut failure = CommandError::new(Failure::Compile, format!("{path} does not compile{under}: {errors}"));
        failure.diagnostics = Some(rendered);
        return Err(failure.help(match rules {
            Some(_) => "nothing was started",
            None => "nothing was started; `esrc check` finds the same without running anything",
        }));
    }
    output::say(rendered);
    let plan = scenario(&compilation, path, load.scenario)?.clone();
    let Some(blueprint) = compilation.blueprint(&plan).cloned() else {
        return Err(CommandError::new(Failure::Compile, format!("no sandbox is known for scenario {}", plan.scenario))
            .help("name one with `sandbox:` in the scenario, or with `sandbox = \"…\"` in esr.toml"));
    };
    let rules = rules.and_then(|rules| {
        let (_, source) = compilation.sources.iter().find(|(_, source)| source.name() == rules)?;
        Some(RulesRecord::new(rules, source.text()))
    });
    Ok(Flight { plan, blueprint, rules })
}

/// The path as text, once it is clear that something can be read there.
fn readable(file: &Path) -> Result<&str, CommandError> {
    let usage = |why: String| CommandError::new(Failure::Usage, why);
    let path = file.to_str().ok_or_else(|| usage(format!("`{}` is not a path in UTF-8", file.display())))?;
    match std::fs::metadata(file) {
        Ok(found) if found.is_dir() => {
            Err(usage(format!("{path} is a directory")).help("name a scenario's file in it"))
        }
        Ok(_) => Ok(path),
        Err(error) => {
            let mut failure = usage(format!("cannot read {path}: {error}"));
            let near = nearby(file);
            if !near.is_empty() {
                failure = failure.help(format!("there are {}", near.join(", ")));
            }
            Err(failure)
        }
    }
}

/// Source files beside one that is missing, and under `scenarios/`.
fn nearby(file: &Path) -> Vec<String> {
    let beside = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut found = Vec::new();
    for folder in [beside, Path::new("scenarios")] {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let path = path.strip_prefix("./").unwrap_or(&path).to_string_lossy().into_owned();
            if scn_world::is_source(&path) && !found.contains(&path) {
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
