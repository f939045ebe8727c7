//! What a run goes through: a sandbox of its own, or one that stands.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use esr_engine::{Cancel, Clock, Faults, HttpTransport};
use esr_sandbox::{
    Deps, Healthy, OneRun, Options, Sandbox,
    standing::{Attached, Settled, Standing},
};
use esr_tap::Recorder;
use scn_plan::Blueprint;
use smol_str::SmolStr;
use url::Url;

use crate::{
    console::{Console, counted},
    exit::{CommandError, Failure},
    said::Said,
};

/// Where a run is to go through.
pub enum Place {
    /// A sandbox that is brought up for it and taken down after it.
    Own,
    /// One that stands.
    Standing(Box<Standing>),
}

/// A sandbox that a run goes through.
pub enum Ground {
    /// One of its own, and where the sources of its processes are.
    Own(Sandbox, PathBuf),
    /// One that stands.
    Standing(Attached),
}

/// What is known of a sandbox once a run has left it.
#[derive(Debug, Default)]
pub struct Left {
    /// The sandbox was lost during the run.
    pub lost: bool,
    /// How many spans could not be kept.
    pub missing_spans: u64,
    /// What this machine ran out of, so that connections failed.
    pub shortage: Option<String>,
    /// Other runs that went through it in the meantime.
    pub beside: Vec<SmolStr>,
}

/// What a run takes to a sandbox.
pub struct Luggage {
    /// Its id.
    pub run: SmolStr,
    /// The seed of every draw that no request's key decides.
    pub seed: u64,
    /// Its directory.
    pub directory: PathBuf,
    /// Its blueprint.
    pub blueprint: Arc<Blueprint>,
    /// The wire.
    pub transport: Arc<HttpTransport>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Takes its spans.
    pub recorder: Arc<dyn Recorder>,
}

impl Ground {
    /// Brings a sandbox up, or begins in one that stands.
    ///
    /// # Errors
    ///
    /// If it does not come up, or does not answer.
    pub async fn reach(place: &Place, luggage: Luggage, console: Console) -> Result<Self, CommandError> {
        match place {
            Place::Own => Self::bring_up(luggage, console).await,
            Place::Standing(standing) => {
                let Luggage { run, clock, recorder, .. } = luggage;
                Attached::begin(standing, run, recorder, clock).await.map(Ground::Standing).map_err(|error| {
                    CommandError::new(Failure::Sandbox, format!("{}: {error}", standing.record.name))
                        .help("`esr status` shows which sandboxes are up, `esr down` takes one down")
                })
            }
        }
    }

    async fn bring_up(luggage: Luggage, console: Console) -> Result<Self, CommandError> {
        let (parts, rules) = (luggage.blueprint.parts.len(), luggage.blueprint.rules.len());
        let said = Said::in_directory(luggage.directory.join("parts"));
        let sources = luggage.directory.join("sources");
        let options = Options {
            seed: luggage.seed,
            on_output: Arc::new(move |part, line| said.add(part, line)),
            work: sources.clone(),
            on_healthy: Arc::new(move |part: &Healthy| console.line(healthy(part.kind, &part.part, &part.url))),
            ..Options::default()
        };
        let recorders = Arc::new(OneRun(luggage.recorder));
        let deps = Deps { clock: luggage.clock, transport: luggage.transport, recorders };
        let sandbox = Sandbox::up(luggage.blueprint, options, deps)
            .await
            .map_err(|error| CommandError::new(Failure::Sandbox, format!("the sandbox did not come up: {error}")))?;
        console.line(all_healthy(parts));
        if let Some(line) = sandbox.gov_url().and_then(|gov| published(rules, gov)) {
            console.line(line);
        }
        Ok(Ground::Own(sandbox, sources))
    }

    /// The root of the frontend that journeys' paths resolve at, and its name.
    pub fn entry(&self) -> (&Url, &SmolStr) {
        match self {
            Ground::Own(sandbox, _) => (sandbox.url(), sandbox.entry_part()),
            Ground::Standing(attached) => (&attached.url, &attached.entry),
        }
    }

    /// Roots of the partners, as personas send them envelopes.
    pub fn partners(&self) -> &BTreeMap<SmolStr, Url> {
        match self {
            Ground::Own(sandbox, _) => sandbox.partners(),
            Ground::Standing(attached) => &attached.partners,
        }
    }

    /// What applies and removes the faults of `run`.
    pub fn faults(&self, run: &SmolStr) -> Arc<dyn Faults> {
        match self {
            Ground::Own(sandbox, _) => sandbox.faults(run.clone()),
            Ground::Standing(attached) => attached.faults(),
        }
    }

    /// What a run records with, whose sandbox records with `recorder`.
    pub fn recorder(&self, recorder: Arc<dyn Recorder>) -> Arc<dyn Recorder> {
        match self {
            Ground::Own(..) => recorder,
            Ground::Standing(attached) => attached.recorder(),
        }
    }

    /// Asked for when the sandbox is lost; a sandbox of the run's own cannot be.
    pub fn lost(&self) -> Cancel {
        match self {
            Ground::Own(..) => Cancel::new(),
            Ground::Standing(attached) => attached.lost().clone(),
        }
    }

    /// The run is over: waits until what it has under way is over, too.
    pub async fn leave(self) -> Left {
        match self {
            Ground::Own(sandbox, sources) => {
                let shortage = sandbox.saturation().clone();
                sandbox.down().await;
                // There where a process was cloned; the run does not need them any more.
                let _ = std::fs::remove_dir_all(sources);
                Left { shortage: shortage.reason(), ..Left::default() }
            }
            Ground::Standing(attached) => match attached.settle().await {
                Ok(Settled { lost, shortage, beside }) => Left { lost: false, missing_spans: lost, shortage, beside },
                Err(_) => Left { lost: true, ..Left::default() },
            },
        }
    }
}

/// The line that says that all parts are healthy.
pub fn all_healthy(parts: usize) -> String {
    format!("🟢 {} healthy", counted(u32::try_from(parts).unwrap_or(u32::MAX), "part"))
}

/// The line that says where draft rules are published, if there are any.
pub fn published(rules: usize, gov: &Url) -> Option<String> {
    let count = counted(u32::try_from(rules).unwrap_or(u32::MAX), "draft rule");
    (rules > 0).then(|| format!("📜 {count} at {gov}policies"))
}

/// The line that says that a part is healthy.
pub fn healthy(kind: &str, part: &str, url: &Url) -> String {
    match kind {
        "frontend" => format!("   {kind} {part} is healthy at {url}"),
        _ => format!("   {kind} {part} is healthy"),
    }
}
