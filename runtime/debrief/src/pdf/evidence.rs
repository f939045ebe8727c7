//! The evidence's rows: what the pages after the first show.

use serde::Serialize;

use super::view::{LINE, NAME, PARAGRAPH, at, share, source, with_lines};
use crate::findings::{
    ChargeShare, Figures, Findings, GoalResult, Hop, Incomplete, PartRow, PathStep, ProbeFindings, RuleRow,
    SlowestPath, StepRow, TopError,
};
use crate::format::{self, clean, count, counted, duration, duration_or_dash, percent, sentence, times, trace_lines};

/// Hops of an error, causes' evidence and parts of a journey that find room.
const MOST_HOPS: usize = 14;
const MOST_EVIDENCE: usize = 12;
/// Steps that are listed of a run that did not end.
const MOST_REACHED: usize = 60;

#[derive(Serialize)]
pub(super) struct CauseView {
    headline: String,
    setting: String,
    place: String,
    source: String,
    evidence: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Goal {
    text: String,
    place: String,
    measured: String,
    /// None if there was nothing to measure.
    met: Option<bool>,
}

#[derive(Serialize)]
pub(super) struct ErrorView {
    title: String,
    count: String,
    reason: String,
    place: String,
    line: String,
    source: String,
    hops: Vec<Vec<String>>,
    more_hops: Option<String>,
    trace: String,
}

#[derive(Serialize)]
pub(super) struct Charge {
    name: String,
    main: bool,
    own: f64,
    probe: f64,
    queue: f64,
    value: String,
    share: String,
}

#[derive(Serialize)]
pub(super) struct Probe {
    title: String,
    window: String,
    figures: Vec<Vec<String>>,
}

#[derive(Serialize)]
pub(super) struct IncompleteView {
    headline: String,
    reached: Vec<Vec<String>>,
}

/// Shorter than this a wait says nothing.
const NEGLIGIBLE_NS: u64 = 50_000;

/// A duration, or a dash for next to nothing: most cells of a table of charges are empty.
fn time(nanoseconds: u64) -> String {
    duration_or_dash((nanoseconds >= NEGLIGIBLE_NS).then_some(nanoseconds))
}

/// When something began, counted from what it belongs to.
fn offset(nanoseconds: u64) -> String {
    format!("+{}", duration(if nanoseconds < NEGLIGIBLE_NS { 0 } else { nanoseconds }))
}

pub(super) fn cause(findings: &Findings) -> Option<CauseView> {
    let cause = findings.cause.as_ref()?;
    Some(CauseView {
        headline: format::cause(cause),
        setting: clean(&cause.setting, LINE),
        place: at(cause.place.as_ref()),
        source: source(cause.place.as_ref()),
        evidence: cause.evidence.iter().take(MOST_EVIDENCE).map(with_lines).collect(),
    })
}

pub(super) fn goal(goal: &GoalResult) -> Goal {
    Goal {
        text: clean(&goal.text, LINE),
        place: at(goal.place.as_ref()),
        measured: if goal.measured.is_some() { clean(&goal.measured_text, 24) } else { "nothing to measure".into() },
        met: (goal.met || goal.measured.is_some()).then_some(goal.met),
    }
}

pub(super) fn step(row: &StepRow) -> Vec<String> {
    let Figures { count: samples, failures, p50_ns, p95_ns, max_ns } = row.figures;
    vec![
        clean(&row.step, NAME),
        at(row.place.as_ref()),
        count(samples),
        count(failures),
        duration_or_dash(p50_ns),
        duration_or_dash(p95_ns),
        duration_or_dash(max_ns),
    ]
}

fn result(status: Option<u16>, error: Option<&str>) -> String {
    match (status, error) {
        (Some(status), _) => status.to_string(),
        (None, Some(error)) => clean(error, 18),
        (None, None) => "–".into(),
    }
}

pub(super) fn error(error: &TopError) -> ErrorView {
    let hops = error.hops.len();
    ErrorView {
        title: clean(&error.headline, LINE),
        count: format!("{} at step {}", times(error.count), clean(&error.step, 40)),
        reason: error
            .reason
            .as_deref()
            .filter(|reason| *reason != error.headline)
            .map(|reason| sentence(&clean(reason, PARAGRAPH)))
            .unwrap_or_default(),
        place: error.place.as_ref().map(|place| clean(&place.file, LINE)).unwrap_or_default(),
        line: error.place.as_ref().map(|place| place.line.to_string()).unwrap_or_default(),
        source: source(error.place.as_ref()),
        hops: error.hops.iter().take(MOST_HOPS).map(hop).collect(),
        more_hops: (hops > MOST_HOPS).then(|| format!("{} left out.", counted((hops - MOST_HOPS) as u64, "more hop"))),
        trace: match (error.lines, error.persona) {
            (Some(lines), Some(persona)) => {
                format!(
                    "One of them: persona {persona}, {} after the start, {}",
                    duration(error.at_ns),
                    trace_lines(lines)
                )
            }
            (Some(lines), None) => sentence(&trace_lines(lines)),
            (None, _) => String::new(),
        },
    }
}

fn hop(hop: &Hop) -> Vec<String> {
    vec![
        format!("{} → {}", clean(&hop.caller, 40), clean(&hop.callee, 40)),
        clean(&hop.request, NAME),
        offset(hop.at_ns),
        duration(hop.duration_ns),
        time(hop.queue_wait_ns),
        result(hop.status, hop.error.as_deref()),
        hop.line.to_string(),
    ]
}

pub(super) fn path_step(step: &PathStep) -> Vec<String> {
    vec![
        clean(&step.step, NAME),
        offset(step.at_ns),
        duration_or_dash(step.response_time_ns),
        step.part.as_deref().map_or_else(|| "–".into(), |part| clean(part, NAME)),
        result(step.status, step.error.as_deref()),
        step.lines.map_or_else(|| "–".into(), |lines| format!("{}-{}", lines.first, lines.last)),
    ]
}

pub(super) fn charges(path: &SlowestPath) -> Vec<Charge> {
    let largest = path.charges.iter().map(|charge| charge.total_ns).max().unwrap_or(0);
    path.charges
        .iter()
        .take(MOST_EVIDENCE)
        .map(|charge| {
            let ChargeShare { part, own_ns, delay_ns, queue_ns, total_ns } = charge;
            Charge {
                name: clean(part, 40),
                main: path.part.as_deref() == Some(part),
                own: share(*own_ns, largest),
                probe: share(*delay_ns, largest),
                queue: share(*queue_ns, largest),
                value: duration(*total_ns),
                share: percent(share(*total_ns, path.total_ns)),
            }
        })
        .collect()
}

pub(super) fn part(row: &PartRow) -> Vec<String> {
    let ChargeShare { part, own_ns, delay_ns, queue_ns, total_ns } = &row.charge;
    vec![
        clean(part, NAME),
        time(*total_ns),
        time(*own_ns),
        time(*delay_ns),
        time(*queue_ns),
        count(row.calls),
        count(row.failures),
        row.workers.map_or_else(|| "–".into(), |workers| workers.to_string()),
        time(row.waited_ns),
        duration_or_dash(row.p95_ns),
    ]
}

pub(super) fn rule(row: &RuleRow) -> Vec<String> {
    vec![
        clean(&row.rule, NAME),
        clean(&row.text, LINE),
        clean(&row.applies_to, NAME),
        row.place.as_ref().map_or_else(|| "–".into(), |place| clean(&format!("{}:{}", place.file, place.line), NAME)),
        count(row.submissions),
        count(row.refused),
    ]
}

pub(super) fn probe(probe: &ProbeFindings) -> Probe {
    let mut window = match probe.windows.as_slice() {
        [] => "Never in force".into(),
        [first, rest @ ..] => {
            let start = if first.start_ns == 0 { "the start".into() } else { offset(first.start_ns) };
            let end = first.end_ns.map_or_else(|| "the end".into(), offset);
            let more = if rest.is_empty() {
                String::new()
            } else {
                format!(", and {} more", counted(rest.len() as u64, "time"))
            };
            format!("In force from {start} to {end}{more}")
        }
    };
    if let Some(recovery) = probe.recovery_ns {
        window.push_str(&format!("; recovered {} after its removal", duration(recovery)));
    } else if probe.after.is_some_and(|after| after.count > 0) {
        window.push_str("; no recovery on record");
    }
    let row = |when: &str, figures: Option<Figures>| {
        let figures = figures.filter(|figures| figures.count > 0)?;
        let times = [figures.p50_ns, figures.p95_ns, figures.max_ns].map(duration_or_dash);
        Some([when.to_owned(), count(figures.count), count(figures.failures)].into_iter().chain(times).collect())
    };
    Probe {
        title: clean(&format!("{}: {}", probe.name, probe.description), LINE),
        window,
        figures: [("before it", probe.before), ("while it was in force", probe.during), ("after it", probe.after)]
            .into_iter()
            .filter_map(|(when, figures)| row(when, figures))
            .collect(),
    }
}

pub(super) fn incomplete(incomplete: &Incomplete) -> IncompleteView {
    IncompleteView {
        headline: format!(
            "The run was {}. {} of {} had finished, {} under way; the last event on record came {} after the start.",
            clean(&incomplete.state, NAME),
            counted(incomplete.finished, "journey"),
            counted(incomplete.planned, "persona"),
            count(incomplete.under_way),
            duration(incomplete.last_event_ns),
        ),
        reached: incomplete
            .reached
            .iter()
            .take(MOST_REACHED)
            .map(|reached| vec![clean(&reached.step, NAME), count(reached.count)])
            .collect(),
    }
}
