//! `esr runs`: what has been recorded.

use std::{path::Path, process::ExitCode};

use esr_tap::{RunState, runs, runs_dir};

use crate::{arguments::Runs, exit::CommandError, stored};

/// Runs the command.
pub fn run(arguments: &Runs) -> Result<ExitCode, CommandError> {
    let found = runs(&runs_dir(Path::new("."))).map_err(|error| stored::usage(&error))?;
    if arguments.json {
        for run in &found.runs {
            println!("{}", serde_json::json!(run.record));
        }
        for run in &found.damaged {
            println!("{}", serde_json::json!({ "id": run.id(), "error": run.error.to_string() }));
        }
        return Ok(ExitCode::SUCCESS);
    }
    if found.runs.is_empty() && found.damaged.is_empty() {
        println!("No run is recorded here yet: `esr rehearse FILE` records one.");
    }
    for run in &found.runs {
        let outcome = match (&run.record.verdict, run.record.state) {
            (Some(verdict), _) => format!("{:>3}  {}", verdict.exit_code, verdict.reason),
            (None, RunState::Running) => "  –  under way, or killed".to_owned(),
            (None, _) => "  –  without a verdict".to_owned(),
        };
        println!("{}  {outcome}", run.record.id);
    }
    for run in &found.damaged {
        println!("{}    –  {}", run.id(), run.error);
    }
    Ok(ExitCode::SUCCESS)
}
