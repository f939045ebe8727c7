//! Implicit submissions and what they are charged to.

use esr_tap::{JourneyOutcome, SpanStatus, attributes::*};
use scn_plan::plan::Admits;

use super::support::*;

const START: &str = r#"<title>Start</title><form method="post" action="/start"><input name="passport_id"></form>"#;
const PHOTO: &str = r#"<title>Photo</title><form method="post" action="/photo"><input name="colour"></form>"#;

fn agency(server: Server) -> Server {
    server
        .on("GET /start", page(START).takes(10))
        .on("POST /start", redirect(303, "/photo").takes(100))
        .on("GET /photo", page(PHOTO).takes(20))
        .on("POST /photo", redirect(303, "/done").takes(200))
        .on("GET /done", page("<title>Done</title>").takes(30))
}

fn to_photo() -> Vec<StepPlan> {
    vec![
        visit("/start"),
        fill("passport_id", "X1").named("number"),
        fill("colour", "red").named("photo"),
        expect_page("/done"),
    ]
}

#[test]
fn a_missing_control_submits_the_form_last_touched_charged_to_the_step_that_filled_it() {
    let flight = Flight::over(agency);
    flight.run(plan(to_photo()));
    assert_eq!(flight.ending(), "completed");
    assert_eq!(
        flight.server.log(),
        ["GET /start", "POST /start passport_id=X1", "GET /photo", "POST /photo colour=red", "GET /done"]
    );
    // The sum of requests with redirects; the step that triggered it carries nothing.
    assert_eq!(flight.samples(), ["visit 10ms 200 ok", "number 120ms 200 ok", "photo 230ms 200 ok"]);
    let submits = flight.spans("submit");
    assert_eq!(submits.len(), 2);
    assert_eq!(submits[0].block, "p0.i0.n1.a0.s");
    assert_eq!(submits[0].text(ESR_STEP), Some("number"));
    assert_eq!(submits[0].attributes[ESR_IMPLICIT], true.into());
    assert_eq!(flight.journey().steps[1].blocks, ["p0.i0.n1.a0", "p0.i0.n1.a0.s"]);
    // Every sample is handed in once, when nothing more can be charged to it.
    let handed_in: Vec<_> = flight.tape.samples.lock().unwrap().iter().map(|sample| sample.step.clone()).collect();
    assert_eq!(handed_in, ["visit", "number", "photo"]);
}

#[test]
fn spans_form_one_trace_and_requests_carry_it() {
    let flight = Flight::over(agency);
    flight.run(plan(to_photo()));
    let journey = &flight.spans("journey")[0];
    let submit = &flight.spans("submit")[0];
    let post = &flight.spans("POST")[0];
    assert_eq!(submit.parent_span_id, Some(journey.span_id));
    assert_eq!(post.parent_span_id, Some(submit.span_id));
    assert_eq!(post.text(ESR_CALLEE), Some("portal"));
    assert_eq!(post.int(HTTP_RESPONSE_STATUS_CODE), Some(303));
    assert_eq!(post.int(ESR_TIMEOUT), Some(30_000_000_000));
    let requests = flight.server.requests.lock().unwrap();
    let traceparent = format!("00-{}-{}-01", journey.trace_id, post.span_id);
    assert_eq!(requests[1].headers["traceparent"], traceparent.as_str());
    assert_eq!(requests[1].headers["tracestate"], "esr=2a.p0.i0.n1.a0.s");
    assert_eq!(requests[0].headers["tracestate"], "esr=2a.p0.i0.n0.a0");
    assert!(requests.iter().all(|request| request.headers["x-esr-sim"] == "run-1"));
    let mut ids: Vec<_> = flight.tape.spans.lock().unwrap().iter().map(|span| span.span_id).collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn a_failing_implicit_submission_fails_the_step_it_is_charged_to() {
    let flight = Flight::over(|server| agency(server).on("POST /start", page(START).status(422).takes(50)));
    flight.run(plan(to_photo()));
    assert_eq!(flight.ending(), "number: HTTP 422");
    assert_eq!(flight.reason(), "HTTP 422 on /start");
    let JourneyOutcome::Failed { block, .. } = flight.journey().outcome else { panic!("it failed") };
    assert_eq!(block, "p0.i0.n1.a0.s");
    assert_eq!(flight.samples(), ["visit 10ms 200 ok", "number 50ms 422 HTTP 422"]);
    // The step that triggered it never came about.
    assert!(flight.spans("photo").is_empty());
    assert_eq!(flight.spans("submit")[0].status, SpanStatus::Error("HTTP 422 on /start".to_owned()));
}

#[test]
fn the_charged_step_s_timeout_covers_its_submission() {
    let flight = Flight::over(|server| agency(server).on("POST /start", redirect(303, "/photo").takes(5_000)));
    let mut steps = to_photo();
    steps[1].step.timeout = 2_000_000_000;
    flight.run(plan(steps));
    assert_eq!(flight.ending(), "number: timeout");
    assert_eq!(flight.reason(), "no answer to POST /start within 2s");
    assert_eq!(flight.samples()[1], "number 2000ms - timeout");
}

#[test]
fn without_input_the_page_s_only_form_is_submitted_charged_to_the_step_that_needs_it() {
    let flight = Flight::over(agency);
    flight.run(plan(vec![visit("/start"), fill("colour", "red")]));
    assert_eq!(flight.ending(), "completed");
    assert_eq!(flight.samples(), ["visit 10ms 200 ok", "fill 120ms 200 ok"]);
    assert_eq!(flight.spans("submit")[0].block, "p0.i0.n1.a0.s");
}

#[test]
fn it_submits_once_and_then_names_the_page_and_its_controls() {
    let flight = Flight::over(agency);
    flight.run(plan(vec![visit("/start"), fill("passport_id", "X1"), fill("signature", "me").named("sign")]));
    assert_eq!(flight.ending(), "sign: no control \"signature\"");
    assert_eq!(flight.reason(), "the page /photo \"Photo\" has no control \"signature\"; its controls: colour (text)");
    assert_eq!(flight.server.log().iter().filter(|line| line.starts_with("POST")).count(), 1);
    assert_eq!(flight.samples()[2], "sign - - no control \"signature\"");
}

#[test]
fn of_several_forms_none_is_submitted_unless_it_was_touched() {
    let two = r#"<form action="/a"><input name="a"></form><form action="/b"><input name="b"></form>"#;
    let routes =
        |server: Server| server.on("GET /two", page(two)).on("GET /b", page(r#"<form><input name="c"></form>"#));
    let flight = Flight::over(routes);
    flight.run(plan(vec![visit("/two"), fill("c", "1")]));
    assert_eq!(flight.ending(), "fill: no control \"c\"");
    let flight = Flight::over(routes);
    flight.run(plan(vec![visit("/two"), fill("a", "1"), fill("b", "2"), fill("c", "3")]));
    assert_eq!(flight.server.log(), ["GET /two", "GET /b?b=2"]);
}

#[test]
fn visit_discards_pending_input() {
    let flight = Flight::over(agency);
    flight.run(plan(vec![visit("/start"), fill("passport_id", "X1"), visit("/photo"), expect_page("/photo")]));
    assert_eq!(flight.ending(), "completed");
    assert_eq!(flight.server.log(), ["GET /start", "GET /photo"]);
}

#[test]
fn expect_submits_pending_input_and_its_status_admits() {
    let refuse = |server: Server| agency(server).on("POST /start", page(START).status(422));
    let expecting = |status| step("expect", &[("status", int(status))]);
    let flight = Flight::over(refuse);
    flight.run(plan(vec![visit("/start"), fill("passport_id", "X1"), expecting(422)]));
    assert_eq!(flight.ending(), "completed");
    let flight = Flight::over(refuse);
    flight.run(plan(vec![visit("/start"), fill("passport_id", "X1"), expecting(200)]));
    assert_eq!(flight.ending(), "fill: HTTP 422");
    let flight = Flight::over(refuse);
    let admitting = fill("passport_id", "X1").admits(Admits::Anything);
    flight.run(plan(vec![visit("/start"), admitting, expecting(200)]));
    assert_eq!(flight.ending(), "expect: HTTP 422");
}

#[test]
fn a_soft_step_that_is_charged_fails_softly() {
    let flight = Flight::over(|server| agency(server).on("POST /start", page(PHOTO).status(500)));
    let steps = vec![visit("/start"), fill("passport_id", "X1").named("number").soft(), fill("colour", "red")];
    flight.run(plan(steps));
    assert_eq!(flight.ending(), "completed");
    assert_eq!(flight.samples()[1], "number 0ms 500 HTTP 500");
}
