//! What a request leaves in the trace.

mod common;

use std::sync::Arc;

use common::*;
use esr_tap::{Span, SpanKind, SpanStatus, attributes as names};
use scn_plan::{Blueprint, Dist, Root, nanos::MILLI};

/// The portal's `/go` calls `svc`, at a path that holds somebody's data.
fn agency() -> Arc<Blueprint> {
    let mut go = page("/go", vec![]);
    go.on_view = Some(handler(vec![run(
        "get",
        vec![("service", name("svc")), ("path", text("/people/X12345678")), ("timeout", ms(5000))],
    )]));
    let mut svc = service("svc", vec![route("GET", "/people/{id}", None, vec![reply(404, Some(root(Root::Run)))])]);
    svc.latency = Some(Dist::Lognormal { p50: 2 * MILLI, p99: 8 * MILLI });
    blueprint(vec![frontend("portal", vec![go]), svc], vec![("portal", "svc")], vec![])
}

async fn traced() -> Vec<Span> {
    let world = up(agency()).await;
    let mut browser = world.browser();
    for (name, value) in [
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("tracestate", "other=1,esr=feed.p3.i0.n2.a1"),
        ("x-esr-sim", "run-1"),
    ] {
        browser.headers.insert(name, value.parse().unwrap());
    }
    let answer = world.get(&mut browser, "/go").await;
    assert_status(&answer, 502);
    assert!(world.spans.closed().is_empty(), "the engine closes the blocks of its journeys");
    world.spans.all()
}

#[tokio::test]
async fn every_hop_is_recorded_below_the_one_that_caused_it() {
    let spans = traced().await;
    let recorded: Vec<_> = spans.iter().map(|span| (span.service.as_str(), span.kind, span.name.as_str())).collect();
    assert_eq!(
        recorded,
        [
            ("svc", SpanKind::Server, "GET /people/{id}"),
            ("proxy", SpanKind::Internal, "proxy"),
            ("portal", SpanKind::Client, "GET"),
            ("portal", SpanKind::Server, "GET /go"),
            ("proxy", SpanKind::Internal, "proxy"),
        ]
    );
    let mut parent = Some(esr_tap::SpanId(0xb7ad6b7169203331));
    for span in spans.iter().rev() {
        assert_eq!(span.trace_id.to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(span.block, "p3.i0.n2.a1");
        assert_eq!(span.parent_span_id, parent);
        parent = Some(span.span_id);
    }
    let [svc, inner, client, portal, outer] = &spans[..] else { panic!("{spans:?}") };
    assert!(svc.int(names::ESR_QUEUE_WAIT).is_some());
    assert_eq!(svc.text(names::HTTP_ROUTE), Some("/people/{id}"));
    assert_eq!(svc.status, SpanStatus::Unset);
    assert_eq!((inner.text(names::ESR_CALLER), inner.text(names::ESR_CALLEE)), (Some("portal"), Some("svc")));
    assert_eq!((outer.text(names::ESR_CALLER), outer.text(names::ESR_CALLEE)), (Some("persona"), Some("portal")));
    assert_eq!(outer.int(names::HTTP_RESPONSE_STATUS_CODE), Some(502));
    assert_eq!(client.int(names::ESR_TIMEOUT), Some(5000 * MILLI));
    assert_eq!(client.text(names::ESR_TIMEOUT_PLACE), Some("agency.scn:2"));
    assert_eq!(client.int(names::HTTP_RESPONSE_STATUS_CODE), Some(404));
    assert_eq!(client.text(names::ERROR_TYPE), Some("404"));
    assert_eq!(portal.status, SpanStatus::Error("svc answered GET /people/{id} with 404".to_owned()));
    let text = format!("{spans:?}");
    assert!(!text.contains("X12345678"), "no data of anybody is in the trace: {text}");
}

#[tokio::test]
async fn paths_are_shown_as_they_are_declared_and_others_not_at_all() {
    let world = up(agency()).await;
    for path in ["/go", "/x/alex.sample@example.com"] {
        world.get(&mut world.browser(), path).await;
    }
    let spans = world.spans.all();
    let hops = spans.iter().filter(|span| span.name == "proxy");
    let shown: Vec<_> = hops.filter_map(|span| span.text(names::URL_PATH)).collect();
    assert_eq!(shown, ["/people/{id}", "/go", "[unknown path]"]);
    let text = format!("{spans:?}");
    assert!(!text.contains("alex"), "no data of anybody is in the trace: {text}");
}

#[tokio::test]
async fn span_ids_depend_on_the_place_in_the_journey_alone() {
    let ids = |spans: Vec<Span>| spans.iter().map(|span| span.span_id).collect::<Vec<_>>();
    let (first, second) = (ids(traced().await), ids(traced().await));
    assert_eq!(first, second);
    assert_eq!(first.iter().collect::<std::collections::HashSet<_>>().len(), 5);
}

#[tokio::test]
async fn people_without_a_key_are_traced_each_in_a_block_of_their_own() {
    let world = up(agency()).await;
    for _ in 0..2 {
        world.get(&mut world.browser(), "/go").await;
    }
    let spans = world.spans.all();
    let (first, second) = spans.split_at(5);
    for visit in [first, second] {
        assert!(visit.iter().all(|span| span.block == visit[0].block && span.trace_id == visit[0].trace_id));
    }
    assert_ne!(first[0].block, second[0].block);
    assert_ne!(first[0].trace_id, second[0].trace_id);
    assert_eq!(world.spans.closed(), [first[0].block.clone(), second[0].block.clone()]);
}
