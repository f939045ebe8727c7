//! What the store keeps besides events: the run's record, journeys and step samples.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;

use crate::{Block, Timestamp, TraceId};

/// How far a run has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// Under way; or killed, if nothing runs any more.
    Running,
    /// Ended by itself.
    Finished,
    /// Stopped from outside.
    Interrupted,
}

/// What a run says of the release, with its exit code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The exit code of `esr`: 0 cleared, 99 goal missed, 105 interrupted, …
    pub exit_code: u8,
    /// The reason, in a sentence.
    pub reason: String,
}

/// The draft rules that a run was bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesRecord {
    /// Their file, as it was named.
    pub file: String,
    /// SHA-256 of its text.
    pub digest: String,
}

impl RulesRecord {
    /// The record of the rules file `file`, which holds `text`.
    pub fn new(file: &str, text: &str) -> Self {
        Self { file: file.to_owned(), digest: digest(text.as_bytes()) }
    }
}

/// SHA-256 in hexadecimal digits.
pub fn digest(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `run.json`: written at the start, and again at the end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunRecord {
    /// The run's id, which is also its directory's name.
    pub id: SmolStr,
    /// The scenario's name.
    pub scenario: SmolStr,
    /// SHA-256 of `plan.json`.
    pub plan_digest: String,
    /// The project's git commit, if it is in a git repository.
    pub commit: Option<String>,
    /// The frontends' branch.
    pub branch: Option<String>,
    /// The draft rules that the sandbox's forms were bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<RulesRecord>,
    /// The seed of every draw.
    pub seed: u64,
    /// The command that reproduces the run.
    pub command: String,
    /// Version of `esr`.
    pub version: String,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// How far it got.
    pub state: RunState,
    /// Other runs that went through the same sandbox in the meantime.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<SmolStr>,
    /// What became of its load, once it has ended; none if it had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<LoadRecord>,
    /// Present when it has ended.
    pub verdict: Option<Verdict>,
}

/// Whether the load was what the scenario asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadRecord {
    /// Journeys that were begun.
    pub begun: u64,
    /// Arrivals for which there was no room, and which never began.
    pub dropped: u64,
    /// Journeys that began too long after they were to.
    pub late: u64,
}

/// How a journey ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum JourneyOutcome {
    /// It reached the end.
    Completed,
    /// It left by `stop:`, which is no failure.
    Stopped {
        /// Why.
        reason: String,
    },
    /// A step failed.
    Failed {
        /// The step that failed.
        step: SmolStr,
        /// In a word or two, for counting: `timeout`, `HTTP 422`, `amount>200`, `no control "photo"`.
        cause: String,
        /// In a sentence.
        reason: String,
        /// The path of the request that failed, else of the page that it failed on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path: Option<SmolStr>,
        /// The block of `trace.jsonl` that shows it.
        block: Block,
    },
    /// The run ended before it did.
    Interrupted,
}

/// An execution of a step that sent a request, or failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepSample {
    /// The step's name.
    pub step: SmolStr,
    /// The step's node in the plan.
    pub node: u32,
    /// The persona's template.
    pub template: SmolStr,
    /// The probes in force when it began, sorted by name.
    pub probes: Vec<SmolStr>,
    /// When it began.
    pub start: Timestamp,
    /// Nanoseconds: the sum of its requests with their redirects and of the submissions charged to it, counted from
    /// the intended start; none if it sent no request.
    pub response_time: Option<u64>,
    /// The final status, if a response came.
    pub status: Option<u16>,
    /// Why it failed, as [`JourneyOutcome::Failed`] has it; none if it succeeded.
    pub error: Option<String>,
    /// The blocks of `trace.jsonl` that show it.
    pub blocks: Vec<Block>,
    /// Whether it began during the warm-up, and is not counted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub warm_up: bool,
}

pub(crate) fn is_false(value: &bool) -> bool {
    !value
}

/// A line of `journeys.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JourneyRecord {
    /// Its trace.
    pub trace_id: TraceId,
    /// Number of the persona, from 0.
    pub persona: u32,
    /// The persona's template.
    pub template: SmolStr,
    /// Which of the persona's journeys, from 0.
    pub iteration: u32,
    /// When it began.
    pub start: Timestamp,
    /// When it ended.
    pub end: Timestamp,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: JourneyOutcome,
    /// Its steps in the order that they began.
    pub steps: Vec<StepSample>,
    /// Whether it began during the warm-up, and is not counted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub warm_up: bool,
    /// Weighted choices taken, by node, for diffs.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub choices: IndexMap<u32, u32>,
}

impl JourneyRecord {
    /// Sum of the steps' response times in nanoseconds.
    pub fn response_time(&self) -> u64 {
        self.steps.iter().filter_map(|step| step.response_time).sum()
    }
}
