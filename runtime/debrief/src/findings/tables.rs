//! The tables: steps, parts, latency over time.

use std::collections::{BTreeMap, HashMap};

use esr_tap::RunStore;
use scn_plan::plan::NodeKind;

use super::{Analysis, LatencySecond, PartRow, StepRow, places::place_of};
use crate::{
    charging::PERSONA,
    goals::{Selection, nearest_rank},
};

/// A row for each step of the plan, and for each that is on record though the plan lacks it.
pub(super) fn steps(store: &RunStore) -> Vec<StepRow> {
    let mut selections: BTreeMap<&str, Selection> = BTreeMap::new();
    for line in store.metrics() {
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

/// An entry for each second in which a step began.
pub(super) fn latency(store: &RunStore) -> Vec<LatencySecond> {
    let mut seconds: BTreeMap<u64, Vec<_>> = BTreeMap::new();
    for line in store.metrics() {
        seconds.entry(line.key.second).or_default().push(line);
    }
    let second = |(second, lines): (u64, Vec<&esr_tap::MetricLine>)| {
        let mut selection = Selection::default();
        lines.iter().for_each(|line| selection.add(line));
        let probe = lines.iter().find_map(|line| line.key.probe.as_ref()).map(ToString::to_string);
        LatencySecond { second, figures: selection.figures(), probe }
    };
    seconds.into_iter().map(second).collect()
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
