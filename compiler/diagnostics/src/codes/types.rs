//! Types, arguments and what stands where.

use super::{Code, codes};
use crate::Severity;

codes! {
    /// A value has another type than its place needs. Units never mix: a duration is no number, a size is no amount.
    TYPE_MISMATCH = "E0301" "type-mismatch" Error
        wrong: "scenario: renewal\nduration: 420KB\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\nduration: 15m\nsteps:\n  - visit: \"/start\"\n";

    /// A verb or a call lacks something that it needs.
    MISSING_ARGUMENT = "E0302" "missing-argument" Error
        wrong: "scenario: renewal\nsteps:\n  - fill: \"passport_id\"\n"
        right: "scenario: renewal\nsteps:\n  - fill: \"passport_id\" value: \"X12345678\"\n";

    /// A verb or a call is given more than it takes.
    SURPLUS_ARGUMENT = "E0303" "surplus-argument" Error
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\" \"/photo\"\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - visit: \"/photo\"\n";

    /// One argument is given twice.
    DUPLICATE_ARGUMENT = "E0304" "duplicate-argument" Error
        wrong: "scenario: renewal\nsteps:\n  - fill: \"passport_id\" value: \"X1\" value: \"X2\"\n"
        right: "scenario: renewal\nsteps:\n  - fill: \"passport_id\" value: \"X1\"\n";

    /// An operator stands between values that it cannot compare or combine.
    BAD_OPERANDS = "E0305" "bad-operands" Error
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - assert: last.time < 3\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - assert: last.time < 3s\n";

    /// A value that may be none stands where none is not allowed.
    MAYBE_NONE = "E0306" "maybe-none" Error
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - fill: \"id\" value: \"${last.header(\"x-id\")}\"\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - fill: \"id\" value: \"${last.header(\"x-id\") ?? \"\"}\"\n";

    /// A value that is known only in a journey stands where the plan needs it before anything runs.
    NOT_CONSTANT = "E0307" "not-constant" Error
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - click: \"Next\" timeout: last.time\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - click: \"Next\" timeout: 5s\n";

    /// A value has the right type but lies outside what is possible.
    BAD_VALUE = "E0308" "bad-value" Error
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - expect: { status: 700 }\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - expect: { status: 200 }\n";

    /// A regular expression cannot be read.
    BAD_REGEX = "E0309" "bad-regex" Error
        wrong: "persona Applicant:\n  id: pattern(\"X[0-9\")\n"
        right: "persona Applicant:\n  id: pattern(\"X[0-9]\")\n";

    /// Something has a meaning in another place, or in another tool, but none where it stands.
    NOT_IN_LANGUAGE = "E0310" "not-in-language" Error
        wrong: "step wander(path: Path)\n\nscenario renewal:\n  steps:\n    - visit: \"/start\"\n"
        right: "flow wander(path: Path):\n  - visit: path\n\nscenario renewal:\n  steps:\n    - do: wander(\"/start\")\n";

    /// A line stands where lines of its kind cannot.
    MISPLACED = "E0311" "misplaced" Error
        wrong: "scenario: renewal\nsteps:\n  - if: true\n    else:\n      - visit: \"/start\"\n"
        right: "scenario: renewal\nsteps:\n  - if: true\n    then:\n      - visit: \"/start\"\n";

    /// The arms of a `choose` do not make up the whole.
    CHOOSE_TOTAL = "E0312" "choose-total" Error
        wrong: "scenario: renewal\nsteps:\n  - choose:\n      70%:\n        - visit: \"/start\"\n      20%:\n        - visit: \"/photo\"\n"
        right: "scenario: renewal\nsteps:\n  - choose:\n      70%:\n        - visit: \"/start\"\n      30%:\n        - visit: \"/photo\"\n";

    /// Persona templates extend one another in a circle.
    PERSONA_CYCLE = "E0313" "persona-cycle" Error
        wrong: "persona A extends B:\n  x: city()\n\npersona B extends A:\n  y: city()\n"
        right: "persona A:\n  x: city()\n\npersona B extends A:\n  y: city()\n";

    /// A scenario lacks something that it cannot run without.
    MISSING_ENTRY = "E0314" "missing-entry" Error
        wrong: "scenario: renewal\nduration: 15m\n"
        right: "scenario: renewal\nduration: 15m\nsteps:\n  - visit: \"/start\"\n";

    /// Flows call one another in a circle, probes are composed of one another, or constants need one another.
    RECURSION = "E0315" "recursion" Error
        wrong: "flow sign_in():\n  - visit: \"/login\"\n  - do: sign_in()\n\nscenario renewal:\n  steps:\n    - do: sign_in()\n"
        right: "flow sign_in():\n  - visit: \"/login\"\n\nscenario renewal:\n  steps:\n    - repeat: 2\n      steps:\n        - do: sign_in()\n";

    /// A flow says what it yields, and on some path yields nothing.
    MISSING_RETURN = "E0316" "missing-return" Error
        wrong: "flow user() -> Text:\n  - visit: \"/login\"\n\nscenario renewal:\n  steps:\n    - do: user() as: user\n    - assert: user == \"alex\"\n"
        right: "flow user() -> Text:\n  - visit: \"/login\"\n  - return: page.text(\"#user\")\n\nscenario renewal:\n  steps:\n    - do: user() as: user\n    - assert: user == \"alex\"\n";

    /// A value lies, or may lie, outside of the range that its place declares. A range is part of a type: `int(18..90)` makes
    /// an `Int in 18..90`, and a field of type `18..90` takes nothing else.
    OUT_OF_RANGE = "E0320" "out-of-range" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n    store people: Record{ id: Text, age: 18..90 }\n  data:\n    - seed: portal.people key: id records: [{ id: \"1\", age: 17 }]\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n    store people: Record{ id: Text, age: 18..90 }\n  data:\n    - seed: portal.people key: id records: [{ id: \"1\", age: 18 }]\n";
}
