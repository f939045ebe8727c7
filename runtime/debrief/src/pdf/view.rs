//! What the template shows: every text spelled, every length bounded, every position computed.

use serde::Serialize;

use super::chart::{TimeChart, time_chart};
use super::evidence::{self, CauseView, Charge, ErrorView, Goal, IncompleteView, Probe};
use super::waterfall::{Waterfall, waterfall};
use crate::findings::{DraftRules, Evidence, Findings, Fix, Place, SlowestPath, TopError};
use crate::format::{self, clean, count, counted, duration, percent, sentence, times, trace_lines};

/// Rows that a table shows; the JSON report has them all.
const MOST_ROWS: usize = 60;
/// Errors that are shown with their evidence.
const MOST_ERRORS: usize = 6;
/// Lengths of texts in characters: a name, a line, a paragraph.
pub(super) const NAME: usize = 60;
pub(super) const LINE: usize = 160;
pub(super) const PARAGRAPH: usize = 480;

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
    rules: Table<Vec<String>>,
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

pub(super) fn at(place: Option<&Place>) -> String {
    place.map(|place| clean(&format::place(place), LINE)).unwrap_or_default()
}

pub(super) fn source(place: Option<&Place>) -> String {
    place.map(|place| clean(&place.text, LINE)).unwrap_or_default()
}

pub(super) fn with_lines(evidence: &Evidence) -> String {
    let text = sentence(&clean(&evidence.text, PARAGRAPH));
    match evidence.lines {
        Some(lines) => format!("{} ({})", text.trim_end_matches('.'), trace_lines(lines)),
        None => text,
    }
}

pub(super) fn share(part: u64, whole: u64) -> f64 {
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
            incomplete: findings.incomplete.as_ref().map(evidence::incomplete),
            cause: evidence::cause(findings),
            no_cause: if findings.goals.iter().all(|goal| goal.met) && !findings.goals.is_empty() {
                "Every goal was met, so there is nothing to explain.".into()
            } else {
                "The record shows no known kind of cause.".into()
            },
            goals: Table::new(&findings.goals, MOST_ROWS, evidence::goal),
            steps: Table::new(&findings.steps, MOST_ROWS, evidence::step),
            errors: Table::new(&findings.top_errors, MOST_ERRORS, evidence::error),
            path: Table::new(
                findings.slowest.as_ref().map_or(&[][..], |path| &path.steps),
                MOST_ROWS,
                evidence::path_step,
            ),
            waterfall: findings.slowest.as_ref().and_then(waterfall),
            charges: findings.slowest.as_ref().map(evidence::charges).unwrap_or_default(),
            parts: Table::new(&findings.parts, MOST_ROWS, evidence::part),
            rules: Table::new(&findings.rules, MOST_ROWS, evidence::rule),
            probes: Table::new(&findings.probes, MOST_ROWS, evidence::probe),
            command: clean(&header.command, PARAGRAPH),
            provenance: provenance(findings),
            remarks: remarks(findings),
            scenario,
        }
    }
}

fn remarks(findings: &Findings) -> Vec<String> {
    let kept = findings.screenshots.len() as u64;
    let kept = (kept > 0).then(|| {
        let (are, them) = if kept == 1 { ("is", "it") } else { ("are", "them") };
        let count = counted(kept, "screenshot");
        format!("{count} {are} kept in the run's directory, under screenshots/; the trace says which step made {them}")
    });
    findings.remarks.iter().take(10).cloned().chain(kept).map(|remark| clean(&remark, PARAGRAPH)).collect()
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
    if all > 1 {
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
    if let Some(cause) = &findings.cause {
        notes.push(format!("cause: {}", crate::format::cause(cause).trim_end_matches('.')));
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
        Fact { label: "Journeys", value: count(success.finished) },
        Fact { label: "Ran for", value: duration(header.duration_ns) },
        Fact { label: "Probes", value: count(findings.probes.len() as u64) },
    ];
    if let Some(sandbox) = &header.sandbox {
        facts.push(Fact { label: "Sandbox", value: clean(sandbox, 20) });
    }
    if let Some(signoff) = &findings.signoff {
        facts.push(Fact { label: "Sign-off", value: clean(&signoff.state, 20) });
    }
    if let Some(branch) = &header.branch {
        facts.push(Fact { label: "Branch", value: clean(branch, 20) });
    }
    if let Some(rules) = &header.rules {
        facts.push(Fact { label: "Draft rules", value: count(rules.count) });
    }
    facts
}

fn success(findings: &Findings) -> Option<SuccessCard> {
    let success = &findings.success;
    let rate = success.rate?;
    let mut detail = format!("{} of {} succeeded", count(success.succeeded), counted(success.finished, "journey"));
    if let Some((low, high)) = success.interval {
        detail.push_str(&format!("; 95 % interval {} to {}", percent(low).trim_end_matches(" %"), percent(high)));
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
        (
            "Load",
            findings
                .load
                .as_ref()
                .map(|load| clean(&format::load(load, &findings.success), PARAGRAPH))
                .unwrap_or_default(),
        ),
        (
            "Sign-off",
            findings.signoff.as_ref().map(|signoff| clean(&format::signoff(signoff), PARAGRAPH)).unwrap_or_default(),
        ),
        ("Draft rules", header.rules.as_ref().map(draft_rules).unwrap_or_default()),
        ("Plan digest", format!("sha256:{}", clean(&header.plan_digest, LINE))),
        ("ESR", clean(&header.esr_version, NAME)),
    ]
    .into_iter()
    // Most runs have no load, sign-off or draft rules.
    .filter(|(_, value)| !value.is_empty())
    .map(|(label, value)| Fact { label, value })
    .collect()
}

fn draft_rules(rules: &DraftRules) -> String {
    format!("{} in {}, sha256:{}", count(rules.count), clean(&rules.file, LINE), clean(&rules.digest, LINE))
}
