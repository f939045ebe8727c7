//! Calls between parts: what they carry, what they bring back, and how they fail.

mod common;

use std::sync::Arc;

use common::*;
use esr_tap::{SpanKind, attributes as names};
use http::Method;
use scn_plan::{
    Blueprint, Expr, Root, Shape, Value,
    blueprint::{HandlerStep, Part, Seed},
};

/// A portal that runs `steps` when `/go` is viewed, beside `parts`, all of which it may call.
fn portal(
    steps: Vec<HandlerStep>,
    parts: Vec<Part>,
    more_edges: Vec<(&str, &str)>,
    seeds: Vec<Seed>,
) -> Arc<Blueprint> {
    let mut go = page("/go", vec![]);
    go.on_view = Some(handler(steps));
    let names: Vec<String> = parts.iter().map(|part| part.name.to_string()).collect();
    let mut edges: Vec<(&str, &str)> = names.iter().map(|name| ("portal", name.as_str())).collect();
    edges.extend(more_edges);
    blueprint([vec![frontend("portal", vec![go])], parts].concat(), edges, seeds)
}

async fn go(blueprint: Arc<Blueprint>) -> (u16, String) {
    let world = up(blueprint).await;
    let answer = world.get(&mut world.browser(), "/go").await;
    (answer.status.as_u16(), body(&answer))
}

fn get(path: &str) -> Vec<(&str, Expr)> {
    vec![("service", name("svc")), ("path", text(path)), ("timeout", ms(5000))]
}

fn answer(value: Expr) -> HandlerStep {
    reply(200, Some(value))
}

#[tokio::test]
async fn a_timeout_reads_as_504_and_an_unreachable_peer_as_502() {
    let slow = || vec![service("svc", vec![route("GET", "/x", None, vec![])]).latency(60_000)];
    let ask = || vec![("service", name("svc")), ("path", text("/x")), ("timeout", ms(30))];
    let (status, page) = go(portal(vec![run("get", ask())], slow(), vec![], vec![])).await;
    assert_eq!(status, 504);
    assert_contains(&page, "svc did not answer within 30ms.");
    let read = vec![run_reading(0, "get", ask()), answer(record(vec![("status", field(slot(0), "status"))]))];
    assert_eq!(go(portal(read, slow(), vec![], vec![])).await, (200, r#"{"status":504}"#.to_owned()));
}

#[tokio::test]
async fn a_failing_call_ends_the_handler_with_504_if_it_was_504_else_502() {
    for (status, expected) in [(200, 200), (399, 200), (400, 502), (404, 502), (500, 502), (503, 502), (504, 504)] {
        let parts = vec![service("svc", vec![route("GET", "/x", None, vec![reply(status, None)])])];
        assert_eq!(go(portal(vec![run("get", get("/x"))], parts, vec![], vec![])).await.0, expected, "{status}");
    }
}

#[tokio::test]
async fn earlier_writes_stand_when_a_call_fails() {
    let keep = |key: &str| {
        run("store", vec![("store", name("seen")), ("key", text(key)), ("value", record(vec![("id", text(key))]))])
    };
    let find = |slot, key: &str| run_as(slot, "find", vec![("store", name("seen")), ("key", text(key))]);
    let svc = service(
        "svc",
        vec![
            route(
                "POST",
                "/write",
                None,
                vec![
                    keep("before"),
                    run("get", vec![("service", name("other")), ("path", text("/nowhere")), ("timeout", ms(5000))]),
                    keep("after"),
                ],
            ),
            route(
                "GET",
                "/read",
                None,
                vec![find(0, "before"), find(1, "after"), reply(200, Some(list(vec![slot(0), slot(1)])))],
            ),
        ],
    )
    .store("seen", shape(vec![("id", required(any_text()))]));
    let steps = vec![
        run_reading(0, "post", get("/write")),
        run_as(1, "get", get("/read")),
        answer(list(vec![field(slot(0), "status"), field(slot(1), "body")])),
    ];
    let parts = vec![svc, service("other", vec![])];
    let (_, body) = go(portal(steps, parts, vec![("svc", "other")], vec![])).await;
    assert_eq!(body, r#"[502,[{"id":"before"},null]]"#);
}

#[tokio::test]
async fn a_callers_timeout_cancels_nothing() {
    let svc =
        service("svc", vec![route("GET", "/x", None, vec![run("think", vec![("time", ms(200))]), reply(200, None)])]);
    let steps = vec![run("get", vec![("service", name("svc")), ("path", text("/x")), ("timeout", ms(20))])];
    let world = up(portal(steps, vec![svc], vec![], vec![])).await;
    assert_status(&world.get(&mut world.browser(), "/go").await, 504);
    let client = world.spans.of("portal", SpanKind::Client);
    assert_eq!(client[0].text(names::ERROR_TYPE), Some("timeout"));
    let served = world.spans.wait_for("svc", SpanKind::Server, 1).await;
    assert_eq!(served[0].int(names::HTTP_RESPONSE_STATUS_CODE), Some(200));
    assert!(served[0].end_time_unix_nano > client[0].end_time_unix_nano);
}

#[tokio::test]
async fn bodies_queries_parameters_and_headers_arrive() {
    let echo = record(vec![
        ("body", root(Root::Body)),
        ("id", field(root(Root::Path), "id")),
        ("query", root(Root::Query)),
        ("branch", root(Root::Branch)),
    ]);
    let svc = service(
        "svc",
        vec![
            route(
                "PUT",
                "/items/{id}",
                Some(shape(vec![("fee", required(Shape::Money))])),
                vec![run(
                    "reply",
                    vec![("status", int(201)), ("body", echo), ("headers", record(vec![("x_kind", text("echo"))]))],
                )],
            ),
            route("PUT", "/items/all", None, vec![reply(200, Some(text("literal")))]),
        ],
    );
    let put = |path: &str| {
        vec![
            ("service", name("svc")),
            ("path", text(path)),
            ("body", record(vec![("fee", value(Value::Money(1250)))])),
            ("query", record(vec![("a", text("1 & 2")), ("none", value(Value::None))])),
            ("timeout", ms(5000)),
        ]
    };
    let steps = vec![
        run_as(0, "put", put("/items/a%20b?z=9")),
        run_as(1, "put", put("/items/all")),
        answer(list(vec![
            field(slot(0), "status"),
            field(slot(0), "body"),
            field(field(slot(0), "headers"), "x_kind"),
            field(slot(1), "body"),
        ])),
    ];
    let (_, body) = go(portal(steps, vec![svc], vec![], vec![])).await;
    let echoed = r#"{"body":{"fee":12.5},"id":"a b","query":{"z":"9","a":"1 & 2"},"branch":"main"}"#;
    assert_eq!(body, format!(r#"[201,{echoed},"echo","literal"]"#));
}

#[tokio::test]
async fn handlers_read_the_branch_that_the_blueprint_is_on() {
    let main = portal(vec![answer(record(vec![("branch", root(Root::Branch))]))], vec![], vec![], vec![]);
    let branch = Blueprint { branch: Some("feature/x".into()), ..(*main).clone() };
    assert_eq!(go(main).await.1, r#"{"branch":"main"}"#);
    assert_eq!(go(Arc::new(branch)).await.1, r#"{"branch":"feature/x"}"#);
}

#[tokio::test]
async fn a_body_that_does_not_fit_is_refused_with_422() {
    let wants = shape(vec![("id", required(any_text())), ("fee", optional(Shape::Money))]);
    let svc = service("svc", vec![route("POST", "/x", Some(wants), vec![])]);
    let post = |slot, body: Option<Expr>| {
        let body = body.map(|body| ("body", body));
        run_reading(slot, "post", get("/x").into_iter().chain(body).collect())
    };
    let steps = vec![
        post(0, None),
        post(1, Some(record(vec![("id", int(1))]))),
        post(2, Some(record(vec![("fee", text("much"))]))),
        post(3, Some(record(vec![("id", text("a")), ("more", int(1))]))),
        answer(list((0..4).map(|at| list(vec![field(slot(at), "status"), field(slot(at), "body")])).collect())),
    ];
    let (_, body) = go(portal(steps, vec![svc], vec![], vec![])).await;
    for detail in
        ["the body is missing", "body: id must be a text", "body: id is missing; fee must be an amount, such as $12.50"]
    {
        assert_contains(
            &body,
            &format!(r#"[422,{{"title":"Unprocessable Entity","status":422,"detail":"{detail}"}}]"#),
        );
    }
    assert_contains(&body, "[204,null]");
}

#[tokio::test]
async fn files_travel_on_as_multipart() {
    let wants = shape(vec![("who", required(any_text())), ("photo", required(Shape::File { max: Some(5) }))]);
    let svc = service(
        "svc",
        vec![route(
            "POST",
            "/photos",
            Some(wants),
            vec![reply(
                201,
                Some(record(vec![
                    ("who", field(root(Root::Body), "who")),
                    ("photo", field(root(Root::Body), "photo")),
                ])),
            )],
        )],
    );
    let send = run_as(
        0,
        "post",
        vec![
            ("service", name("svc")),
            ("path", text("/photos")),
            ("body", record(vec![("who", text("Ä \"x\"")), ("photo", field(root(Root::Form), "photo"))])),
            ("timeout", ms(5000)),
        ],
    );
    let photo = form(
        "photo",
        None,
        vec![("photo", required(Shape::File { max: None }))],
        vec![send, answer(field(slot(0), "body"))],
    );
    let portal = frontend("portal", vec![page("/photo", vec![photo])]);
    let world = up(blueprint(vec![portal, svc], vec![("portal", "svc")], vec![])).await;
    for (content, expected) in [("12345", 200), ("123456", 502)] {
        let sent = format!(
            "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\n\r\n{content}\r\n--b--\r\n"
        );
        let multipart = Some("multipart/form-data; boundary=b");
        let answer = world.try_send(&mut world.browser(), Method::POST, "/photo", multipart, sent).await.unwrap();
        assert_status(&answer, expected);
        if expected == 200 {
            assert_eq!(body(&answer), r#"{"who":"Ä \"x\"","photo":{"name":"a.jpg","size":5}}"#);
        }
    }
}

#[tokio::test]
async fn a_file_from_a_store_is_sent_at_its_size() {
    let wants = shape(vec![("photo", required(Shape::File { max: None }))]);
    let svc = service("svc", vec![route("POST", "/photos", Some(wants), vec![reply(201, Some(root(Root::Body)))])]);
    let file = scn_plan::FileSpec { name: "a.txt".into(), size: 4321 };
    let steps = vec![
        run_as(
            0,
            "post",
            vec![
                ("service", name("svc")),
                ("path", text("/photos")),
                ("body", record(vec![("photo", value(Value::File(file)))])),
                ("timeout", ms(5000)),
            ],
        ),
        answer(field(slot(0), "body")),
    ];
    let (_, body) = go(portal(steps, vec![svc], vec![], vec![])).await;
    assert_eq!(body, r#"{"photo":{"name":"a.txt","size":4321}}"#);
}

#[tokio::test]
async fn envelopes_reach_their_partner() {
    let payload = shape(vec![("id", required(any_text()))]);
    let partner = partner("SSA.VERIFY", "ssa/verify v2", Some(payload), vec![reply(200, Some(root(Root::Body)))]);
    let send = |slot, schema: &str| {
        run_reading(
            slot,
            "send",
            vec![
                ("what", name("envelope")),
                ("to", name("SSA.VERIFY")),
                ("schema", text(schema)),
                ("payload", record(vec![("id", text("7"))])),
                ("timeout", ms(5000)),
            ],
        )
    };
    let steps = vec![
        send(0, "ssa/verify v2"),
        send(1, "other"),
        answer(list(vec![field(slot(0), "body"), field(slot(1), "status")])),
    ];
    assert_eq!(go(portal(steps, vec![partner], vec![], vec![])).await.1, r#"[{"id":"7"},404]"#);
}

#[tokio::test]
async fn retry_runs_again_what_failed_and_for_once_for_each() {
    let count = |key: Expr| {
        run(
            "post",
            vec![
                ("service", name("svc")),
                ("path", text("/count")),
                ("body", record(vec![("key", key)])),
                ("timeout", ms(5000)),
            ],
        )
    };
    // Counts by adding a record for each request, and fails until there are two.
    let svc = service(
        "svc",
        vec![
            route(
                "POST",
                "/count",
                None,
                vec![
                    run_as(0, "find", vec![("store", name("seen")), ("key", field(root(Root::Body), "key"))]),
                    run(
                        "store",
                        vec![
                            ("store", name("seen")),
                            ("key", field(root(Root::Body), "key")),
                            ("value", record(vec![("id", text("seen"))])),
                        ],
                    ),
                    when(is_none(slot(0)), vec![reply(503, None)]),
                    reply(200, None),
                ],
            ),
            route(
                "GET",
                "/count/{key}",
                None,
                vec![
                    run_as(0, "find", vec![("store", name("seen")), ("key", field(root(Root::Path), "key"))]),
                    guarded(is_none(slot(0)), reply(404, None)),
                ],
            ),
        ],
    )
    .store("seen", shape(vec![("id", required(any_text()))]));
    let steps = vec![
        each(1, list(vec![text("a"), text("b")]), vec![retry(2, vec![count(slot(1))])]),
        run_reading(2, "get", get("/count/a")),
        run_reading(3, "get", get("/count/b")),
        run_reading(4, "get", get("/count/c")),
        answer(list((2..5).map(|at| field(slot(at), "status")).collect())),
    ];
    assert_eq!(go(portal(steps, vec![svc.clone()], vec![], vec![])).await, (200, "[204,204,404]".to_owned()));
    let once = vec![retry(1, vec![count(text("a"))])];
    assert_eq!(go(portal(once, vec![svc], vec![], vec![])).await.0, 502);
}

#[tokio::test]
async fn stores_begin_with_their_seeds_and_can_be_changed() {
    let fee = |fee| record(vec![("id", text("X1")), ("fee", value(Value::Money(fee)))]);
    let seed = seed("portal", "fees", "id", vec![fee(13_000)]);
    let on_x1 = || vec![("store", name("fees")), ("key", text("X1"))];
    let steps = vec![
        run_as(0, "find", on_x1()),
        run("update", on_x1().into_iter().chain([("value", record(vec![("fee", int(7))]))]).collect()),
        run("update", vec![("store", name("fees")), ("key", text("X2")), ("value", record(vec![("fee", int(7))]))]),
        run_as(1, "find", on_x1()),
        run("remove", on_x1()),
        run_as(2, "find", on_x1()),
        answer(list(vec![slot(0), slot(1), slot(2)])),
    ];
    let mut go_page = page("/go", vec![]);
    go_page.on_view = Some(handler(steps));
    let fees = shape(vec![("id", required(any_text())), ("fee", required(Shape::Money))]);
    let portal = frontend("portal", vec![go_page]).store("fees", fees);
    let (_, body) = go(blueprint(vec![portal], vec![], vec![seed])).await;
    assert_eq!(body, r#"[{"id":"X1","fee":130},{"id":"X1","fee":7},null]"#);
}

#[tokio::test]
async fn stores_can_be_seeded_with_personas() {
    let template = scn_plan::plan::Template {
        name: "Applicant".into(),
        lineage: vec!["Applicant".into()],
        fields: vec![
            (0, generated("pattern", vec![("regex", text("X[0-9]"))]).into()),
            (1, text("Alex Sample").into()),
        ],
    };
    let mut planted = seed("portal", "people", "name", vec![]);
    planted.records = scn_plan::blueprint::SeedRecords::Personas { count: 2, template: template.into() };
    let mut go_page = page("/go", vec![]);
    go_page.on_view = Some(handler(vec![
        run_as(0, "find", vec![("store", name("people")), ("key", text("Alex Sample"))]),
        answer(slot(0)),
    ]));
    let people = shape(vec![
        ("name", required(any_text())),
        ("passport_id", required(Shape::Text { pattern: Some("X[0-9]".into()) })),
    ]);
    let portal = frontend("portal", vec![go_page]).store("people", people);
    let mut blueprint = Arc::unwrap_or_clone(blueprint(vec![portal], vec![], vec![planted]));
    blueprint.persona_fields = ["passport_id".into(), "name".into()].into();
    let (status, body) = go(Arc::new(blueprint)).await;
    assert_eq!(status, 200);
    assert_contains(&body, r#"{"name":"Alex Sample","passport_id":"X"#);
}

#[tokio::test]
async fn draws_repeat_by_key_whatever_was_asked_before() {
    let number = || generated("int", vec![("range", range(1, 1_000_000_000))]);
    let svc = service("svc", vec![route("GET", "/x", None, vec![reply(200, Some(list(vec![number(), number()])))])]);
    let steps = vec![
        run_as(0, "get", get("/x")),
        run_as(1, "get", get("/x")),
        answer(list(vec![field(slot(0), "body"), field(slot(1), "body")])),
    ];
    let world = up(portal(steps, vec![svc], vec![], vec![])).await;
    let mut drawn = Vec::new();
    for key in ["esr=7.p1.i0.n2.a0", "esr=7.p2.i0.n2.a0", "esr=7.p1.i0.n2.a0"] {
        let mut browser = world.browser();
        browser.headers.insert("tracestate", key.parse().unwrap());
        drawn.push(body(&world.get(&mut browser, "/go").await));
    }
    assert_eq!(drawn[0], drawn[2]);
    assert_ne!(drawn[0], drawn[1]);
    let numbers: Vec<Vec<u64>> = serde_json::from_str(&drawn[0]).unwrap();
    let all: std::collections::HashSet<_> = numbers.iter().flatten().collect();
    assert_eq!(all.len(), 4, "each call and each draw is its own: {numbers:?}");
}

#[tokio::test]
async fn what_cannot_be_done_is_500_with_its_place() {
    let steps = vec![run("get", vec![("service", name("nobody")), ("path", text("/x")), ("timeout", ms(10))])];
    let (status, page) = go(portal(steps, vec![], vec![], vec![])).await;
    assert_eq!(status, 500);
    assert_contains(&page, "`get` calls `nobody`, to which no edge leads (agency.scn:2:1).");
}

#[tokio::test]
async fn services_answer_unknown_routes_and_methods() {
    let svc = service("svc", vec![route("POST", "/x", None, vec![])]);
    let steps = vec![
        run_reading(0, "get", get("/nowhere")),
        run_reading(1, "get", get("/x")),
        answer(list(vec![
            field(slot(0), "status"),
            field(slot(1), "status"),
            field(field(slot(1), "headers"), "allow"),
        ])),
    ];
    assert_eq!(go(portal(steps, vec![svc], vec![], vec![])).await.1, r#"[404,405,"POST"]"#);
}
