//! Names, ids and the two whole files of a run's directory.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use jiff::Timestamp as CivilTimestamp;
use scn_plan::{Blueprint, Plan};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::StoreError;
use crate::{LoadRecord, RulesRecord, RunRecord, RunState, Timestamp, Verdict, digest};

pub(super) const PLAN: &str = "plan.json";
pub(super) const RUN: &str = "run.json";
pub(super) const TRACE: &str = "trace.jsonl";
pub(super) const METRICS: &str = "metrics.jsonl";
pub(super) const JOURNEYS: &str = "journeys.jsonl";
pub(super) const SIGNOFFS: &str = "signoffs.jsonl";

/// `plan.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunPlan {
    /// What was run.
    pub plan: Plan,
    /// The sandbox that it was run in; none if that was not ESR's own.
    pub blueprint: Option<Blueprint>,
}

/// What is known of a run before it begins.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// The project's git commit.
    pub commit: Option<String>,
    /// The frontends' branch.
    pub branch: Option<String>,
    /// The draft rules that the sandbox's forms are bound to.
    pub rules: Option<RulesRecord>,
    /// The seed of every draw.
    pub seed: u64,
    /// The command that reproduces the run.
    pub command: String,
    /// Version of `esr`.
    pub version: String,
    /// When it begins.
    pub started: Timestamp,
    /// Chance, to tell two runs of the same second apart.
    pub random: u32,
}

/// The directory of all runs of the project whose root is `project`.
pub fn runs_dir(project: &Path) -> PathBuf {
    project.join(".esr").join("runs")
}

/// Most bytes of a scenario's name in a run's id: a file's name has 255 at most, with the extension of a report and all.
const NAME: usize = 120;

/// The id of a run: scenario (its beginning, if it is long), UTC time to the second, and chance, for instance
/// `passport-renewal-v1-20261123T193615Z-5f2c9a01`. Ids of one scenario sort by time.
pub fn run_id(scenario: &str, started: Timestamp, random: u32) -> SmolStr {
    let mut id: String =
        scenario.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' }).collect();
    let time = CivilTimestamp::from_nanosecond(i128::from(started.0)).unwrap_or_default();
    id.truncate(id.floor_char_boundary(NAME));
    // Writing to a String cannot fail.
    let _ = write!(id, "-{}-{random:08x}", time.strftime("%Y%m%dT%H%M%SZ"));
    id.into()
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Conclusion {
    /// When.
    pub ended: Timestamp,
    /// By itself, or stopped from outside.
    pub state: RunState,
    /// What it says of the release.
    pub verdict: Verdict,
    /// See [`RunRecord::beside`].
    pub beside: Vec<SmolStr>,
    /// See [`RunRecord::load`].
    pub load: Option<LoadRecord>,
}

/// Ends the run in `directory`: replaces its `run.json` in one go.
pub fn conclude(directory: &Path, conclusion: Conclusion) -> Result<RunRecord, StoreError> {
    let Conclusion { ended, state, verdict, beside, load } = conclusion;
    let mut record: RunRecord = read_json(&directory.join(RUN))?;
    record.ended = Some(ended);
    record.state = state;
    record.beside = beside;
    record.load = load;
    record.verdict = Some(verdict);
    write_whole(&directory.join(RUN), &to_json(&record, directory)?)?;
    Ok(record)
}

/// Makes the directory of a new run below `runs`, with its two whole files.
pub(super) fn create(runs: &Path, new: NewRun, plan: &RunPlan) -> Result<(PathBuf, RunRecord), StoreError> {
    let id = run_id(&plan.plan.scenario, new.started, new.random);
    let directory = runs.join(id.as_str());
    fs::create_dir_all(runs).map_err(StoreError::io("create", runs))?;
    // Not `create_dir_all`: a directory that is there already belongs to another run.
    fs::create_dir(&directory).map_err(StoreError::io("create", &directory))?;
    let record = begin(&directory, id, new, plan).inspect_err(|_| {
        // Half a run is no run; why it could not be begun is told in any case.
        let _ = fs::remove_dir_all(&directory);
    })?;
    Ok((directory, record))
}

/// Writes the two whole files of the run `id`.
fn begin(directory: &Path, id: SmolStr, new: NewRun, plan: &RunPlan) -> Result<RunRecord, StoreError> {
    let plan_text = to_json(&redacted(plan, directory)?, directory)?;
    let record = RunRecord {
        id,
        scenario: plan.plan.scenario.clone(),
        plan_digest: digest(&plan_text),
        commit: new.commit,
        branch: new.branch,
        rules: new.rules,
        seed: new.seed,
        command: new.command,
        version: new.version,
        started: new.started,
        ended: None,
        state: RunState::Running,
        beside: Vec::new(),
        load: None,
        verdict: None,
    };
    write_whole(&directory.join(PLAN), &plan_text)?;
    write_whole(&directory.join(RUN), &to_json(&record, directory)?)?;
    Ok(record)
}

/// Reads `plan.json` of the run of `record`. The versions first: what else a file of another version holds is unknown.
pub(super) fn read_plan(path: &Path, record: &RunRecord) -> Result<RunPlan, StoreError> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    #[derive(Deserialize)]
    struct Versions {
        plan: Versioned,
        blueprint: Option<Versioned>,
    }
    let Versions { plan, blueprint } = read_json(path)?;
    let parts = [("plan", Some(plan), scn_plan::plan::VERSION), ("blueprint", blueprint, scn_plan::blueprint::VERSION)];
    for (what, versioned, reads) in parts {
        let Some(Versioned { version: found }) = versioned.filter(|versioned| versioned.version != reads) else {
            continue;
        };
        return Err(StoreError::Version {
            path: path.to_owned(),
            what,
            found,
            reads,
            recorded_by: record.version.clone(),
            command: record.command.clone(),
        });
    }
    read_json(path)
}

pub(super) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, StoreError> {
    let text = fs::read(path).map_err(StoreError::io("read", path))?;
    serde_json::from_slice(&text)
        .map_err(|error| StoreError::Malformed { path: path.to_owned(), reason: error.to_string() })
}

/// What is stored of a plan: all of it but somebody's data.
fn redacted(plan: &RunPlan, directory: &Path) -> Result<serde_json::Value, StoreError> {
    let mut stored = serde_json::to_value(plan)
        .map_err(|error| StoreError::Malformed { path: directory.to_owned(), reason: error.to_string() })?;
    scn_plan::redact(&mut stored);
    Ok(stored)
}

fn to_json<T: Serialize>(value: &T, directory: &Path) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec_pretty(value)
        .map_err(|error| StoreError::Malformed { path: directory.to_owned(), reason: error.to_string() })
}

/// Writes a file so that a reader sees the old content or the new, never part of it.
fn write_whole(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let draft = path.with_extension("json.new");
    let written = fs::write(&draft, content).map_err(StoreError::io("write", path));
    written.and_then(|()| fs::rename(&draft, path).map_err(StoreError::io("replace", path))).inspect_err(|_| {
        let _ = fs::remove_file(&draft);
    })
}
