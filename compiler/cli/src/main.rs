//! `esrc`, the compiler of the `.scn` language on the command line.

mod check;
mod doc;
mod explain;
mod files;
mod fmt;
mod lsp;
mod options;
mod output;
mod plan;
mod update;

use std::{panic, process::ExitCode};

use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;

/// Trees are many small pieces that several threads make at once.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Checks and compiles scenarios and sandboxes of ESR.
#[derive(Debug, Parser)]
#[command(name = "esrc", version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Arguments),
    Plan(plan::Arguments),
    Doc(doc::Arguments),
    Explain(explain::Arguments),
    Fmt(fmt::Arguments),
    Update(update::Arguments),
    Lsp(lsp::Arguments),
}

/// What a command says to the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// All is well.
    Clean = 0,
    /// There are findings.
    Findings = 1,
    /// An unknown option or a missing file.
    Usage = 2,
    /// A defect of the compiler.
    Internal = 70,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// A command that cannot do what it was asked to: what is wrong, and how to mend it.
#[derive(Debug, PartialEq, Eq)]
struct Failure {
    exit: Exit,
    message: String,
    help: Option<String>,
}

impl Failure {
    fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = panic::catch_unwind(|| match &arguments.command {
        Command::Check(arguments) => check::run(arguments),
        Command::Plan(arguments) => plan::run(arguments),
        Command::Doc(arguments) => doc::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Fmt(arguments) => fmt::run(arguments),
        Command::Update(arguments) => update::run(arguments),
        Command::Lsp(arguments) => lsp::run(arguments),
    });
    let exit = match outcome {
        Ok(Ok(exit)) => exit,
        Ok(Err(failure)) => {
            output::failure(&failure);
            failure.exit
        }
        // The panic's own message stands above.
        Err(_) => {
            output::failure(&Failure {
                exit: Exit::Internal,
                message: "this is a defect of esrc itself".to_owned(),
                help: Some("please report it with the file that it happened on".to_owned()),
            });
            Exit::Internal
        }
    };
    exit.into()
}
