//! Names.

use super::{Code, codes};
use crate::Severity;

codes! {
    /// A name stands for nothing where it is used.
    UNKNOWN_NAME = "E0201" "unknown-name" Error
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - assert: amount > $200\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - set: amount to: $130\n  - assert: amount < $200\n";

    /// A step has a verb that the prelude does not declare.
    UNKNOWN_STEP = "E0202" "unknown-step" Error
        wrong: "scenario: renewal\nsteps:\n  - vist: \"/start\"\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n";

    /// A verb has no attribute of this name.
    UNKNOWN_ATTRIBUTE = "E0203" "unknown-attribute" Error
        wrong: "scenario: renewal\nsteps:\n  - fill: \"passport_id\" vale: \"X12345678\"\n"
        right: "scenario: renewal\nsteps:\n  - fill: \"passport_id\" value: \"X12345678\"\n";

    /// A record, a response, the page or the persona has no field of this name.
    UNKNOWN_FIELD = "E0204" "unknown-field" Error
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - assert: page.titel == \"Renew\"\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - assert: page.title == \"Renew\"\n";

    /// A `use` names a module or a file that is not there.
    UNKNOWN_MODULE = "E0205" "unknown-module" Error
        wrong: "use std.poeple\n\nscenario renewal:\n  steps:\n    - visit: \"/start\"\n"
        right: "use std.people\n\nscenario renewal:\n  steps:\n    - visit: \"/start\"\n";

    /// Files use one another in a circle.
    IMPORT_CYCLE = "E0206" "import-cycle" Error
        wrong: "use \"./example.scn\" as itself\n\nscenario renewal:\n  steps:\n    - visit: \"/start\"\n"
        right: "scenario renewal:\n  steps:\n    - visit: \"/start\"\n";

    /// Two things have the same name where a name must be unique.
    DUPLICATE_NAME = "E0207" "duplicate-name" Error
        wrong: "scenario: renewal\nduration: 15m\nduration: 20m\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\nduration: 15m\nsteps:\n  - visit: \"/start\"\n";

    /// No persona template has this name.
    UNKNOWN_PERSONA = "E0208" "unknown-persona" Error
        wrong: "use std.people\n\nscenario renewal:\n  personas:\n    - 5 of Citizn\n  steps:\n    - visit: \"/start\"\n"
        right: "use std.people\n\nscenario renewal:\n  personas:\n    - 5 of Citizen\n  steps:\n    - visit: \"/start\"\n";

    /// A scenario asks for a sandbox that no known file declares.
    UNKNOWN_SANDBOX = "E0209" "unknown-sandbox" Error
        wrong: "scenario: renewal\nsandbox: passport-agncy\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n";

    /// A scenario, a persona group or a load has no entry of this name.
    UNKNOWN_ENTRY = "E0210" "unknown-entry" Error
        wrong: "scenario: renewal\nduraton: 15m\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\nduration: 15m\nsteps:\n  - visit: \"/start\"\n";

    /// No probe has this name.
    UNKNOWN_PROBE = "E0211" "unknown-probe" Error
        wrong: "scenario: renewal\nprobes:\n  - slow_servce: eligibility-svc latency: 800ms\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\nprobes:\n  - slow_service: eligibility-svc latency: 800ms\nsteps:\n  - visit: \"/start\"\n";

    /// No function or generator has this name.
    UNKNOWN_FUNCTION = "E0212" "unknown-function" Error
        wrong: "persona Applicant:\n  name: full_nme()\n"
        right: "persona Applicant:\n  name: full_name()\n";

    /// A goal measures something that the prelude does not declare, or within a scope that there is not.
    UNKNOWN_METRIC = "E0213" "unknown-metric" Error
        wrong: "scenario: renewal\ngoals:\n  - sucess >= 99%\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\ngoals:\n  - success >= 99%\nsteps:\n  - visit: \"/start\"\n";

    /// No type has this name.
    UNKNOWN_TYPE = "E0214" "unknown-type" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n    store visits: Record{ at: Txt }\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n    store visits: Record{ at: Text }\n";

    /// The project's settings, `esr.toml`, cannot be read or name something that is not there.
    BAD_SETTINGS = "E0215" "bad-settings" Error
        wrong: "modules = 3\n"
        right: "modules = [\"agency.scn\"]\n";

    /// A library that is kept in git cannot be had, or is not what `esr.lock` says of it. The example is a file of a project
    /// whose settings say `[libraries]` and `acme = { git = "…", rev = "v1" }`, but whose library was never fetched.
    LIBRARY_UNAVAILABLE = "E0216" "library-unavailable" Error
        wrong: "use acme.forms\n\nscenario renewal:\n  steps:\n    - visit: \"/start\"\n"
        right: "use \"./forms.scn\" as forms\n\nscenario renewal:\n  steps:\n    - visit: \"/start\"\n";

    /// Two files that are used without `as` declare the same name.
    AMBIGUOUS_IMPORT = "E0217" "ambiguous-import" Error
        wrong: "use \"./forms.scn\"\nuse \"./fees.scn\"\n\nscenario renewal:\n  steps:\n    - visit: \"/start\"\n"
        right: "use \"./forms.scn\" as forms\nuse \"./fees.scn\" as fees\n\nscenario renewal:\n  steps:\n    - visit: \"/start\"\n";

    /// `do` calls a flow that no known file declares.
    UNKNOWN_FLOW = "E0218" "unknown-flow" Error
        wrong: "flow sign_in():\n  - visit: \"/login\"\n\nscenario renewal:\n  steps:\n    - do: sing_in()\n"
        right: "flow sign_in():\n  - visit: \"/login\"\n\nscenario renewal:\n  steps:\n    - do: sign_in()\n";
}
