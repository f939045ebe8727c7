//! A sandbox comes up whole or not at all, and leaves nothing behind.

mod common;

use std::{
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use common::*;
use esr_sandbox::{Options, Sandbox, UpError};
use scn_plan::{Dist, Shape, nanos::SECOND};

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn agency(port: Option<u16>) -> Arc<scn_plan::Blueprint> {
    let portal = frontend("portal", vec![page("/start", vec![])]);
    let portal = match port {
        Some(port) => portal.port(port),
        None => portal,
    };
    blueprint(
        vec![portal, service("svc", vec![]), partner("ACME.CHECK", "v1", None, vec![])],
        vec![("portal", "svc")],
        vec![],
    )
}

#[tokio::test]
async fn every_part_is_reported_as_it_becomes_healthy() {
    let healthy = Arc::new(Mutex::new(Vec::new()));
    let told = healthy.clone();
    let on_healthy = Arc::new(move |part: &esr_sandbox::Healthy| told.lock().unwrap().push(part.clone()));
    let spans = Arc::new(Spans::default());
    let options = Options { on_healthy, ..Options::default() };
    let sandbox = Sandbox::up(agency(None), options, deps(&spans)).await.unwrap();
    let mut parts: Vec<_> = healthy.lock().unwrap().iter().map(|part| (part.kind, part.part.to_string())).collect();
    parts.sort();
    let expected = [("frontend", "portal"), ("partner", "ACME.CHECK"), ("service", "svc")];
    assert_eq!(parts, expected.map(|(kind, part)| (kind, part.to_owned())));
    let portal = healthy.lock().unwrap().iter().find(|part| part.part == "portal").cloned().unwrap();
    assert_eq!(&portal.url, sandbox.url());
    assert_eq!(sandbox.entry_part(), "portal");
    assert!(spans.all().is_empty(), "health checks leave no trace");
    sandbox.down().await;
}

#[tokio::test]
async fn a_fixed_port_is_taken_and_free_again_after_down() {
    let port = free_port();
    for _ in 0..2 {
        let world = up(agency(Some(port))).await;
        assert_eq!(world.sandbox.url().port(), Some(port));
        assert_status(&world.get(&mut world.browser(), "/start").await, 200);
        world.sandbox.down().await;
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err(), "nobody listens any more");
    }
}

#[tokio::test]
async fn a_dropped_sandbox_frees_its_port() {
    let port = free_port();
    let world = up(agency(Some(port))).await;
    drop(world.sandbox);
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_port_in_use_is_named_with_its_part_its_place_and_the_way_out() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = try_up(agency(Some(port))).await.err().unwrap();
    assert_eq!(error, UpError::PortInUse { port, part: "portal".into(), place: "agency.scn:2:1".to_owned() });
    let message = error.to_string();
    assert_eq!(
        message,
        format!(
            "port {port}, which frontend `portal` asks for at agency.scn:2:1, is in use: stop what listens there, choose \
             another `port:`, or leave `port:` out to take any free one"
        )
    );
}

#[tokio::test]
async fn requests_under_way_end_before_the_sandbox_is_down() {
    let ask =
        |service: &str| run("get", vec![("service", name(service)), ("path", text("/x")), ("timeout", ms(20_000))]);
    let route = || vec![route("GET", "/x", None, vec![])];
    let mut start = page("/start", vec![]);
    start.on_view = Some(handler(vec![ask("quick-svc"), ask("slow-svc")]));
    let parts =
        vec![frontend("portal", vec![start]), service("quick-svc", route()), service("slow-svc", route()).latency(500)];
    let edges = vec![("portal", "quick-svc"), ("portal", "slow-svc")];
    let world = Arc::new(up(blueprint(parts, edges, vec![])).await);
    let url = world.sandbox.url().join("/start").unwrap();
    let transport = world.transport.clone();
    let request = esr_engine::Request {
        method: http::Method::GET,
        url,
        headers: http::HeaderMap::new(),
        body: bytes::Bytes::new(),
    };
    let response = tokio::spawn(async move { esr_engine::Transport::send(&*transport, request).await });
    // Once the part is at work, it is to answer.
    world.spans.wait_for("quick-svc", esr_tap::SpanKind::Server, 1).await;
    let spans = world.spans.clone();
    let world = Arc::into_inner(world).unwrap();
    world.sandbox.down().await;
    assert_status(&response.await.unwrap().expect("an answer"), 200);
    assert_eq!(spans.of("portal", esr_tap::SpanKind::Server).len(), 1);
}

#[tokio::test]
async fn connections_that_ask_nothing_do_not_hold_it_up() {
    let world = up(agency(None)).await;
    let port = world.sandbox.url().port().unwrap();
    let mut silent = tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    assert_status(&world.get(&mut world.browser(), "/start").await, 200);
    world.sandbox.down().await;
    let end = tokio::io::AsyncReadExt::read(&mut silent, &mut [0; 1]).await;
    assert!(!matches!(end, Ok(1..)), "it is closed, with nothing sent");
}

#[tokio::test]
async fn blueprints_that_cannot_be_run_are_refused_with_their_place() {
    let unknown =
        || route("GET", "/x", None, vec![when(value(scn_plan::Value::Bool(true)), vec![run("dance", vec![])])]);
    let portal = || frontend("portal", vec![page("/start", vec![])]);
    let seed = |store: &str, record| seed("svc", store, "id", vec![record]);
    let svc = || service("svc", vec![]).store("items", shape(vec![("id", required(Shape::Int))]));
    let cases = [
        (blueprint(vec![service("svc", vec![])], vec![], vec![]), "the entry `svc` is no frontend (agency.scn:2:1)"),
        (
            blueprint(vec![portal(), service("svc", vec![unknown()])], vec![], vec![]),
            "`dance` is no step that handlers of the embedded sandbox have (agency.scn:2:1)",
        ),
        (
            blueprint(vec![portal().workers(0)], vec![], vec![]),
            "`portal` has no workers, so it would never answer (agency.scn:2:1)",
        ),
        (
            blueprint(vec![portal(), svc()], vec![], vec![seed("other", record(vec![]))]),
            "there is no store `svc.other` for this seed (agency.scn:2:1)",
        ),
        (
            blueprint(vec![portal(), svc()], vec![], vec![seed("items", record(vec![("name", text("a"))]))]),
            "a record for `svc.items` has no `id` (agency.scn:2:1)",
        ),
        (
            blueprint(vec![portal(), svc()], vec![], vec![seed("items", record(vec![("id", text("a"))]))]),
            "the seed cannot keep this in `items`: id must be a whole number (agency.scn:2:1)",
        ),
    ];
    for (blueprint, message) in cases {
        assert_eq!(try_up(blueprint).await.err().unwrap().to_string(), message);
    }
}

#[tokio::test]
async fn work_that_never_ends_is_ended_after_the_grace() {
    let mut slow = service("svc", vec![route("GET", "/x", None, vec![])]);
    slow.latency = Some(Dist::Constant(3600 * SECOND));
    let ask = run("get", vec![("service", name("svc")), ("path", text("/x")), ("timeout", ms(10))]);
    let portal = frontend("portal", vec![page("/start", vec![form("go", None, vec![], vec![ask])])]);
    let world = up(blueprint(vec![portal, slow], vec![("portal", "svc")], vec![])).await;
    assert_status(&world.post(&mut world.browser(), "/start", &[]).await, 504);
    world.sandbox.down().await;
}

#[tokio::test]
async fn what_the_end_cuts_off_is_recorded_as_that() {
    let ask = |service: &str, timeout| {
        run("get", vec![("service", name(service)), ("path", text("/x")), ("timeout", ms(timeout))])
    };
    // It asks others when the grace is over and nobody listens any more; by the end of that, it is cut off itself.
    let late = |name: &str| service(name, vec![route("GET", "/x", None, vec![ask("svc", 30_000)])]).latency(3_080);
    let mut slow = service("svc", vec![route("GET", "/x", None, vec![])]);
    slow.latency = Some(Dist::Constant(3600 * SECOND));
    let portal = frontend("portal", vec![page("/start", vec![form("go", None, vec![], vec![ask("late-svc", 10)])])]);
    let edges = vec![("portal", "late-svc"), ("late-svc", "svc")];
    let world = up(blueprint(vec![portal, late("late-svc"), slow], edges, vec![])).await;
    assert_status(&world.post(&mut world.browser(), "/start", &[]).await, 504);
    let spans = world.spans.clone();
    world.sandbox.down().await;
    let errors = |span: &esr_tap::Span| span.text(esr_tap::attributes::ERROR_TYPE).map(str::to_owned);
    let mut told: Vec<_> = spans.all().iter().filter_map(errors).collect();
    told.sort();
    told.dedup();
    assert_eq!(told, ["504", "interrupted", "timeout"], "{:#?}", spans.all());
    let cut_off: Vec<_> = spans.of("late-svc", esr_tap::SpanKind::Server).iter().map(errors).collect();
    assert_eq!(cut_off, [Some("interrupted".to_owned())], "it is on record all the same");
}

#[tokio::test]
async fn a_run_that_is_settled_is_recorded_as_far_as_it_got() {
    let mut slow = service("svc", vec![route("GET", "/x", None, vec![])]);
    slow.latency = Some(Dist::Constant(3600 * SECOND));
    let ask = run("get", vec![("service", name("svc")), ("path", text("/x")), ("timeout", ms(10))]);
    let portal = frontend("portal", vec![page("/start", vec![form("go", None, vec![], vec![ask])])]);
    let world = up(blueprint(vec![portal, slow], vec![("portal", "svc")], vec![])).await;
    let visit = async |run: &'static str| {
        let mut browser = world.browser();
        browser.headers.insert("x-esr-sim", http::HeaderValue::from_static(run));
        assert_status(&world.post(&mut browser, "/start", &[]).await, 504);
    };
    visit("one").await;
    visit("other").await;
    assert_eq!(world.spans.of("svc", esr_tap::SpanKind::Server).len(), 0, "both are under way");
    world.sandbox.settle(&"one".into(), 0).await;
    let cut_off = world.spans.of("svc", esr_tap::SpanKind::Server);
    assert_eq!(cut_off.len(), 1, "the other run goes on");
    assert_eq!(cut_off[0].text(esr_tap::attributes::ERROR_TYPE), Some("interrupted"));
    let recorded = world.spans.all().len();
    visit("one").await;
    assert_eq!(world.spans.all().len(), recorded, "nothing of it is recorded any more");
    visit("two").await;
    assert!(world.spans.all().len() > recorded);
}
