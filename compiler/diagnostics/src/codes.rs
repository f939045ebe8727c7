//! The catalogue of diagnostics: every stable code with its name, severity and explanation.
//!
//! Codes are never renumbered. `E0…` are errors (`E00xx` layout and syntax, `E02xx` names, `E03xx` types and arguments,
//! `E04xx` blueprints, `E05xx` a scenario against its blueprint), `W2…` warnings and `N3…` notes.

use serde::Serialize;

use crate::Severity;

/// A kind of finding.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Code {
    /// Stable id, such as `E0308`.
    pub id: &'static str,
    /// Kebab-case name, such as `type-mismatch`.
    pub name: &'static str,
    /// How much it weighs unless a project's settings say otherwise.
    pub severity: Severity,
    /// What it means, for `esrc explain`.
    pub meaning: &'static str,
    /// A source text that provokes it.
    pub wrong: &'static str,
    /// The same text, mended.
    pub right: &'static str,
}

macro_rules! codes {
    ($($(#[doc = $meaning:literal])+ $constant:ident = $id:literal $name:literal $severity:ident
        wrong: $wrong:literal right: $right:literal;)*) => {
        $($(#[doc = $meaning])+
        pub const $constant: &Code = &Code {
            id: $id,
            name: $name,
            severity: Severity::$severity,
            meaning: concat!($($meaning, "\n"),+),
            wrong: $wrong,
            right: $right,
        };)*

        /// Every code, in the order of their ids.
        pub const ALL: &[&Code] = &[$($constant),*];
    };
}

codes! {
    /// A tab stands in the indentation; the language indents with spaces only, so that every editor sees the same tree.
    TAB_INDENT = "E0001" "tab-indentation" Error
        wrong: "scenario: renewal\nsteps:\n\t- visit: \"/start\"\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n";

    /// A line is indented to a column where no line above it begins a sibling, so it is not clear what it belongs to.
    UNEVEN_INDENT = "E0002" "uneven-indentation" Error
        wrong: "scenario: renewal\nsteps:\n    - visit: \"/start\"\n  - click: \"Next\"\n"
        right: "scenario: renewal\nsteps:\n    - visit: \"/start\"\n    - click: \"Next\"\n";

    /// A quoted text has no closing quote on its line. A text that spans lines is written as a `|` block.
    UNCLOSED_QUOTE = "E0003" "unclosed-quote" Error
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n";

    /// A bracket is still open where the next line begins that is indented no deeper than the line that opened it.
    UNCLOSED_BRACKET = "E0004" "unclosed-bracket" Error
        wrong: "scenario: renewal\nsteps:\n  - expect: { page: \"/start\"\n"
        right: "scenario: renewal\nsteps:\n  - expect: { page: \"/start\" }\n";

    /// A closing bracket closes nothing, or a bracket of another kind.
    MISMATCHED_BRACKET = "E0005" "mismatched-bracket" Error
        wrong: "scenario: renewal\ntags: [nightly)\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\ntags: [nightly]\nsteps:\n  - visit: \"/start\"\n";

    /// A regular expression after `matches` or in `pattern:` has no closing `/` on its line.
    UNCLOSED_REGEX = "E0006" "unclosed-regex" Error
        wrong: "scenario: renewal\nsteps:\n  - assert: page.title matches /Thank\n"
        right: "scenario: renewal\nsteps:\n  - assert: page.title matches /Thank/\n";

    /// A character has no meaning outside quotes and comments.
    UNEXPECTED_CHARACTER = "E0007" "unexpected-character" Error
        wrong: "scenario: renewal\nsteps:\n  - visit: “/start”\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n";

    /// Brackets, operators or indentation are nested deeper than the compiler follows.
    NESTED_TOO_DEEP = "E0008" "nested-too-deep" Error
        wrong: "scenario: renewal\ntags: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[nightly]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\ntags: [nightly]\nsteps:\n  - visit: \"/start\"\n";

    /// A dash begins an item, but nothing follows it.
    EMPTY_ITEM = "E0009" "empty-item" Error
        wrong: "scenario: renewal\nsteps:\n  -\n  - visit: \"/start\"\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n";

    /// A line cannot be read: something else was expected at this place.
    SYNTAX = "E0010" "syntax-error" Error
        wrong: "scenario: renewal\nsteps:\n  - assert: 3 >\n"
        right: "scenario: renewal\nsteps:\n  - assert: 3 > 2\n";

    /// An operator is spelled as in another language: `&&` is `and`, `||` is `or`, `!` is `not`, a lone `=` is `==`.
    MISSPELLED_OPERATOR = "E0011" "misspelled-operator" Error
        wrong: "scenario: renewal\nsteps:\n  - assert: last.status = 200\n"
        right: "scenario: renewal\nsteps:\n  - assert: last.status == 200\n";

    /// A backslash in double quotes is followed by a character that makes no escape.
    UNKNOWN_ESCAPE = "E0012" "unknown-escape" Error
        wrong: "scenario: renewal\nsteps:\n  - fill: \"id\" value: \"\\d\"\n"
        right: "scenario: renewal\nsteps:\n  - fill: \"id\" value: \"\\\\d\"\n";

    /// `${` begins an expression in a text, but no `}` ends it.
    UNCLOSED_INTERPOLATION = "E0013" "unclosed-interpolation" Error
        wrong: "scenario: renewal\nsteps:\n  - fill: \"id\" value: \"${persona.name\"\n"
        right: "scenario: renewal\nsteps:\n  - fill: \"id\" value: \"${persona.name}\"\n";

    /// A number is followed by letters that name no unit.
    UNKNOWN_UNIT = "E0014" "unknown-unit" Error
        wrong: "scenario: renewal\nduration: 15min\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\nduration: 15m\nsteps:\n  - visit: \"/start\"\n";

    /// A line needs a `:` after its first word, or at its end.
    MISSING_COLON = "E0015" "missing-colon" Error
        wrong: "scenario: renewal\nsteps:\n  - visit \"/start\"\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n";

    /// A `:` and its value touch; a space stands between them.
    MISSING_SPACE = "E0016" "missing-space" Error
        wrong: "scenario: renewal\nduration:15m\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\nduration: 15m\nsteps:\n  - visit: \"/start\"\n";

    /// Two members of a list, a record or an argument list have no comma between them.
    MISSING_COMMA = "E0017" "missing-comma" Error
        wrong: "scenario: renewal\ntags: [nightly high_risk]\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\ntags: [nightly, high_risk]\nsteps:\n  - visit: \"/start\"\n";

    /// Comparisons do not chain; each is joined to the next by `and`.
    CHAINED_COMPARISON = "E0018" "chained-comparison" Error
        wrong: "scenario: renewal\nsteps:\n  - assert: 1 < last.status < 400\n"
        right: "scenario: renewal\nsteps:\n  - assert: 1 < last.status and last.status < 400\n";

    /// A line begins with a word that begins no declaration.
    UNKNOWN_KEYWORD = "E0019" "unknown-keyword" Error
        wrong: "persna Applicant:\n  age: int(18..90)\n"
        right: "persona Applicant:\n  age: int(18..90)\n";

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
        wrong: "scenario: renewal\nsteps:\n  - repeat: 3\n    steps:\n      - visit: \"/start\"\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n";

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

    /// A sandbox does not say at which frontend journeys begin.
    SANDBOX_ENTRY = "E0401" "sandbox-entry" Error
        wrong: "sandbox agency:\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n";

    /// A blueprint names a frontend, service or partner that it does not declare.
    UNDECLARED_PART = "E0402" "undeclared-part" Error
        wrong: "sandbox agency:\n  entry: potal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n";

    /// A form leads to a page, or a handler replies with one, that its frontend does not have.
    UNDECLARED_PAGE = "E0403" "undeclared-page" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form f -> \"/nxt\":\n        id: Text\n    page \"/next\" \"Next\":\n      text: \"Hello\"\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form f -> \"/next\":\n        id: Text\n    page \"/next\" \"Next\":\n      text: \"Hello\"\n";

    /// A handler or a seed names a store that its part does not have.
    UNDECLARED_STORE = "E0404" "undeclared-store" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    store fees: Record{ id: Text }\n    route GET \"/fee\":\n      - find: fee key: query.id as: found\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    store fees: Record{ id: Text }\n    route GET \"/fee\":\n      - find: fees key: query.id as: found\n";

    /// A handler calls a service at a path or with a method that none of its routes has.
    UNDECLARED_ROUTE = "E0405" "undeclared-route" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    route GET \"/fee\":\n      - reply: 200\n  service desk-svc:\n    route GET \"/\":\n      - get: fees-svc \"/fees\"\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    route GET \"/fee\":\n      - reply: 200\n  service desk-svc:\n    route GET \"/\":\n      - get: fees-svc \"/fee\"\n";

    /// A handler sends an envelope of a schema that its partner does not take.
    UNDECLARED_ENVELOPE = "E0406" "undeclared-envelope" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    route GET \"/fee\":\n      - send: envelope to: IRS schema: \"irs.v2\"\n  partner IRS:\n    on envelope \"irs.v1\":\n      - reply: 200\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    route GET \"/fee\":\n      - send: envelope to: IRS schema: \"irs.v1\"\n  partner IRS:\n    on envelope \"irs.v1\":\n      - reply: 200\n";

    /// `on submit` names a form that its page does not have, or does not say which of several it means.
    UNDECLARED_FORM = "E0407" "undeclared-form" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form order:\n        id: Text\n      on submit odrer:\n        - reply: 200 page: \"/\"\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form order:\n        id: Text\n      on submit order:\n        - reply: 200 page: \"/\"\n";

    /// A record is kept under something that it could not be found by: a list, a record, none, another field or
    /// another type than elsewhere.
    STORE_KEY = "E0408" "store-key" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    store fees: Record{ id: Text }\n    route GET \"/fee\":\n      - find: fees key: [1, 2] as: found\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    store fees: Record{ id: Text }\n    route GET \"/fee\":\n      - find: fees key: query.id as: found\n";

    /// A store keeps records, and says what their fields are.
    STORE_TYPE = "E0409" "store-type" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    store fees: Text\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    store fees: Record{ id: Text }\n";

    /// A part of another kind is needed: journeys begin at frontends, services are called, partners are sent
    /// envelopes.
    WRONG_PART = "E0410" "wrong-part" Error
        wrong: "sandbox agency:\n  entry: fees-svc\n  service fees-svc:\n    route GET \"/fee\":\n      - reply: 200\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n"
        right: "sandbox agency:\n  entry: portal\n  service fees-svc:\n    route GET \"/fee\":\n      - reply: 200\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n";

    /// The embedded sandbox has frontends, services and partners whose behaviour is written in the blueprint, and no
    /// parts of another kind.
    PART_UNAVAILABLE = "E0411" "part-unavailable" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    image: \"example/fees\"\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    route GET \"/fee\":\n      - reply: 200\n";

    /// A sandbox, a part, a page or a field has no setting of this name.
    UNKNOWN_SETTING = "E0412" "unknown-setting" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    worker: 8\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    workers: 8\n";

    /// A latency is a duration, a range of durations, or one of the distributions `lognormal` and `exponential`.
    BAD_LATENCY = "E0413" "bad-latency" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    latency: lognormal(p50: 90ms, p99: 40ms)\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    latency: lognormal(p50: 40ms, p99: 90ms)\n";

    /// A field of a form holds something that people can enter; only a Text has a pattern, only a File a largest
    /// size.
    BAD_FIELD = "E0414" "bad-field" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form f:\n        age: Int pattern: /^\\d+$/\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form f:\n        age: Text pattern: /^\\d+$/\n";

    /// A frontend replies with pages, services and partners reply with bodies.
    WRONG_REPLY = "E0415" "wrong-reply" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    route GET \"/fee\":\n      - reply: 404 error: \"No such fee\"\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    route GET \"/fee\":\n      - reply: 404 body: { error: \"No such fee\" }\n";

    /// A page or a route has a path that begins with `/`; a route's method is GET, POST, PUT, PATCH or DELETE.
    BAD_ROUTE = "E0416" "bad-route" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    route GET \"fee\":\n      - reply: 200\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    route GET \"/fee\":\n      - reply: 200\n";

    /// A step stands where the handler has ended already.
    AFTER_REPLY = "E0417" "after-reply" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    route GET \"/fee\":\n      - reply: 200\n      - think: 10ms\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    route GET \"/fee\":\n      - think: 10ms\n      - reply: 200\n";

    /// A seed makes records of a persona template that lacks fields of the store's records.
    SEED_TEMPLATE = "E0418" "seed-template" Error
        wrong: "use std.people\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    store fees: Record{ tax_id: Text }\n  data:\n    - seed: fees-svc.fees key: tax_id with: 5 of Citizen\n"
        right: "use std.people\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    store fees: Record{ email: Text }\n  data:\n    - seed: fees-svc.fees key: email with: 5 of Citizen\n";

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

    /// A probe delays requests for longer than any step waits, so that whatever reaches its target fails.
    PROBE_OUTLASTS_STEPS = "W2001" "probe-outlasts-steps" Warning
        wrong: "scenario: renewal\nprobes:\n  - slow_service: eligibility-svc latency: 40s\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario: renewal\nprobes:\n  - slow_service: eligibility-svc latency: 800ms\nsteps:\n  - visit: \"/start\"\n";

    /// No sandbox is known, so that nothing could be checked against its blueprint.
    NO_SANDBOX = "N3001" "no-sandbox" Note
        wrong: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n"
        right: "scenario renewal:\n  sandbox: agency\n  steps:\n    - visit: \"/\"\n\nsandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n";
}
