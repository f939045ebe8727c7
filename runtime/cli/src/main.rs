//! The ESR command line: rehearse, report and the rest.

// They panic when nobody reads any more; `output` does not.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod abort;
mod arguments;
mod commands;
mod console;
mod exit;
mod flight;
mod ground;
mod interrupt;
mod limits;
mod names;
mod outcome;
mod output;
mod progress;
mod project;
mod reports;
mod reproduce;
mod rising;
mod said;
mod sandboxes;
mod stored;
mod watch;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;
use exit::{CommandError, Failure};

fn main() -> ExitCode {
    // Before anything else is set up, which the program that is run would inherit.
    let mut own = std::env::args_os().skip(1);
    if own.next().is_some_and(|word| word == "supervise") {
        return esr_sandbox::supervise(&own.collect::<Vec<_>>());
    }
    limits::fail_on_large_files();
    // `esr help exit-codes` is a topic, not a command of its own.
    let mut words: Vec<_> = std::env::args_os().collect();
    if words.len() >= 3 && words[1] == "help" && words[2] == "exit-codes" {
        words.remove(1);
    }
    let asks_for_json = words.iter().any(|word| word == "--json");
    let arguments = match Arguments::try_parse_from(words) {
        Ok(arguments) => arguments,
        // Help and the version are no mistakes.
        Err(error) if asks_for_json && error.use_stderr() => {
            let text = error.to_string();
            let told = text.split("\n\nUsage").next().unwrap_or_default().trim_start_matches("error: ");
            let reason = told.split_whitespace().collect::<Vec<_>>().join(" ");
            return CommandError::new(Failure::Usage, reason).help("`--help` lists what there is").report(true);
        }
        Err(error) => error.exit(),
    };
    let json = match &arguments.command {
        Command::Up(up) => up.json,
        Command::Run(run) => run.json,
        Command::Report(report) => report.json,
        Command::Down(down) => down.json,
        Command::Status(status) => status.json,
        Command::Logs(logs) => logs.json,
        Command::Rehearse(rehearse) => rehearse.json,
        Command::Runs(runs) => runs.json,
        Command::Trace(trace) => trace.json,
        Command::Signoff(signoff) => signoff.json,
        Command::ExitCodes { json } => *json,
        Command::Host { .. } | Command::Supervise { .. } => false,
    };
    // A defect of ESR itself has an exit code, too; the panic's own message has been printed by then.
    let outcome = std::panic::catch_unwind(|| run(&arguments.command)).unwrap_or_else(|_| {
        Err(CommandError::new(Failure::Internal, "internal error: this is a defect of ESR, not of your scenario")
            .help("what was recorded until then is in .esr/runs"))
    });
    outcome.unwrap_or_else(|error| error.report(json))
}

fn run(command: &Command) -> Result<ExitCode, CommandError> {
    // Whatever a killed process left behind is mended by the next command.
    if !matches!(command, Command::ExitCodes { .. } | Command::Host { .. } | Command::Supervise { .. }) {
        sandboxes::mend();
    }
    match command {
        Command::Up(up) => commands::up::run(up),
        Command::Run(run) => commands::run::run(run),
        Command::Down(down) => commands::down::run(down),
        Command::Status(status) => commands::status::run(status),
        Command::Logs(logs) => commands::logs::run(logs),
        Command::Host { .. } => commands::host::run(),
        Command::Supervise { words } => Ok(esr_sandbox::supervise(words)),
        Command::Rehearse(rehearse) => commands::rehearse::run(rehearse),
        Command::Report(report) => commands::report::run(report),
        Command::Runs(runs) => commands::runs::run(runs),
        Command::Trace(trace) => commands::trace::run(trace),
        Command::Signoff(signoff) => commands::signoff::run(signoff),
        Command::ExitCodes { json } => commands::exit_codes::run(*json),
    }
}
