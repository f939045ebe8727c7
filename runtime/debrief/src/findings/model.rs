//! The findings of a run as data: what every report shows, and, serialised, the JSON report itself.
//!
//! Fields that end in `_ns` are nanoseconds; those that end in `_unix_ns` are nanoseconds since the Unix epoch; shares
//! and rates are fractions of one. Percentiles have the resolution of the store's histograms, one part in a thousand.

use serde::{Deserialize, Serialize};

/// Version of [`Findings`]' serialised form: raised when a field changes its meaning or goes, not when one is added.
pub const VERSION: u32 = 1;

/// Everything that a report says of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// [`VERSION`].
    pub version: u32,
    /// Which run this is.
    pub header: Header,
    /// What it says of the release.
    pub verdict: Outcome,
    /// How many journeys ended how.
    pub success: Success,
    /// The goals, in the order of the source.
    pub goals: Vec<GoalResult>,
    /// The finished journey with the largest sum of response times; none if no journey finished.
    pub slowest: Option<SlowestPath>,
    /// Failed steps by step and cause, most frequent first.
    pub top_errors: Vec<TopError>,
    /// Why a goal was missed; none if none was, or if no known kind of cause matches.
    pub cause: Option<Cause>,
    /// What to change, most urgent first.
    pub fixes: Vec<Fix>,
    /// The probes, in the order of the source, with the figures before, during and after.
    pub probes: Vec<ProbeFindings>,
    /// Response times over time: an entry for each interval in which a step got its last response, all equally long.
    pub latency: Vec<LatencyInterval>,
    /// A row for each step, in the order of the plan.
    pub steps: Vec<StepRow>,
    /// A row for each part that time was charged to, the part charged most first.
    pub parts: Vec<PartRow>,
    /// A row for each draft rule that the forms were bound to.
    #[serde(default)]
    pub rules: Vec<RuleRow>,
    /// How the run went in time; none if each persona made one journey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<LoadFindings>,
    /// Who has to approve the run, and whether they did; none if nobody has to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signoff: Option<SignOffFindings>,
    /// The files that `screenshot:` kept, by their paths in the run's directory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub screenshots: Vec<String>,
    /// Present if the run did not end by itself.
    pub incomplete: Option<Incomplete>,
    /// What is to be known of the record itself, for instance a torn last line, or that other runs used the sandbox, too.
    pub remarks: Vec<String>,
}

/// Which run it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's tags.
    pub tags: Vec<String>,
    /// The run's id.
    pub run: String,
    /// The sandbox's name.
    pub sandbox: Option<String>,
    /// When it began.
    pub started_unix_ns: u64,
    /// The same in UTC, as ISO 8601 to the second.
    pub started: String,
    /// How long it took; up to the last event if it did not end.
    pub duration_ns: u64,
    /// How many personas of which template, in the order of the source.
    pub personas: Vec<PersonaCount>,
    /// The project's git commit.
    pub commit: Option<String>,
    /// The frontends' branch.
    pub branch: Option<String>,
    /// The draft rules that the sandbox's forms were bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<DraftRules>,
    /// The seed of every draw.
    pub seed: u64,
    /// The command that reproduces the run.
    pub command: String,
    /// Version of `esr`.
    pub esr_version: String,
    /// SHA-256 of the stored plan.
    pub plan_digest: String,
}

/// Draft rules that a run was bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftRules {
    /// Their file.
    pub file: String,
    /// SHA-256 of its text.
    pub digest: String,
    /// How many of them apply to a form of the sandbox.
    pub count: u64,
}

/// So many personas of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonaCount {
    /// How many.
    pub count: u32,
    /// Of what.
    pub template: String,
}

/// What the run says of the release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The exit code of `esr`; none of a run that was killed before it had one.
    pub exit_code: Option<u8>,
    /// In a word or two: `cleared`, `goal missed`, `interrupted`, `inconclusive`, …; `unfinished` of a killed run.
    pub word: String,
    /// The reason in a sentence.
    pub reason: String,
}

/// How many journeys ended how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Success {
    /// Reached the end, or left by `stop:`.
    pub succeeded: u64,
    /// Of these, left by `stop:`.
    pub stopped: u64,
    /// Failed.
    pub failed: u64,
    /// Finished: succeeded or failed.
    pub finished: u64,
    /// Cut short by the end of the run; outside the rate.
    pub interrupted: u64,
    /// Succeeded ÷ finished; none if none finished.
    pub rate: Option<f64>,
    /// The 95% Wilson score interval of the rate.
    pub interval: Option<(f64, f64)>,
    /// The strictest lower bound that a goal without scopes puts on the rate.
    pub goal: Option<f64>,
}

/// A goal and what was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GoalResult {
    /// The goal as it is written.
    pub text: String,
    /// What was measured, in the metric's unit; none if there was nothing to measure.
    pub measured: Option<Measure>,
    /// The same in words, for instance `94%` or `7.2 s`.
    pub measured_text: String,
    /// What it is compared with.
    pub threshold: Option<Measure>,
    /// Whether it holds. A goal with nothing to measure does not, except for counts, which are then 0.
    pub met: bool,
    /// Where it is written.
    pub place: Option<Place>,
}

/// A figure with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "unit", content = "value", rename_all = "kebab-case")]
pub enum Measure {
    /// A share of one.
    Fraction(f64),
    /// A duration in nanoseconds.
    Nanoseconds(u64),
    /// How many.
    Count(u64),
    /// How many a second.
    Rate(f64),
}

/// A place in a source text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The file as the user named it.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// The line's text, without white space around it; empty if the text is not at hand.
    pub text: String,
}

/// Lines of `trace.jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceLines {
    /// The first, from 1.
    pub first: u64,
    /// The last, included.
    pub last: u64,
}

/// The slowest journey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlowestPath {
    /// Number of the persona, from 0.
    pub persona: u32,
    /// The persona's template.
    pub template: String,
    /// Which of the persona's journeys, from 0.
    pub iteration: u32,
    /// The journey's trace.
    pub trace_id: String,
    /// When it began, counted from the start of the run.
    pub at_ns: u64,
    /// Sum of its steps' response times.
    pub total_ns: u64,
    /// In words: `completed`, `stopped`, `failed at pay`.
    pub outcome: String,
    /// The part that is charged most of it; none if it sent no request.
    pub part: Option<String>,
    /// What that part is charged.
    pub part_ns: u64,
    /// What each part is charged, most first.
    pub charges: Vec<ChargeShare>,
    /// Its steps in order.
    pub steps: Vec<PathStep>,
    /// Its spans for drawing, parents before children, in the order that they began. Late work is included.
    pub waterfall: Vec<WaterfallSpan>,
}

/// What a part is charged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChargeShare {
    /// The part; `persona` for time that the bot itself took.
    pub part: String,
    /// Its own time, without delays by probes.
    pub own_ns: u64,
    /// Delays that probes put on requests to it.
    pub delay_ns: u64,
    /// Queue wait that is charged to it, at its own queue or a caller's.
    pub queue_ns: u64,
    /// The sum.
    pub total_ns: u64,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PathStep {
    /// The step's name.
    pub step: String,
    /// When it began, counted from the journey's start.
    pub at_ns: u64,
    /// Its response time; none if it sent no request.
    pub response_time_ns: Option<u64>,
    /// The final status.
    pub status: Option<u16>,
    /// Why it failed.
    pub error: Option<String>,
    /// The part that is charged most of it.
    pub part: Option<String>,
    /// The trace lines that show it.
    pub lines: Option<TraceLines>,
}

/// A bar of a waterfall.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaterfallSpan {
    /// The span's name.
    pub name: String,
    /// Who recorded it: a part, `persona` or `proxy`.
    pub service: String,
    /// `internal`, `client` or `server`.
    pub kind: String,
    /// How many spans are above it; the journey's own has 0.
    pub depth: u32,
    /// When it began, counted from the journey's start.
    pub start_ns: u64,
    /// How long it took.
    pub duration_ns: u64,
    /// How much of its beginning was waiting for a worker.
    pub queue_wait_ns: u64,
    /// How much of its beginning was a probe's delay.
    pub probe_delay_ns: u64,
    /// The status, if there was one.
    pub status: Option<u16>,
    /// Why it failed.
    pub error: Option<String>,
    /// Its line of `trace.jsonl`.
    pub line: u64,
}

/// Failures of one kind at one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopError {
    /// For instance `HTTP 504 on /pay`.
    pub headline: String,
    /// How often.
    pub count: u64,
    /// The step.
    pub step: String,
    /// The cause in a word or two, as the journey gives it.
    pub cause: String,
    /// An exemplar's reason in a sentence.
    pub reason: Option<String>,
    /// The `.scn` line of the step.
    pub place: Option<Place>,
    /// The trace lines of one exemplar.
    pub lines: Option<TraceLines>,
    /// The exemplar's persona.
    pub persona: Option<u32>,
    /// When the exemplar began, counted from the start of the run.
    pub at_ns: u64,
    /// The exemplar's requests in order, callers before callees.
    pub hops: Vec<Hop>,
}

/// A request of an exemplar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hop {
    /// Who called.
    pub caller: String,
    /// Who was called.
    pub callee: String,
    /// Method and path.
    pub request: String,
    /// When the call began, counted from the exemplar's start.
    pub at_ns: u64,
    /// How long the caller waited.
    pub duration_ns: u64,
    /// How much of that was the callee's queue.
    pub queue_wait_ns: u64,
    /// The status that the caller got.
    pub status: Option<u16>,
    /// Why the call failed.
    pub error: Option<String>,
    /// The call's line of `trace.jsonl`.
    pub line: u64,
}

/// Kinds of causes, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// A draft rule refuses what people send.
    Rule,
    /// A part answers 5xx, or refuses, though neither a callee nor a timeout made it.
    FailingPart,
    /// A part has too few workers: requests wait for one longer than the part itself takes.
    Workers,
    /// A part takes at least five times as long as the median part.
    SlowService,
    /// A call is given up too early.
    Timeout,
}

/// Why a goal was missed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    /// What kind of cause.
    pub kind: CauseKind,
    /// The part at fault.
    pub part: String,
    /// The setting to blame, for instance `payments-svc.workers` or `portal → payments-svc timeout`.
    pub setting: String,
    /// Where that is set.
    pub place: Option<Place>,
    /// What shows it, with figures.
    pub evidence: Vec<Evidence>,
}

/// A statement and the trace lines that show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// With figures.
    pub text: String,
    /// One example in the trace.
    pub lines: Option<TraceLines>,
}

/// Something to change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    /// For instance `add a HITL fallback at pay`.
    pub text: String,
    /// What speaks for it.
    pub evidence: Evidence,
    /// Where the change would be made.
    pub place: Option<Place>,
}

/// A probe, its windows, and what it did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbeFindings {
    /// The probe's name in the plan.
    pub name: String,
    /// The part that it strikes.
    pub target: String,
    /// In words, for instance `eligibility-svc → 800 ms`.
    pub description: String,
    /// When it was in force; empty if it never was.
    pub windows: Vec<Window>,
    /// Steps that began before the first window.
    pub before: Option<Figures>,
    /// Steps that began within a window.
    pub during: Option<Figures>,
    /// Steps that began after the last window.
    pub after: Option<Figures>,
    /// From its removal to the first of three consecutive seconds with steps but no error, and with a p95 of at most
    /// 1.25 times that before; none if that never came or nothing was before.
    pub recovery_ns: Option<u64>,
}

/// A time in which a probe is in force, counted from the start of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// When it began.
    pub start_ns: u64,
    /// When it ended; none if that is not recorded.
    pub end_ns: Option<u64>,
}

/// Figures of a set of step executions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Executions.
    pub count: u64,
    /// Of these, failed.
    pub failures: u64,
    /// Median response time; none if no request was sent.
    pub p50_ns: Option<u64>,
    /// 95th percentile.
    pub p95_ns: Option<u64>,
    /// Largest.
    pub max_ns: Option<u64>,
}

/// Response times of the steps that got their last response in one interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatencyInterval {
    /// When it begins, from the start of the run.
    pub start_ns: u64,
    /// How long it is.
    pub width_ns: u64,
    /// Their figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// A step's row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRow {
    /// The step's name.
    pub step: String,
    /// Its verb.
    pub verb: String,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
    /// Where it is written.
    pub place: Option<Place>,
}

/// A part's row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartRow {
    /// What it is charged over all journeys.
    #[serde(flatten)]
    pub charge: ChargeShare,
    /// Requests that it served.
    pub calls: u64,
    /// Of these, answered with 5xx.
    pub failures: u64,
    /// Time that requests waited in its own queue, whoever is charged.
    pub waited_ns: u64,
    /// Its workers; none if it has as many as it needs.
    pub workers: Option<u32>,
    /// Median of its service times, queue wait included.
    pub p50_ns: Option<u64>,
    /// 95th percentile of the same.
    pub p95_ns: Option<u64>,
}

/// What a draft rule did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleRow {
    /// Its id.
    pub rule: String,
    /// What it is about, for people.
    pub text: String,
    /// `frontend/form`.
    pub applies_to: String,
    /// Where it stands.
    pub place: Option<Place>,
    /// How often its form's page was submitted.
    pub submissions: u64,
    /// How many of these it refused. Where it refused none, people kept to it, or it was never put to the test.
    pub refused: u64,
}

/// How a run went in time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadFindings {
    /// `closed` where personas repeat their journeys, `open` where journeys arrive at a rate.
    pub model: String,
    /// The stages, as they would be written: `ramp: 50 over 1m`.
    pub schedule: Vec<String>,
    /// Most personas that take part at once in a closed load.
    pub peak: Option<u32>,
    /// How long people think between two steps, as it would be written.
    pub think: Option<String>,
    /// How long a persona waits between two journeys, as it would be written.
    pub pacing: Option<String>,
    /// When the warm-up was, which is not counted in goals and tables.
    pub warm_up: Option<Window>,
    /// Journeys on record that began during the warm-up.
    pub not_counted: u64,
    /// Journeys on record, with those that were cut short.
    pub journeys: u64,
    /// Most journeys that one persona made.
    pub iterations: u64,
    /// Arrivals that were dropped for want of room.
    pub dropped: u64,
    /// Journeys that began too long after they were to.
    pub late: u64,
}

/// Who has to approve a run, and whether they did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOffFindings {
    /// The person or the board; none if anybody may.
    pub required_by: Option<String>,
    /// `awaited`, `approved` or `rejected`, as the last decision says.
    pub state: String,
    /// The decisions, in the order in which they were recorded.
    pub decisions: Vec<Decision>,
}

/// A decision on a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Whether it approves the run.
    pub approved: bool,
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When, in UTC, as ISO 8601 to the second.
    pub at: String,
}

/// How far a run got that did not end by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incomplete {
    /// `interrupted`; `still under way`; or `killed` where the store was not closed and nobody writes it any more.
    pub state: String,
    /// Journeys that finished.
    pub finished: u64,
    /// Journeys of which there are spans but no end.
    pub under_way: u64,
    /// Personas of the plan.
    pub planned: u64,
    /// When the last thing happened that is on record, counted from the start of the run.
    pub last_event_ns: u64,
    /// How often each step is on record, in the order of the plan.
    pub reached: Vec<Reached>,
}

/// How many executions of a step are on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// The step's name.
    pub step: String,
    /// Executions.
    pub count: u64,
}
