//! What a run says of the release.

use esr_tap::{RunStore, SignOffRecord, Verdict};

use super::evaluate;
use crate::findings::windows;

/// What the store does not know of how a run went; each text is a sentence that says what happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFacts {
    /// It was stopped from outside.
    pub interrupted: bool,
    /// A defect of ESR, or records that could not be kept.
    pub internal_error: Option<String>,
    /// A probe could not be applied or removed.
    pub probe_failure: Option<String>,
    /// The sandbox was lost.
    pub sandbox_lost: Option<String>,
    /// The figures would lie, for instance since the generator was saturated.
    pub inconclusive: Option<String>,
    /// A goal's `abort` stopped it.
    pub aborted: Option<String>,
}

/// The verdict on a run whose store is complete: the first of these that applies is its exit code (`docs/exit-codes.md`).
pub fn judge(store: &RunStore, facts: &RunFacts) -> Verdict {
    let verdict = |exit_code: u8, reason: &str| Verdict { exit_code, reason: reason.to_owned() };
    if facts.interrupted {
        return verdict(105, "the run was interrupted");
    }
    let told = [
        (70, &facts.internal_error),
        (109, &facts.probe_failure),
        (100, &facts.sandbox_lost),
        (110, &facts.inconclusive),
    ];
    for (exit_code, reason) in told {
        if let Some(reason) = reason {
            return verdict(exit_code, reason);
        }
    }
    let goals = evaluate(store);
    let missed: Vec<_> = goals
        .iter()
        .filter(|goal| !goal.met)
        .map(|goal| format!("{} (measured: {})", goal.text, goal.measured_text))
        .collect();
    let reached = |name: &str| facts.aborted.is_some() || !windows(store, name).is_empty();
    if let Some(probe) = store.plan().probes.iter().find(|probe| !reached(&probe.name)) {
        let mut reason = format!(
            "the run was over before probe {} came into force: begin it earlier, or let journeys take longer",
            probe.name
        );
        if !missed.is_empty() {
            reason += &format!("; without it, missed {}", missed.join("; "));
        }
        return verdict(110, &reason);
    }
    if let Some(reason) = &facts.aborted {
        return verdict(108, reason);
    }
    if !missed.is_empty() {
        let noun = if goals.len() == 1 { "goal" } else { "goals" };
        return verdict(99, &format!("missed {} of {} {noun}: {}", missed.len(), goals.len(), missed.join("; ")));
    }
    let met =
        format!("all goals are met: {}", goals.iter().map(|goal| goal.text.as_str()).collect::<Vec<_>>().join("; "));
    match &store.plan().signoff {
        None => verdict(0, &met),
        Some(signoff) => {
            let by = signoff.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            let run = &store.record().id;
            verdict(106, &format!("{met}; a sign-off{by} is required: `esr signoff {run} --approve --reason …`"))
        }
    }
}

/// How a run stands, and the word for it: its recorded verdict, in the light of the last decision on it. A decision counts
/// only where one is awaited: it cannot make up for a goal that was missed.
pub fn standing(verdict: &Verdict, last: Option<&SignOffRecord>) -> (Verdict, &'static str) {
    match last {
        Some(decision) if verdict.exit_code == 106 => {
            let (exit_code, done) = if decision.approved { (0, "approved") } else { (106, "rejected") };
            let met = verdict.reason.split("; a sign-off").next().unwrap_or_default();
            let reason = format!("{met}; {done} by {}: {}", decision.by, decision.reason);
            (Verdict { exit_code, reason }, if decision.approved { word(0) } else { "rejected" })
        }
        _ => (verdict.clone(), word(verdict.exit_code)),
    }
}

/// The word for an exit code of a run.
pub fn word(exit_code: u8) -> &'static str {
    match exit_code {
        0 => "cleared",
        99 => "goal missed",
        100 => "sandbox lost",
        105 => "interrupted",
        106 => "awaiting sign-off",
        108 => "aborted",
        109 => "probe failed",
        110 => "inconclusive",
        _ => "internal error",
    }
}
