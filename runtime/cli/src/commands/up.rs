//! `esr up`: a sandbox in the background.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use esr_engine::{Clock, WallClock};
use esr_sandbox::standing::{self, HostOrder, PartRecord, SandboxRecord, Standing};
use esr_tap::RulesRecord;
use scn_plan::{
    Blueprint,
    blueprint::{MAIN_BRANCH, PartKind},
};
use serde_json::json;
use smol_str::SmolStr;

use super::runtime;
use crate::{
    arguments::{Backend, Up},
    console::{Console, span},
    exit::{CommandError, Failure},
    ground::published,
    interrupt::Interrupt,
    output, project,
    rising::{interrupted, raise},
    sandboxes,
};

/// How long a sandbox that is up may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a sandbox of the same name that is coming up or going down is waited for: more than its grace.
const CHANGING: Duration = Duration::from_secs(5);

/// Runs the command.
pub fn run(arguments: &Up) -> Result<ExitCode, CommandError> {
    let Backend::Embedded = arguments.on;
    let console = Console::new(arguments.json);
    let order = order(arguments)?;
    let runtime = runtime()?;
    let began = Instant::now();
    let raised = runtime.block_on(async {
        let interrupt = Interrupt::watch()
            .map_err(|error| CommandError::new(Failure::Internal, format!("signals cannot be watched: {error}")))?;
        loop {
            let why = match attempt(&order, arguments.wait, &interrupt, console).await? {
                Ok(found) => return Ok(found),
                Err(Changing(why)) => why,
            };
            if interrupt.run.is_cancelled() {
                return Err(interrupted());
            }
            if began.elapsed() > CHANGING {
                return Err(CommandError::new(Failure::Sandbox, format!("{} {why}", order.blueprint.name))
                    .help(format!("`esr down {}` takes it down; then bring it up anew", order.blueprint.name)));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    match raised {
        Ok(Found::Raised(record)) => tell(&record, &order.blueprint, console, arguments.json, "up"),
        Ok(Found::Standing(standing, blueprint)) => already_up(&standing, &blueprint, &order, console, arguments.json),
        Err(error) => {
            // The process may have been killed before it could clean up after itself.
            let _ = sandboxes::here().mend();
            Err(error)
        }
    }
}

/// A sandbox that stands.
enum Found {
    /// It has been brought up.
    Raised(Box<SandboxRecord>),
    /// It was there already, made of this.
    Standing(Box<Standing>, Box<Blueprint>),
}

/// A sandbox of the name is neither up nor gone, as this says.
struct Changing(&'static str);

async fn attempt(
    order: &HostOrder,
    wait: i64,
    interrupt: &Interrupt,
    console: Console,
) -> Result<Result<Found, Changing>, CommandError> {
    let name = &order.blueprint.name;
    if let Some(standing) = standing_as(name)? {
        let asked = tokio::time::timeout(PATIENCE, standing::status(&standing)).await;
        return Ok(match (asked, standing.blueprint()) {
            (Ok(Ok(_)), Ok(blueprint)) => Ok(Found::Standing(Box::new(standing), Box::new(blueprint))),
            _ => Err(Changing("is up already, and does not answer")),
        });
    }
    let changing = Err(Changing("is coming up or going down already"));
    if sandboxes::here().is_taken(name) {
        return Ok(changing);
    }
    console.line(title(order));
    let log = sandboxes::here().logs(name).join("sandbox.log");
    // Another one may be faster.
    let Some(record) = raise(order, &log, wait, interrupt, console).await? else { return Ok(changing) };
    // Whoever interrupts it at the last moment does not want it either.
    if interrupt.run.is_cancelled() {
        if let Some(standing) = standing_as(name)? {
            super::down::take_down(&standing).await?;
        }
        return Err(interrupted());
    }
    Ok(Ok(Found::Raised(Box::new(record))))
}

/// The path of the page that stands first in the entry: where a person begins.
fn first_page(blueprint: &Blueprint) -> Option<&str> {
    match &blueprint.part(&blueprint.entry)?.kind {
        PartKind::Frontend(frontend) => frontend.pages.keys().next().map(SmolStr::as_str),
        _ => None,
    }
}

fn standing_as(name: &str) -> Result<Option<Standing>, CommandError> {
    Ok(sandboxes::standing()?.into_iter().find(|one| one.record.name == name))
}

/// What is to be brought up.
fn order(arguments: &Up) -> Result<HostOrder, CommandError> {
    let compiled = project::compile_file(&arguments.file, &arguments.sandbox)?;
    let blueprint = compiled.sandbox(arguments.scenario.as_deref())?;
    Ok(HostOrder {
        state: sandboxes::STATE.into(),
        scenarios: compiled.scenarios_in(&blueprint.name),
        blueprint,
        file: arguments.file.to_string_lossy().into_owned(),
        rules: compiled.rules,
        seed: arguments.seed,
        ttl: u64::try_from(arguments.ttl).unwrap_or(u64::MAX),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

fn title(order: &HostOrder) -> String {
    let mut title = format!("🏗️  {}", order.blueprint.name);
    let mut more: Vec<String> = Vec::new();
    if !order.scenarios.is_empty() {
        more.push(format!("for {}", order.scenarios.join(", ")));
    }
    if let Some(branch) = &order.blueprint.branch {
        more.push(format!("branch {branch}"));
    }
    if let Some(rules) = &order.rules {
        more.push(format!("rules {}", rules.file));
    }
    if !more.is_empty() {
        title += &format!(" {}", more.join(", "));
    }
    title
}

/// A sandbox of this name stands, made of `blueprint`: that is as it should be if it is the one that was asked for.
fn already_up(
    standing: &Standing,
    blueprint: &Blueprint,
    order: &HostOrder,
    console: Console,
    json: bool,
) -> Result<ExitCode, CommandError> {
    let record = &standing.record;
    let mut differs = Vec::new();
    let or = |name: &Option<SmolStr>, none: &str| name.as_deref().unwrap_or(none).to_owned();
    if record.branch != order.blueprint.branch {
        let (was, is) = (or(&record.branch, MAIN_BRANCH), or(&order.blueprint.branch, MAIN_BRANCH));
        differs.push(format!("it is on branch {was}, not {is}"));
    }
    let file = |rules: &Option<RulesRecord>| rules.as_ref().map(|rules| SmolStr::new(&rules.file));
    let digest = |rules: &Option<RulesRecord>| rules.as_ref().map(|rules| rules.digest.clone());
    if digest(&record.rules) != digest(&order.rules) {
        let (was, is) = (file(&record.rules), file(&order.rules));
        differs.push(match was == is {
            true => format!("{} has changed since", or(&was, "")),
            false => format!("its draft rules are {}, not {}", or(&was, "none"), or(&is, "none")),
        });
    }
    if record.seed != order.seed {
        differs.push(format!("its seed is {}, not {}", record.seed, order.seed));
    }
    if differs.is_empty() && project::differ(blueprint, &order.blueprint) {
        differs.push("what it is made of has changed since".to_owned());
    }
    if !differs.is_empty() {
        let message = format!("{} is up already: {}", record.name, differs.join("; "));
        return Err(CommandError::new(Failure::Sandbox, message)
            .help(format!("`esr down {}` takes it down; then bring it up anew", record.name)));
    }
    console.line(format!("🟢 {} is up already", record.name));
    tell(record, &order.blueprint, console, json, "already up")
}

fn tell(
    record: &SandboxRecord,
    blueprint: &Blueprint,
    console: Console,
    json: bool,
    outcome: &str,
) -> Result<ExitCode, CommandError> {
    if let Some(line) = record.gov.as_ref().and_then(|gov| published(blueprint.rules.len(), gov)) {
        console.line(line);
    }
    let start = first_page(blueprint).and_then(|path| record.url.join(path).ok()).unwrap_or_else(|| record.url.clone());
    console.line(format!("🔗 {start}"));
    let mut next: Vec<String> = Vec::new();
    if let Some(scenario) = record.scenarios.first() {
        next.push(format!("esr run {scenario} --watch"));
    }
    next.push("esr down".to_owned());
    let left = record.expires.since(WallClock::new().now());
    let by_itself = span(left);
    console.line(format!("   next: {}   (it goes down by itself in {by_itself})", next.join(" · ")));
    if json {
        let parts: &[PartRecord] = &record.parts;
        let value = json!({
            "exit_code": 0,
            "outcome": outcome,
            "sandbox": record.name,
            "url": record.url,
            "start": start,
            "gov": record.gov,
            "scenarios": record.scenarios,
            "branch": record.branch,
            "rules": record.rules,
            "pid": record.pid,
            "expires": record.expires,
            "parts": parts,
        });
        output::print(|out| writeln!(out, "{value}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
