//! One run: a sandbox is reached, the run goes through it, and it is left as it was, whatever happens in between.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use esr_debrief::goals::{RunFacts, judge};
use esr_engine::{
    BrowserError, Browsers, Cancel, Clock, HttpTransport, Interruption, LATE, Outcome, Progress, Saturation, WallClock,
};
use esr_tap::{Conclusion, FileRecorder, LoadRecord, RunPlan, RunState, RunStore, StoreError, conclude};
use scn_plan::Plan;
use tokio::sync::mpsc;

use crate::{
    abort::AbortWatch,
    console::{Console, Tally, span},
    exit::{CommandError, Failure},
    ground::{Ground, Left, Luggage, Place},
    interrupt::Interrupt,
    project::Flight,
    stored,
    watch::Watcher,
};

/// Most journeys of an open load that are under way at once: beyond, this machine's memory would be at stake.
const MOST_JOURNEYS: u32 = 10_000;

/// What a run is told besides the scenario.
pub struct Settings {
    /// The seed of every draw.
    pub seed: u64,
    /// The command that reproduces the run.
    pub command: String,
    /// Whether the run is to be shown on a live view.
    pub watch: bool,
    /// Where the runs are kept.
    pub runs: PathBuf,
    /// Where the scenario's file is.
    pub folder: PathBuf,
    /// What it goes through.
    pub place: Place,
}

/// Flies: the sandbox is reached, run through and left; the run's verdict is in its store.
///
/// # Errors
///
/// If there was no run, or its store could not be written. A run with a bad verdict is no error.
pub async fn fly(flight: Flight, settings: Settings, console: Console) -> Result<RunStore, CommandError> {
    let interrupt = Interrupt::watch().map_err(|error| internal(&format!("signals cannot be watched: {error}")))?;
    let clock: Arc<dyn Clock> = Arc::new(WallClock::new());
    let transport = Arc::new(HttpTransport::new().map_err(|error| internal(&error))?);

    let new = esr_tap::NewRun {
        commit: commit(&settings.folder),
        branch: flight.blueprint.branch.as_ref().map(ToString::to_string),
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
    let run_id = recorder.record().id.clone();

    let mark = if matches!(settings.place, Place::Own) { "🏗️ " } else { "🛫" };
    let branch = blueprint.branch.as_ref().map(|branch| format!(", branch {branch}")).unwrap_or_default();
    let rules = recorder.record().rules.as_ref().map(|rules| format!(", rules {}", rules.file)).unwrap_or_default();
    console.line(format!("{mark} {} for {}{branch}{rules} ({run_id})", blueprint.name, plan.scenario));
    let luggage = Luggage {
        run: run_id.clone(),
        seed: settings.seed,
        directory: recorder.directory().to_owned(),
        blueprint,
        transport: transport.clone(),
        clock: clock.clone(),
        recorder: recorder.clone(),
    };
    let directory = recorder.directory().to_owned();
    let browsers = browsers(&plan, &directory).await.inspect_err(|_| discard(&recorder, &directory))?;
    let ground = tokio::select! {
        biased;
        () = interrupt.run.cancelled() => {
            discard(&recorder, &directory);
            return Err(CommandError::new(Failure::Interrupted, "interrupted before the run began"));
        }
        ground = Ground::reach(&settings.place, luggage, console) => ground.inspect_err(|_| {
            discard(&recorder, &directory);
        })?,
    };

    let abort = Cancel::new();
    let watch = AbortWatch::new(&plan, abort.clone()).map(Arc::new);
    let (entry, entry_part) = ground.entry();
    let options = esr_engine::Options {
        run_id: run_id.clone(),
        seed: settings.seed,
        entry: entry.clone(),
        entry_part: entry_part.clone(),
        partners: ground.partners().clone(),
        environment: esr_engine::environment().clone(),
        most_journeys: MOST_JOURNEYS,
        cancel: either(&either(&interrupt.run, &ground.lost()), &abort),
    };
    let saturation = transport.saturation().clone();
    let records = ground.recorder(recorder.clone());
    let deps = esr_engine::Deps {
        clock,
        transport,
        browsers: browsers.clone(),
        recorder: records,
        faults: ground.faults(&run_id),
    };
    let has_load = plan.load.is_some();
    let outcome = run(plan, options, deps, console, settings.watch, watch.clone()).await;
    let left = ground.leave().await;
    let kept = recorder.finish();
    let (outcome, tally) = outcome.inspect_err(|_| discard(&recorder, &directory))?;
    console.tally(&tally);

    let aborted = watch.and_then(|watch| watch.reason());
    let load = has_load.then_some(LoadRecord { begun: outcome.begun, dropped: outcome.dropped, late: outcome.late });
    let mut facts = facts(&outcome, aborted, interrupt.run.is_cancelled(), kept.as_ref().err(), &left, &saturation);
    let trouble = browsers
        .as_ref()
        .and_then(|browsers| browsers.trouble())
        .map(|why| format!("a persona's browser broke down ({why}), so the figures say little of the sandbox"));
    facts.inconclusive = facts.inconclusive.or(trouble);
    let store = RunStore::open(&directory).map_err(|error| stored::usage(&error))?;
    let cut_short = facts.interrupted || facts.sandbox_lost.is_some();
    let state = if cut_short { RunState::Interrupted } else { RunState::Finished };
    let verdict = judge(&store, &facts);
    let conclusion = Conclusion { ended: outcome.ended, state, verdict: verdict.clone(), beside: left.beside, load };
    conclude(&directory, conclusion).map_err(|error| {
        internal(&format!("the verdict could not be recorded: {error}")).help(format!(
            "it was: {} (exit {}); `esr report {run_id}` shows what was recorded",
            verdict.reason, verdict.exit_code,
        ))
    })?;
    interrupt.run_is_over();
    RunStore::open(&directory).map_err(|error| stored::usage(&error))
}

/// What starts the browsers of personas, if the plan has any that need one.
async fn browsers(plan: &Plan, directory: &Path) -> Result<Option<Arc<Browsers>>, CommandError> {
    if !plan.needs_browsers() {
        return Ok(None);
    }
    let started = Browsers::start(directory.join("browsers")).await;
    let failed = |error: BrowserError| CommandError::new(Failure::Sandbox, error.message).help(error.help);
    started.map(|browsers| Some(Arc::new(browsers))).map_err(failed)
}

/// Asked for when either of two is.
fn either(one: &Cancel, other: &Cancel) -> Cancel {
    let either = Cancel::new();
    let (told, one, other) = (either.clone(), one.clone(), other.clone());
    tokio::spawn(async move {
        tokio::select! {
            () = one.cancelled() => {}
            () = other.cancelled() => {}
        }
        told.cancel();
    });
    either
}

/// Runs the plan, telling of its progress.
async fn run(
    plan: Arc<Plan>,
    options: esr_engine::Options,
    deps: esr_engine::Deps,
    console: Console,
    watch: bool,
    abort: Option<Arc<AbortWatch>>,
) -> Result<(Outcome, Tally), CommandError> {
    let sources = plan.sources.clone();
    let (sender, mut receiver) = mpsc::unbounded_channel();
    // Printing may block on a slow terminal, which must not slow the journeys down.
    let printer = {
        let (plan, clock) = (plan.clone(), deps.clock.clone());
        tokio::spawn(async move {
            let mut watcher = Watcher::start(plan, console, clock, watch);
            let mut tally = Tally::default();
            while let Some(progress) = receiver.recv().await {
                if let Progress::JourneyEnded { outcome, .. } = &progress {
                    tally.add(outcome);
                }
                watcher.note(progress);
            }
            watcher.stop();
            tally
        })
    };
    let clock = deps.clock.clone();
    let outcome = esr_engine::run(plan, options, deps, move |progress| {
        if let Some(abort) = &abort {
            abort.note(&progress, clock.now());
        }
        let is_for_the_view = matches!(
            progress,
            Progress::JourneyBegan { .. } | Progress::StepBegan { .. } | Progress::Step(_) | Progress::Journey(_)
        );
        if watch || !is_for_the_view {
            // The printer ends after the run does.
            let _ = sender.send(progress);
        }
    })
    .await;
    let tally = printer.await.map_err(|error| internal(&error))?;
    let outcome = outcome.map_err(|error| {
        CommandError::new(Failure::Compile, format!("{}: {}", sources.place(error.span), error.message))
    })?;
    Ok((outcome, tally))
}

/// What the store cannot know of how the run went.
fn facts(
    outcome: &Outcome,
    aborted: Option<String>,
    stopped: bool,
    unkept: Option<&StoreError>,
    left: &Left,
    saturation: &Saturation,
) -> RunFacts {
    let shortage = saturation.reason().or_else(|| left.shortage.clone()).map(|reason| {
        format!(
            "this machine could not make all connections ({reason}), so the figures say nothing of the sandbox: allow more \
             open files (`ulimit -n`), or rehearse with fewer personas"
        )
    });
    let missing = (left.missing_spans > 0).then(|| {
        format!(
            "the run did not keep up with its sandbox, and {} spans are missing: rehearse with fewer personas, or leave it \
             more of this machine",
            left.missing_spans
        )
    });
    let internal = outcome.internal_errors.first().cloned().or_else(|| unkept.map(ToString::to_string));
    RunFacts {
        interrupted: outcome.interruption == Some(Interruption::Cancelled) && stopped,
        internal_error: internal,
        // With a sandbox, its faults are gone; that they could not be applied is no news then.
        probe_failure: outcome.probe_errors.first().filter(|_| !left.lost).cloned(),
        sandbox_lost: left.lost.then(|| "the sandbox was lost during the run".to_owned()),
        inconclusive: shortage.or(missing).or_else(|| unlike_its_load(outcome)),
        aborted: aborted.filter(|_| outcome.interruption == Some(Interruption::Cancelled)),
    }
}

/// Why the load was not what the scenario asks for, if it was not.
fn unlike_its_load(outcome: &Outcome) -> Option<String> {
    let (begun, dropped, late) = (outcome.begun, outcome.dropped, outcome.late);
    if dropped > 0 {
        return Some(format!(
            "{dropped} of {} arrivals were dropped, since {MOST_JOURNEYS} journeys were under way already: the sandbox does \
             not keep up with this rate by far; let fewer arrive",
            begun + dropped
        ));
    }
    // A share of less than one in a hundred moves no percentile that people look at.
    (late * 100 > begun).then(|| {
        format!(
            "{late} of {begun} journeys began more than {} late, since this machine did not keep up: rehearse with fewer \
             personas or arrivals, or leave it more of this machine",
            span(LATE)
        )
    })
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
