//! Finds stored runs.

use std::{
    collections::BTreeSet,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use smol_str::SmolStr;

use super::{
    StoreError,
    layout::{RUN, read_json},
};
use crate::RunRecord;

/// A stored run.
#[derive(Clone, Debug)]
pub struct RunSummary {
    /// Its directory.
    pub directory: PathBuf,
    /// Its `run.json`.
    pub record: RunRecord,
}

/// The runs below the directory `runs`, newest first. Directories without a readable `run.json` are no runs.
pub fn runs(runs: &Path) -> Result<Vec<RunSummary>, StoreError> {
    let entries = match fs::read_dir(runs) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StoreError::io("read", runs)(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let directory = entry.map_err(StoreError::io("read", runs))?.path();
        if let Ok(record) = read_json(&directory.join(RUN)) {
            found.push(RunSummary { directory, record });
        }
    }
    found.sort_by(|a, b| (b.record.started, &b.record.id).cmp(&(a.record.started, &a.record.id)));
    Ok(found)
}

/// The run that `name` means: a run's id or its unambiguous beginning; else the newest run of the scenario of that
/// name, of its newest version (`passport-renewal` means `passport-renewal-v2` rather than `-v1`), or of the only
/// scenario whose name begins so.
pub fn find_run(directory: &Path, name: &str) -> Result<RunSummary, StoreError> {
    let all = runs(directory)?;
    if let Some(run) = all.iter().find(|run| run.record.id == name) {
        return Ok(run.clone());
    }
    let scenarios: BTreeSet<SmolStr> = all.iter().map(|run| run.record.scenario.clone()).collect();
    if let Some(scenario) = scenario_named(&scenarios, name)? {
        // Runs are newest first.
        if let Some(run) = all.iter().find(|run| run.record.scenario == scenario) {
            return Ok(run.clone());
        }
    }
    let mut by_id = all.iter().filter(|run| run.record.id.starts_with(name));
    match (by_id.next(), by_id.next()) {
        (Some(run), None) => Ok(run.clone()),
        (Some(_), Some(_)) => Err(StoreError::Ambiguous {
            name: name.to_owned(),
            candidates: all.iter().map(|run| run.record.id.to_string()).filter(|id| id.starts_with(name)).collect(),
        }),
        _ => Err(StoreError::Unknown {
            name: name.to_owned(),
            known: scenarios.iter().map(SmolStr::to_string).collect(),
        }),
    }
}

fn scenario_named(scenarios: &BTreeSet<SmolStr>, name: &str) -> Result<Option<SmolStr>, StoreError> {
    if let Some(scenario) = scenarios.get(name) {
        return Ok(Some(scenario.clone()));
    }
    let newest = scenarios.iter().filter_map(|scenario| Some((version_of(scenario, name)?, scenario))).max();
    if let Some((_, scenario)) = newest {
        return Ok(Some(scenario.clone()));
    }
    let candidates: Vec<&SmolStr> = scenarios.iter().filter(|scenario| scenario.starts_with(name)).collect();
    match candidates.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some((*one).clone())),
        several => Err(StoreError::Ambiguous {
            name: name.to_owned(),
            candidates: several.iter().map(|scenario| scenario.to_string()).collect(),
        }),
    }
}

/// The number N where `scenario` is `name-vN`.
fn version_of(scenario: &str, name: &str) -> Option<u32> {
    scenario.strip_prefix(name)?.strip_prefix("-v")?.parse().ok()
}
