//! `esr rehearse`: up, run, report and down in one go.

use std::{path::Path, process::ExitCode};

use esr_debrief::Findings;
use esr_tap::runs_dir;
use scn_plan::Plan;

use crate::{
    arguments::Rehearse,
    console::Console,
    descriptors,
    exit::{CommandError, Failure},
    flight::{Settings, fly},
    output,
    project::{self, Load},
    reports::Destination,
};

/// Runs the command.
pub fn run(arguments: &Rehearse) -> Result<ExitCode, CommandError> {
    descriptors::allow_many();
    let destination = Destination::new(&arguments.out, None)?;
    let console = Console::new(arguments.json);
    let mut flight = project::load(&Load {
        file: &arguments.file,
        scenario: arguments.scenario.as_deref(),
        rules: arguments.gov_source.as_deref(),
    })?;
    if let Some(personas) = arguments.personas {
        share_out(&mut flight.plan, personas);
    }
    if let Some(bound) = arguments.bound {
        flight.plan.duration = bound;
    }
    let settings = Settings {
        seed: arguments.seed,
        command: command(arguments),
        runs: runs_dir(Path::new(".")),
        folder: arguments
            .file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."))
            .into(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::new(Failure::Internal, format!("no runtime: {error}")))?;
    let store = runtime.block_on(fly(flight, settings, console))?;

    let findings = Findings::from_store(&store);
    let verdict = store.record().verdict.clone();
    let Some(verdict) = verdict else {
        return Err(CommandError::new(Failure::Internal, "the run ended without a verdict"));
    };
    for line in summary(&findings) {
        console.line(line);
    }
    // A debrief that cannot be written must not hide what the run found.
    let written = destination.write(&findings);
    if let Ok(Some(path)) = &written {
        console.line(format!("📄 {}", path.display()));
    }
    let lost = written.err();
    let (exit_code, reason) = match &lost {
        Some(error) if verdict.exit_code == 0 => (Failure::Usage.code(), error.to_string()),
        _ => (verdict.exit_code, verdict.reason.clone()),
    };
    let mark = match verdict.exit_code {
        0 => "✅ GO",
        99 | 108 => "⛔ NO-GO",
        _ => "➖ NO VERDICT",
    };
    console.line(format!("{mark}  {} (exit {exit_code})", verdict.reason));
    if let Some(error) = lost {
        output::say(format_args!("esr: {error}; `esr report {} --out FILE` writes it again\n", store.record().id));
    }
    if arguments.json {
        let value = serde_json::json!({
            "exit_code": exit_code,
            "outcome": findings.verdict.word,
            "reason": reason,
            "run": store.record().id,
            "out": arguments.out,
            "success": findings.success,
            "goals": findings.goals,
            "cause": findings.cause,
        });
        if let Err(error) = output::print(|out| writeln!(out, "{value}"))
            && exit_code == 0
        {
            return Err(error);
        }
    }
    Ok(ExitCode::from(exit_code))
}

/// Scales the groups of personas to `total` in all, in proportion; what rounding leaves goes to the largest remainders.
fn share_out(plan: &mut Plan, total: u32) {
    let population = u64::from(plan.population());
    if population == 0 {
        return;
    }
    let exact = |count: u32| u64::from(count) * u64::from(total);
    let mut remainders: Vec<(u64, usize)> = Vec::new();
    let mut given = 0;
    for (index, group) in plan.personas.iter_mut().enumerate() {
        let share = exact(group.count);
        remainders.push((share % population, index));
        group.count = u32::try_from(share / population).unwrap_or(u32::MAX);
        given += group.count;
    }
    remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, index) in remainders.iter().take(total.saturating_sub(given) as usize) {
        plan.personas[*index].count += 1;
    }
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
    if let Some(said) =
        findings.top_errors.first().and_then(|error| error.reason.as_deref()?.strip_prefix(&error.headline))
    {
        let said = said.trim_start_matches(": ");
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

/// The command that reproduces the run, as a shell would take it.
fn command(arguments: &Rehearse) -> String {
    let quoted = |text: &str| {
        let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:@%+=,".contains(character);
        if !text.is_empty() && text.chars().all(plain) {
            text.to_owned()
        } else {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
    };
    let mut command = format!("esr rehearse {}", quoted(&arguments.file.to_string_lossy()));
    if let Some(scenario) = &arguments.scenario {
        command += &format!(" --scenario {}", quoted(scenario));
    }
    if let Some(rules) = &arguments.gov_source {
        command += &format!(" --gov-source {}", quoted(&rules.to_string_lossy()));
    }
    command += &format!(" --seed {}", arguments.seed);
    if let Some(personas) = arguments.personas {
        command += &format!(" --personas {personas}");
    }
    if let Some(bound) = arguments.bound {
        command += &format!(" --for {}ms", bound / scn_plan::nanos::MILLI);
    }
    command
}
