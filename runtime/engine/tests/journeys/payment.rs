//! Paying.

use std::sync::Arc;

use scn_plan::{BinaryOp, SlotId, SourceId, Span, Value};

use super::support::*;

fn pay_page(amount: &str) -> String {
    format!(
        r#"<title>Pay</title>{amount}<form><input name="q"></form><form method="post" action="/pay">
        <select name="method"><option value="bank_transfer">Bank<option value="credit_card">Card</select>
        <input type="hidden" name="csrf" value="t"><input name="card_number"></form>"#
    )
}

fn shop(amount: &'static str) -> impl Fn(Server) -> Server {
    move |server| {
        server
            .on("GET /start", page(r#"<form method="post" action="/start"><input name="passport_id"></form>"#))
            .on("POST /start", redirect(303, "/pay"))
            .on("GET /pay", page(&pay_page(amount)))
            .on("POST /pay", redirect(303, "/done").takes(70))
            .on("GET /done", page("<title>Done</title>"))
    }
}

fn pay() -> StepPlan {
    step("pay", &[("method", text("credit_card")), ("fail_if", value(Value::Bool(false)))])
}

/// `fail_if: amount > 200`, with its place in the source.
fn pay_unless_dear() -> StepPlan {
    let span = Span { source: SourceId(0), start: 0, end: 12 };
    let mut condition = binary(BinaryOp::Greater, slot(0), value(Value::Money(20_000)));
    condition.span = span;
    let mut pay = step("pay", &[("method", text("credit_card")), ("fail_if", condition)]);
    pay.step.exposes = vec![("amount".into(), SlotId(0))];
    pay
}

#[test]
fn pay_selects_the_method_fills_equal_names_and_submits_charged_to_itself() {
    let flight = Flight::over(shop(r#"<output name="amount">$130</output>"#));
    flight.run(plan(vec![visit("/start"), fill("passport_id", "X1"), pay_unless_dear(), expect_page("/done")]));
    assert_eq!(flight.ending(), "completed");
    assert_eq!(flight.server.log()[3], "POST /pay method=credit_card&csrf=t&card_number=4111111111111111");
    assert_eq!(flight.samples()[2], "pay 70ms 200 ok");
}

#[test]
fn fail_if_is_read_before_submitting_and_is_the_reason() {
    for (amount, ending) in [
        (r#"<output name="amount">$230</output>"#, "pay: amount > 200"),
        (r#"<p id="amount">230.00</p>"#, "pay: amount > 200"),
        (r#"<b id="amount">$1</b><input name="amount" value="1,230">"#, "pay: amount > 200"),
        (r#"<b id="amount">$200.00</b>"#, "completed"),
        ("", "pay: no amount"),
    ] {
        let flight = Flight::over(shop(amount));
        flight.run(plan(vec![visit("/pay"), pay_unless_dear()]));
        assert_eq!(flight.ending(), ending, "{amount}");
        let paid = flight.server.log().iter().any(|line| line.starts_with("POST /pay"));
        assert_eq!(paid, ending == "completed", "{amount}");
    }
}

#[test]
fn a_final_504_is_the_pay_step_s_failure() {
    let flight = Flight::over(|server| shop("")(server).on("POST /pay", answer(504, "late").takes(6000)));
    flight.run(plan(vec![visit("/pay"), pay()]));
    assert_eq!(flight.ending(), "pay: HTTP 504");
    assert_eq!(flight.reason(), "HTTP 504 on /pay");
    assert_eq!(flight.samples()[1], "pay 6000ms 504 HTTP 504");
}

#[test]
fn what_the_wallet_or_the_page_lacks_is_named() {
    let flight = Flight::over(shop(""));
    flight.run(plan(vec![visit("/pay"), step("pay", &[("method", text("cash"))])]));
    assert_eq!(flight.ending(), "pay: no cash");
    let flight = Flight::over(|server| server.on("GET /free", page("<p>free</p>")));
    flight.run(plan(vec![visit("/free"), pay()]));
    assert_eq!(flight.ending(), "pay: no control that offers \"credit_card\"");
    let mut poor = plan(vec![visit("/pay"), pay()]);
    Arc::make_mut(&mut poor.personas[0].template).fields.pop();
    let flight = Flight::over(shop(""));
    flight.run(poor);
    assert_eq!(flight.ending(), "pay: no wallet");
}
