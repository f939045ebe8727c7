//! Warnings and notes.

use super::{Code, codes};
use crate::Severity;

codes! {
    /// A probe delays requests for longer than steps wait that come to its target, so that they fail. Without a sandbox: for
    /// longer than any step waits.
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

    /// A step sends a request that no page of the sandbox answers: it gets 404 or 405 whatever happens.
    UNANSWERED_REQUEST = "W2004" "unanswered-request" Warning
        wrong: "scenario renewal:\n  sandbox: agency\n  steps:\n    - get: \"/stauts\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/status\" \"Status\":\n      text: \"All is well.\"\n"
        right: "scenario renewal:\n  sandbox: agency\n  steps:\n    - get: \"/status\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/status\" \"Status\":\n      text: \"All is well.\"\n";

    /// A probe delays a part for longer than the calls of it wait in the sandbox, so that each of them times out.
    PROBE_OUTLASTS_CALLS = "W2005" "probe-outlasts-calls" Warning
        wrong: "scenario renewal:\n  sandbox: agency\n  probes:\n    - slow_service: fees-svc latency: 6s\n  steps:\n    - visit: \"/\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      on view:\n        - get: fees-svc \"/fee\" timeout: 5s\n  service fees-svc:\n    route GET \"/fee\":\n      - reply: 200\n"
        right: "scenario renewal:\n  sandbox: agency\n  probes:\n    - slow_service: fees-svc latency: 2s\n  steps:\n    - visit: \"/\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      on view:\n        - get: fees-svc \"/fee\" timeout: 5s\n  service fees-svc:\n    route GET \"/fee\":\n      - reply: 200\n";

    /// A probe's window begins when the run is over, so that the run is inconclusive.
    LATE_PROBE = "W2006" "late-probe" Warning
        wrong: "scenario: renewal\nduration: 5m\nprobes:\n  - slow_service: eligibility-svc latency: 800ms from: 10m\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\nduration: 15m\nprobes:\n  - slow_service: eligibility-svc latency: 800ms from: 10m\nsteps:\n  - visit: \"/start\"\n";

    /// A probe's window reaches beyond the end of the run.
    CUT_OFF_PROBE = "W2007" "cut-off-probe" Warning
        wrong: "scenario: renewal\nduration: 5m\nprobes:\n  - slow_service: eligibility-svc latency: 800ms from: 2m for: 5m\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\nduration: 10m\nprobes:\n  - slow_service: eligibility-svc latency: 800ms from: 2m for: 5m\nsteps:\n  - visit: \"/start\"\n";

    /// A goal that no run can meet: it lies beyond what its metric can be, it is measured during a probe that never runs, or a
    /// probe that is in force throughout delays what it measures for longer.
    IMPOSSIBLE_GOAL = "W2008" "impossible-goal" Warning
        wrong: "scenario: renewal\ngoals:\n  - success > 100%\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\ngoals:\n  - success >= 100%\nsteps:\n  - visit: \"/start\"\n";

    /// Two goals exclude one another.
    CONTRADICTORY_GOALS = "W2009" "contradictory-goals" Warning
        wrong: "scenario: renewal\ngoals:\n  - success >= 99%\n  - success < 50%\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\ngoals:\n  - success >= 50%\n  - success < 99%\nsteps:\n  - visit: \"/start\"\n";

    /// Two probes strike one part at the same time, so that what happens meanwhile cannot be put down to one of them. It is
    /// reported at the later one.
    OVERLAPPING_PROBES = "W2010" "overlapping-probes" Warning
        wrong: "scenario: renewal\nprobes:\n  - slow_service: eligibility-svc latency: 800ms from: 1m for: 5m\n  - slow_service: eligibility-svc latency: 2s from: 3m for: 5m\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\nprobes:\n  - slow_service: eligibility-svc latency: 800ms from: 1m for: 5m\n  - slow_service: eligibility-svc latency: 2s from: 6m for: 5m\nsteps:\n  - visit: \"/start\"\n";

    /// No sandbox is known, so that nothing could be checked against its blueprint.
    NO_SANDBOX = "N3001" "no-sandbox" Note
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n";
}
