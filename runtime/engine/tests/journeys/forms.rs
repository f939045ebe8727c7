//! Forms and controls in a journey.

use scn_plan::{FileSpec, Value};

use super::support::*;

const FORM: &str = r#"<title>F</title><form name="f" method="post" enctype="multipart/form-data" action="/f">
    <select name="kind"><option value="a">Adult<option value="c">Child</select>
    <input type="checkbox" name="terms" value="yes"><input type="checkbox" name="mail" value="yes" checked>
    <input type="file" name="photo"><input type="file" name="letter">
    <button name="go" value="1">Continue</button></form><a href="/help#top">Get help</a>"#;

fn server(server: Server) -> Server {
    server
        .on("GET /f", page(FORM))
        .on("POST /f", redirect(303, "/ok"))
        .on("GET /ok", page("<p>fine</p>"))
        .on("GET /help", page("<p>help</p>"))
}

fn target(verb: &str, target: &str) -> StepPlan {
    step(verb, &[("target", text(target))])
}

fn upload(file: scn_plan::Expr, field: Option<&str>) -> StepPlan {
    let field = field.map_or(value(Value::None), text);
    step("upload", &[("file", file), ("size", value(Value::Size(2_000))), ("field", field)])
}

#[test]
fn a_form_is_entered_and_submitted_by_its_button() {
    let flight = Flight::over(server);
    let photo = value(Value::File(FileSpec { name: "me.jpg".into(), size: 1_500 }));
    flight.run(plan(vec![
        visit("/f"),
        step("select", &[("target", text("kind")), ("value", text("Child"))]),
        target("check", "terms"),
        target("uncheck", "mail"),
        upload(text("note.txt"), Some("letter")),
        upload(photo, None),
        target("click", "Continue"),
    ]));
    assert_eq!(flight.ending(), "completed");
    let requests = flight.server.requests.lock().unwrap();
    let sent = &requests[1];
    let body = String::from_utf8_lossy(&sent.body);
    for part in [
        "name=\"kind\"\r\n\r\nc\r\n",
        "name=\"terms\"\r\n\r\nyes\r\n",
        "name=\"photo\"; filename=\"me.jpg\"\r\nContent-Type: image/jpeg\r\n",
        "name=\"letter\"; filename=\"note.txt\"\r\nContent-Type: text/plain\r\n",
        "name=\"go\"\r\n\r\n1\r\n",
    ] {
        assert!(body.contains(part), "{part}");
    }
    assert!(!body.contains("name=\"mail\""));
    let boundary = sent.headers["content-type"].to_str().unwrap().split_once("boundary=").unwrap().1.to_owned();
    assert!(body.starts_with(&format!("--{boundary}\r\n")) && body.ends_with(&format!("--{boundary}--\r\n")));
    assert_eq!(sent.headers["origin"], "http://portal.example");
    assert_eq!(sent.headers["referer"], "http://portal.example/f");
}

#[test]
fn submit_takes_the_form_named_or_the_only_one() {
    for form in [value(Value::None), text("f")] {
        let flight = Flight::over(server);
        flight.run(plan(vec![visit("/f"), step("submit", &[("form", form)]), expect_page("/ok")]));
        assert_eq!(flight.ending(), "completed");
        assert_eq!(flight.samples(), ["visit 0ms 200 ok", "submit 0ms 200 ok"]);
    }
    let flight = Flight::over(|server| server.on("GET /", page("nothing")));
    flight.run(plan(vec![visit("/"), step("submit", &[])]));
    assert_eq!(flight.ending(), "submit: no form");
}

#[test]
fn a_link_is_followed_and_a_place_on_the_page_is_not_fetched() {
    let flight = Flight::over(|server| {
        server
            .on(
                "GET /a",
                page(r##"<a href="#x">Here</a><a href="b?c=1">There</a><a href="mailto:x@example.com">Mail</a>"##),
            )
            .on("GET /b", page("b"))
    });
    flight.run(plan(vec![visit("/a"), target("click", "Here"), target("click", "There"), expect_page("/b?c=1")]));
    assert_eq!(flight.ending(), "completed");
    assert_eq!(flight.server.log(), ["GET /a", "GET /b?c=1"]);
    let flight = Flight::over(|server| server.on("GET /a", page(r#"<a href="mailto:x@example.com">Mail</a>"#)));
    flight.run(plan(vec![visit("/a"), target("click", "Mail")]));
    assert_eq!(flight.ending(), "click: no page");
}

#[test]
fn a_file_that_cannot_be_made_fails_the_upload() {
    let flight = Flight::over(server);
    let tiny = value(Value::File(FileSpec { name: "me.jpg".into(), size: 10 }));
    flight.run(plan(vec![visit("/f"), upload(tiny, None)]));
    assert_eq!(flight.ending(), "upload: bad file");
}

#[test]
fn a_journey_begins_with_a_page() {
    let flight = Flight::over(server);
    flight.run(plan(vec![fill("a", "b")]));
    assert_eq!(flight.ending(), "fill: no page");
}
