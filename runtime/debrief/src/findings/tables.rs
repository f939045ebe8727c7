//! The tables: steps, parts, latency over time.

use std::collections::{BTreeMap, HashMap};

use esr_tap::RunStore;
use scn_plan::plan::NodeKind;

use super::{Analysis, Figures, LatencyInterval, PartRow, StepRow, places::place_of};
use crate::{
    charging::PERSONA,
    goals::{Selection, nearest_rank},
};

/// A row for each step of the plan, and for each that is on record though the plan lacks it.
pub(super) fn steps(store: &RunStore) -> Vec<StepRow> {
    let mut selections: BTreeMap<&str, Selection> = BTreeMap::new();
    for line in store.metrics().iter().filter(|line| !line.key.warm_up) {
        selections.entry(&line.key.step).or_default().add(line);
    }
    let plan = store.plan();
    let mut rows = Vec::new();
    for node in plan.graph.node_weights() {
        let NodeKind::Step(step) = &node.kind else { continue };
        if rows.iter().any(|row: &StepRow| row.step == node.name) {
            continue;
        }
        rows.push(StepRow {
            step: node.name.to_string(),
            verb: step.call.name.to_string(),
            figures: selections.remove(node.name.as_str()).unwrap_or_default().figures(),
            place: place_of(&plan.sources, node.span),
        });
    }
    rows.extend(selections.into_iter().map(|(step, selection)| StepRow {
        step: step.to_owned(),
        verb: step.to_owned(),
        figures: selection.figures(),
        place: None,
    }));
    rows
}

/// At most so many intervals are told apart in a run's response times.
const INTERVALS: u64 = 40;

/// An entry for each interval in which a step got its last response.
pub(super) fn latency(analysis: &Analysis<'_>) -> Vec<LatencyInterval> {
    let timed = analysis.executions.iter().filter_map(|execution| {
        let time = execution.response_time?;
        Some((analysis.at(execution.start.plus(time)), time, execution.error.is_some()))
    });
    let timed: Vec<_> = timed.collect();
    let end = timed.iter().map(|(at, ..)| *at).max().unwrap_or(0);
    let width = interval(end);
    let mut intervals: BTreeMap<u64, (Vec<u64>, u64)> = BTreeMap::new();
    for (at, time, failed) in timed {
        let (times, failures) = intervals.entry(at / width).or_default();
        times.push(time);
        *failures += u64::from(failed);
    }
    let entry = |(index, (mut times, failures)): (u64, (Vec<u64>, u64))| {
        times.sort_unstable();
        let figures = Figures {
            count: times.len() as u64,
            failures,
            p50_ns: nearest_rank(&times, 50.0),
            p95_ns: nearest_rank(&times, 95.0),
            max_ns: times.last().copied(),
        };
        LatencyInterval { start_ns: index * width, width_ns: width, figures }
    };
    intervals.into_iter().map(entry).collect()
}

/// The least of 1, 2 and 5 times a power of ten, from 50 ms on, of which [`INTERVALS`] cover `end`.
fn interval(end: u64) -> u64 {
    let steps = (7..=18).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)));
    steps.filter(|step| *step >= 50_000_000).find(|step| end / step < INTERVALS).unwrap_or(u64::MAX)
}

/// A row for each part that served a request or that time is charged to.
pub(super) fn parts(analysis: &Analysis<'_>) -> Vec<PartRow> {
    let tree = analysis.tree;
    let mut shares = analysis.total.ranking();
    let idle = tree.parts().filter(|part| !analysis.total.parts.contains_key(*part)).map(str::to_owned);
    shares.extend(idle.collect::<Vec<_>>().into_iter().map(|part| super::ChargeShare {
        part,
        own_ns: 0,
        delay_ns: 0,
        queue_ns: 0,
        total_ns: 0,
    }));
    shares.retain(|share| share.part != PERSONA);
    let workers: HashMap<&str, u32> = analysis
        .store
        .blueprint()
        .into_iter()
        .flat_map(|blueprint| blueprint.parts.values())
        .filter_map(|part| Some((part.name.as_str(), part.workers?)))
        .collect();
    let row = |charge: super::ChargeShare| {
        let served = tree.served(&charge.part);
        let mut times: Vec<_> = served.iter().map(|at| tree.span(*at).duration()).collect();
        times.sort_unstable();
        PartRow {
            calls: served.len() as u64,
            failures: served.iter().filter(|at| tree.status(**at).is_some_and(|status| status >= 500)).count() as u64,
            waited_ns: served.iter().map(|at| tree.queue_wait(*at)).sum(),
            workers: workers.get(charge.part.as_str()).copied(),
            p50_ns: nearest_rank(&times, 50.0),
            p95_ns: nearest_rank(&times, 95.0),
            charge,
        }
    };
    shares.into_iter().map(row).collect()
}
