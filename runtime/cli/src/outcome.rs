//! What a run came to, for people and for machines.

use std::process::ExitCode;

use esr_debrief::Findings;
use esr_tap::RunStore;

use crate::{
    console::{Console, counted},
    exit::{CommandError, Failure},
    output,
    reports::Destination,
};

/// Prints the findings and the verdict of a run that has ended, and writes its debrief if there is a `destination`.
///
/// # Errors
///
/// If the run has no verdict, or standard output cannot be written.
pub fn tell(
    store: &RunStore,
    destination: Option<&Destination>,
    console: Console,
    json: bool,
) -> Result<ExitCode, CommandError> {
    let findings = Findings::from_store(store);
    let Some(verdict) = store.record().verdict.clone() else {
        return Err(CommandError::new(Failure::Internal, "the run ended without a verdict"));
    };
    for line in summary(&findings) {
        console.line(line);
    }
    for remark in &findings.remarks {
        console.line(format!("⚠️  {remark}"));
    }
    let screenshots = store.attachments();
    if let [first, ..] = screenshots.as_slice() {
        let count = counted(u32::try_from(screenshots.len()).unwrap_or(u32::MAX), "screenshot");
        console.line(format!("📷 {count} in {}", first.parent().unwrap_or(first).display()));
    }
    // A debrief that cannot be written must not hide what the run found.
    let written = destination.map(|destination| destination.write(&findings)).transpose();
    let out = written.as_ref().ok().copied().flatten().flatten();
    match out {
        Some(path) => console.line(format!("📄 {}", path.display())),
        None if destination.is_none() => console.line(format!("📄 esr report {} --out debrief.pdf", store.record().id)),
        None => {}
    }
    let lost = written.as_ref().err();
    let (exit_code, reason) = match lost {
        Some(error) if verdict.exit_code == 0 => (Failure::Usage.code(), error.to_string()),
        _ => (verdict.exit_code, verdict.reason.clone()),
    };
    let mark = match verdict.exit_code {
        0 => "✅ GO",
        99 | 108 => "⛔ NO-GO",
        106 => "✋ HOLD",
        _ => "➖ NO VERDICT",
    };
    console.line(format!("{mark}  {} (exit {exit_code})", verdict.reason));
    if let Some(error) = lost {
        output::say(format_args!("esr: {error}; `esr report {} --out FILE` writes it again\n", store.record().id));
    }
    if json {
        let value = serde_json::json!({
            "exit_code": exit_code,
            "outcome": findings.verdict.word,
            "reason": reason,
            "run": store.record().id,
            "out": out,
            "success": findings.success,
            "goals": findings.goals,
            "cause": findings.cause,
            "screenshots": screenshots,
        });
        if let Err(error) = output::print(|to| writeln!(to, "{value}"))
            && exit_code == 0
        {
            return Err(error);
        }
    }
    Ok(ExitCode::from(exit_code))
}

/// The findings that the seed names, a line each.
fn summary(findings: &Findings) -> Vec<String> {
    let mut lines = Vec::new();
    let seconds = |nanoseconds: u64| format!("{:.1} s", nanoseconds as f64 / 1e9);
    if let Some(rate) = findings.success.rate {
        let goal = findings.success.goal.map(|goal| format!(" (goal ≥ {:.0} %)", goal * 100.0));
        lines.push(format!("\n   Success rate   {:.0} %{}", rate * 100.0, goal.unwrap_or_default()));
    }
    if let Some(slowest) = &findings.slowest {
        let part = slowest.part.as_ref().map(|part| format!(" ({part})")).unwrap_or_default();
        lines.push(format!("   Slowest path   {}{part}", seconds(slowest.total_ns)));
    }
    if let Some(error) = findings.top_errors.first() {
        let cited = error.lines.map(|lines| format!(" — trace lines {}-{}", lines.first, lines.last));
        let place = error.place.as_ref().map(|place| format!(" — {}:{}", place.file, place.line));
        lines.push(format!(
            "   Top error      {}{}{}",
            error.headline,
            place.unwrap_or_default(),
            cited.unwrap_or_default()
        ));
    }
    if let Some(error) = findings.top_errors.first()
        && let Some(reason) = &error.reason
    {
        // The headline has been said.
        let said = reason.strip_prefix(&error.headline).unwrap_or(reason).trim_start_matches(": ").trim();
        if !said.is_empty() {
            lines.push(format!("                  «{said}»"));
        }
    }
    for (index, fix) in findings.fixes.iter().enumerate() {
        let label = if index == 0 { "Suggested fix" } else { "" };
        lines.push(format!("   {label:<13}  {}", fix.text));
    }
    lines.push(String::new());
    lines
}
