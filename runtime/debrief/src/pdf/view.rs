//! What the template shows: every text spelled, every length bounded, every position computed.

use serde::Serialize;

use super::chart::{TimeChart, time_chart};
use super::waterfall::{Waterfall, waterfall};
use crate::findings::{
    ChargeShare, Evidence, Figures, Findings, Fix, GoalResult, Hop, Incomplete, PartRow, Place, ProbeFindings,
    SlowestPath, StepRow, TopError,
};
use crate::format::{self, clean, count, counted, duration, duration_or_dash, percent, sentence, trace_lines};

/// Rows that a table shows; the JSON report has them all.
const MOST_ROWS: usize = 60;
/// Errors that are shown with their evidence, and hops of each.
const MOST_ERRORS: usize = 6;
const MOST_HOPS: usize = 14;
/// Lengths of texts in characters: a name, a line, a paragraph.
const NAME: usize = 60;
const LINE: usize = 160;
const PARAGRAPH: usize = 480;

#[derive(Serialize)]
pub(super) struct View {
    title: String,
    keywords: Vec<String>,
    footer: String,
    date: String,
    scenario: String,
    verdict: Banner,
    facts: Vec<Fact>,
    success: Option<SuccessCard>,
    slowest: Option<SlowestCard>,
    top_error: Option<ErrorCard>,
    fixes: Vec<FixText>,
    chart: Option<TimeChart>,
    incomplete: Option<IncompleteView>,
    cause: Option<CauseView>,
    no_cause: String,
    goals: Table<Goal>,
    steps: Table<Vec<String>>,
    errors: Table<ErrorView>,
    path: Table<Vec<String>>,
    waterfall: Option<Waterfall>,
    charges: Vec<Charge>,
    parts: Table<Vec<String>>,
    probes: Table<Probe>,
    command: String,
    provenance: Vec<Fact>,
    remarks: Vec<String>,
}

/// Rows, and a word on those that are left out.
#[derive(Serialize)]
struct Table<T> {
    rows: Vec<T>,
    more: Option<String>,
}

impl<T> Table<T> {
    fn new<S>(all: &[S], most: usize, row: impl Fn(&S) -> T) -> Self {
        let left_out = all.len().saturating_sub(most) as u64;
        Table {
            rows: all.iter().take(most).map(row).collect(),
            more: (left_out > 0)
                .then(|| format!("{} left out; the JSON report has them all.", counted(left_out, "more row"))),
        }
    }
}

#[derive(Serialize)]
struct Banner {
    tone: &'static str,
    mark: &'static str,
    word: &'static str,
    headline: String,
    note: String,
}

#[derive(Serialize)]
struct Fact {
    label: &'static str,
    value: String,
}

#[derive(Serialize)]
struct SuccessCard {
    value: String,
    goal: String,
    ratio: f64,
    goal_ratio: Option<f64>,
    met: bool,
    detail: String,
}

#[derive(Serialize)]
struct SlowestCard {
    value: String,
    part: String,
    detail: String,
    shares: Vec<Share>,
}

#[derive(Serialize)]
struct Share {
    name: String,
    share: f64,
}

#[derive(Serialize)]
struct ErrorCard {
    title: String,
    count: String,
    place: String,
    source: String,
    trace: String,
}

#[derive(Serialize)]
struct FixText {
    text: String,
    evidence: String,
    place: String,
}

#[derive(Serialize)]
struct CauseView {
    headline: String,
    setting: String,
    place: String,
    source: String,
    evidence: Vec<String>,
}

#[derive(Serialize)]
struct Goal {
    text: String,
    place: String,
    measured: String,
    /// None if there was nothing to measure.
    met: Option<bool>,
}

#[derive(Serialize)]
struct ErrorView {
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
struct Charge {
    name: String,
    main: bool,
    own: f64,
    probe: f64,
    queue: f64,
    value: String,
    share: String,
}

#[derive(Serialize)]
struct Probe {
    title: String,
    window: String,
    figures: Vec<Vec<String>>,
}

#[derive(Serialize)]
struct IncompleteView {
    headline: String,
    reached: Vec<Vec<String>>,
}

fn at(place: Option<&Place>) -> String {
    place.map(|place| clean(&format::place(place), LINE)).unwrap_or_default()
}

fn source(place: Option<&Place>) -> String {
    place.map(|place| clean(&place.text, LINE)).unwrap_or_default()
}

fn with_lines(evidence: &Evidence) -> String {
    let text = sentence(&clean(&evidence.text, PARAGRAPH));
    match evidence.lines {
        Some(lines) => format!("{} ({})", text.trim_end_matches('.'), trace_lines(lines)),
        None => text,
    }
}

/// A duration, or a dash for none at all: most cells of a table of charges are empty.
fn time(nanoseconds: u64) -> String {
    duration_or_dash((nanoseconds > 0).then_some(nanoseconds))
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64).min(1.0) }
}

impl View {
    pub(super) fn new(findings: &Findings) -> View {
        let header = &findings.header;
        let scenario = clean(&header.scenario, 80);
        View {
            title: format!("Debrief of {scenario}"),
            keywords: header.tags.iter().take(20).map(|tag| clean(tag, NAME)).collect(),
            footer: format!("{scenario} · run {}", clean(&header.run, 80)),
            date: date(header.started_unix_ns),
            verdict: banner(findings),
            facts: facts(findings),
            success: success(findings),
            slowest: findings.slowest.as_ref().map(slowest),
            top_error: findings.top_errors.first().map(top_error),
            fixes: findings.fixes.iter().take(6).map(fix).collect(),
            chart: time_chart(findings),
            incomplete: findings.incomplete.as_ref().map(incomplete),
            cause: cause(findings),
            no_cause: if findings.goals.iter().all(|goal| goal.met) && !findings.goals.is_empty() {
                "Every goal was met, so there is nothing to explain.".into()
            } else {
                "The record shows no known kind of cause.".into()
            },
            goals: Table::new(&findings.goals, MOST_ROWS, goal),
            steps: Table::new(&findings.steps, MOST_ROWS, step),
            errors: Table::new(&findings.top_errors, MOST_ERRORS, error),
            path: Table::new(findings.slowest.as_ref().map_or(&[][..], |path| &path.steps), MOST_ROWS, path_step),
            waterfall: findings.slowest.as_ref().and_then(waterfall),
            charges: findings.slowest.as_ref().map(charges).unwrap_or_default(),
            parts: Table::new(&findings.parts, MOST_ROWS, part),
            probes: Table::new(&findings.probes, MOST_ROWS, probe),
            command: clean(&header.command, PARAGRAPH),
            provenance: provenance(findings),
            remarks: findings.remarks.iter().take(10).map(|remark| clean(remark, PARAGRAPH)).collect(),
            scenario,
        }
    }
}

/// `23 November 2026, 19:36:12 UTC`.
fn date(unix_ns: u64) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(unix_ns))
        .map(|time| time.strftime("%-d %B %Y, %H:%M:%S UTC").to_string())
        .unwrap_or_default()
}

fn banner(findings: &Findings) -> Banner {
    let (tone, mark, word) = format::decision(findings.verdict.exit_code);
    let mut notes = vec![sentence(&clean(&findings.verdict.word, NAME))];
    let all = findings.goals.len() as u64;
    let met = findings.goals.iter().filter(|goal| goal.met).count() as u64;
    let open = findings.goals.iter().filter(|goal| !goal.met && goal.measured.is_none()).count() as u64;
    if all > 0 {
        notes.push(match all - met - open {
            0 if open == 0 => format!("{} of {} met", count(met), counted(all, "goal")),
            0 => format!("{} of {} open", count(open), counted(all, "goal")),
            missed => format!("{} of {} missed", count(missed), counted(all, "goal")),
        });
    }
    if let Some(incomplete) = &findings.incomplete {
        notes.push(format!("last sign of life after {}", duration(incomplete.last_event_ns)));
    }
    if let Some(code) = findings.verdict.exit_code {
        notes.push(format!("exit code {code}"));
    }
    Banner { tone, mark, word, headline: sentence(&clean(&findings.verdict.reason, 220)), note: notes.join(" · ") }
}

fn personas(findings: &Findings) -> String {
    let groups = &findings.header.personas;
    match groups.as_slice() {
        [only] => format!("{} {}", count(u64::from(only.count)), clean(&only.template, 16)),
        _ => count(groups.iter().map(|group| u64::from(group.count)).sum()),
    }
}

fn facts(findings: &Findings) -> Vec<Fact> {
    let (header, success) = (&findings.header, &findings.success);
    let mut facts = vec![
        Fact { label: "Personas", value: personas(findings) },
        Fact { label: "Journeys finished", value: count(success.finished) },
        Fact { label: "Ran for", value: duration(header.duration_ns) },
        Fact { label: "Probes", value: count(findings.probes.len() as u64) },
    ];
    if let Some(sandbox) = &header.sandbox {
        facts.push(Fact { label: "Sandbox", value: clean(sandbox, 20) });
    }
    if let Some(branch) = &header.branch {
        facts.push(Fact { label: "Branch", value: clean(branch, 20) });
    }
    facts
}

fn success(findings: &Findings) -> Option<SuccessCard> {
    let success = &findings.success;
    let rate = success.rate?;
    let mut detail =
        format!("{} of {} succeeded", count(success.succeeded), counted(success.finished, "finished journey"));
    if let Some((low, high)) = success.interval {
        detail.push_str(&format!("; 95 % interval {} to {}", percent(low), percent(high)));
    }
    if success.interrupted > 0 {
        detail.push_str(&format!("; {} more cut short", count(success.interrupted)));
    }
    Some(SuccessCard {
        value: percent(rate),
        goal: success.goal.map_or_else(|| "no goal set".into(), |goal| format!("goal ≥ {}", percent(goal))),
        ratio: rate.clamp(0.0, 1.0),
        goal_ratio: success.goal.map(|goal| goal.clamp(0.0, 1.0)),
        met: success.goal.is_none_or(|goal| rate >= goal),
        detail,
    })
}

fn slowest(path: &SlowestPath) -> SlowestCard {
    let part = path.part.as_deref().map(|part| clean(part, 40));
    let detail = match &part {
        Some(part) => format!(
            "{} of it charged to {part}; persona {}, {}",
            duration(path.part_ns),
            path.persona,
            clean(&path.outcome, NAME)
        ),
        None => format!("Persona {}, {}", path.persona, clean(&path.outcome, NAME)),
    };
    let shares = path.charges.iter().take(3).filter(|charge| charge.total_ns > 0);
    SlowestCard {
        value: duration(path.total_ns),
        part: part.unwrap_or_default(),
        detail,
        shares: shares
            .map(|charge| Share { name: clean(&charge.part, 40), share: share(charge.total_ns, path.total_ns) })
            .collect(),
    }
}

fn times(count: u64) -> String {
    match count {
        1 => "once".into(),
        _ => format!("{} times", format::count(count)),
    }
}

fn top_error(error: &TopError) -> ErrorCard {
    ErrorCard {
        title: clean(&error.headline, 80),
        count: format!("{} at step {}", sentence(&times(error.count)), clean(&error.step, 40)),
        place: at(error.place.as_ref()),
        source: source(error.place.as_ref()),
        trace: error.lines.map(trace_lines).unwrap_or_default(),
    }
}

fn fix(fix: &Fix) -> FixText {
    FixText {
        text: sentence(&clean(&fix.text, 240)),
        evidence: with_lines(&fix.evidence),
        place: at(fix.place.as_ref()),
    }
}

fn cause(findings: &Findings) -> Option<CauseView> {
    let cause = findings.cause.as_ref()?;
    Some(CauseView {
        headline: format::cause(cause),
        setting: clean(&cause.setting, LINE),
        place: at(cause.place.as_ref()),
        source: source(cause.place.as_ref()),
        evidence: cause.evidence.iter().take(12).map(with_lines).collect(),
    })
}

fn goal(goal: &GoalResult) -> Goal {
    Goal {
        text: clean(&goal.text, LINE),
        place: at(goal.place.as_ref()),
        measured: if goal.measured.is_some() { clean(&goal.measured_text, 24) } else { "nothing to measure".into() },
        met: (goal.met || goal.measured.is_some()).then_some(goal.met),
    }
}

fn step(row: &StepRow) -> Vec<String> {
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

fn error(error: &TopError) -> ErrorView {
    let hops = error.hops.len();
    ErrorView {
        title: clean(&error.headline, LINE),
        count: format!("{} at step {}", times(error.count), clean(&error.step, 40)),
        reason: error.reason.as_deref().map(|reason| sentence(&clean(reason, PARAGRAPH))).unwrap_or_default(),
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
        format!("+{}", duration(hop.at_ns)),
        duration(hop.duration_ns),
        time(hop.queue_wait_ns),
        result(hop.status, hop.error.as_deref()),
        count(hop.line),
    ]
}

fn path_step(step: &crate::findings::PathStep) -> Vec<String> {
    vec![
        clean(&step.step, NAME),
        format!("+{}", duration(step.at_ns)),
        duration_or_dash(step.response_time_ns),
        step.part.as_deref().map_or_else(|| "–".into(), |part| clean(part, NAME)),
        result(step.status, step.error.as_deref()),
        step.lines.map_or_else(|| "–".into(), |lines| format!("{}-{}", lines.first, lines.last)),
    ]
}

fn charges(path: &SlowestPath) -> Vec<Charge> {
    let largest = path.charges.iter().map(|charge| charge.total_ns).max().unwrap_or(0);
    path.charges
        .iter()
        .take(12)
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

fn part(row: &PartRow) -> Vec<String> {
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

fn probe(probe: &ProbeFindings) -> Probe {
    let mut window = match probe.windows.as_slice() {
        [] => "Never in force".into(),
        [first, rest @ ..] => {
            let end = first.end_ns.map_or_else(|| "the end".into(), duration);
            let more = if rest.is_empty() {
                String::new()
            } else {
                format!(", and {} more", counted(rest.len() as u64, "time"))
            };
            format!("In force from {} to {end} after the start{more}", duration(first.start_ns))
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

fn incomplete(incomplete: &Incomplete) -> IncompleteView {
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
            .take(MOST_ROWS)
            .map(|reached| vec![clean(&reached.step, NAME), count(reached.count)])
            .collect(),
    }
}

fn provenance(findings: &Findings) -> Vec<Fact> {
    let header = &findings.header;
    let unknown = || "not recorded".to_owned();
    let groups: Vec<String> = header
        .personas
        .iter()
        .take(12)
        .map(|group| format!("{} of {}", count(u64::from(group.count)), clean(&group.template, NAME)))
        .collect();
    [
        ("Run", clean(&header.run, LINE)),
        ("Seed", header.seed.to_string()),
        ("Personas", groups.join(", ")),
        ("Commit", header.commit.as_deref().map_or_else(unknown, |commit| clean(commit, LINE))),
        ("Branch", header.branch.as_deref().map_or_else(unknown, |branch| clean(branch, LINE))),
        ("Plan digest", format!("sha256:{}", clean(&header.plan_digest, LINE))),
        ("ESR", clean(&header.esr_version, NAME)),
    ]
    .into_iter()
    .map(|(label, value)| Fact { label, value })
    .collect()
}
