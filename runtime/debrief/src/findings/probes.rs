//! Probes: when they were in force, and what they did.

use esr_tap::{Event, MetricKey, ProbeEvent, RunStore};
use scn_plan::plan::Probe;

use super::{Figures, ProbeFindings, Window};
use crate::goals::{Selection, select};

const SECOND: u64 = 1_000_000_000;

/// When a probe was in force, from its applications and removals.
pub(crate) fn windows(store: &RunStore, probe: &str) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    for event in events(store, probe) {
        let at = event.time_unix_nano.since(store.record().started);
        match windows.last_mut().filter(|window| window.end_ns.is_none()) {
            Some(open) if !event.applied => open.end_ns = Some(at),
            None if event.applied => windows.push(Window { start_ns: at, end_ns: None }),
            _ => {}
        }
    }
    windows
}

pub(super) fn probes(store: &RunStore) -> Vec<ProbeFindings> {
    store.plan().probes.iter().map(|probe| findings(store, probe)).collect()
}

fn events<'a>(store: &'a RunStore, probe: &'a str) -> impl Iterator<Item = &'a ProbeEvent> {
    store.trace().iter().filter_map(move |line| match &line.event {
        Event::Probe(event) if event.probe == probe => Some(event),
        _ => None,
    })
}

fn findings(store: &RunStore, probe: &Probe) -> ProbeFindings {
    let windows = windows(store, &probe.name);
    let figures = |wanted: &dyn Fn(&MetricKey) -> bool| Some(select(store, wanted).figures()).filter(|f| f.count > 0);
    let elsewhere = |key: &MetricKey| !key.probes.contains(&probe.name);
    let first = windows.first().map(|window| window.start_ns / SECOND);
    let removed = windows.last().and_then(|window| window.end_ns);
    let before = first.and_then(|first| figures(&|key| elsewhere(key) && key.second <= first));
    let description = events(store, &probe.name).find(|event| event.applied).map(|event| event.description.to_string());
    ProbeFindings {
        name: probe.name.to_string(),
        target: probe.target.to_string(),
        description: description.unwrap_or_else(|| format!("{} → {}", probe.call.name, probe.target)),
        during: figures(&|key| !elsewhere(key)),
        after: removed.and_then(|removed| figures(&|key| elsewhere(key) && key.second >= removed / SECOND)),
        recovery_ns: removed.and_then(|removed| recovery(store, removed, before?)),
        before,
        windows,
    }
}

/// From the probe's removal to when all is as before.
pub(crate) fn recovery_of(store: &RunStore, probe: &str) -> Option<u64> {
    let windows = windows(store, probe);
    let first = windows.first()?.start_ns / SECOND;
    let removed = windows.last()?.end_ns?;
    let elsewhere = |key: &MetricKey| !key.probes.iter().any(|own| own == probe);
    recovery(store, removed, select(store, |key| elsewhere(key) && key.second <= first).figures())
}

/// From the removal to the first of three consecutive whole seconds that are as good as before.
fn recovery(store: &RunStore, removed: u64, before: Figures) -> Option<u64> {
    let limit = before.p95_ns?.saturating_mul(5) / 4;
    let last = store.metrics().iter().map(|line| line.key.second).max()?;
    let good = |second: u64| {
        let selection: Selection = select(store, |key| key.second == second);
        selection.count > 0 && selection.failures == 0 && selection.percentile(95.0).is_some_and(|p95| p95 <= limit)
    };
    let mut run = 0;
    for second in removed.div_ceil(SECOND)..=last {
        run = if good(second) { run + 1 } else { 0 };
        if run == 3 {
            return Some((second - 2) * SECOND - removed);
        }
    }
    None
}
