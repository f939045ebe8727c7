//! Finds recorded runs by what a person types.

use std::path::Path;

use esr_tap::{RunStore, RunSummary, StoreError, find_run, runs_dir};

use crate::{
    exit::{CommandError, Failure},
    names,
};

/// The run that `name` means: a run's id, or a scenario's name for its newest run.
pub fn find(name: &str) -> Result<RunSummary, CommandError> {
    let runs = runs_dir(Path::new("."));
    // A run's whole id means nothing else. Of scenarios, what is up comes first, then the project's files, then whatever
    // has been recorded.
    let meant = if runs.join(name).is_dir() { None } else { names::of_recorded(name) };
    find_run(&runs, meant.as_deref().unwrap_or(name)).map_err(|error| usage(&error))
}

/// Opens the run that `name` means.
pub fn open(name: &str) -> Result<RunStore, CommandError> {
    let run = find(name)?;
    RunStore::open(run.directory).map_err(|error| usage(&error))
}

/// What is wrong with the store, as a failure to use it.
pub fn usage(error: &StoreError) -> CommandError {
    let failure = CommandError::new(Failure::Usage, error.to_string());
    match error {
        StoreError::Unknown { .. } => failure.help("`esr runs` lists the recorded runs"),
        _ => failure,
    }
}
