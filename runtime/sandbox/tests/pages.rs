//! Frontends: pages, forms, sessions.

mod common;

use std::sync::Arc;

use common::*;
use http::Method;
use scn_plan::{Blueprint, Root, Shape};

fn code() -> Shape {
    Shape::Text { pattern: Some(r"^[A-Z]\d{2}$".into()) }
}

/// A portal whose pages use everything that pages can.
fn portal() -> Arc<Blueprint> {
    let who = form(
        "who",
        Some("/photo"),
        vec![
            ("code", required(code())),
            ("plan", required(Shape::Choice(vec!["basic".into(), "large_family".into()]))),
            ("age", required(Shape::Int)),
            ("news", required(Shape::Bool)),
            ("nickname", optional(any_text())),
        ],
        vec![run(
            "store",
            vec![
                ("store", name("people")),
                ("key", field(root(Root::Session), "id")),
                (
                    "value",
                    record(vec![("code", field(root(Root::Form), "code")), ("age", field(root(Root::Form), "age"))]),
                ),
            ],
        )],
    );
    let photo = form("photo", Some("/done"), vec![("photo", required(Shape::File { max: Some(1000) }))], vec![]);
    let mut pay = page(
        "/pay",
        vec![form(
            "pay",
            Some("/done"),
            vec![],
            vec![when(
                differs(field(root(Root::Show), "amount"), int(42)),
                vec![run("reply", vec![("status", int(402)), ("error", text("You have not seen the price."))])],
            )],
        )],
    );
    pay.on_view = Some(handler(vec![set(0, int(42))]));
    pay.show = vec![("amount".into(), slot(0))];
    let mut mine = page("/mine", vec![]);
    mine.on_view = Some(handler(vec![
        run_as(0, "find", vec![("store", name("people")), ("key", field(root(Root::Session), "id"))]),
        when(
            is_none(slot(0)),
            vec![run(
                "reply",
                vec![
                    ("status", int(409)),
                    ("page", value(scn_plan::Value::Path("/start".into()))),
                    ("error", text("Tell us <first> who you are.")),
                ],
            )],
        ),
    ]));
    mine.show = vec![("code".into(), field(slot(0), "code")), ("age".into(), field(slot(0), "age"))];
    let two = page(
        "/two",
        vec![
            form("left", Some("/start"), vec![("x", required(Shape::Int))], vec![]),
            form("right", None, vec![("x", optional(Shape::Int))], vec![]),
        ],
    );
    let moved = form(
        "moved",
        None,
        vec![],
        vec![run(
            "reply",
            vec![
                ("status", int(307)),
                ("page", text("/done")),
                ("headers", record(vec![("x_note", text("elsewhere"))])),
            ],
        )],
    );
    let pages = vec![
        page("/start", vec![who]),
        page("/photo", vec![photo]),
        pay,
        mine,
        two,
        page("/done", vec![]),
        page("/moved", vec![moved]),
    ];
    let people = shape(vec![("code", required(any_text())), ("age", required(Shape::Int))]);
    blueprint(vec![frontend("portal", pages).store("people", people)], vec![], vec![])
}

const GOOD: &[(&str, &str)] = &[("_form", "who"), ("code", "X12"), ("plan", "basic"), ("age", "44")];

#[tokio::test]
async fn a_page_has_a_title_labelled_controls_and_their_constraints() {
    let world = up(portal()).await;
    let page = world.get(&mut world.browser(), "/start").await;
    assert_status(&page, 200);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    let html = body(&page);
    for part in [
        "<title>Page /start</title>",
        "<h1>Page /start</h1>",
        "<p>This is /start.</p>",
        "<form id=\"who\" name=\"who\" method=\"post\" action=\"/start\">",
        "<input type=\"hidden\" name=\"_form\" value=\"who\">",
        "<label for=\"who-code\">Code</label>",
        "<input type=\"text\" pattern=\"[A-Z]\\d{2}\" maxlength=\"9\" id=\"who-code\" name=\"code\" required>",
        "<input type=\"radio\" id=\"who-plan-large_family\" name=\"plan\" value=\"large_family\" required>",
        "<label for=\"who-plan-large_family\">Large family</label>",
        "<input type=\"checkbox\" id=\"who-news\" name=\"news\" value=\"true\">",
        "Nickname <span class=\"optional\">(optional)</span>",
    ] {
        assert_contains(&html, part);
    }
    assert_contains(&body(&world.get(&mut world.browser(), "/photo").await), "enctype=\"multipart/form-data\"");
}

#[tokio::test]
async fn success_leads_where_the_form_points_with_303() {
    let world = up(portal()).await;
    let answer = world.post(&mut world.browser(), "/start", GOOD).await;
    assert_status(&answer, 303);
    assert_eq!(answer.headers["location"], "/photo");
}

#[tokio::test]
async fn a_violation_shows_the_page_again_with_422_its_errors_and_what_was_entered() {
    let world = up(portal()).await;
    let wrong = [("_form", "who"), ("code", "\"><b>"), ("plan", "large_family"), ("age", ""), ("nickname", "Al")];
    let answer = world.post(&mut world.browser(), "/start", &wrong).await;
    assert_status(&answer, 422);
    let html = body(&answer);
    for part in [
        "<title>Error: Page /start</title>",
        "role=\"alert\"",
        "<li><a href=\"#who-code\">Code is not in the expected format</a></li>",
        "<li><a href=\"#who-age\">Age must be filled in</a></li>",
        "<p class=\"error\" id=\"who-age-error\">Age must be filled in</p>",
        "value=\"&quot;&gt;&lt;b&gt;\" required aria-invalid=\"true\" aria-describedby=\"who-code-error\"",
        "name=\"plan\" value=\"large_family\" checked",
        "name=\"nickname\" value=\"Al\"",
    ] {
        assert_contains(&html, part);
    }
    assert!(!html.contains("<b>"), "what was entered is escaped");
}

#[tokio::test]
async fn sessions_are_kept_apart_by_a_cookie() {
    let world = up(portal()).await;
    let (mut one, mut two) = (world.browser(), world.browser());
    let first = world.get(&mut one, "/start").await;
    let cookie = first.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("session-portal=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    assert!(!world.get(&mut one, "/start").await.headers.contains_key("set-cookie"), "a session keeps its cookie");
    world.get(&mut two, "/start").await;
    assert_ne!(one.cookie, two.cookie);

    world.post(&mut one, "/start", GOOD).await;
    let html = body(&world.get(&mut one, "/mine").await);
    assert_contains(&html, "<dt>Code</dt><dd><output name=\"code\">X12</output></dd>");
    assert_contains(&html, "<output name=\"age\">44</output>");
    let other = world.get(&mut two, "/mine").await;
    assert_status(&other, 409);
    assert_contains(&body(&other), "<p>Tell us &lt;first&gt; who you are.</p>");
    assert_contains(&body(&other), "<h1>Page /start</h1>");
}

#[tokio::test]
async fn requests_of_one_key_without_a_cookie_are_sessions_of_their_own() {
    let world = up(portal()).await;
    let mut cookies = Vec::new();
    for _ in 0..2 {
        let mut browser = world.browser();
        browser.headers.insert("tracestate", "esr=7.p1.i0.n2.a0".parse().unwrap());
        world.get(&mut browser, "/start").await;
        cookies.push(browser.cookie);
    }
    assert_ne!(cookies[0], cookies[1]);
}

#[tokio::test]
async fn on_submit_reads_what_the_session_last_saw() {
    let world = up(portal()).await;
    let mut browser = world.browser();
    let unseen = world.post(&mut browser, "/pay", &[]).await;
    assert_status(&unseen, 402);
    assert_contains(&body(&unseen), "You have not seen the price.");
    assert_contains(&body(&world.get(&mut browser, "/pay").await), "<output name=\"amount\">42</output>");
    assert_status(&world.post(&mut browser, "/pay", &[]).await, 303);
}

#[tokio::test]
async fn several_forms_of_a_page_are_told_apart() {
    let world = up(portal()).await;
    let mut browser = world.browser();
    let left = world.post(&mut browser, "/two", &[("_form", "left"), ("x", "1")]).await;
    assert_eq!(left.headers["location"], "/start");
    let right = world.post(&mut browser, "/two", &[("_form", "right")]).await;
    assert_eq!(right.headers["location"], "/two", "a form without an arrow leads back");
    for unknown in [&[("_form", "middle")][..], &[]] {
        let answer = world.post(&mut browser, "/two", unknown).await;
        assert_status(&answer, 422);
        assert_contains(&body(&answer), "does not know the form");
    }
    let wrong = body(&world.post(&mut browser, "/two", &[("_form", "right"), ("x", "a")]).await);
    assert_contains(&wrong, "id=\"right-x\" name=\"x\" value=\"a\" aria-invalid");
    assert_contains(&wrong, "id=\"left-x\" name=\"x\" required>");
}

fn upload(content: &str) -> String {
    format!(
        "--b\r\nContent-Disposition: form-data; name=\"_form\"\r\n\r\nphoto\r\n--b\r\nContent-Disposition: form-data; \
         name=\"photo\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n{content}\r\n--b--\r\n"
    )
}

#[tokio::test]
async fn files_come_by_multipart_and_are_bounded() {
    let world = up(portal()).await;
    let mut browser = world.browser();
    let multipart = Some("multipart/form-data; boundary=b");
    for (size, status, says) in [(1000, 303, ""), (1001, 422, "Photo must be at most 1KB")] {
        let sent = world.try_send(&mut browser, Method::POST, "/photo", multipart, upload(&"x".repeat(size))).await;
        assert_status(sent.as_ref().unwrap(), status);
        assert_contains(&body(&sent.unwrap()), says);
    }
    let nameless = upload("").replace("a.jpg", "");
    let sent = world.try_send(&mut browser, Method::POST, "/photo", multipart, nameless).await.unwrap();
    assert_status(&sent, 422);
    assert_contains(&body(&sent), "Photo must be filled in");
}

#[tokio::test]
async fn other_paths_and_methods_have_pages_of_their_own() {
    let world = up(portal()).await;
    let mut browser = world.browser();
    let missing = world.get(&mut browser, "/nowhere").await;
    assert_status(&missing, 404);
    assert_contains(&body(&missing), "<a href=\"/start\">Page /start</a>");
    let not_allowed = world.post(&mut browser, "/done", &[]).await;
    assert_status(&not_allowed, 405);
    assert_eq!(not_allowed.headers["allow"], "GET, HEAD");
    let put = world.try_send(&mut browser, Method::PUT, "/start", None, "").await.unwrap();
    assert_status(&put, 405);
    assert_eq!(put.headers["allow"], "GET, HEAD, POST");
    let head = world.try_send(&mut browser, Method::HEAD, "/start", None, "").await.unwrap();
    assert_status(&head, 200);
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn a_reply_may_redirect_and_set_headers() {
    let world = up(portal()).await;
    let answer = world.post(&mut world.browser(), "/moved", &[]).await;
    assert_status(&answer, 307);
    assert_eq!(answer.headers["location"], "/done");
    assert_eq!(answer.headers["x-note"], "elsewhere");
}
