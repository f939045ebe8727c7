//! `esr logs`: what a part of a sandbox has served.

use std::{io::Write, path::PathBuf, process::ExitCode, time::Duration};

use esr_sandbox::standing::{LogLine, LogReader, Standing, Watch};
use jiff::Timestamp;
use serde_json::json;

use crate::{
    arguments::Logs,
    console::harmless,
    exit::{CommandError, Failure},
    output::{self, Reader},
    sandboxes,
};

/// How often new lines are looked for.
const EVERY: Duration = Duration::from_millis(100);

/// Runs the command.
pub fn run(arguments: &Logs) -> Result<ExitCode, CommandError> {
    let standing = sandboxes::standing()?;
    let (directory, owner) = choose(arguments, &standing)?;
    let part = &arguments.part;
    let unreadable = |error: std::io::Error| {
        CommandError::new(Failure::Usage, format!("the log of {part} cannot be read: {error}"))
            .help(format!("its file is in {}", directory.display()))
    };
    let mut reader = LogReader::open(&directory, part).map_err(unreadable)?;
    let mut lines = reader.read().map_err(unreadable)?;
    let all = lines.len();
    let from = arguments.tail.map_or(0, |tail| all.saturating_sub(tail));
    print(&lines.split_off(from), arguments.json)?;
    let watch = owner.as_ref().filter(|_| arguments.follow).and_then(Standing::watch);
    while watch.as_ref().is_some_and(Watch::lives) {
        std::thread::sleep(EVERY);
        if print(&reader.read().map_err(unreadable)?, arguments.json)? == Reader::Gone {
            return Ok(ExitCode::SUCCESS);
        }
    }
    // What it wrote last.
    print(&reader.read().map_err(unreadable)?, arguments.json)?;
    Ok(ExitCode::SUCCESS)
}

/// The directory of the log, and the sandbox that writes it, if that stands.
fn choose(arguments: &Logs, standing: &[Standing]) -> Result<(PathBuf, Option<Standing>), CommandError> {
    let usage = |why: String| CommandError::new(Failure::Usage, why);
    let here = sandboxes::here();
    let name = |directory: &PathBuf| directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let all = here.logged();
    let known: Vec<PathBuf> = match &arguments.sandbox {
        Some(wanted) if all.contains(&here.logs(wanted)) => vec![here.logs(wanted)],
        Some(wanted) => {
            let names: Vec<String> = all.iter().map(name).collect();
            let known = if names.is_empty() {
                "there are none at all".to_owned()
            } else {
                format!("there are logs of {}", names.join(", "))
            };
            return Err(usage(format!("there are no logs of a sandbox {wanted}")).help(known));
        }
        None => all.clone(),
    };
    if known.is_empty() {
        return Err(
            usage("there are no logs here".to_owned()).help("`esr up FILE` brings a sandbox up, which keeps them")
        );
    }
    let owner = |directory: &PathBuf| standing.iter().find(|one| here.logs(&one.record.name) == *directory).cloned();
    let holders: Vec<&PathBuf> =
        known.iter().filter(|directory| LogReader::parts(directory).contains(&arguments.part)).collect();
    let live: Vec<&PathBuf> = holders.iter().copied().filter(|directory| owner(directory).is_some()).collect();
    match (live.as_slice(), holders.as_slice()) {
        ([one], _) | ([], [one]) => Ok(((*one).clone(), owner(one))),
        ([], []) => {
            let mut parts: Vec<String> = known.iter().flat_map(|directory| LogReader::parts(directory)).collect();
            parts.sort();
            parts.dedup();
            Err(usage(format!("no part {} has logs here", arguments.part))
                .help(format!("there are {}", parts.join(", "))))
        }
        (live, held) => {
            let several = if live.is_empty() { held } else { live };
            let names: Vec<String> = several.iter().copied().map(name).collect();
            Err(usage(format!("several sandboxes have a part {}", arguments.part))
                .help(format!("choose one with `--sandbox`: {}", names.join(", "))))
        }
    }
}

fn print(lines: &[LogLine], as_json: bool) -> Result<Reader, CommandError> {
    if lines.is_empty() {
        return Ok(Reader::There);
    }
    output::print(|out: &mut dyn Write| {
        lines.iter().try_for_each(|line| match as_json {
            true => writeln!(out, "{}", json!(line)),
            false => writeln!(out, "{}", harmless(&in_words(line))),
        })
    })
}

/// A line as a person reads it.
fn in_words(line: &LogLine) -> String {
    let time = Timestamp::from_nanosecond(i128::from(line.time.0)).unwrap_or_default();
    let milliseconds = |nanoseconds: u64| format!("{:.0} ms", nanoseconds as f64 / 1e6);
    let mut text = format!("{}  {}", time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ"), line.request);
    if let Some(status) = line.status {
        text += &format!(" → {status}");
    }
    text += &format!("  {}", milliseconds(line.duration));
    if line.waited > 0 {
        text += &format!(" ({} of it in the queue)", milliseconds(line.waited));
    }
    text += &match &line.run {
        Some(run) => format!("  {run}"),
        None => "  by hand".to_owned(),
    };
    if let Some(error) = &line.error {
        text += &format!("  ✗ {error}");
    }
    text
}
