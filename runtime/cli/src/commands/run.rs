//! `esr run`: a scenario in a sandbox that is up.

use std::process::ExitCode;

use esr_sandbox::standing::Standing;
use scn_plan::Blueprint;

use super::{folder, runtime};
use crate::{
    arguments::{Run, SandboxChoice},
    console::Console,
    exit::{CommandError, Failure},
    flight::{Settings, fly},
    ground::Place,
    limits, names, outcome, output, project, reproduce, sandboxes,
};

/// Runs the command.
pub fn run(arguments: &Run) -> Result<ExitCode, CommandError> {
    limits::allow_many();
    let console = Console::new(arguments.json);
    let all = sandboxes::standing()?;
    let found = names::find(&arguments.scenario_or_file, &all)?;
    let mut choice = arguments.choice.clone();
    choice.scenario = choice.scenario.or(found.scenario);

    // The blueprint's name says which sandbox is meant; how that was brought up says what the scenario is held against.
    let standing = match found.standing {
        Some(standing) => standing,
        None => {
            let compiled = project::compile_file(&found.file, &SandboxChoice::default())?;
            let flight = compiled.flight(choice.scenario.as_deref())?;
            let named = all.iter().find(|one| one.record.name == flight.blueprint.name);
            named.cloned().ok_or_else(|| not_up(&flight.blueprint, &found.file.to_string_lossy(), &all))?
        }
    };
    let sandbox = SandboxChoice {
        gov_source: standing.record.rules.as_ref().map(|rules| rules.file.clone()),
        mfe_branch: standing.record.branch.as_ref().map(ToString::to_string),
    };
    let compiled = project::compile_file(&found.file, &sandbox)?;
    let mut flight = compiled.flight(choice.scenario.as_deref())?;
    if choice.scenario.is_none() && compiled.scenario_count() > 1 {
        choice.scenario = Some(flight.plan.scenario.to_string());
    }
    flight.rules = standing.record.rules.clone();
    flight.blueprint = as_it_stands(&standing, &flight.blueprint)?;
    reproduce::adjust(&mut flight.plan, &choice);
    let settings = Settings {
        seed: choice.seed,
        command: reproduce::command(&found.file, &choice, &sandbox),
        watch: choice.watch,
        runs: sandboxes::runs(),
        folder: folder(&found.file),
        place: Place::Standing(Box::new(standing)),
    };
    let store = runtime()?.block_on(fly(flight, settings, console))?;
    outcome::tell(&store, None, console, arguments.json)
}

/// The blueprint of the sandbox as it stands; a difference from what the files say now is told.
fn as_it_stands(standing: &Standing, now: &Blueprint) -> Result<Blueprint, CommandError> {
    let name = &standing.record.name;
    let blueprint = standing.blueprint().map_err(|error| {
        CommandError::new(Failure::Sandbox, format!("the sandbox {name} has just gone down: {error}"))
    })?;
    if project::differ(&blueprint, now) {
        output::say(format_args!(
            "esr: {name} has changed since it was brought up, and stands as it was: `esr down {name}` and `esr up {}` take \
             the change in\n",
            standing.record.file
        ));
    }
    Ok(blueprint)
}

fn not_up(blueprint: &Blueprint, file: &str, all: &[Standing]) -> CommandError {
    let failure = CommandError::new(Failure::Sandbox, format!("the sandbox {} is not up", blueprint.name));
    let others = if all.is_empty() { String::new() } else { format!(" (up is {})", sandboxes::names(all)) };
    failure.help(format!(
        "`esr up {file}` brings it up; `esr rehearse {file}` brings it up, runs once, and takes it down{others}"
    ))
}
