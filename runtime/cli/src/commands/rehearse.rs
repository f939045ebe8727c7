//! `esr rehearse`: up, run, report and down in one go.

use std::process::ExitCode;

use super::{folder, runtime};
use crate::{
    arguments::{DEFAULT_SEED, Rehearse},
    console::Console,
    exit::CommandError,
    flight::{Settings, fly},
    ground::Place,
    limits, outcome, project,
    reports::Destination,
    reproduce, sandboxes,
};

/// Runs the command.
pub fn run(arguments: &Rehearse) -> Result<ExitCode, CommandError> {
    limits::allow_many();
    let destination = Destination::new(&arguments.out, None)?;
    let console = Console::new(arguments.json);
    let sandbox = &arguments.sandbox;
    let mut flight = project::compile_file(&arguments.file, sandbox)?.flight(arguments.choice.scenario.as_deref())?;
    reproduce::adjust(&mut flight.plan, &arguments.choice)?;
    let seed = arguments.choice.seed.unwrap_or(DEFAULT_SEED);
    let settings = Settings {
        seed,
        command: reproduce::command(&arguments.file, &arguments.choice, sandbox, seed),
        watch: arguments.choice.watch,
        runs: sandboxes::runs(),
        folder: folder(&arguments.file),
        place: Place::Own,
    };
    let store = runtime()?.block_on(fly(flight, settings, console))?;
    outcome::tell(&store, Some(&destination), console, arguments.json)
}
