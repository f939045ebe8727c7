//! The command line, as it is typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// A flight simulator for launches of multi-service workflows.
#[derive(Debug, Parser)]
#[command(
    name = "esr",
    version,
    arg_required_else_help = true,
    after_help = "`esr help exit-codes` lists the exit codes."
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Bring a sandbox up in the background.
    Up(Up),
    /// Run a scenario in a sandbox that is up; the exit code is the verdict.
    Run(Run),
    /// Write the debrief of a recorded run.
    Report(Report),
    /// Take a sandbox down.
    Down(Down),
    /// Show which sandboxes are up, and the runs under way in them.
    Status(Status),
    /// Print what the parts of a sandbox have served.
    Logs(Logs),
    /// Bring the sandbox up, run the scenario, write the debrief and take the sandbox down, in one go.
    Rehearse(Rehearse),
    /// List the recorded runs, newest first.
    Runs(Runs),
    /// Print lines of a recorded run's trace.
    Trace(Trace),
    /// Approve or reject a run that awaits a sign-off.
    Signoff(SignOff),
    /// List the exit codes and what they mean.
    #[command(name = "exit-codes", hide = true)]
    ExitCodes {
        /// Print a JSON object for each, one a line.
        #[arg(long)]
        json: bool,
    },
    /// Be the process of a sandbox; `esr up` starts it.
    #[command(hide = true)]
    Host {
        /// The sandbox's name, for whoever lists processes.
        name: String,
    },
    /// Run a program for a sandbox, and end it when that goes; a sandbox starts this.
    #[command(hide = true)]
    Supervise {
        /// The program and its arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        words: Vec<std::ffi::OsString>,
    },
}

/// What a sandbox is made of besides its blueprint.
#[derive(Clone, Debug, Default, Args)]
pub struct SandboxChoice {
    /// A file of draft rules, which the frontends' forms are bound to.
    #[arg(long, value_name = "FILE")]
    pub gov_source: Option<String>,
    /// The frontends' branch instead of `main`.
    #[arg(long, visible_alias = "branch", value_name = "BRANCH")]
    pub mfe_branch: Option<String>,
}

/// The seed where none is given.
pub const DEFAULT_SEED: u64 = 1;

/// How a scenario is run.
#[derive(Clone, Debug, Args)]
pub struct RunChoice {
    /// The scenario to take, where the file holds several.
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// Seed of every draw; the same seed makes the same choices and data again. Without it, 1; in a sandbox that is up,
    /// that sandbox's.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// So many personas in all instead of the scenario's number; with a load, so many at its peak.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub personas: Option<u32>,
    /// Bound of the run instead of the scenario's `duration`, such as 30s or 5m: then no journey starts, and those under
    /// way get 30 seconds.
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub bound: Option<i64>,
    /// Show the run while it is under way: personas, goals so far, probes, and each step's counts and latency. Where
    /// standard output is no terminal, the usual lines are printed instead.
    #[arg(long)]
    pub watch: bool,
}

/// Where a sandbox is brought up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Backend {
    /// All parts in one process on this machine.
    Embedded,
}

/// `esr up`
#[derive(Debug, Args)]
pub struct Up {
    /// The file of a scenario, or of the sandbox itself.
    pub file: PathBuf,
    /// The scenario whose sandbox is meant, where the file's scenarios have several.
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    #[command(flatten)]
    pub sandbox: SandboxChoice,
    /// Where it is brought up.
    #[arg(long, value_enum, default_value_t = Backend::Embedded)]
    pub on: Backend,
    /// How long it may take to come up, such as 90s.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "90s")]
    pub wait: i64,
    /// How long it stays up, such as 30m or 8h; then it goes down by itself, once no run is under way.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "8h")]
    pub ttl: i64,
    /// Seed of the data that the stores are filled with, and of every draw that no run decides.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED)]
    pub seed: u64,
    /// Print the outcome as JSON on standard output, and everything else on standard error.
    #[arg(long)]
    pub json: bool,
}

/// `esr run`
#[derive(Debug, Args)]
pub struct Run {
    /// The scenario's name, as far as it need be typed, or its file.
    pub scenario_or_file: String,
    #[command(flatten)]
    pub choice: RunChoice,
    /// Print the outcome as JSON on standard output, and everything else on standard error.
    #[arg(long)]
    pub json: bool,
}

/// `esr down`
#[derive(Debug, Args)]
pub struct Down {
    /// The sandbox, or a scenario that it is up for; without it, the only one that is up.
    pub name: Option<String>,
    /// Take all sandboxes down.
    #[arg(long, conflicts_with = "name")]
    pub all: bool,
    /// Print the outcome as JSON on standard output, and everything else on standard error.
    #[arg(long)]
    pub json: bool,
}

/// `esr status`
#[derive(Debug, Args)]
pub struct Status {
    /// Print a JSON object for each sandbox, one a line.
    #[arg(long)]
    pub json: bool,
}

/// `esr logs`
#[derive(Debug, Args)]
pub struct Logs {
    /// The part: a frontend, a service or a partner; without it, all of them.
    pub part: Option<String>,
    /// The sandbox, where several have a part of this name.
    #[arg(long, value_name = "NAME")]
    pub sandbox: Option<String>,
    /// Only the last lines.
    #[arg(long, value_name = "N")]
    pub tail: Option<usize>,
    /// Go on with what is served from now on, until the sandbox is gone.
    #[arg(long, short)]
    pub follow: bool,
    /// Print a JSON object for each line.
    #[arg(long)]
    pub json: bool,
}

/// `esr rehearse`
#[derive(Debug, Args)]
pub struct Rehearse {
    /// The scenario's file.
    pub file: PathBuf,
    #[command(flatten)]
    pub choice: RunChoice,
    #[command(flatten)]
    pub sandbox: SandboxChoice,
    /// Where the debrief goes; the extension says the format: .pdf, .json or .md.
    #[arg(long, value_name = "FILE", default_value = "debrief.pdf")]
    pub out: PathBuf,
    /// Print the outcome as JSON on standard output, and everything else on standard error.
    #[arg(long)]
    pub json: bool,
}

/// `esr report`
#[derive(Debug, Args)]
pub struct Report {
    /// A run's id, or a scenario's name for its newest run.
    pub run: String,
    /// Where the debrief goes; the extension says the format: .pdf, .json or .md. `-` is standard output, with --format.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// The format, where the extension does not say it.
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// Print the outcome as JSON on standard output.
    #[arg(long)]
    pub json: bool,
}

/// `esr runs`
#[derive(Debug, Args)]
pub struct Runs {
    /// Print a JSON object for each run, one a line.
    #[arg(long)]
    pub json: bool,
}

/// `esr trace`
#[derive(Debug, Args)]
pub struct Trace {
    /// A run's id, or a scenario's name for its newest run.
    pub run: String,
    /// Which lines, from 1, such as 912-920; all without it.
    #[arg(long, value_name = "FIRST-LAST", value_parser = lines)]
    pub lines: Option<(usize, usize)>,
    /// Print the lines as they are stored: a JSON object each.
    #[arg(long)]
    pub json: bool,
}

/// `esr signoff`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("decision").required(true).args(["approve", "reject"]))]
pub struct SignOff {
    /// A run's id, or a scenario's name for its newest run.
    pub run: String,
    /// Approve it: with its goals met, it is cleared.
    #[arg(long)]
    pub approve: bool,
    /// Reject it, whatever its goals say.
    #[arg(long)]
    pub reject: bool,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Who decides; without it, whoever is logged in.
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Print the outcome as JSON on standard output, and everything else on standard error.
    #[arg(long)]
    pub json: bool,
}

/// Formats of a debrief.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Typeset, to read and to hand on.
    Pdf,
    /// Every finding, for machines.
    Json,
    /// Short, for a pull request or a CI log.
    Md,
}

fn lines(text: &str) -> Result<(usize, usize), String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.parse(), last.parse()) {
        (Ok(first), Ok(last)) if first >= 1 && first <= last => Ok((first, last)),
        _ => Err("two line numbers are wanted, from 1, such as 912-920".to_owned()),
    }
}

/// Nanoseconds of a duration literal.
fn duration(text: &str) -> Result<i64, String> {
    const UNITS: [(&str, f64); 4] = [("ms", 1e6), ("s", 1e9), ("m", 6e10), ("h", 3.6e12)];
    let digits = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
    match (number.parse::<f64>(), factor) {
        (Ok(number), Some(factor)) if number > 0.0 && number * factor < 1e18 => Ok((number * factor) as i64),
        (Ok(_), Some(_)) => Err("more than nothing is wanted, and less than 30 years".to_owned()),
        _ => Err("a number and its unit are wanted: 500ms, 30s, 5m, 1h".to_owned()),
    }
}
