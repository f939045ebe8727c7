//! `esr logs`: what the parts of a sandbox have served.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

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
    let parts = match &arguments.part {
        Some(part) => vec![part.clone()],
        None => LogReader::parts(&directory),
    };
    let mut logs = Parts { readers: Vec::new(), directory: &directory, as_json: arguments.json };
    for part in &parts {
        logs.readers.push(LogReader::open(&directory, part).map_err(|error| logs.unreadable(&error))?);
    }
    let mut lines = logs.read()?;
    let from = arguments.tail.map_or(0, |tail| lines.len().saturating_sub(tail));
    logs.print(&lines.split_off(from))?;
    let watch = owner.as_ref().filter(|_| arguments.follow).and_then(Standing::watch);
    while watch.as_ref().is_some_and(Watch::lives) {
        std::thread::sleep(EVERY);
        let lines = logs.read()?;
        if logs.print(&lines)? == Reader::Gone {
            return Ok(ExitCode::SUCCESS);
        }
    }
    // What it wrote last.
    let lines = logs.read()?;
    logs.print(&lines)?;
    Ok(ExitCode::SUCCESS)
}

/// The logs of one part or several.
struct Parts<'a> {
    readers: Vec<LogReader>,
    directory: &'a Path,
    as_json: bool,
}

impl Parts<'_> {
    /// What has been written since the last time, by when it came.
    fn read(&mut self) -> Result<Vec<LogLine>, CommandError> {
        let mut lines = Vec::new();
        for at in 0..self.readers.len() {
            lines.extend(self.readers[at].read().map_err(|error| self.unreadable(&error))?);
        }
        lines.sort_by_key(|line| line.time);
        Ok(lines)
    }

    fn print(&self, lines: &[LogLine]) -> Result<Reader, CommandError> {
        if lines.is_empty() {
            return Ok(output::reader());
        }
        let several = self.readers.len() > 1;
        output::print(|out: &mut dyn Write| {
            lines.iter().try_for_each(|line| match self.as_json {
                true => writeln!(out, "{}", json!(line)),
                false => writeln!(out, "{}", harmless(&in_words(line, several))),
            })
        })
    }

    fn unreadable(&self, error: &std::io::Error) -> CommandError {
        CommandError::new(Failure::Usage, format!("a log cannot be read: {error}"))
            .help(format!("logs are in {}", self.directory.display()))
    }
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
    let has_it = |directory: &&PathBuf| {
        let parts = LogReader::parts(directory);
        arguments.part.as_ref().map_or(!parts.is_empty(), |part| parts.contains(part))
    };
    let holders: Vec<&PathBuf> = known.iter().filter(has_it).collect();
    let live: Vec<&PathBuf> = holders.iter().copied().filter(|directory| owner(directory).is_some()).collect();
    match (live.as_slice(), holders.as_slice()) {
        ([one], _) | ([], [one]) => Ok(((*one).clone(), owner(one))),
        ([], []) => {
            let mut parts: Vec<String> = known.iter().flat_map(|directory| LogReader::parts(directory)).collect();
            parts.sort();
            parts.dedup();
            let part = arguments.part.as_deref().unwrap_or("at all");
            Err(usage(format!("no part {part} has logs here")).help(format!("there are {}", parts.join(", "))))
        }
        (live, held) => {
            let several = if live.is_empty() { held } else { live };
            let names: Vec<String> = several.iter().copied().map(name).collect();
            let what = arguments.part.as_ref().map_or("logs".to_owned(), |part| format!("a part {part}"));
            Err(usage(format!("several sandboxes have {what}"))
                .help(format!("choose one with `--sandbox`: {}", names.join(", "))))
        }
    }
}

/// A line as a person reads it.
fn in_words(line: &LogLine, with_part: bool) -> String {
    let time = Timestamp::from_nanosecond(i128::from(line.time.0)).unwrap_or_default();
    let milliseconds = |nanoseconds: u64| format!("{:.0} ms", nanoseconds as f64 / 1e6);
    let part = if with_part { format!("  {}", line.part) } else { String::new() };
    if let Some(said) = &line.said {
        return format!("{}{part}  | {said}", time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ"));
    }
    let mut text = format!("{}{part}  {}", time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ"), line.request);
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
