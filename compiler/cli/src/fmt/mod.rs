//! `esrc fmt`: files in their canonical spelling.

pub(crate) mod write;

use std::{io, time::Duration};

use scn_analysis::World;
use scn_diagnostics::{Source, SourceMap, emit};
use scn_grammar::Formatted;
use similar::TextDiff;

use crate::{Exit, Failure, files, output};

/// Lines around a difference.
const CONTEXT: usize = 1;

/// Formats files: one spelling for all, with the same meaning and the same comments.
///
/// A file with syntax errors is left as it is. Exits with 0 if all is formatted, 1 if a file has syntax errors or, with --check,
/// is not formatted, 2 for a file that cannot be read or written, 70 for a defect of esrc.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Files, or folders with .scn and .scn.yaml files; `-` formats standard input to standard output
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// Change nothing; show what would change
    #[arg(long)]
    check: bool,
}

/// What happened to a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Unchanged,
    Changed,
    Broken,
    Defect,
    Unwritable,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    // Every file is read before the first is written.
    let inputs = files::expand(&arguments.paths)?;
    let mut outcomes = Vec::new();
    for input in inputs.each() {
        let text = input
            .world
            .read(&input.path)
            .map_err(|error| Failure::usage(format!("`{}` cannot be read: {error}", input.path)))?;
        outcomes.push(file(arguments, &input.path, &text)?);
    }
    let to_standard_output = arguments.paths.iter().any(|path| path == "-") && !arguments.check;
    if !to_standard_output {
        output::write(&summary(&outcomes, arguments.check))?;
    }
    let any = |outcome| outcomes.contains(&outcome);
    Ok(if any(Outcome::Defect) {
        Exit::Internal
    } else if any(Outcome::Unwritable) {
        Exit::Usage
    } else if any(Outcome::Broken) || (arguments.check && any(Outcome::Changed)) {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

fn file(arguments: &Arguments, path: &str, text: &str) -> Result<Outcome, Failure> {
    let is_input = path == files::STDIN;
    let mut sources = SourceMap::new();
    let source = sources.add(Source::new(path, text));
    let formatted = match scn_grammar::format(source, text) {
        Formatted::Text(formatted) => formatted,
        Formatted::Broken(diagnostics) => {
            output::findings(&emit::terminal(&diagnostics, &sources, output::options(&io::stderr())));
            output::failure(&Failure {
                exit: Exit::Findings,
                message: format!("`{path}` is left as it is, for it has syntax errors"),
                help: None,
            });
            pass_on(is_input && !arguments.check, text)?;
            return Ok(Outcome::Broken);
        }
        Formatted::Defect => {
            output::failure(&Failure {
                exit: Exit::Internal,
                message: format!("`{path}` is left as it is, for formatting would have changed what it means"),
                help: Some("this is a defect of esrc itself; please report it with the file".to_owned()),
            });
            pass_on(is_input && !arguments.check, text)?;
            return Ok(Outcome::Defect);
        }
    };
    let changed = formatted != text;
    if arguments.check {
        if changed {
            output::write(&difference(path, text, &formatted, "formatted"))?;
        }
    } else if is_input {
        output::write(&formatted)?;
    } else if changed {
        if let Err(error) = write::replace(path, text, &formatted) {
            output::failure(&Failure::usage(format!("`{path}` cannot be written, and is as it was: {error}")));
            return Ok(Outcome::Unwritable);
        }
        output::write(&format!("formatted {path}\n"))?;
    }
    Ok(if changed { Outcome::Changed } else { Outcome::Unchanged })
}

/// Hands standard input on as it came, for an editor that takes what comes back.
fn pass_on(asked: bool, text: &str) -> Result<(), Failure> {
    if asked { output::write(text) } else { Ok(()) }
}

/// How a file differs after something was `done` to it.
pub(crate) fn difference(path: &str, before: &str, after: &str, done: &str) -> String {
    // Between long texts that have little in common, a difference that is not the smallest will do.
    const PATIENCE: Duration = Duration::from_millis(500);
    let differing = TextDiff::configure().timeout(PATIENCE).diff_lines(before, after);
    let mut unified = differing.unified_diff();
    unified.context_radius(CONTEXT).header(path, &format!("{path}, {done}")).to_string()
}

fn summary(outcomes: &[Outcome], check: bool) -> String {
    let count = |wanted: Outcome| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    let files = match outcomes.len() {
        1 => "1 file".to_owned(),
        many => format!("{many} files"),
    };
    let (verb, changed) = (if check { "checked" } else { "read" }, count(Outcome::Changed));
    let mut said = match (changed, check) {
        (0, _) => Vec::new(),
        (changed, true) => vec![format!("{changed} not formatted")],
        (changed, false) => vec![format!("{changed} formatted")],
    };
    match count(Outcome::Broken) {
        0 => {}
        broken => said.push(format!("{broken} with syntax errors")),
    }
    match count(Outcome::Unwritable) + count(Outcome::Defect) {
        0 => {}
        left => said.push(format!("{left} left as they were")),
    }
    if said.is_empty() {
        said.push("nothing to change".to_owned());
    }
    format!("{files} {verb}: {}\n", said.join(", "))
}
