//! Blueprints.

use super::{Code, codes};
use crate::Severity;

codes! {
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

    /// The branch that was asked for is none of the sandbox's: `main`, and those that its frontends have blocks for. The
    /// examples are compiled for the branch `feature/new`.
    UNKNOWN_BRANCH = "E0419" "unknown-branch" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n    branch \"feature/old\":\n      page \"/\" \"Anew\":\n        text: \"Good day\"\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n    branch \"feature/new\":\n      page \"/\" \"Anew\":\n        text: \"Good day\"\n";

    /// A branch has a name that is written out, and another one than `main`, which is what stands outside of branch blocks.
    BRANCH_NAME = "E0420" "branch-name" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n    branch \"main\":\n      page \"/\" \"Anew\":\n        text: \"Good day\"\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n    branch \"feature/new\":\n      page \"/\" \"Anew\":\n        text: \"Good day\"\n";

    /// A branch takes a field out of a form that has none of this name.
    UNDECLARED_FIELD = "E0421" "undeclared-field" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form f:\n        id: Text\n        name: Text\n    branch \"feature/new\":\n      page \"/\":\n        form f:\n          nmae: none\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      form f:\n        id: Text\n        name: Text\n    branch \"feature/new\":\n      page \"/\":\n        form f:\n          name: none\n";

    /// A review queue says how long a review takes (`after:`) and what reviewers decide (`decides:`), each decision by its
    /// name.
    BAD_QUEUE = "E0422" "bad-queue" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  queue review reviewers: 3 after: 20s\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  queue review reviewers: 3 after: 20s decides: choice(\"approve\" weight 9, \"reject\")\n";

    /// An agent says which requests to another part it watches, and what it does after each.
    BAD_AGENT = "E0423" "bad-agent" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    route POST \"/fee\":\n      - reply: 200\n  agent audit:\n    - think: 5ms\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    route POST \"/fee\":\n      - reply: 200\n  agent audit watches: fees-svc POST \"/fee\":\n    - think: 5ms\n";

    /// A part that is a process says what is to be run: a program and its arguments, which no shell reads.
    BAD_PROCESS = "E0424" "bad-process" Error
        wrong: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    run: \"node server.js > log\"\n"
        right: "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n  service fees-svc:\n    run: \"node server.js\"\n";
}
