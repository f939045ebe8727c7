//! Queues at workers, and probes in the proxies.

mod common;

use std::sync::Arc;

use common::*;
use esr_engine::Faults;
use esr_tap::{Span, SpanKind, attributes as names};
use http::HeaderValue;
use scn_plan::{Blueprint, nanos::MILLI};

const MS: u64 = MILLI as u64;

/// The run whose requests are sent and whose faults are applied.
const RUN: &str = "run-1";

/// The portal's `/go` calls `front-svc`, and that calls `back-svc`.
fn chain(front_workers: Option<u32>) -> Arc<Blueprint> {
    let ask =
        |service: &str| run("get", vec![("service", name(service)), ("path", text("/x")), ("timeout", ms(20_000))]);
    let mut go = page("/go", vec![]);
    go.on_view = Some(handler(vec![ask("front-svc")]));
    let front = service("front-svc", vec![route("GET", "/x", None, vec![ask("back-svc")])]).latency(20);
    let front = match front_workers {
        Some(workers) => front.workers(workers),
        None => front,
    };
    let back = service("back-svc", vec![route("GET", "/x", None, vec![])]).latency(30);
    let parts = vec![frontend("portal", vec![go]), front, back];
    blueprint(parts, vec![("portal", "front-svc"), ("front-svc", "back-svc")], vec![])
}

async fn visit(world: &World, times: usize) {
    visit_in(world, RUN, times).await;
}

async fn visit_in(world: &World, run: &'static str, times: usize) {
    let visits = (0..times).map(|_| async {
        let mut browser = world.browser();
        browser.headers.insert("x-esr-sim", HeaderValue::from_static(run));
        assert_status(&world.get(&mut browser, "/go").await, 200);
    });
    let mut visits: Vec<_> = visits.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        visits.retain_mut(|visit| visit.as_mut().poll(context).is_pending());
        if visits.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

/// When each of `spans` came, got its worker and ended, in the order that they came.
fn shifts(mut spans: Vec<Span>) -> Vec<[u64; 3]> {
    spans.sort_by_key(|span| span.start_time_unix_nano);
    let shift = |span: &Span| {
        let came = span.start_time_unix_nano.0;
        [came, came + span.int(names::ESR_QUEUE_WAIT).unwrap() as u64, span.end_time_unix_nano.0]
    };
    spans.iter().map(shift).collect()
}

#[tokio::test]
async fn a_worker_is_held_through_latency_and_handler_and_the_rest_queue_in_order() {
    let world = up(chain(Some(1))).await;
    visit(&world, 4).await;
    let served = shifts(world.spans.of("front-svc", SpanKind::Server));
    assert_eq!(served.len(), 4);
    for [_, begun, ended] in &served {
        assert!(ended - begun >= 50 * MS, "20 ms of its own and 30 ms in its call: {served:?}");
    }
    for pair in served.windows(2) {
        let ([_, _, ended], [_, begun, _]) = (pair[0], pair[1]);
        assert!(begun >= ended, "who came first is served first, and one at a time: {served:?}");
    }
}

#[tokio::test]
async fn without_workers_nobody_waits() {
    let world = up(chain(None)).await;
    visit(&world, 4).await;
    for span in world.spans.of("front-svc", SpanKind::Server) {
        assert_eq!(span.int(names::ESR_QUEUE_WAIT), Some(0));
    }
}

#[tokio::test]
async fn slow_service_strikes_the_named_callee_alone_and_is_gone_afterwards() {
    let world = up(chain(Some(8))).await;
    let faults = world.sandbox.faults(RUN.into());
    assert_eq!(faults.apply(&slow("back-svc", 150)).await.unwrap(), "back-svc → 150 ms");
    visit(&world, 1).await;
    for proxy in world.spans.of("proxy", SpanKind::Internal) {
        let strikes = proxy.text(names::ESR_CALLEE) == Some("back-svc");
        assert_eq!(proxy.text(names::ESR_PROBE), strikes.then_some("slow_service"));
        assert_eq!(proxy.int(names::ESR_PROBE_DELAY), strikes.then_some(150 * MILLI));
    }
    // The request is held before it reaches the part: the caller is busy, the part is not.
    let (caller, part) =
        (&world.spans.of("front-svc", SpanKind::Server)[0], &world.spans.of("back-svc", SpanKind::Server)[0]);
    assert!(caller.duration() >= 150 * MS);
    assert!(part.start_time_unix_nano >= caller.start_time_unix_nano.plus(150 * MS));

    faults.remove("slow_service").await.unwrap();
    faults.remove("slow_service").await.unwrap();
    visit(&world, 1).await;
    let struck = world.spans.all().iter().filter(|span| span.attributes.contains_key(names::ESR_PROBE)).count();
    assert_eq!(struck, 1, "once, while it was in force");
}

#[tokio::test]
async fn a_frontend_can_be_slow_too() {
    let world = up(chain(None)).await;
    assert_eq!(world.sandbox.faults(RUN.into()).apply(&slow("portal", 1500)).await.unwrap(), "portal → 1.5 s");
    assert_eq!(world.sandbox.faults(RUN.into()).apply(&slow("portal", 50)).await.unwrap(), "portal → 50 ms");
    visit(&world, 1).await;
    let struck: Vec<_> = world.spans.all().into_iter().filter(|span| span.text(names::ESR_PROBE).is_some()).collect();
    assert_eq!(struck.len(), 1);
    assert_eq!(struck[0].text(names::ESR_CALLEE), Some("portal"));
    assert_eq!(struck[0].int(names::ESR_PROBE_DELAY), Some(50 * MILLI), "a probe of the same name takes the place");
}

#[tokio::test]
async fn two_runs_at_once_feel_their_own_faults_alone() {
    let world = up(chain(None)).await;
    let [one, other] = ["run-1", "run-2"].map(|run| world.sandbox.faults(run.into()));
    one.apply(&slow("back-svc", 30)).await.unwrap();
    other.apply(&slow("back-svc", 40)).await.unwrap();
    let struck = || {
        let delays = world.spans.all().into_iter().filter_map(|span| span.int(names::ESR_PROBE_DELAY));
        delays.map(|delay| delay / MILLI).collect::<Vec<_>>()
    };
    visit_in(&world, "run-1", 1).await;
    visit_in(&world, "run-2", 1).await;
    assert_status(&world.get(&mut world.browser(), "/go").await, 200);
    assert_eq!(struck(), [30, 40], "and people who use the sandbox by hand feel none");
    other.clear();
    visit_in(&world, "run-1", 1).await;
    visit_in(&world, "run-2", 1).await;
    assert_eq!(struck(), [30, 40, 30]);
}

#[tokio::test]
async fn probes_that_cannot_be_applied_say_why() {
    let world = up(chain(None)).await;
    let faults: Arc<dyn Faults> = world.sandbox.faults(RUN.into());
    let unknown = scn_plan::plan::Probe { call: call("melt", vec![]), ..slow("portal", 1) };
    let without_latency = scn_plan::plan::Probe { call: call("slow_service", vec![]), ..slow("portal", 1) };
    for (probe, why) in [
        (unknown, "the embedded sandbox has no probe `melt`; it has slow_service, error"),
        (slow("nobody", 1), "the sandbox has no part `nobody` for `slow_service` to strike"),
        (slow("portal", -1), "`slow_service` needs a `latency`, such as 800ms"),
        (without_latency, "`slow_service` needs a `latency`, such as 800ms"),
    ] {
        assert_eq!(faults.apply(&probe).await.unwrap_err().to_string(), why);
    }
}
