//! What a standing sandbox and the commands say to each other: JSON documents, one a line.

use std::{collections::BTreeMap, path::PathBuf};

use esr_tap::{RulesRecord, Span, Timestamp};
use scn_plan::{Blueprint, plan::Probe};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use smol_str::SmolStr;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt};
use url::Url;

/// A part of a standing sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartRecord {
    /// Its name.
    pub name: SmolStr,
    /// What it is: `frontend`, `service` or `partner`.
    pub kind: SmolStr,
    /// The root of a frontend, as people reach it; of another part, its own listener.
    pub url: Url,
}

/// What is known of a standing sandbox: `sandbox.json` in its directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxRecord {
    /// Its name, as the blueprint has it.
    pub name: SmolStr,
    /// The file that it was brought up from, as it was given.
    pub file: String,
    /// The file's scenarios that are rehearsed in it.
    pub scenarios: Vec<SmolStr>,
    /// The frontends' branch; none is `main`.
    pub branch: Option<SmolStr>,
    /// The draft rules that its forms are bound to.
    pub rules: Option<RulesRecord>,
    /// The seed of every draw that no request's key decides.
    pub seed: u64,
    /// Its process.
    pub pid: u32,
    /// Version of `esr` that brought it up.
    pub version: String,
    /// When it was up.
    pub started: Timestamp,
    /// When it goes down by itself, unless a run is under way then.
    pub expires: Timestamp,
    /// The root of the frontend that journeys begin at.
    pub url: Url,
    /// The frontend that journeys begin at.
    pub entry: SmolStr,
    /// The root of its GOV endpoint, which publishes the draft rules.
    pub gov: Option<Url>,
    /// Its parts.
    pub parts: Vec<PartRecord>,
}

/// What `esr up` tells the process that is to be the sandbox, on its standard input. A second line, `keep`, makes it
/// stay; if the input ends before that, everything is taken down again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HostOrder {
    /// The project's `.esr`.
    pub state: PathBuf,
    /// What is to be brought up.
    pub blueprint: Blueprint,
    /// See [`SandboxRecord::file`].
    pub file: String,
    /// See [`SandboxRecord::scenarios`].
    pub scenarios: Vec<SmolStr>,
    /// See [`SandboxRecord::rules`].
    pub rules: Option<RulesRecord>,
    /// See [`SandboxRecord::seed`].
    pub seed: u64,
    /// How long it stands, in nanoseconds.
    pub ttl: u64,
    /// See [`SandboxRecord::version`].
    pub version: String,
}

/// What that process tells `esr up`, on its standard output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostNews {
    /// A part has become healthy.
    Healthy(PartRecord),
    /// Everything is up and waits for `keep`.
    Up,
    /// It stays.
    Kept(Box<SandboxRecord>),
    /// A sandbox of this name stands already.
    Taken,
    /// It cannot be brought up, for this reason; nothing is left behind.
    Failed(String),
    /// The project's directory cannot be written, for this reason.
    Unwritable(String),
}

/// The first line of a connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Request {
    /// Answered with a [`Status`].
    Status,
    /// The sandbox is to go down. Answered by the end of the connection.
    Down,
    /// A run begins; the connection is its session until it ends.
    Attach {
        /// The run's id.
        run: SmolStr,
    },
}

/// How a standing sandbox is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Its record.
    #[serde(flatten)]
    pub record: SandboxRecord,
    /// The runs under way.
    pub runs: Vec<RunUnderWay>,
}

/// A run that goes through a standing sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunUnderWay {
    /// Its id.
    pub run: SmolStr,
    /// When it began.
    pub since: Timestamp,
    /// Its faults in force, in words.
    pub faults: Vec<SmolStr>,
}

/// What a run asks for in its session.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Command {
    /// Bring this probe into force: [`Reply::Applied`] or [`Reply::Refused`].
    Apply(Box<Probe>),
    /// End this probe: [`Reply::Removed`].
    Remove(SmolStr),
    /// End all its probes; not answered.
    Clear,
    /// Say when all has been told that had happened until now: [`Reply::Reached`].
    Mark,
    /// The run is over: wait for what is under way, and let it go: [`Reply::Settled`].
    Settle,
}

/// What a run is told in its session.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum News {
    /// The session has begun.
    Welcome {
        /// The root of the frontend that journeys begin at.
        url: Url,
        /// Its name.
        entry: SmolStr,
        /// Roots of the partners, as personas send them envelopes.
        partners: BTreeMap<SmolStr, Url>,
    },
    /// A span of the run has ended.
    Span(Box<Span>),
    /// The answer to the oldest command that has none yet.
    Reply(Reply),
}

/// The answer to a [`Command`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Reply {
    /// The probe is in force; in words.
    Applied(SmolStr),
    /// The probe cannot be applied, for this reason.
    Refused(String),
    /// The probe is not in force.
    Removed,
    /// All has been told that had happened before the mark.
    Reached,
    /// All spans have been told.
    Settled {
        /// How many spans could not be kept for the run.
        lost: u64,
        /// What this machine ran out of, so that connections failed.
        shortage: Option<String>,
        /// Other runs that were under way in the meantime.
        beside: Vec<SmolStr>,
    },
}

/// The longest line that is read, in bytes: a blueprint of many files fits.
const LONGEST: usize = 256 << 20;

/// Reads a line; none at the end. A line cut off by the end counts as the end.
pub(super) async fn read_line<T: DeserializeOwned>(
    from: &mut (impl AsyncBufRead + Unpin),
) -> std::io::Result<Option<T>> {
    let mut line = Vec::new();
    loop {
        let chunk = from.fill_buf().await?;
        if chunk.is_empty() {
            return Ok(None);
        }
        let end = chunk.iter().position(|byte| *byte == b'\n');
        line.extend_from_slice(&chunk[..end.unwrap_or(chunk.len())]);
        let used = end.map_or(chunk.len(), |end| end + 1);
        from.consume(used);
        if end.is_some() {
            break;
        }
        if line.len() > LONGEST {
            return Err(std::io::Error::other("the line is too long"));
        }
    }
    serde_json::from_slice(&line).map(Some).map_err(std::io::Error::other)
}

/// Writes a line and sends it on its way.
pub(super) async fn write_line(to: &mut (impl AsyncWrite + Unpin), value: &impl Serialize) -> std::io::Result<()> {
    to.write_all(&line(value)?).await?;
    to.flush().await
}

/// A line with its end.
pub(super) fn line(value: &impl Serialize) -> std::io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}
