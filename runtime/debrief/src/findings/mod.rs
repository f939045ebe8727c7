//! From a recorded run to [`Findings`].

mod analysis;
mod errors;
mod header;
mod load;
mod model;
mod places;
mod probes;
mod rules;
mod slowest;
mod tables;

use std::collections::HashMap;

use esr_tap::{JourneyOutcome, RunState, RunStore, TraceRange};
use scn_plan::{BinaryOp, Value, plan::Metric};

pub use model::*;

pub(crate) use analysis::{Analysis, Execution};
pub(crate) use places::{place_named, place_of, place_of_step};
pub(crate) use probes::{recovery_of, windows};

use crate::{cause, charging::TraceTree, goals};

/// The exit codes of runs whose figures say nothing of the parts: the sandbox was lost, or the generator was saturated.
const UNTRUSTED: [u8; 2] = [100, 110];

impl Findings {
    /// Finds out what a stored run shows, finished or not. The same store yields the same findings.
    pub fn from_store(store: &RunStore) -> Self {
        let tree = TraceTree::of(store);
        let analysis = Analysis::new(store, &tree);
        let goals = goals::evaluate(store);
        // What the end of the sandbox or the generator brought about must not be blamed on a part.
        let trusted = store.record().verdict.as_ref().is_none_or(|verdict| !UNTRUSTED.contains(&verdict.exit_code));
        let found = if trusted { cause::find(&analysis, &goals) } else { None };
        let fixes = if trusted { cause::fixes(&analysis, found.as_ref()) } else { Vec::new() };
        let steps = tables::steps(store);
        Self {
            version: VERSION,
            header: header::header(store),
            verdict: outcome(store),
            success: success(store),
            slowest: slowest::slowest(&analysis),
            top_errors: errors::top_errors(&analysis),
            fixes,
            cause: found,
            probes: probes::probes(store),
            latency: tables::latency(&analysis),
            parts: tables::parts(&analysis),
            rules: rules::rules(&analysis),
            load: load::load(store),
            signoff: load::signoff(store),
            screenshots: screenshots(store),
            incomplete: incomplete(&analysis, &steps),
            remarks: remarks(store),
            goals,
            steps,
        }
    }
}

fn screenshots(store: &RunStore) -> Vec<String> {
    let kept = store.attachments();
    kept.iter()
        .filter_map(|path| path.strip_prefix(store.directory()).ok())
        .map(|path| path.to_string_lossy().into_owned())
        .collect()
}

fn remarks(store: &RunStore) -> Vec<String> {
    let beside = &store.record().beside;
    let shared = (!beside.is_empty()).then(|| {
        let (runs, went) = if beside.len() == 1 { ("another run", "it") } else { ("other runs", "they") };
        let names: Vec<&str> = beside.iter().map(|run| run.as_str()).collect();
        format!(
            "{runs} went through the sandbox at the same time ({}): {went} took their share of its workers, and the figures \
             show that, too",
            names.join(", ")
        )
    });
    store.remarks().iter().cloned().chain(shared).collect()
}

fn outcome(store: &RunStore) -> Outcome {
    match &store.record().verdict {
        Some(verdict) => {
            let (verdict, word) = goals::standing(verdict, store.sign_offs().last());
            Outcome { exit_code: Some(verdict.exit_code), word: word.to_owned(), reason: verdict.reason }
        }
        None => Outcome {
            exit_code: None,
            word: "unfinished".to_owned(),
            reason: "the run is under way, or was killed".to_owned(),
        },
    }
}

fn success(store: &RunStore) -> Success {
    let (mut completed, mut stopped, mut failed, mut interrupted) = (0, 0, 0, 0);
    for journey in store.journeys().iter().filter(|journey| !journey.warm_up) {
        *match journey.outcome {
            JourneyOutcome::Completed => &mut completed,
            JourneyOutcome::Stopped { .. } => &mut stopped,
            JourneyOutcome::Failed { .. } => &mut failed,
            JourneyOutcome::Interrupted => &mut interrupted,
        } += 1;
    }
    let succeeded: u64 = completed + stopped;
    let finished = succeeded + failed;
    let goal = store.plan().goals.iter().filter_map(|goal| match (&goal.metric, goal.op, &goal.threshold) {
        (
            Metric::Success,
            BinaryOp::GreaterEqual | BinaryOp::Greater,
            Value::Percent(share) | Value::Decimal(share),
        ) if goal.scopes.is_empty() => Some(*share),
        _ => None,
    });
    Success {
        succeeded,
        stopped,
        failed,
        finished,
        interrupted,
        rate: (finished > 0).then(|| succeeded as f64 / finished as f64),
        interval: wilson(succeeded, finished),
        goal: goal.max_by(f64::total_cmp),
    }
}

/// The 95% score interval of a proportion. Source: E. B. Wilson, «Probable inference, the law of succession, and
/// statistical inference», Journal of the American Statistical Association 22 (1927).
fn wilson(successes: u64, trials: u64) -> Option<(f64, f64)> {
    /// The 97.5th percentile of the standard normal distribution.
    const Z: f64 = 1.959_963_984_540_054;
    if trials == 0 {
        return None;
    }
    let n = trials as f64;
    let p = successes as f64 / n;
    let scale = 1.0 + Z * Z / n;
    let centre = (p + Z * Z / (2.0 * n)) / scale;
    let half = Z / scale * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    Some(((centre - half).max(0.0), (centre + half).min(1.0)))
}

fn incomplete(analysis: &Analysis<'_>, steps: &[StepRow]) -> Option<Incomplete> {
    let store = analysis.store;
    let state = match store.record().state {
        RunState::Finished => return None,
        RunState::Interrupted => "interrupted",
        RunState::Running if store.is_under_way() => "still under way",
        RunState::Running => "killed",
    };
    let mut on_record: HashMap<_, bool> = store.spans().map(|(_, span)| (span.trace_id, false)).collect();
    on_record.extend(store.journeys().iter().map(|journey| (journey.trace_id, goals::is_finished(journey))));
    Some(Incomplete {
        state: state.to_owned(),
        finished: on_record.values().filter(|finished| **finished).count() as u64,
        under_way: on_record.values().filter(|finished| !**finished).count() as u64,
        planned: store.plan().population().into(),
        last_event_ns: header::last_event(store).since(store.record().started),
        reached: steps.iter().map(|row| Reached { step: row.step.clone(), count: row.figures.count }).collect(),
    })
}

impl From<TraceRange> for TraceLines {
    fn from(range: TraceRange) -> Self {
        Self { first: range.first, last: range.last }
    }
}
