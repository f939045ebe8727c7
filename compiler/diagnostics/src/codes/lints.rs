//! Warnings and notes.

use super::{Code, codes};
use crate::Severity;

codes! {
    /// A probe delays requests for longer than any step waits, so that whatever reaches its target fails.
    PROBE_OUTLASTS_STEPS = "W2001" "probe-outlasts-steps" Warning
        wrong: "scenario: renewal\nprobes:\n  - slow_service: eligibility-svc latency: 40s\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\nprobes:\n  - slow_service: eligibility-svc latency: 800ms\nsteps:\n  - visit: \"/start\"\n";

    /// A step that no journey can come to: it stands after the end of every path, its condition never holds, or its arm
    /// has a share of 0%.
    DEAD_STEP = "W2002" "dead-step" Warning
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - stop: \"seen enough\"\n  - click: \"Next\"\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - click: \"Next\"\n  - stop: \"seen enough\"\n";

    /// A condition that comes out the same in every journey, by constants, by the ranges of the personas' fields or by the
    /// conditions before it, so that a branch is never taken.
    DECIDED_CONDITION = "W2003" "decided-condition" Warning
        wrong: "persona Applicant:\n  age: int(18..90)\n\nscenario renewal:\n  personas:\n    - 5 of Applicant\n  steps:\n    - visit: \"/start\"\n    - if: persona.age < 18\n      then:\n        - stop: \"too young\"\n"
        right: "persona Applicant:\n  age: int(12..90)\n\nscenario renewal:\n  personas:\n    - 5 of Applicant\n  steps:\n    - visit: \"/start\"\n    - if: persona.age < 18\n      then:\n        - stop: \"too young\"\n";

    /// No sandbox is known, so that nothing could be checked against its blueprint.
    NO_SANDBOX = "N3001" "no-sandbox" Note
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n";
}
