//! Finds stored runs.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use smol_str::SmolStr;

use super::{
    StoreError,
    layout::{RUN, read_json},
    read::is_written,
};
use crate::{Named, RunRecord, RunState, named};

/// A stored run.
#[derive(Clone, Debug)]
pub struct RunSummary {
    /// Its directory.
    pub directory: PathBuf,
    /// Its `run.json`.
    pub record: RunRecord,
}

impl RunSummary {
    /// Whether somebody is writing the run at this moment.
    pub fn is_under_way(&self) -> bool {
        self.record.state == RunState::Running && is_written(&self.directory)
    }
}

/// A directory among the runs whose `run.json` cannot be read.
#[derive(Debug)]
pub struct DamagedRun {
    /// The directory.
    pub directory: PathBuf,
    /// Why it cannot be read.
    pub error: StoreError,
}

impl DamagedRun {
    /// The run's id, which is also its directory's name.
    pub fn id(&self) -> Cow<'_, str> {
        self.directory.file_name().unwrap_or_default().to_string_lossy()
    }
}

/// What is stored.
#[derive(Debug, Default)]
pub struct StoredRuns {
    /// The runs, newest first.
    pub runs: Vec<RunSummary>,
    /// Directories that should be runs, by name.
    pub damaged: Vec<DamagedRun>,
}

/// The runs below the directory `runs`; without that directory there are none.
pub fn runs(runs: &Path) -> Result<StoredRuns, StoreError> {
    let entries = match fs::read_dir(runs) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(StoredRuns::default()),
        Err(error) => return Err(StoreError::io("read", runs)(error)),
    };
    let mut found = StoredRuns::default();
    for entry in entries {
        let directory = entry.map_err(StoreError::io("read", runs))?.path();
        // Files that lie about here are nobody's run.
        if !directory.is_dir() {
            continue;
        }
        match read_json(&directory.join(RUN)) {
            Ok(record) => found.runs.push(RunSummary { directory, record }),
            Err(error) => found.damaged.push(DamagedRun { directory, error }),
        }
    }
    found.runs.sort_by(|a, b| (b.record.started, &b.record.id).cmp(&(a.record.started, &a.record.id)));
    found.damaged.sort_by(|a, b| a.directory.cmp(&b.directory));
    Ok(found)
}

/// The run that `name` means: a run's id or its unambiguous beginning; else the newest run of the scenario of that
/// name, of its newest version (`passport-renewal` means `passport-renewal-v2` rather than `-v1`), or of the only
/// scenario whose name begins so. Whoever asks for a damaged run by its id learns what is wrong with it.
pub fn find_run(directory: &Path, name: &str) -> Result<RunSummary, StoreError> {
    let StoredRuns { runs: all, damaged } = runs(directory)?;
    if let Some(run) = damaged.into_iter().find(|run| run.id() == name) {
        return Err(run.error);
    }
    if let Some(run) = all.iter().find(|run| run.record.id == name) {
        return Ok(run.clone());
    }
    let scenarios: BTreeSet<SmolStr> = all.iter().map(|run| run.record.scenario.clone()).collect();
    match named(scenarios.iter().map(SmolStr::as_str), name) {
        // Runs are newest first.
        Named::One(scenario) => {
            if let Some(run) = all.iter().find(|run| run.record.scenario == scenario) {
                return Ok(run.clone());
            }
        }
        Named::Several(candidates) => return Err(StoreError::Ambiguous { name: name.to_owned(), candidates }),
        Named::Nothing => {}
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
