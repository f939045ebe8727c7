//! What a person means who names a scenario: its file, or its name as far as it need be typed.
//!
//! A name is looked for among the scenarios of the sandboxes that stand, then in the project's files, then among the
//! recorded runs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use esr_sandbox::standing::Standing;
use esr_tap::{Named, named, runs, runs_dir};
use scn_analysis::scenario_names;

use crate::{
    exit::{CommandError, Failure},
    sandboxes,
};

/// How many entries of folders are looked at: enough for a project, and soon over where somebody types a name in a folder
/// that is none.
const ENTRIES: usize = 20_000;

/// A scenario that was found.
#[derive(Debug)]
pub struct Found {
    /// Its file.
    pub file: PathBuf,
    /// Its name, if it was looked for by that.
    pub scenario: Option<String>,
    /// The sandbox that it was found by.
    pub standing: Option<Standing>,
}

/// The scenario that `wanted` names: a file, or a name.
///
/// # Errors
///
/// If there is none, or it could be any of several.
pub fn find(wanted: &str, standing: &[Standing]) -> Result<Found, CommandError> {
    let path = Path::new(wanted);
    if path.is_file() || scn_world::is_source(wanted) || wanted.contains('/') {
        return Ok(Found { file: path.to_owned(), scenario: None, standing: None });
    }
    let up = || standing.iter().flat_map(|one| one.record.scenarios.iter().map(move |name| (name.as_str(), one)));
    if let Some(scenario) = one_of(up().map(|(name, _)| name), wanted)? {
        let owners: Vec<Standing> = up().filter(|(name, _)| *name == scenario).map(|(_, one)| one.clone()).collect();
        return match owners.as_slice() {
            [owner] => {
                let file = owner.record.file.clone().into();
                Ok(Found { file, scenario: Some(scenario), standing: Some(owner.clone()) })
            }
            several => {
                let message = format!("{scenario} is up in several sandboxes: {}", sandboxes::names(several));
                Err(CommandError::new(Failure::Usage, message).help("name the scenario's file instead"))
            }
        };
    }
    let files = scenarios_of(Path::new("."));
    if let Some(scenario) = one_of(files.iter().map(|(name, _)| name.as_str()), wanted)? {
        let mut holders = files.iter().filter(|(name, _)| *name == scenario).map(|(_, file)| file.clone());
        if let Some(file) = holders.next() {
            let others: Vec<String> = holders.map(|other| other.display().to_string()).collect();
            if !others.is_empty() {
                let message = format!("several files declare {scenario}: {}, {}", file.display(), others.join(", "));
                return Err(CommandError::new(Failure::Usage, message).help("name the file instead"));
            }
            return Ok(Found { file, scenario: Some(scenario), standing: None });
        }
    }
    let recorded = recorded();
    if let Some(scenario) = one_of(recorded.iter().map(String::as_str), wanted)? {
        return Err(CommandError::new(
            Failure::Usage,
            format!("{scenario} has been recorded here, but no file in this directory declares it any more"),
        )
        .help(format!("name its file; `esr report {scenario}` still reports its last run")));
    }
    let mut known: Vec<String> =
        up().map(|(name, _)| name.to_owned()).chain(files.into_iter().map(|(name, _)| name)).collect();
    known.sort();
    known.dedup();
    let failure = CommandError::new(Failure::Usage, format!("there is no scenario {wanted}, and no such file"));
    Err(match known.is_empty() {
        true => failure.help(
            "no file in this directory or below declares one; where there are very many files, name it by its file",
        ),
        false => failure.help(format!("there are {}", known.join(", "))),
    })
}

/// The scenario with recorded runs that `wanted` names, by what is up and by the project's files; none if neither has
/// one: then the runs themselves may know it.
pub fn of_recorded(wanted: &str) -> Option<String> {
    let recorded = recorded();
    let standing = sandboxes::standing().unwrap_or_default();
    let up = standing.iter().flat_map(|one| &one.record.scenarios).map(ToString::to_string);
    let meant = |known: Vec<String>| match named(known.iter().map(String::as_str), wanted) {
        Named::One(name) if recorded.contains(&name) => Some(name),
        _ => None,
    };
    meant(up.collect()).or_else(|| meant(scenarios_of(Path::new(".")).into_iter().map(|(name, _)| name).collect()))
}

fn recorded() -> Vec<String> {
    let stored = runs(&runs_dir(Path::new("."))).unwrap_or_default();
    stored.runs.into_iter().map(|run| run.record.scenario.to_string()).collect()
}

fn one_of<'a>(known: impl Iterator<Item = &'a str>, wanted: &str) -> Result<Option<String>, CommandError> {
    match named(known, wanted) {
        Named::Nothing => Ok(None),
        Named::One(name) => Ok(Some(name)),
        Named::Several(candidates) => {
            let message = format!("{wanted} could be any of {}", candidates.join(", "));
            Err(CommandError::new(Failure::Usage, message).help("type more of the name, or name a file"))
        }
    }
}

/// The scenarios that files in `folder` and below declare, each with its file.
fn scenarios_of(folder: &Path) -> Vec<(String, PathBuf)> {
    // What cannot be read declares nothing that could be run.
    let (files, _) = scn_world::sources(folder, ENTRIES);
    let declared = |file: String| {
        let text = fs::read_to_string(&file).unwrap_or_default();
        scenario_names(&text).into_iter().map(move |name| (name.to_string(), PathBuf::from(&file)))
    };
    let mut found: Vec<(String, PathBuf)> = files.into_iter().flat_map(declared).collect();
    found.sort();
    found
}
