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
    /// Bring the sandbox up, run the scenario, write the debrief and take the sandbox down, in one go.
    Rehearse(Rehearse),
    /// Write the debrief of a recorded run.
    Report(Report),
    /// List the recorded runs, newest first.
    Runs(Runs),
    /// Print lines of a recorded run's trace.
    Trace(Trace),
    /// List the exit codes and what they mean.
    #[command(name = "exit-codes", hide = true)]
    ExitCodes,
}

/// `esr rehearse`
#[derive(Debug, Args)]
pub struct Rehearse {
    /// The scenario's file.
    pub file: PathBuf,
    /// The scenario to take, where the file holds several.
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// A file of draft rules (YAML) that the sandbox's forms are bound to: they add fields, demand patterns and decide.
    #[arg(long, value_name = "FILE")]
    pub gov_source: Option<PathBuf>,
    /// Where the debrief goes; the extension says the format: .pdf, .json or .md.
    #[arg(long, value_name = "FILE", default_value = "debrief.pdf")]
    pub out: PathBuf,
    /// Seed of every draw; the same seed makes the same choices and data again.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// So many personas in all instead of the scenario's number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub personas: Option<u32>,
    /// Bound of the run instead of the scenario's `duration`, such as 30s or 5m: then no journey starts, and those under
    /// way get 30 seconds.
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub bound: Option<i64>,
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
        _ => Err("a number and its unit are wanted: 500ms, 30s, 5m, 1h".to_owned()),
    }
}
