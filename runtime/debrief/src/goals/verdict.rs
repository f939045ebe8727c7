//! What a run says of the release.

use esr_tap::{RunStore, Verdict};

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
    /// Somebody has to approve it first.
    pub awaiting_signoff: Option<String>,
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
    if let Some(probe) = store.plan().probes.iter().find(|probe| windows(store, &probe.name).is_empty()) {
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
    if let Some(reason) = &facts.awaiting_signoff {
        return verdict(106, reason);
    }
    verdict(
        0,
        &format!("all goals are met: {}", goals.iter().map(|goal| goal.text.as_str()).collect::<Vec<_>>().join("; ")),
    )
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
