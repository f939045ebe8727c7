//! Requests without a page.

use scn_plan::{BinaryOp, ExprKind, FileSpec, Member, Value};

use super::support::*;

fn record(fields: &[(&str, scn_plan::Expr)]) -> scn_plan::Expr {
    expr(ExprKind::Record(fields.iter().map(|(name, field)| ((*name).into(), field.clone())).collect()))
}

fn must(condition: scn_plan::Expr) -> StepPlan {
    step("assert", &[("condition", condition)])
}

fn equal(left: scn_plan::Expr, right: scn_plan::Expr) -> scn_plan::Expr {
    binary(BinaryOp::Equal, left, right)
}

fn field(of: scn_plan::Expr, name: &str) -> scn_plan::Expr {
    expr(ExprKind::Field(Box::new(of), name.into()))
}

#[test]
fn a_status_does_not_fail_the_step_and_the_response_can_be_read() {
    let flight = Flight::over(|server| {
        server.on("POST /api/x", answer(409, r#"{"items":[{"id":7}]}"#).header("x-reply", "r").takes(25))
    });
    let body = record(&[("amount", value(Value::Money(13_000))), ("who", text("Alex"))]);
    let query =
        record(&[("a", text("b c")), ("many", expr(ExprKind::List(vec![int(1), int(2)]))), ("no", value(Value::None))]);
    let headers = record(&[("X-Token", member(Member::Secret, Some("TOKEN")))]);
    flight.run(plan(vec![
        step("post", &[("path", text("/api/x")), ("body", body), ("query", query), ("headers", headers)]).into_slot(1),
        must(equal(field(slot(1), "status"), int(409))),
        must(equal(field(slot(1), "time"), duration(25))),
        must(equal(member(Member::LastStatus, None), int(409))),
        must(equal(member(Member::LastJson, Some("$.items[0].id")), int(7))),
        must(equal(member(Member::LastHeader, Some("X-Reply")), text("r"))),
        must(equal(member(Member::LastTime, None), duration(25))),
        step("expect", &[("status", int(409)), ("text", text("items"))]),
    ]));
    assert_eq!(flight.ending(), "completed", "{:?}", flight.journey());
    assert_eq!(flight.server.log(), [r#"POST /api/x?a=b+c&many=1&many=2 {"amount":130,"who":"Alex"}"#]);
    let requests = flight.server.requests.lock().unwrap();
    assert_eq!(requests[0].headers["content-type"], "application/json");
    assert_eq!(requests[0].headers["x-token"], "t0p");
    assert_eq!(flight.samples(), ["post 25ms 409 ok"]);
}

#[test]
fn bodies_are_json_text_or_multipart() {
    let file = value(Value::File(FileSpec { name: "a.txt".into(), size: 3 }));
    for (body, kind) in [
        (text("plain"), "text/plain; charset=utf-8"),
        (expr(ExprKind::List(vec![int(1)])), "application/json"),
        (record(&[("f", file), ("n", int(1))]), "multipart/form-data; boundary="),
    ] {
        let flight = Flight::over(|server| server.on("PUT /x", answer(200, "")));
        flight.run(plan(vec![step("put", &[("path", text("/x")), ("body", body)])]));
        let requests = flight.server.requests.lock().unwrap();
        assert!(requests[0].headers["content-type"].to_str().unwrap().starts_with(kind), "{kind}");
    }
}

#[test]
fn every_method_is_sent_and_leaves_the_page_alone() {
    let flight = Flight::over(|server| server.on("GET /p", page("<form><input name=a></form>")));
    let methods = ["get", "post", "put", "patch", "delete"];
    let mut steps = vec![visit("/p"), fill("a", "1")];
    steps.extend(methods.map(|method| step(method, &[("path", text("/x"))])));
    steps.push(must(equal(member(Member::PagePath, None), value(Value::Path("/p".into())))));
    flight.run(plan(steps));
    assert_eq!(flight.ending(), "completed");
    assert_eq!(flight.server.log()[1..], methods.map(|method| format!("{} /x", method.to_uppercase())));
}

#[test]
fn a_sensitive_path_is_not_shown() {
    let flight = Flight::over(|server| server);
    let path = expr(ExprKind::Text(vec![
        scn_plan::TextPart::Literal("/people/".into()),
        scn_plan::TextPart::Value(expr(ExprKind::PersonaField(0))),
    ]));
    flight.run(plan(vec![step("get", &[("path", path)])]));
    assert_eq!(flight.spans("GET")[0].text("url.path"), Some("[pii]"));
}

#[test]
fn envelopes_go_to_the_partner_and_take_no_cookies_along() {
    let flight = Flight::over(|server| {
        server
            .on("GET /start", answer(200, "<h1>Start</h1>").header("set-cookie", "session=1; Path=/"))
            .on("POST /envelopes/irs.v1", answer(202, r#"{"taken":true}"#).takes(5))
    });
    let envelope = |payload: &[(&str, scn_plan::Expr)]| {
        let to = value(Value::Symbol("IRS".into()));
        let mut arguments =
            vec![("what", value(Value::Symbol("envelope".into()))), ("to", to), ("schema", text("irs.v1"))];
        arguments.extend(payload.iter().cloned());
        step("send", &arguments).into_slot(1)
    };
    flight.run(plan(vec![
        step("visit", &[("path", text("/start"))]),
        envelope(&[("payload", record(&[("id", text("X1"))]))]),
        must(equal(field(field(slot(1), "body"), "taken"), value(Value::Bool(true)))),
        must(equal(member(Member::LastStatus, None), int(202))),
        envelope(&[]),
    ]));
    assert_eq!(flight.ending(), "completed", "{:?}", flight.journey());
    assert_eq!(
        flight.server.log(),
        ["GET /start", r#"POST /envelopes/irs.v1 {"id":"X1"}"#, "POST /envelopes/irs.v1 {}"]
    );
    let requests = flight.server.requests.lock().unwrap();
    assert!(requests[1..].iter().all(|request| !request.headers.contains_key("cookie")));
    assert_eq!(requests[1].url.host_str(), Some("irs.example"));
}

#[test]
fn an_envelope_to_nobody_fails() {
    let flight = Flight::over(|server| server);
    let arguments = [
        ("what", value(Value::Symbol("envelope".into()))),
        ("to", value(Value::Symbol("NOBODY".into()))),
        ("schema", text("v1")),
    ];
    flight.run(plan(vec![step("send", &arguments)]));
    assert_eq!(flight.ending(), "send: no such partner");
}
