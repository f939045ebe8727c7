//! What labelled values reach is in nothing that a journey records.

use scn_plan::{Expr, ExprKind, Labels, Text, TextPart, Value, plan::Admits};

use super::support::*;

const ADDRESS: &str = "alex.sample@example.com";

/// A text that is somebody's data.
fn pii(value_: &str) -> Expr {
    value(Value::Text(Text { value: value_.into(), labels: Labels::PII }))
}

/// `/x/` and the address.
fn labelled_path() -> Expr {
    expr(ExprKind::Text(vec![TextPart::Literal("/x/".into()), TextPart::Value(pii(ADDRESS))]))
}

fn visit_labelled() -> StepPlan {
    step("visit", &[("path", labelled_path())])
}

/// Fails if the address, or the name in it, is anywhere in the records.
#[track_caller]
fn nothing_leaked(flight: &Flight) {
    let tape = &flight.tape;
    let all = format!(
        "{:?}{:?}{:?}",
        tape.spans.lock().unwrap(),
        tape.samples.lock().unwrap(),
        tape.journeys.lock().unwrap()
    );
    for secret in ["alex", "Alex"] {
        assert!(!all.contains(secret), "{secret} leaked: {all}");
    }
}

#[test]
fn a_labelled_path_that_is_not_there_is_shown_redacted() {
    let flight = Flight::over(|server| server);
    flight.run(plan(vec![visit_labelled()]));
    assert_eq!(flight.ending(), "visit: HTTP 404");
    assert_eq!(flight.reason(), "HTTP 404 on [pii]");
    nothing_leaked(&flight);
}

#[test]
fn a_page_at_a_labelled_path_stays_redacted_in_later_steps() {
    let shown = || page("<title>Hello, Alex</title><form name=a><input name=q></form><form name=b></form>");
    for (then, reason) in [
        (fill("absent", "1"), "has no control \"absent\""),
        (expect_page("/other"), "expected the page /other, but the browser shows the page [pii] \"Hello, [pii]\""),
        (step("expect", &[("title", text("Bye"))]), "expected the title \"Bye\", but it is \"Hello, [pii]\""),
        (step("expect", &[("text", text("Bye"))]), "expected the text \"Bye\", which [pii] does not show"),
        (step("expect", &[("status", int(201))]), "expected status 201, but [pii] answered 200"),
        // The form goes to the page's own address.
        (step("submit", &[("form", text("a"))]), "HTTP 404 on [pii]"),
    ] {
        let flight = Flight::over(|server| {
            server.with("GET /x/alex.sample@example.com", move |request, _| match request.url.query() {
                Some(_) => answer(404, "gone"),
                None => shown(),
            })
        });
        let known = step("set", &[("to", pii("Alex Sample"))]).into_slot(0);
        let mut plan = plan(vec![known, visit_labelled().admits(Admits::Anything), then]);
        plan.slots = vec!["who".into()];
        flight.run(plan);
        assert!(flight.reason().contains(reason), "{}", flight.reason());
        nothing_leaked(&flight);
    }
}

#[test]
fn what_a_server_sends_back_is_redacted_too() {
    for (to, path) in [
        ("/y/alex.sample@example.com", "/y/[pii]"),
        ("/y/alex.sample%40example.com/edit", "/y/[pii]/edit"),
        ("/pay", "/pay"),
    ] {
        let flight = Flight::over(|server| {
            server
                .on("GET /", page(r#"<form method="post" action="/go"><input name="mail"></form>"#))
                .on("POST /go", redirect(303, to))
        });
        let entered = step("fill", &[("target", text("mail")), ("value", pii(ADDRESS))]);
        flight.run(plan(vec![visit("/"), entered, step("submit", &[])]));
        assert_eq!(flight.ending(), "submit: HTTP 404");
        assert_eq!(flight.reason(), format!("HTTP 404 on {path}"));
        nothing_leaked(&flight);
    }
    // A redirect to the same path keeps what stands for it.
    let flight = Flight::over(|server| {
        server.with("GET /x/alex.sample@example.com", |request, _| match request.url.query() {
            Some(_) => answer(500, ""),
            None => redirect(302, "?again"),
        })
    });
    flight.run(plan(vec![visit_labelled()]));
    assert_eq!(flight.reason(), "HTTP 500 on [pii]");
    nothing_leaked(&flight);
}

#[test]
fn a_reason_that_quotes_the_page_is_redacted() {
    let quoted = || member(scn_plan::Member::PageTitle, None);
    for verb in ["fail", "stop"] {
        let flight = Flight::over(|server| server.on("GET /", page("<title>For Alex Sample</title>")));
        let known = step("set", &[("to", pii("Alex Sample"))]).into_slot(0);
        let mut plan = plan(vec![known, visit("/"), step(verb, &[("reason", quoted())])]);
        plan.slots = vec!["who".into()];
        flight.run(plan);
        assert!(format!("{:?}", flight.journey().outcome).contains("For [pii]"));
        nothing_leaked(&flight);
    }
}

#[test]
fn what_a_page_or_a_message_labels_is_redacted_and_sent_on_with_its_label() {
    const FORM: &str = r#"<p data-esr-label="pii">Alex Other</p><form method="post" action="/go"><input type="password" name="key">
        <input name="mail" data-esr-label="pii"><input name="plain"></form>"#;
    let flight = Flight::over(|server| {
        server
            .on("GET /", page(FORM))
            .on("POST /go", answer(422, r#"<title>alexkey for Alex</title><p role=alert><b>x</b></p>"#))
            .on("GET /token", answer(200, r#"{"token":"alexander","n":1}"#).header("x-esr-labels", "secret=body/token"))
    });
    let token = || member(scn_plan::Member::LastJson, Some("$.token"));
    let mut plan = plan(vec![
        step("get", &[("path", text("/token"))]),
        step("set", &[("to", token())]).into_slot(0),
        visit("/"),
        fill("key", "alexkey"),
        fill("mail", "alex@mail"),
        step("fill", &[("target", text("plain")), ("value", slot(0))]),
        step("submit", &[]).admits(Admits::Anything),
        step(
            "fail",
            &[(
                "reason",
                expr(ExprKind::Text(vec![
                    TextPart::Value(member(scn_plan::Member::PageTitle, None)),
                    TextPart::Literal(" and ".into()),
                    TextPart::Value(slot(0)),
                ])),
            )],
        ),
    ]);
    plan.slots = vec!["token".into()];
    flight.run(plan);
    assert!(flight.reason().ends_with(" and [secret]"), "{}", flight.reason());
    let requests = flight.server.requests.lock().unwrap();
    let sent = requests.iter().find(|request| request.url.path() == "/go").unwrap();
    assert_eq!(sent.headers["x-esr-labels"], "secret=body/key pii=body/mail secret=body/plain");
    for recorded in [format!("{:?}", flight.tape.spans.lock().unwrap()), format!("{:?}", flight.journey())] {
        for secret in ["alexkey", "alex@mail", "alexander"] {
            assert!(!recorded.contains(secret), "{secret} leaked: {recorded}");
        }
    }
}
