//! Warnings and notes.

use super::{Code, codes};
use crate::Severity;

codes! {
    /// A probe delays requests for longer than any step waits, so that whatever reaches its target fails.
    PROBE_OUTLASTS_STEPS = "W2001" "probe-outlasts-steps" Warning
        wrong: "scenario: renewal\nprobes:\n  - slow_service: eligibility-svc latency: 40s\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\nprobes:\n  - slow_service: eligibility-svc latency: 800ms\nsteps:\n  - visit: \"/start\"\n";

    /// No sandbox is known, so that nothing could be checked against its blueprint.
    NO_SANDBOX = "N3001" "no-sandbox" Note
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n";
}
