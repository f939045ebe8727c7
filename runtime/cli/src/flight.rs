//! One rehearsal: the sandbox comes up, the run goes through it, the sandbox goes down, whatever happens in between.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use esr_debrief::goals::{RunFacts, judge};
use esr_engine::{Clock, HttpTransport, Interruption, Outcome, Progress, Saturation, WallClock};
use esr_sandbox::{Healthy, Sandbox};
use esr_tap::{FileRecorder, RunPlan, RunState, RunStore, StoreError, conclude};
use scn_plan::Plan;
use tokio::sync::mpsc;

use crate::{
    console::{Console, Tally, counted},
    exit::{CommandError, Failure},
    interrupt::Interrupt,
    project::Flight,
    stored,
};

/// What a run is told besides the scenario.
pub struct Settings {
    /// The seed of every draw.
    pub seed: u64,
    /// The command that reproduces the run.
    pub command: String,
    /// Where the runs are kept.
    pub runs: PathBuf,
    /// Where the scenario's file is.
    pub folder: PathBuf,
}

/// Flies: sandbox up, run, sandbox down; the run's verdict is in its store.
///
/// # Errors
///
/// If there was no run, or its store could not be written. A run with a bad verdict is no error.
pub async fn fly(flight: Flight, settings: Settings, console: Console) -> Result<RunStore, CommandError> {
    let interrupt = Interrupt::watch()
        .map_err(|error| CommandError::new(Failure::Internal, format!("signals cannot be watched: {error}")))?;
    let clock: Arc<dyn Clock> = Arc::new(WallClock::new());
    let transport = Arc::new(HttpTransport::new().map_err(|error| internal(&error))?);

    let new = esr_tap::NewRun {
        commit: commit(&settings.folder),
        branch: None,
        rules: flight.rules,
        seed: settings.seed,
        command: settings.command,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: clock.now(),
        random: std::process::id() ^ (clock.now().0 as u32),
    };
    let (plan, blueprint) = (Arc::new(flight.plan.clone()), Arc::new(flight.blueprint.clone()));
    let stored = RunPlan { plan: flight.plan, blueprint: Some(flight.blueprint) };
    let recorder = Arc::new(FileRecorder::create(&settings.runs, new, &stored).map_err(|error| stored::usage(&error))?);

    console.line(format!("🏗️  {} for {} ({})", blueprint.name, plan.scenario, recorder.record().id));
    let (parts, rules) = (blueprint.parts.len(), blueprint.rules.len());
    let up = Sandbox::up(
        blueprint,
        esr_sandbox::Options {
            seed: settings.seed,
            branch: None,
            on_healthy: Arc::new(move |part: &Healthy| {
                if part.kind == "frontend" {
                    console.line(format!("   {} {} is healthy at {}", part.kind, part.part, part.url));
                } else {
                    console.line(format!("   {} {} is healthy", part.kind, part.part));
                }
            }),
        },
        esr_sandbox::Deps { clock: clock.clone(), transport: transport.clone(), recorder: recorder.clone() },
    );
    let directory = recorder.directory().to_owned();
    let sandbox = tokio::select! {
        biased;
        () = interrupt.run.cancelled() => {
            discard(&recorder, &directory);
            return Err(CommandError::new(Failure::Interrupted, "interrupted before the run began; nothing is left running"));
        }
        up = up => up.map_err(|error| {
            discard(&recorder, &directory);
            CommandError::new(Failure::Sandbox, format!("the sandbox did not come up: {error}"))
        })?,
    };
    console.line(format!("🟢 {} healthy", counted(u32::try_from(parts).unwrap_or(u32::MAX), "part")));
    if let (true, Some(gov)) = (rules > 0, sandbox.gov_url()) {
        console
            .line(format!("📜 {} at {gov}policies", counted(u32::try_from(rules).unwrap_or(u32::MAX), "draft rule")));
    }

    let options = esr_engine::Options {
        run_id: recorder.record().id.clone(),
        seed: settings.seed,
        entry: sandbox.url().clone(),
        entry_part: sandbox.entry_part().clone(),
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        cancel: interrupt.run.clone(),
    };
    let saturation = [transport.saturation().clone(), sandbox.saturation().clone()];
    let deps = esr_engine::Deps { clock, transport, recorder: recorder.clone(), faults: sandbox.faults() };
    let outcome = run(plan, options, deps, console).await;
    sandbox.down().await;
    let kept = recorder.finish();
    let (outcome, tally) = outcome.inspect_err(|_| discard(&recorder, &directory))?;
    console.tally(&tally);

    let facts = facts(&outcome, kept.as_ref().err(), &saturation);
    let store = RunStore::open(&directory).map_err(|error| stored::usage(&error))?;
    let state = if facts.interrupted { RunState::Interrupted } else { RunState::Finished };
    let verdict = judge(&store, &facts);
    conclude(&directory, outcome.ended, state, verdict.clone()).map_err(|error| {
        CommandError::new(Failure::Internal, format!("the verdict could not be recorded: {error}")).help(format!(
            "it was: {} (exit {}); `esr report {}` shows what was recorded",
            verdict.reason,
            verdict.exit_code,
            recorder.record().id
        ))
    })?;
    interrupt.run_is_over();
    RunStore::open(&directory).map_err(|error| stored::usage(&error))
}

/// Runs the plan, telling of its progress.
async fn run(
    plan: Arc<Plan>,
    options: esr_engine::Options,
    deps: esr_engine::Deps,
    console: Console,
) -> Result<(Outcome, Tally), CommandError> {
    let sources = plan.sources.clone();
    let (sender, mut receiver) = mpsc::unbounded_channel();
    // Printing may block on a slow terminal, which must not slow the journeys down.
    let printer = {
        let plan = plan.clone();
        tokio::spawn(async move {
            let mut tally = Tally::default();
            while let Some(progress) = receiver.recv().await {
                if let Progress::JourneyEnded { outcome, .. } = &progress {
                    tally.add(outcome);
                }
                console.progress(&plan, &progress);
            }
            tally
        })
    };
    let outcome = esr_engine::run(plan, options, deps, move |progress| {
        // The printer ends after the run does.
        let _ = sender.send(progress);
    })
    .await;
    let tally = printer.await.map_err(|error| internal(&error))?;
    let outcome = outcome.map_err(|error| {
        CommandError::new(Failure::Compile, format!("{}: {}", sources.place(error.span), error.message))
    })?;
    Ok((outcome, tally))
}

/// What the store cannot know of how the run went.
fn facts(outcome: &Outcome, lost: Option<&StoreError>, saturation: &[Saturation]) -> RunFacts {
    let internal = outcome.internal_errors.first().cloned().or_else(|| lost.map(ToString::to_string));
    RunFacts {
        interrupted: outcome.interruption == Some(Interruption::Cancelled),
        internal_error: internal,
        probe_failure: outcome.probe_errors.first().cloned(),
        inconclusive: saturation.iter().find_map(Saturation::reason).map(|reason| {
            format!(
                "this machine could not make all connections ({reason}), so the figures say nothing of the sandbox: \
                 allow more open files (`ulimit -n`), or rehearse with fewer personas"
            )
        }),
        ..RunFacts::default()
    }
}

/// Removes the store of a run that never began.
fn discard(recorder: &FileRecorder, directory: &Path) {
    // A store that cannot be closed or removed is no reason to hide why the run did not begin.
    let _ = recorder.finish();
    let _ = std::fs::remove_dir_all(directory);
}

fn internal(error: &dyn std::fmt::Display) -> CommandError {
    CommandError::new(Failure::Internal, error.to_string())
}

/// The commit that is checked out where the scenario is, if that is in a git repository; `-dirty` if files differ from it.
fn commit(folder: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git").arg("-C").arg(folder).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "HEAD"]).filter(|commit| !commit.is_empty())?;
    let is_clean = git(&["status", "--porcelain", "--untracked-files=no"]).is_none_or(|changes| changes.is_empty());
    Some(if is_clean { commit } else { commit + "-dirty" })
}
