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
