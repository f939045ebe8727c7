//! A scenario against its blueprint and against time.

use super::{Code, codes};
use crate::Severity;

codes! {
    /// A probe strikes a part that the sandbox does not have.
    UNKNOWN_PART = "E0501" "unknown-part" Error
        wrong: "scenario renewal:\n  sandbox: agency\n  probes:\n    - slow_service: fees-svc latency: 1s\n  steps:\n    - visit: \"/\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n"
        right: "scenario renewal:\n  sandbox: agency\n  probes:\n    - slow_service: portal latency: 1s\n  steps:\n    - visit: \"/\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n";

    /// A step names a page that the sandbox does not have.
    UNKNOWN_PAGE = "E0502" "unknown-page" Error
        wrong: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/strat\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/start\" \"Start\":\n      text: \"Hello\"\n"
        right: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/start\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/start\" \"Start\":\n      text: \"Hello\"\n";

    /// A step names a control that no form of the sandbox has.
    UNKNOWN_CONTROL = "E0503" "unknown-control" Error
        wrong: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n    - fill: \"pasport\" value: \"X1\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form f:\n        passport: Text\n"
        right: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n    - fill: \"passport\" value: \"X1\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form f:\n        passport: Text\n";

    /// A value can never be what the field it is entered into asks for.
    NEVER_ACCEPTED = "E0504" "never-accepted" Error
        wrong: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n    - fill: \"passport\" value: \"X\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form f:\n        passport: Text pattern: /^X\\d$/\n"
        right: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n    - fill: \"passport\" value: \"X1\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form f:\n        passport: Text pattern: /^X\\d$/\n";

    /// An upload is larger than the sandbox takes.
    FILE_TOO_LARGE = "E0505" "file-too-large" Error
        wrong: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n    - upload: \"photo.jpg\" size: 3MB\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form f:\n        photo: File max: 2MB\n"
        right: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n    - upload: \"photo.jpg\" size: 1MB\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form f:\n        photo: File max: 2MB\n";

    /// A persona pays by a method that no payment form of the sandbox offers.
    METHOD_NOT_OFFERED = "E0506" "method-not-offered" Error
        wrong: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n    - pay: \"bank_transfer\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Pay\":\n      form f:\n        method: Choice{credit_card, cash}\n"
        right: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n    - pay: \"credit_card\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Pay\":\n      form f:\n        method: Choice{credit_card, cash}\n";

    /// A scenario expects a page that no form leads to from the pages that it visits.
    UNREACHABLE_PAGE = "E0507" "unreachable-page" Error
        wrong: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n    - expect: { page: \"/done\" }\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form f:\n        id: Text\n    page \"/done\" \"Done\":\n      text: \"Hello\"\n"
        right: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n    - expect: { page: \"/done\" }\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form f -> \"/done\":\n        id: Text\n    page \"/done\" \"Done\":\n      text: \"Hello\"\n";

    /// A step needs a control that the sandbox has, but on no page that a journey can be on where the step stands.
    CONTROL_OUT_OF_REACH = "E0508" "control-out-of-reach" Error
        wrong: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/done\"\n    - fill: \"id\" value: \"X1\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form f -> \"/done\":\n        id: Text\n    page \"/done\" \"Done\":\n      text: \"Hello\"\n"
        right: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n    - fill: \"id\" value: \"X1\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form f -> \"/done\":\n        id: Text\n    page \"/done\" \"Done\":\n      text: \"Hello\"\n";

    /// A persona pays by a method that its wallet does not hold, or has no wallet at all.
    NOT_IN_WALLET = "E0509" "not-in-wallet" Error
        wrong: "use std.people\n\npersona Saver extends Citizen:\n  wallet: { bank_transfer: { iban: \"GB33BUKB20201555555555\" } }\n\nscenario renewal:\n  personas:\n    - 5 of Saver\n  steps:\n    - visit: \"/pay\"\n    - pay: \"credit_card\"\n"
        right: "use std.people\n\npersona Saver extends Citizen:\n  wallet: { bank_transfer: { iban: \"GB33BUKB20201555555555\" } }\n\nscenario renewal:\n  personas:\n    - 5 of Saver\n  steps:\n    - visit: \"/pay\"\n    - pay: \"bank_transfer\"\n";

    /// A step expects a status that neither the frontend's pages nor its handlers nor a probe ever answer with.
    STATUS_NEVER_GIVEN = "E0510" "status-never-given" Error
        wrong: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n    - expect: { page: \"/\", status: 201 }\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n"
        right: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n    - expect: { page: \"/\", status: 200 }\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n";

    /// A step asks a host that is neither the sandbox nor this machine, and that `allow-hosts` in `esr.toml` does not name:
    /// journeys send nothing into the world by mistake.
    HOST_NOT_ALLOWED = "E0520" "host-not-allowed" Error
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - get: \"https://agency.example/fees\" as: fees\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n  - get: \"/fees\" as: fees\n";
}
