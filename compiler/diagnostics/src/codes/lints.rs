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

    /// A text or a number has the shape of a real person's data: a card number that passes its check and is no published test
    /// number, a social security number, or a mail address at a domain that may exist.
    REAL_LOOKING_PII = "W2011" "real-looking-pii" Warning
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - fill: \"email\" value: \"ada@gmail.com\"\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - fill: \"email\" value: \"ada@example.org\"\n";

    /// A password, a key or a token is spelt out, by the name of what it is the value of or by its own shape.
    HARD_CODED_SECRET = "W2012" "hard-coded-secret" Warning
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - fill: \"password\" value: \"hunter2!\"\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - fill: \"password\" value: secret(\"PORTAL_PASSWORD\")\n";

    /// A comment `# esrc: …` says nothing, or names a lint that there is not.
    UNKNOWN_LINT = "W2013" "unknown-lint" Warning
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - wait: 5s  # esrc: allow(magic-weight)\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - wait: 5s  # esrc: allow(magic-wait)\n";

    /// A text holds `{persona.name}` or the like, which is sent as it stands: what `${…}` holds is replaced by its value.
    PLAIN_BRACES = "W2014" "plain-braces" Warning
        wrong: "scenario: renewal\nsteps:\n  - fill: \"name\" value: \"Dr {persona.name}\"\n"
        right: "scenario: renewal\nsteps:\n  - fill: \"name\" value: \"Dr ${persona.name}\"\n";

    /// No sandbox is known, so that nothing could be checked against its blueprint.
    NO_SANDBOX = "N3001" "no-sandbox" Note
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n";

    /// A scenario says no goals, so that its run is judged by `success >= 99%`, and by `p95 <= 2 * slo` if it has an `slo`.
    MISSING_GOAL = "N3002" "missing-goal" Note
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\ngoals:\n  - success >= 99%\n  - p95 <= 2s\nsteps:\n  - visit: \"/start\"\n";

    /// A scenario has no tags, by which runs and reports are told apart.
    UNTAGGED_SCENARIO = "N3003" "untagged-scenario" Note
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\ntags: [nightly]\nsteps:\n  - visit: \"/start\"\n";

    /// Nothing of what a `use` brings in is used in the file.
    UNUSED_IMPORT = "N3004" "unused-import" Note
        wrong: "use std.people\n\nscenario renewal:\n  steps:\n    - visit: \"/start\"\n"
        right: "use std.people\n\nscenario renewal:\n  personas:\n    - 5 of Citizen\n  steps:\n    - visit: \"/start\"\n";

    /// A constant is never used: one of a file with scenarios, or one that a library keeps to itself by a name with `_` before it.
    UNUSED_CONST = "N3005" "unused-const" Note
        wrong: "const fee = $130\n\nscenario renewal:\n  steps:\n    - visit: \"/start\"\n"
        right: "const fee = $130\n\nscenario renewal:\n  steps:\n    - visit: \"/start\"\n    - pay: \"credit_card\" failIf: amount > fee\n";

    /// A persona template is never used: one of a file with scenarios, or one that a library keeps to itself.
    UNUSED_PERSONA = "N3006" "unused-persona" Note
        wrong: "use std.people\n\npersona Applicant extends Citizen:\n  age: int(18..90)\n\nscenario renewal:\n  steps:\n    - visit: \"/start\"\n"
        right: "use std.people\n\npersona Applicant extends Citizen:\n  age: int(18..90)\n\nscenario renewal:\n  personas:\n    - 5 of Applicant\n  steps:\n    - visit: \"/start\"\n";

    /// A flow is never called: one of a file with scenarios, or one that a library keeps to itself.
    UNUSED_FLOW = "N3007" "unused-flow" Note
        wrong: "flow begin():\n  - visit: \"/start\"\n\nscenario renewal:\n  steps:\n    - visit: \"/start\"\n"
        right: "flow begin():\n  - visit: \"/start\"\n\nscenario renewal:\n  steps:\n    - do: begin()\n";

    /// A composed probe is never used: one of a file with scenarios, or one that a library keeps to itself.
    UNUSED_PROBE = "N3008" "unused-probe" Note
        wrong: "probe slow_checks():\n  - slow_service: eligibility-svc latency: 800ms\n\nscenario renewal:\n  steps:\n    - visit: \"/start\"\n"
        right: "probe slow_checks():\n  - slow_service: eligibility-svc latency: 800ms\n\nscenario renewal:\n  probes:\n    - slow_checks:\n  steps:\n    - visit: \"/start\"\n";

    /// What a step captures, sets or calls by a name is never read. A name with `_` before it is meant to be there.
    UNUSED_CAPTURE = "N3009" "unused-capture" Note
        wrong: "scenario: renewal\nsteps:\n  - get: \"/status\" as: reply\n"
        right: "scenario: renewal\nsteps:\n  - get: \"/status\" as: reply\n  - assert: reply.status == 200\n";

    /// A comment allows a lint that does not fire there.
    UNUSED_ALLOW = "N3010" "unused-allow" Note
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"  # esrc: allow(magic-wait)\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - wait: 5s  # esrc: allow(magic-wait)\n";

    /// A step waits for a fixed time, which is too long on good days and too short on bad ones.
    MAGIC_WAIT = "N3011" "magic-wait" Note
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - wait: 5s\n  - click: \"Collect\"\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - wait: until: page.has(\"#ready\") every: 2s max: 1m\n  - click: \"Collect\"\n";
}
