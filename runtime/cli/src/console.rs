//! What a person sees while a command runs.

use std::io::{self, IsTerminal, Write};

use esr_engine::Progress;
use esr_tap::JourneyOutcome;
use scn_plan::Plan;

/// Prints lines for people: to standard output, or to standard error where standard output is for machines.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    json: bool,
}

impl Console {
    /// `json`: standard output is for machines.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether a person watches at a terminal.
    pub fn is_live(self) -> bool {
        !self.json && io::stdout().is_terminal()
    }

    /// Whether standard output is for machines.
    pub fn is_for_machines(self) -> bool {
        self.json
    }

    /// Prints a line. A reader that has gone away is no reason to stop a run.
    pub fn line(self, text: impl AsRef<str>) {
        let text = harmless(text.as_ref());
        let _ = if self.json { writeln!(io::stderr(), "{text}") } else { writeln!(io::stdout(), "{text}") };
    }

    /// Prints what is worth showing of a run that is under way.
    pub fn progress(self, plan: &Plan, progress: &Progress) {
        match progress {
            Progress::Started { .. } if plan.load.is_some() => {
                let lasts = span(plan.closes_after());
                let peak = plan.load.as_ref().map_or(0, |load| load.peak(plan.population()));
                self.line(match peak {
                    0 => format!("👥 journeys arrive for {lasts}"),
                    peak => format!("👥 up to {} active, for {lasts}", counted(peak, "persona")),
                });
            }
            Progress::Started { personas } => self.line(format!("👥 {} active", counted(*personas, "persona"))),
            Progress::Probe(event) if event.applied => {
                let probe = plan.probes.iter().find(|probe| probe.name == event.probe);
                let what = match probe.map(|probe| probe.call.name.as_str()) {
                    Some("slow_service") => "latency spike injected",
                    _ => "fault injected",
                };
                self.line(format!("⏱️  {what} ({})", event.description));
            }
            Progress::Probe(event) => self.line(format!("⏱️  {} is over", event.probe)),
            Progress::JourneyBegan { .. } => {}
            Progress::StepBegan { .. } | Progress::Step(_) | Progress::Journey(_) | Progress::JourneyEnded { .. } => {}
        }
    }

    /// Prints how the journeys ended: those that completed, then failures by where and why, most frequent first.
    pub fn tally(self, tally: &Tally) {
        self.line(format!("✅ {:>3} completed", tally.completed));
        for (place, cause, count) in tally.failures_by_frequency() {
            self.line(format!("❌ {count:>3} failed at {place} ({cause})"));
        }
        if tally.stopped > 0 {
            self.line(format!("🚪 {:>3} left", tally.stopped));
        }
        if tally.interrupted > 0 {
            self.line(format!("⏹️  {:>3} interrupted", tally.interrupted));
        }
    }
}

/// How journeys ended.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Reached the end.
    pub completed: u32,
    /// Left by `stop:`.
    pub stopped: u32,
    /// Cut off by the run's end.
    pub interrupted: u32,
    /// Failures by where (a page's path, else a step's name) and why.
    pub failures: std::collections::BTreeMap<(String, String), u32>,
}

impl Tally {
    /// Failures as place, cause and count, most frequent first.
    pub fn failures_by_frequency(&self) -> Vec<(&str, &str, u32)> {
        let failures = self.failures.iter().map(|((place, cause), count)| (place.as_str(), cause.as_str(), *count));
        let mut failures: Vec<_> = failures.collect();
        failures.sort_by(|a, b| (b.2, a.0, a.1).cmp(&(a.2, b.0, b.1)));
        failures
    }

    /// Counts a journey.
    pub fn add(&mut self, outcome: &JourneyOutcome) {
        match outcome {
            JourneyOutcome::Completed => self.completed += 1,
            JourneyOutcome::Stopped { .. } => self.stopped += 1,
            JourneyOutcome::Interrupted => self.interrupted += 1,
            JourneyOutcome::Failed { step, cause, path, .. } => {
                let place = path.as_ref().unwrap_or(step).to_string();
                // A gateway's timeout and the persona's own are the same thing to whoever waits.
                let cause = if cause == "HTTP 504" { "timeout".to_owned() } else { cause.clone() };
                *self.failures.entry((place, cause)).or_default() += 1;
            }
        }
    }
}

/// `text` without characters that would command a terminal or reorder what is read: it may come from a rules file or a page.
pub fn harmless(text: &str) -> String {
    let commands = |char: char| {
        (char.is_control() && !matches!(char, '\n' | '\t'))
            || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    text.chars().map(|char| if commands(char) { char::REPLACEMENT_CHARACTER } else { char }).collect()
}

/// A stretch of time as people say it: `12 s`, `3 min`, `7 h 59 min`.
pub fn span(nanoseconds: u64) -> String {
    let seconds = nanoseconds.saturating_add(500_000_000) / 1_000_000_000;
    if seconds < 60 {
        return format!("{seconds} s");
    }
    let minutes = (seconds + 30) / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// `1 persona`, `50 personas`.
pub fn counted(count: u32, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
