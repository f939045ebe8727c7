//! `esr report`: the debrief of a recorded run, from its store alone.

use std::process::ExitCode;

use esr_debrief::Findings;

use crate::{arguments::Report, console::Console, exit::CommandError, output, reports::Destination, stored};

/// Runs the command.
pub fn run(arguments: &Report) -> Result<ExitCode, CommandError> {
    let destination = Destination::new(&arguments.out, arguments.format)?;
    let store = stored::open(&arguments.run)?;
    let findings = Findings::from_store(&store);
    let written = destination.write(&findings)?;
    let console = Console::new(arguments.json || destination.is_stdout());
    if let Some(path) = written {
        console.line(format!("📄 {} ({})", path.display(), store.record().id));
    }
    if let Some(incomplete) = &findings.incomplete {
        console.line(format!("⚠️  the run did not end: {}", incomplete.state));
    }
    if arguments.json && !destination.is_stdout() {
        let value = serde_json::json!({
            "exit_code": 0,
            "run": store.record().id,
            "out": written,
            "verdict": findings.verdict,
        });
        output::print(|out| writeln!(out, "{value}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
