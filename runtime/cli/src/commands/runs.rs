//! `esr runs`: what has been recorded.

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use esr_debrief::goals::standing;
use esr_tap::{RunState, StoredRuns, runs, runs_dir};

use crate::{arguments::Runs, console::harmless, exit::CommandError, output, stored};

/// Runs the command.
pub fn run(arguments: &Runs) -> Result<ExitCode, CommandError> {
    let found = runs(&runs_dir(Path::new("."))).map_err(|error| stored::usage(&error))?;
    output::print(|out| if arguments.json { as_json(&found, out) } else { in_words(&found, out) })?;
    Ok(ExitCode::SUCCESS)
}

fn as_json(found: &StoredRuns, out: &mut dyn Write) -> io::Result<()> {
    for run in &found.runs {
        writeln!(out, "{}", serde_json::json!(run.record))?;
    }
    for run in &found.damaged {
        writeln!(out, "{}", serde_json::json!({ "id": run.id(), "error": run.error.to_string() }))?;
    }
    Ok(())
}

fn in_words(found: &StoredRuns, out: &mut dyn Write) -> io::Result<()> {
    if found.runs.is_empty() && found.damaged.is_empty() {
        writeln!(out, "No run is recorded here yet: `esr rehearse FILE` records one.")?;
    }
    for run in &found.runs {
        let record = &run.record;
        let outcome = match (&record.verdict, record.state) {
            (Some(verdict), _) => {
                // Decisions that cannot be read are told by `esr report`.
                let decisions = esr_tap::sign_offs(&run.directory).unwrap_or_default();
                let (verdict, _) = standing(verdict, decisions.last());
                format!("{:>3}  {}", verdict.exit_code, verdict.reason)
            }
            (None, RunState::Running) if run.is_under_way() => "  –  under way".to_owned(),
            (None, RunState::Running) => "  –  killed".to_owned(),
            (None, _) => "  –  without a verdict".to_owned(),
        };
        let mut bound = String::new();
        if let Some(branch) = &record.branch {
            bound += &format!("  branch {branch}");
        }
        if let Some(rules) = &record.rules {
            bound += &format!("  rules {}", rules.file);
        }
        writeln!(out, "{}", harmless(&format!("{}  {outcome}{bound}", record.id)))?;
    }
    for run in &found.damaged {
        writeln!(out, "{}", harmless(&format!("{}    –  {}", run.id(), run.error)))?;
    }
    Ok(())
}
