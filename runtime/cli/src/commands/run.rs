//! `esr run`: a scenario in a sandbox that is up.

use std::{path::Path, process::ExitCode};

use esr_sandbox::standing::Standing;
use scn_plan::{Blueprint, blueprint::SeedRecords};

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
    let standing = match found.standing {
        Some(standing) => standing,
        None => asked_for(&found.file, choice.scenario.as_deref(), &all)?,
    };
    let record = &standing.record;
    if record.version != env!("CARGO_PKG_VERSION") {
        let message = format!("{} was brought up by esr {}, and this is another version", record.name, record.version);
        return Err(CommandError::new(Failure::Sandbox, message).help(format!(
            "run with that version, or take it down (`esr down {}`) and bring it up anew",
            record.name
        )));
    }

    // How the sandbox was brought up says what the scenario is held against.
    let sandbox = made_of(&standing);
    let compiled = project::compile_file(&found.file, &sandbox)
        .map_err(|error| error.and_help(format!("{} stands as `{}` brought it up", record.name, up(&standing))))?;
    let mut flight = compiled.flight(choice.scenario.as_deref())?;
    if choice.scenario.is_none() && compiled.scenario_count() > 1 {
        choice.scenario = Some(flight.plan.scenario.to_string());
    }
    flight.rules = record.rules.clone();
    flight.blueprint = as_it_stands(&standing, &flight.blueprint)?;
    reproduce::adjust(&mut flight.plan, &choice)?;
    let seed = choice.seed.unwrap_or(record.seed);
    if seed != record.seed && plants_people(&flight.blueprint) {
        output::say(format_args!(
            "esr: {} was brought up with seed {}, and this run has seed {seed}: its people are not those in the stores\n     \
             leave `--seed` out, or bring the sandbox up with `{} --seed {seed}`\n",
            record.name,
            record.seed,
            up(&standing),
        ));
    }
    let settings = Settings {
        seed,
        command: reproduce::command(&found.file, &choice, &sandbox, seed),
        watch: choice.watch,
        runs: sandboxes::runs(),
        folder: folder(&found.file),
        place: Place::Standing(Box::new(standing)),
    };
    let store = runtime()?.block_on(fly(flight, settings, console))?;
    outcome::tell(&store, None, console, arguments.json)
}

/// The sandbox that a scenario of `file` asks for, among those that stand.
fn asked_for(file: &Path, scenario: Option<&str>, all: &[Standing]) -> Result<Standing, CommandError> {
    let name = project::sandbox_asked_for(file, scenario)?;
    all.iter().find(|one| one.record.name == name).cloned().ok_or_else(|| {
        let file = file.display();
        let others = if all.is_empty() { String::new() } else { format!(" (up is {})", sandboxes::names(all)) };
        CommandError::new(Failure::Sandbox, format!("the sandbox {name} is not up")).help(format!(
            "`esr up {file}` brings it up; `esr rehearse {file}` brings it up, runs once, and takes it down{others}"
        ))
    })
}

fn made_of(standing: &Standing) -> SandboxChoice {
    SandboxChoice {
        gov_source: standing.record.rules.as_ref().map(|rules| rules.file.clone()),
        mfe_branch: standing.record.branch.as_ref().map(ToString::to_string),
    }
}

/// The command that brought it up.
fn up(standing: &Standing) -> String {
    reproduce::up(&standing.record.file, &made_of(standing))
}

/// The blueprint of the sandbox as it stands; a difference from what the files say now is told.
fn as_it_stands(standing: &Standing, now: &Blueprint) -> Result<Blueprint, CommandError> {
    let name = &standing.record.name;
    let blueprint = standing.blueprint().map_err(|error| {
        CommandError::new(Failure::Sandbox, format!("the sandbox {name} has just gone down: {error}"))
            .help(format!("`{}` brings it up", up(standing)))
    })?;
    if project::differ(&blueprint, now) {
        output::say(format_args!(
            "esr: what {name} is made of has changed since it was brought up, and it stands as it was\n     `esr down {name}` and \
             `{}` take the change in\n",
            up(standing)
        ));
    }
    Ok(blueprint)
}

/// Whether stores are filled with people, who are others for another seed.
fn plants_people(blueprint: &Blueprint) -> bool {
    blueprint.seeds.iter().any(|seed| matches!(seed.records, SeedRecords::Personas { .. }))
}
