//! Visiting: redirects, cookies, statuses, what is expected.

use esr_engine::TransportError;
use scn_plan::{Value, plan::Admits};

use super::support::*;

#[test]
fn redirects_keep_or_change_the_method_as_browsers_do() {
    for (status, expected) in [
        (301, "GET /there"),
        (302, "GET /there"),
        (303, "GET /there"),
        (307, "POST /there a=1"),
        (308, "POST /there a=1"),
    ] {
        let flight = Flight::over(|server| {
            server
                .on("GET /", page(r#"<form method="post" action="/go"><input name="a"></form>"#))
                .on("POST /go", redirect(status, "there"))
                .on("GET /there", page(""))
                .on("POST /there", page(""))
        });
        flight.run(plan(vec![visit("/"), fill("a", "1"), expect_page("/there")]));
        assert_eq!(flight.ending(), "completed", "{status}");
        assert_eq!(flight.server.log()[2], expected, "{status}");
        let kind = flight.server.requests.lock().unwrap()[2].headers.contains_key("content-type");
        assert_eq!(kind, status >= 307, "{status}");
    }
}

#[test]
fn endless_redirects_and_ways_out_of_the_sandbox_fail() {
    for (to, ending) in [
        ("/", "visit: too many redirects"),
        ("http://elsewhere.example/", "visit: outside the sandbox"),
        ("http://", "visit: bad redirect"),
    ] {
        let flight = Flight::over(|server| server.on("GET /", redirect(302, to)));
        flight.run(plan(vec![visit("/")]));
        assert_eq!(flight.ending(), ending);
    }
    let flight =
        Flight::over(|server| server.on("GET /", redirect(302, "http://127.0.0.1:81/x")).on("GET /x", page("")));
    flight.run(plan(vec![visit("/")]));
    assert_eq!(flight.ending(), "completed");
    assert_eq!(flight.spans("GET")[1].text("esr.edge.callee"), Some("127.0.0.1:81"));
}

#[test]
fn hosts_that_the_plan_admits_are_asked_and_their_subdomains_are_not() {
    for (to, ending) in [
        ("http://Fees.example.gov/x", "completed"),
        ("http://fees.example.gov:8080/x", "completed"),
        ("http://old.fees.example.gov/x", "visit: outside the sandbox"),
        ("ftp://fees.example.gov/x", "visit: outside the sandbox"),
    ] {
        let flight = Flight::over(|server| server.on("GET /", redirect(302, to)).on("GET /x", page("")));
        let mut plan = plan(vec![visit("/")]);
        plan.allow_hosts.push("fees.example.gov".into());
        flight.run(plan);
        assert_eq!(flight.ending(), ending, "{to}");
    }
}

#[test]
fn cookies_are_kept_over_redirects_and_steps() {
    let flight = Flight::over(|server| {
        server
            .on("GET /", redirect(302, "/in").header("set-cookie", "session=s1; HttpOnly").header("set-cookie", "b=2"))
            .with("GET /in", |request, _| {
                assert_eq!(request.headers["cookie"], "b=2; session=s1");
                page("")
            })
            .with("GET /api", |request, _| {
                assert_eq!(request.headers["cookie"], "b=2; session=s1");
                answer(200, "{}")
            })
    });
    flight.run(plan(vec![visit("/"), step("get", &[("path", text("/api"))])]));
    assert_eq!(flight.ending(), "completed");
}

#[test]
fn a_final_status_of_400_or_more_fails_a_human_step_unless_it_is_admitted() {
    let gone = |server: Server| server.on("GET /", page("gone").status(410));
    for (admits, ending) in [
        (Admits::Nothing, "visit: HTTP 410"),
        (Admits::Status(410), "completed"),
        (Admits::Status(404), "visit: HTTP 410"),
        (Admits::Anything, "completed"),
    ] {
        let flight = Flight::over(gone);
        flight.run(plan(vec![visit("/").admits(admits), step("expect", &[("status", int(410))])]));
        assert_eq!(flight.ending(), ending);
    }
}

#[test]
fn transport_failures_and_timeouts_are_named() {
    for (error, ending) in [
        (TransportError::Refused("nobody".to_owned()), "visit: connection refused"),
        (TransportError::Broken("reset".to_owned()), "visit: connection broken"),
    ] {
        let flight = Flight::over(|server| server.on("GET /", broken(error)));
        flight.run(plan(vec![visit("/")]));
        assert_eq!(flight.ending(), ending);
    }
    // A step's timeout covers its requests together.
    let flight =
        Flight::over(|server| server.on("GET /", redirect(302, "/b").takes(600)).on("GET /b", page("").takes(600)));
    flight.run(plan(vec![visit("/").timeout(1_000)]));
    assert_eq!(flight.ending(), "visit: timeout");
    assert_eq!(flight.samples(), ["visit 1000ms - timeout"]);
    assert_eq!(flight.spans("GET")[1].text("error.type"), Some("timeout"));
}

#[test]
fn expect_compares_page_status_text_and_title() {
    let expecting = |name: &str, wanted: &str| step("expect", &[(name, text(wanted))]);
    for (expect, ending) in [
        (expect_page("/in"), "completed"),
        (expect_page("/in?x=1"), "completed"),
        (expect_page("/in?x=2"), "expect: page /in"),
        (expect_page("/other"), "expect: page /in"),
        (expecting("text", "Thank you, Alex"), "completed"),
        (expecting("text", "Goodbye"), "expect: text"),
        (expecting("title", "The title"), "completed"),
        (expecting("title", "title"), "expect: title"),
        (step("expect", &[("status", int(200)), ("page", value(Value::None))]), "completed"),
        (step("expect", &[("status", int(201)), ("page", text("/other"))]), "expect: HTTP 200"),
    ] {
        let flight = Flight::over(|server| {
            server
                .on("GET /", redirect(302, "/in?x=1"))
                .on("GET /in", page("<title>The  title</title><p>Thank you, <b>Alex</b></p>"))
        });
        flight.run(plan(vec![visit("/"), expect]));
        assert_eq!(flight.ending(), ending);
    }
    let flight = Flight::over(|server| server);
    flight.run(plan(vec![expect_page("/")]));
    assert_eq!(flight.ending(), "expect: no page");
}

#[test]
fn a_response_without_content_leaves_the_page() {
    let flight = Flight::over(|server| {
        server
            .on("GET /", page("<title>Stay</title><form method=post action=/save></form>"))
            .on("POST /save", answer(204, ""))
    });
    flight.run(plan(vec![visit("/"), step("submit", &[]), expect_page("/")]));
    assert_eq!(flight.ending(), "completed");
}
