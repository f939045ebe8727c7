//! `workers` and `slow-service`: who is waited for.

use scn_plan::plan::Probe;

use super::settings;
use crate::{
    charging::Charges,
    findings::{Analysis, Cause, CauseKind, Evidence, TraceLines, place_of},
    format::{counted, duration},
    goals::nearest_rank,
};

/// A part is slow if a request to it takes at least this many times what one to the median part takes.
const SLOW: f64 = 5.0;
/// What is to blame for a missed goal makes up at least this share of the time that was too long.
const RELEVANT: f64 = 0.1;

pub(super) fn workers(analysis: &Analysis<'_>, windows: &Charges) -> Option<Cause> {
    let total = &analysis.total;
    let is_short = |part: &&str| {
        let own_wait = total.wait(part, part);
        let others_hold_it = total
            .waits
            .iter()
            .any(|((at, holder), time)| at == part && holder != part && *time > own_wait && is_slow(analysis, holder));
        let waited = windows.waited(part);
        let is_relevant = waited > 0.0 && waited >= RELEVANT * windows.total();
        own_wait > total.of(part).own && !others_hold_it && is_relevant
    };
    let limited = |part: &&str| limit(analysis, part).is_some();
    let short = analysis.tree.parts().filter(limited).filter(is_short);
    let part = short.max_by(|a, b| total.wait(a, a).total_cmp(&total.wait(b, b)))?;
    let blueprint = analysis.store.blueprint()?;
    let limit = limit(analysis, part)?;
    let (mean, p95) = waits(analysis, part);
    Some(Cause {
        kind: CauseKind::Workers,
        part: part.to_owned(),
        setting: format!("{part}.workers"),
        place: settings::workers(blueprint, part),
        evidence: vec![
            Evidence {
                text: format!(
                    "of {} that requests waited for a worker of {part}, {} are charged to {part} itself, whose own time is {}",
                    ns(total.waited(part)),
                    ns(total.wait(part, part)),
                    ns(total.of(part).own),
                ),
                lines: example(analysis, |charges| charges.waited(part)),
            },
            Evidence {
                text: format!(
                    "a request waited {} on average, {} at p95; up to {} were there at once, for {}",
                    duration(mean),
                    duration(p95),
                    crowd(analysis, part),
                    counted(limit.into(), "worker"),
                ),
                lines: None,
            },
        ],
    })
}

/// With two parts, the median cannot tell which of them is slow: the other one stands for it.
pub(super) fn service_of_two(analysis: &Analysis<'_>, windows: &Charges) -> Option<Cause> {
    let parts: Vec<_> = analysis.tree.parts().collect();
    let [a, b] = parts[..] else { return None };
    let (slower, other) = if taken(analysis, a) > taken(analysis, b) { (a, b) } else { (b, a) };
    let other = taken(analysis, other);
    (taken(analysis, slower) >= SLOW * other)
        .then(|| blame(analysis, slower, other))
        .filter(|_| is_relevant(windows, slower))
}

pub(super) fn service(analysis: &Analysis<'_>, windows: &Charges) -> Option<Cause> {
    let slow = analysis.tree.parts().filter(|part| is_slow(analysis, part) && is_relevant(windows, part));
    let part = slow.max_by(|a, b| taken(analysis, a).total_cmp(&taken(analysis, b)))?;
    Some(blame(analysis, part, median_taken(analysis)?))
}

/// Whether enough of the time that was too long is charged to the part.
fn is_relevant(windows: &Charges, part: &str) -> bool {
    let time = windows.of(part).total();
    time > 0.0 && time >= RELEVANT * windows.total()
}

/// `median`: what a request to the median part takes.
fn blame(analysis: &Analysis<'_>, part: &str, median: f64) -> Cause {
    let charge = analysis.total.of(part);
    let (setting, place) = match delaying_probe(analysis, part) {
        Some(probe) => {
            let plan = analysis.store.plan();
            (format!("probe {}", probe.name), place_of(&plan.sources, probe.span))
        }
        None => {
            let place = analysis.store.blueprint().and_then(|blueprint| settings::latency(blueprint, part));
            (format!("{part}.latency"), place)
        }
    };
    let held = if charge.delay > 0.0 {
        format!(", {} of it in the hands of a probe", ns(charge.delay))
    } else {
        String::new()
    };
    let mut times: Vec<_> = analysis.tree.served(part).iter().map(|at| analysis.tree.span(*at).duration()).collect();
    times.sort_unstable();
    let quantile = |percent| duration(nearest_rank(&times, percent).unwrap_or(0));
    Cause {
        kind: CauseKind::SlowService,
        part: part.to_owned(),
        setting,
        place,
        evidence: vec![
            Evidence {
                text: format!(
                    "a request to {part} took {} on average{held}; to the median part {}",
                    ns(taken(analysis, part)),
                    ns(median)
                ),
                lines: example(analysis, |charges| charges.of(part).total()),
            },
            Evidence {
                text: format!(
                    "once there, its {} requests took {} at p50 and {} at p95",
                    times.len(),
                    quantile(50.0),
                    quantile(95.0)
                ),
                lines: None,
            },
        ],
    }
}

/// How many requests the part serves at once, if there is a limit.
pub(super) fn limit(analysis: &Analysis<'_>, part: &str) -> Option<u32> {
    analysis.store.blueprint()?.part(part)?.workers
}

/// The most requests that were at a part at one instant, waiting or in service.
pub(super) fn crowd(analysis: &Analysis<'_>, part: &str) -> u64 {
    let mut changes = Vec::new();
    for at in analysis.tree.served(part) {
        let span = analysis.tree.span(*at);
        changes.extend([(span.start_time_unix_nano, 1_i64), (span.end_time_unix_nano, -1)]);
    }
    // At one instant, those who leave go first.
    changes.sort_unstable();
    let (mut there, mut most) = (0_i64, 0);
    for (_, change) in changes {
        there += change;
        most = most.max(there);
    }
    most.unsigned_abs()
}

/// Mean and 95th percentile of the wait for a worker, in nanoseconds.
pub(super) fn waits(analysis: &Analysis<'_>, part: &str) -> (u64, u64) {
    let mut waits: Vec<_> = analysis.tree.served(part).iter().map(|at| analysis.tree.queue_wait(*at)).collect();
    waits.sort_unstable();
    let mean = waits.iter().sum::<u64>() / (waits.len() as u64).max(1);
    (mean, nearest_rank(&waits, 95.0).unwrap_or(0))
}

/// The trace lines of the execution with most of something.
fn example(analysis: &Analysis<'_>, measure: impl Fn(&Charges) -> f64) -> Option<TraceLines> {
    let executions = analysis.executions.iter().zip(&analysis.charges).map(|(execution, c)| (execution, measure(c)));
    let (execution, _) = executions.filter(|(_, time)| *time > 0.0).max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    // The block that has the time, which need not be the step's first.
    let time = |block: &&esr_tap::Block| measure(&analysis.charging.blocks(std::slice::from_ref(*block)));
    let block = execution.blocks.iter().max_by(|a, b| time(a).total_cmp(&time(b)))?;
    analysis.store.block(block).map(TraceLines::from)
}

/// The probe that takes more of the part's time than the part itself, if one does.
pub(super) fn delaying_probe<'a>(analysis: &Analysis<'a>, part: &str) -> Option<&'a Probe> {
    let charge = analysis.total.of(part);
    let strikes = |probe: &&Probe| charge.delay > charge.own && probe.target == part;
    analysis.store.plan().probes.iter().find(strikes)
}

/// What a request to a part takes on average: its own time, and what probes add before it. A part that is called often
/// is not slow for that.
fn taken(analysis: &Analysis, part: &str) -> f64 {
    let charge = analysis.total.of(part);
    (charge.own + charge.delay) / (analysis.tree.served(part).len() as f64).max(1.0)
}

fn is_slow(analysis: &Analysis, part: &str) -> bool {
    let taken = taken(analysis, part);
    taken > 0.0 && median_taken(analysis).is_some_and(|median| taken >= SLOW * median)
}

fn median_taken(analysis: &Analysis) -> Option<f64> {
    let mut times: Vec<_> = analysis.tree.parts().map(|part| taken(analysis, part)).collect();
    times.sort_by(f64::total_cmp);
    let middle = times.len() / 2;
    match times.len() {
        0 => None,
        even if even % 2 == 0 => Some((times[middle - 1] + times[middle]) / 2.0),
        _ => Some(times[middle]),
    }
}

fn ns(time: f64) -> String {
    duration(time.round() as u64)
}
