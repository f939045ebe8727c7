//! `esr status`: which sandboxes are up, and what goes on in them.

use std::{
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use esr_engine::{Clock, WallClock};
use esr_sandbox::standing::{self, SandboxRecord, Standing};
use esr_tap::Timestamp;
use serde_json::json;

use super::runtime;
use crate::{
    arguments::Status,
    console::{harmless, span},
    exit::CommandError,
    output, sandboxes,
};

/// How long a sandbox may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// A sandbox and what it said; none if it did not answer.
type Asked = (Standing, Option<standing::Status>);

/// Runs the command.
pub fn run(arguments: &Status) -> Result<ExitCode, CommandError> {
    let all = sandboxes::standing()?;
    let asked: Vec<Asked> = runtime()?.block_on(async {
        let mut asked = Vec::new();
        for one in all {
            let status = tokio::time::timeout(PATIENCE, standing::status(&one)).await;
            let status = status.ok().and_then(Result::ok);
            // One that has ended meanwhile is none that does not answer.
            if status.is_some() || one.watch().is_some() {
                asked.push((one, status));
            }
        }
        asked
    });
    let now = WallClock::new().now();
    output::print(|out| if arguments.json { as_json(&asked, out) } else { in_words(&asked, now, out) })?;
    Ok(ExitCode::SUCCESS)
}

fn as_json(asked: &[Asked], out: &mut dyn Write) -> io::Result<()> {
    for (one, status) in asked {
        let mut value = json!(one.record);
        value["answers"] = json!(status.is_some());
        value["runs"] = json!(status.as_ref().map(|status| &status.runs));
        writeln!(out, "{value}")?;
    }
    Ok(())
}

fn in_words(asked: &[Asked], now: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    if asked.is_empty() {
        return writeln!(out, "No sandbox is up: `esr up FILE` brings one up.");
    }
    for (one, status) in asked {
        let record = &one.record;
        match status {
            Some(_) => writeln!(out, "🟢 {} at {}", record.name, record.url)?,
            None => writeln!(
                out,
                "🔴 {} does not answer (process {}): `esr down {}` ends it",
                record.name, record.pid, record.name
            )?,
        }
        writeln!(out, "   {}", harmless(&made_of(record)))?;
        writeln!(
            out,
            "   up for {}, goes down by itself in {} (process {})",
            span(now.since(record.started)),
            span(record.expires.since(now)),
            record.pid
        )?;
        let width = record.parts.iter().map(|part| part.name.chars().count()).max().unwrap_or(0);
        for part in &record.parts {
            writeln!(out, "   {:<8}  {:<width$}  {}", part.kind, part.name, part.url)?;
        }
        if let Some(gov) = record.gov.as_ref().filter(|_| record.rules.is_some()) {
            writeln!(out, "   📜 draft rules at {gov}policies")?;
        }
        for run in status.iter().flat_map(|status| &status.runs) {
            let faults = match run.faults.as_slice() {
                [] => "no fault in force".to_owned(),
                faults => faults.join(", "),
            };
            writeln!(out, "   👥 {} for {}: {faults}", run.run, span(now.since(run.since)))?;
        }
    }
    Ok(())
}

fn made_of(record: &SandboxRecord) -> String {
    let mut made_of = format!("from {}", record.file);
    if !record.scenarios.is_empty() {
        made_of += &format!(" for {}", record.scenarios.join(", "));
    }
    if let Some(branch) = &record.branch {
        made_of += &format!(", branch {branch}");
    }
    if let Some(rules) = &record.rules {
        made_of += &format!(", rules {}", rules.file);
    }
    made_of
}
