//! The ESR command line: rehearse, report and the rest.

mod arguments;
mod commands;
mod console;
mod exit;
mod flight;
mod interrupt;
mod project;
mod reports;
mod stored;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;

fn main() -> ExitCode {
    // `esr help exit-codes` is a topic, not a command of its own.
    let mut words: Vec<_> = std::env::args_os().collect();
    if words.len() == 3 && words[1] == "help" && words[2] == "exit-codes" {
        words.remove(1);
    }
    let arguments = Arguments::parse_from(words);
    let (json, outcome) = match &arguments.command {
        Command::Rehearse(rehearse) => (rehearse.json, commands::rehearse::run(rehearse)),
        Command::Report(report) => (report.json, commands::report::run(report)),
        Command::Runs(runs) => (runs.json, commands::runs::run(runs)),
        Command::Trace(trace) => (trace.json, commands::trace::run(trace)),
        Command::ExitCodes => {
            commands::exit_codes::run();
            return ExitCode::SUCCESS;
        }
    };
    outcome.unwrap_or_else(|error| error.report(json))
}
