//! Exit codes: what a command says to the shell, and why.

use std::{fmt, process::ExitCode};

use crate::{console::harmless, output};

/// Why a command ends without a verdict, with its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Unknown option, missing file, unknown run, an output that cannot be written.
    Usage,
    /// A defect of ESR itself.
    Internal,
    /// The sandbox failed to come up, or was lost.
    Sandbox,
    /// The scenario does not compile, or names a sandbox that does not exist.
    Compile,
    /// Stopped from outside before there was a run.
    Interrupted,
}

impl Failure {
    /// The exit code, as `docs/exit-codes.md` lists it.
    pub fn code(self) -> u8 {
        match self {
            Failure::Usage => 2,
            Failure::Internal => 70,
            Failure::Sandbox => 100,
            Failure::Compile => 104,
            Failure::Interrupted => 105,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Failure::Usage => "usage",
            Failure::Internal => "internal-error",
            Failure::Sandbox => "sandbox-failed",
            Failure::Compile => "does-not-compile",
            Failure::Interrupted => "interrupted",
        }
    }
}

/// What a command that cannot go on has to say.
#[derive(Debug)]
pub struct CommandError {
    /// Which exit code.
    pub failure: Failure,
    /// What is wrong, in a sentence.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
    /// Rendered diagnostics, printed before the message.
    pub diagnostics: Option<String>,
}

impl CommandError {
    /// A failure and its sentence.
    pub fn new(failure: Failure, message: impl Into<String>) -> Self {
        Self { failure, message: message.into(), help: None, diagnostics: None }
    }

    /// Adds the way out.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another way out.
    pub fn and_help(mut self, more: impl Into<String>) -> Self {
        let more = more.into();
        self.help = Some(match self.help {
            Some(help) => format!("{help}; {more}"),
            None => more,
        });
        self
    }

    /// Prints to standard error, and as JSON to standard output if `json`; gives the exit code.
    pub fn report(&self, json: bool) -> ExitCode {
        if let Some(diagnostics) = &self.diagnostics {
            output::say(diagnostics);
        }
        // Names of files and of what they declare are part of it.
        output::say(format_args!("esr: {}\n", harmless(&self.message)));
        if let Some(help) = &self.help {
            output::say(format_args!("     {}\n", harmless(help)));
        }
        if json {
            let value = serde_json::json!({
                "exit_code": self.failure.code(),
                "outcome": self.failure.word(),
                "reason": self.message,
                "help": self.help,
            });
            // The exit code says it as well.
            let _ = output::print(|out| writeln!(out, "{value}"));
        }
        ExitCode::from(self.failure.code())
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for CommandError {}
