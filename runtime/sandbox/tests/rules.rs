//! Draft rules: what frontends make of them, and the GOV endpoint that publishes them.

mod common;

use std::sync::Arc;

use common::*;
use esr_engine::{Request, Response, Transport};
use esr_tap::{SpanKind, attributes};
use http::{HeaderMap, Method};
use scn_plan::{
    BinaryOp, Blueprint, Expr, ExprKind, Root, Shape, Source,
    blueprint::{Decision, FieldRule, Outcome, Policy, Rule},
};
use serde_json::{Value as Json, json};

fn compare(op: BinaryOp, left: Expr, right: Expr) -> Expr {
    Expr { kind: ExprKind::Binary(op, Box::new(left), Box::new(right)), span: span() }
}

fn said(rule: &str) -> FieldRule {
    FieldRule::new(rule.into())
}

fn decision(rule: &str, when: Expr, then: Outcome) -> Decision {
    Decision { rule: rule.into(), when, then, reason: format!("{rule} says no.").into() }
}

/// A portal that asks for a name and an age on a page that shows an amount, under seven rules; each stands on the line of
/// its number.
fn portal() -> Arc<Blueprint> {
    let (form_field, shown) = (|name| field(root(Root::Form), name), |name| field(root(Root::Show), name));
    let fields = vec![
        ("name", required(Shape::Text { pattern: Some("[a-z]+".into()) })),
        ("age", required(Shape::Int)),
        ("purpose", optional(any_text())),
        ("guardian", optional(any_text())),
        ("receipt", optional(any_text())),
        ("urgent", required(Shape::Bool)),
    ];
    let mut who = form("who", Some("/done"), fields, vec![]);
    let mut rules = |field: &str, rules: Vec<FieldRule>| who.fields[field].rules = rules;
    let error = Some("A name begins with a capital.".into());
    rules("name", vec![FieldRule { pattern: Some("[A-Z].*".into()), error, ..said("GOV-1") }]);
    rules("purpose", vec![FieldRule { label: Some("What <for>?".into()), required: Some(true), ..said("GOV-2") }]);
    let minor = compare(BinaryOp::Less, form_field("age"), int(18));
    let guardian = FieldRule { required: Some(true), show_if: Some(minor), reads_form: true, ..said("GOV-3") };
    rules("guardian", vec![guardian]);
    let dear = compare(BinaryOp::Greater, shown("amount"), int(100));
    rules("receipt", vec![FieldRule { required: Some(true), show_if: Some(dear), ..said("GOV-4") }]);
    rules("urgent", vec![FieldRule { show_if: Some(value(scn_plan::Value::Bool(false))), ..said("GOV-4") }]);
    let urgent = form_field("urgent");
    who.decisions = vec![
        decision("GOV-6", urgent, Outcome::Deny),
        decision("GOV-5", compare(BinaryOp::Equal, form_field("name"), text("Ada")), Outcome::Allow),
        decision("GOV-6", compare(BinaryOp::Greater, form_field("age"), int(90)), Outcome::Deny),
        decision("GOV-7", compare(BinaryOp::Greater, form_field("purpose"), int(1)), Outcome::Deny),
    ];
    let mut start = page("/start", vec![who]);
    start.show = vec![("amount".into(), int(40))];
    let plain = form("plain", Some("/done"), vec![("id", optional(any_text()))], vec![]);
    let portal = frontend("portal", vec![start, page("/plain", vec![plain]), page("/done", vec![])]);
    let mut blueprint = Arc::unwrap_or_clone(blueprint(vec![portal], vec![], vec![]));

    let text: String = (1..=7).map(|number| format!("GOV-{number}\n")).collect();
    let source = blueprint.sources.add(Source::new("rules.yaml", text));
    blueprint.rules = (1..=7)
        .map(|number: u32| Rule {
            policy: serde_json::from_value::<Policy>(json!({
                "rule_id": format!("GOV-{number}"),
                "text": "A draft.",
                "applies_to": if number == 7 { "portal/else" } else { "portal/who" },
                "field": { "name": "purpose", "required": true, "showIf": "age < 18" },
            }))
            .unwrap(),
            frontend: "portal".into(),
            form: "who".into(),
            span: scn_plan::Span { source, start: 6 * (number - 1), end: 6 * number - 1 },
        })
        .collect();
    Arc::new(blueprint)
}

/// What is sent when nothing is wrong.
const GOOD: [(&str, &str); 3] = [("name", "Alex"), ("age", "40"), ("purpose", "travel")];

fn with<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<_> = GOOD.into_iter().filter(|(own, _)| *own != name).collect();
    fields.push((name, value));
    fields
}

#[tokio::test]
async fn each_rule_refuses_what_it_is_about_and_the_span_names_it() {
    let world = up(portal()).await;
    let refused = [
        (with("name", "alex"), "A name begins with a capital.", Some(("GOV-1", "rules.yaml:1"))),
        (with("purpose", ""), "What &lt;for&gt;? must be filled in", Some(("GOV-2", "rules.yaml:2"))),
        (with("age", "12"), "Guardian must be filled in", Some(("GOV-3", "rules.yaml:3"))),
        (with("age", "91"), "GOV-6 says no.", Some(("GOV-6", "rules.yaml:6"))),
        // What the blueprint itself asks for is no rule's doing.
        (with("name", ""), "Name must be filled in", None),
        (with("age", "old"), "Age must be a whole number", None),
    ];
    let count = refused.len();
    for (fields, message, rule) in refused {
        let response = world.post(&mut world.browser(), "/start", &fields).await;
        assert_status(&response, 422);
        assert_contains(&body(&response), message);
        let span = world.spans.of("portal", SpanKind::Server).pop().expect("a span");
        let named = span.text(attributes::ESR_RULE).zip(span.text(attributes::ESR_RULE_PLACE));
        assert_eq!(named, rule, "{fields:?}");
    }
    assert_eq!(world.spans.of("portal", SpanKind::Server).len(), count);
}

#[tokio::test]
async fn several_rules_refuse_at_once() {
    let world = up(portal()).await;
    let fields = [("name", "alex"), ("age", "12")];
    let response = world.post(&mut world.browser(), "/start", &fields).await;
    assert_status(&response, 422);
    let span = world.spans.of("portal", SpanKind::Server).pop().expect("a span");
    assert_eq!(span.text(attributes::ESR_RULE), Some("GOV-1, GOV-2, GOV-3"));
    assert_eq!(span.text(attributes::ESR_RULE_PLACE), Some("rules.yaml:1, rules.yaml:2, rules.yaml:3"));
    let demands = "pattern name, required purpose, required guardian";
    assert_eq!(span.text(attributes::ESR_RULE_DEMAND), Some(demands));
}

#[tokio::test]
async fn what_the_rules_admit_goes_through() {
    let world = up(portal()).await;
    // The last decision has no value for these, and would be an error of the rule if it were looked at.
    let allowed = [("name", "Ada"), ("age", "95"), ("purpose", "travel")];
    assert_status(&world.post(&mut world.browser(), "/start", &allowed).await, 303);
    let minor = [("name", "Ada"), ("age", "12"), ("purpose", "travel"), ("guardian", "Alex")];
    assert_status(&world.post(&mut world.browser(), "/start", &minor).await, 303);
}

#[tokio::test]
async fn a_rule_without_a_value_is_named() {
    let world = up(portal()).await;
    let response = world.post(&mut world.browser(), "/start", &GOOD).await;
    assert_status(&response, 500);
    let span = world.spans.of("portal", SpanKind::Server).pop().expect("a span");
    assert_eq!(span.text(attributes::ESR_RULE), Some("GOV-7"));
    assert_eq!(span.text(attributes::ESR_RULE_DEMAND), Some("broken"));
}

#[tokio::test]
async fn pages_show_the_form_as_the_rules_have_it() {
    let world = up(portal()).await;
    let shown = body(&world.get(&mut world.browser(), "/start").await);
    assert_contains(&shown, "What &lt;for&gt;?</label>");
    // It may have to be filled in, which only the browser's person knows.
    assert_contains(&shown, "<label for=\"who-guardian\">Guardian</label>");
    assert_contains(&shown, "id=\"who-guardian\" name=\"guardian\">");
    assert_contains(&shown, "id=\"who-purpose\" name=\"purpose\" required>");
    assert_contains(&shown, "pattern=\"[A-Z].*\"");
    assert!(!shown.contains("receipt"), "the amount is too small for a receipt:\n{shown}");
    let (_, rest) = shown.split_once("data-policy-etag=\"").expect("the rules' ETags");
    let etags: Vec<&str> = rest.split('"').next().unwrap().split(' ').collect();
    assert_contains(&shown, "data-policy=\"GOV-1 GOV-2 GOV-3 GOV-4 GOV-6 GOV-5 GOV-7\"");
    assert_eq!(etags.len(), 7);
    let policy = gov(&world, Method::GET, "/policies/GOV-1", None).await;
    assert_eq!(policy.headers["etag"].to_str().unwrap(), format!("\"{}\"", etags[0]));
    let plain = body(&world.get(&mut world.browser(), "/plain").await);
    assert!(!plain.contains("data-policy"), "{plain}");
}

async fn gov(world: &World, method: Method, path: &str, if_none_match: Option<&str>) -> Response {
    let mut headers = HeaderMap::new();
    if let Some(etag) = if_none_match {
        headers.insert("if-none-match", etag.parse().unwrap());
    }
    let url = world.sandbox.gov_url().expect("the endpoint is up").join(path).unwrap();
    world.transport.send(Request { method, url, headers, body: Default::default() }).await.expect("a response")
}

fn json_of(response: &Response) -> Json {
    serde_json::from_slice(&response.body).unwrap_or_else(|error| panic!("{error}: {}", body(response)))
}

#[tokio::test]
async fn the_gov_endpoint_serves_policies_with_etags() {
    let world = up(portal()).await;
    let list = gov(&world, Method::GET, "/policies", None).await;
    assert_status(&list, 200);
    assert_eq!(list.headers["content-type"], "application/json");
    let listed = json_of(&list);
    let policies = listed["policies"].as_array().unwrap();
    assert_eq!(policies.len(), 7);
    assert_eq!((&policies[1]["rule_id"], &policies[1]["applies_to"]), (&json!("GOV-2"), &json!("portal/who")));
    assert_eq!(policies[1]["href"], "/policies/GOV-2");

    let policy = gov(&world, Method::GET, "/policies/GOV-2", None).await;
    assert_status(&policy, 200);
    let spec = json_of(&policy);
    let expected = json!({
        "rule_id": "GOV-2", "text": "A draft.", "applies_to": "portal/who",
        "field": { "name": "purpose", "required": true, "showIf": "age < 18" },
    });
    assert_eq!(spec, expected);
    let etag = policy.headers["etag"].to_str().unwrap();
    assert_eq!(policies[1]["etag"], etag);
    assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 10, "{etag}");
    assert_ne!(policies[0]["etag"], etag);

    let filtered = json_of(&gov(&world, Method::GET, "/policies?applies_to=portal/else", None).await);
    assert_eq!(filtered["policies"].as_array().unwrap().len(), 1);
    assert_eq!(filtered["policies"][0]["rule_id"], "GOV-7");
    assert!(world.spans.all().is_empty(), "whoever reads policies leaves no trace in the run");
}

#[tokio::test]
async fn what_is_known_already_is_not_sent_again() {
    let world = up(portal()).await;
    for path in ["/policies", "/policies/GOV-2"] {
        let first = gov(&world, Method::GET, path, None).await;
        let etag = first.headers["etag"].to_str().unwrap().to_owned();
        for known in [etag.clone(), format!("\"other\", W/{etag}"), "*".to_owned()] {
            let again = gov(&world, Method::GET, path, Some(&known)).await;
            assert_status(&again, 304);
            assert!(again.body.is_empty());
            assert_eq!(again.headers["etag"].to_str().unwrap(), etag);
        }
        assert_status(&gov(&world, Method::GET, path, Some("\"other\"")).await, 200);
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_as_a_problem() {
    let world = up(portal()).await;
    for path in ["/policies/GOV-99", "/policies/", "/policy", "/", "/policies/GOV-2/more"] {
        let response = gov(&world, Method::GET, path, None).await;
        let expected = if path == "/policies/" { 200 } else { 404 };
        assert_status(&response, expected);
        if expected == 404 {
            assert_eq!(response.headers["content-type"], "application/problem+json");
            assert_eq!(json_of(&response)["status"], 404);
        }
    }
    for (method, path) in [(Method::POST, "/policies"), (Method::DELETE, "/policies/GOV-2")] {
        let response = gov(&world, method, path, None).await;
        assert_status(&response, 405);
        assert_eq!(response.headers["allow"], "GET, HEAD");
        assert_eq!(response.headers["content-type"], "application/problem+json");
    }
    assert_status(&gov(&world, Method::HEAD, "/policies/GOV-2", None).await, 200);
}

#[tokio::test]
async fn without_rules_the_list_is_empty_and_the_endpoint_goes_down_with_the_sandbox() {
    let portal = frontend("portal", vec![page("/start", vec![])]);
    let world = up(blueprint(vec![portal], vec![], vec![])).await;
    assert_eq!(json_of(&gov(&world, Method::GET, "/policies", None).await), json!({ "policies": [] }));
    let port = world.sandbox.gov_url().unwrap().port().unwrap();
    world.sandbox.down().await;
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "nobody listens any more");
}
