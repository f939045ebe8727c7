//! `esr down`: takes a sandbox down.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use esr_sandbox::standing::{self, Standing, Watch};
use esr_tap::{Named, named};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::runtime;
use crate::{
    arguments::Down,
    console::Console,
    exit::{CommandError, Failure},
    output, sandboxes,
};

/// How long a sandbox may take to answer, and then to go down by itself: its grace, and time to clean up.
const PATIENCE: Duration = Duration::from_secs(6);

/// Runs the command.
pub fn run(arguments: &Down) -> Result<ExitCode, CommandError> {
    let console = Console::new(arguments.json);
    let all = sandboxes::standing()?;
    let chosen = choose(arguments, &all)?;
    if chosen.is_empty() {
        console.line("No sandbox is up.");
    }
    let runtime = runtime()?;
    let (mut names, mut failed) = (Vec::new(), None);
    for one in &chosen {
        let interrupted = match runtime.block_on(take_down(one)) {
            Ok(interrupted) => interrupted,
            Err(error) => {
                // The others are taken down all the same.
                failed.get_or_insert(error);
                continue;
            }
        };
        let name = &one.record.name;
        console.line(format!("⏬ {name} is down"));
        if interrupted > 0 {
            console.line(format!("   {interrupted} under way lost it, and end with exit code 100"));
        }
        names.push(name.clone());
    }
    if let Some(failed) = failed {
        return Err(failed);
    }
    if arguments.json {
        output::print(|out| writeln!(out, "{}", json!({ "exit_code": 0, "outcome": "down", "sandboxes": names })))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn choose(arguments: &Down, all: &[Standing]) -> Result<Vec<Standing>, CommandError> {
    let usage = |why: String| CommandError::new(Failure::Usage, why);
    let Some(wanted) = &arguments.name else {
        return match all {
            several @ [_, _, ..] if !arguments.all => {
                Err(usage(format!("several are up: {}", sandboxes::names(several)))
                    .help("name one, or take all down with `--all`"))
            }
            any => Ok(any.to_vec()),
        };
    };
    let by = |wanted: &str| {
        let names = all.iter().map(|one| one.record.name.as_str());
        named(names.chain(all.iter().flat_map(|one| one.record.scenarios.iter().map(|name| name.as_str()))), wanted)
    };
    let candidates = match by(wanted) {
        Named::Nothing => Vec::new(),
        Named::One(name) => vec![name],
        Named::Several(names) => names,
    };
    let is_meant = |one: &&Standing| {
        candidates.iter().any(|name| one.record.name == *name || one.record.scenarios.iter().any(|own| own == name))
    };
    let meant: Vec<Standing> = all.iter().filter(is_meant).cloned().collect();
    match meant.as_slice() {
        [_] => Ok(meant),
        [_, _, ..] => Err(usage(format!("{wanted} could mean any of {}", sandboxes::names(&meant)))
            .help("name one of them, or take all down with `--all`")),
        [] if all.is_empty() => Err(usage(format!("{wanted} is not up, and no other sandbox is"))),
        [] => Err(usage(format!("{wanted} is not up; up is {}", sandboxes::names(all)))),
    }
}

/// Takes it down, the hard way if it does not listen; how many runs were under way.
pub(super) async fn take_down(one: &Standing) -> Result<usize, CommandError> {
    let Some(watch) = one.watch() else { return Ok(0) };
    let asked = async {
        let runs = standing::status(one).await.map_or(0, |status| status.runs.len());
        // Whether it has gone is seen by its lock.
        let _ = standing::down(one).await;
        runs
    };
    let asked = tokio::time::timeout(PATIENCE, asked).await;
    if asked.is_err() || !gone(&watch).await {
        // The number as the system knows it: what a file says may be another process by now.
        let pid = tokio::time::timeout(PATIENCE, standing::process(one)).await.ok().flatten();
        if let Some(pid) = pid.and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::KILL);
        }
        if !gone(&watch).await {
            return Err(CommandError::new(
                Failure::Sandbox,
                format!("{} (process {}) cannot be taken down", one.record.name, one.record.pid),
            )
            .help("end the process by hand; the next command removes what is left"));
        }
        let _ = sandboxes::here().mend();
    }
    Ok(asked.unwrap_or(0))
}

async fn gone(watch: &Watch) -> bool {
    let until = Instant::now() + PATIENCE;
    while watch.lives() {
        if Instant::now() > until {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    true
}
