//! No request, however odd, takes a part down.

mod common;

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
};

use common::*;
use esr_sandbox::wire::BODY_LIMIT;
use http::Method;
use scn_plan::{Blueprint, Shape};

fn portal() -> Arc<Blueprint> {
    let fields = || {
        vec![
            ("number", optional(Shape::Money)),
            ("when", optional(Shape::Date)),
            ("photo", optional(Shape::File { max: None })),
            ("kinds", optional(Shape::List(Box::new(Shape::Choice(vec!["a".into(), "b".into()]))))),
        ]
    };
    let pages = vec![page("/start", vec![form("one", None, fields(), vec![])])];
    blueprint(vec![frontend("portal", pages)], vec![], vec![])
}

#[tokio::test]
async fn a_body_over_the_limit_is_answered_with_413() {
    let world = up(portal()).await;
    let urlencoded = Some("application/x-www-form-urlencoded");
    for (length, status) in [(BODY_LIMIT, 303), (BODY_LIMIT + 1, 413)] {
        let body = vec![b'a'; length];
        let answer = world.try_send(&mut world.browser(), Method::POST, "/start", urlencoded, body).await.unwrap();
        assert_eq!(answer.status.as_u16(), status);
    }
}

#[tokio::test]
async fn odd_bodies_are_refused_and_never_crash() {
    let world = up(portal()).await;
    for (content_type, body, status) in [
        (None, "", 303),
        (None, "{", 400),
        (Some("application/json"), "{\"number\": 1}", 415),
        (Some("application/json"), "[[[[[[[[", 400),
        (Some("text/plain"), "hello", 415),
        (Some("multipart/form-data"), "--b\r\n", 400),
        (Some("multipart/form-data; boundary=b"), "--b\r\nno end", 400),
        (Some("multipart/form-data; boundary=b"), "", 400),
        (Some("application/x-www-form-urlencoded"), "%ff%fe=%00&&&==&number=NaN", 422),
        (Some("application/x-www-form-urlencoded"), "number=1e400", 422),
        (Some("application/x-www-form-urlencoded"), "number=92233720368547758070", 422),
        (Some("application/x-www-form-urlencoded"), "when=2026-02-30", 422),
        (Some("application/x-www-form-urlencoded"), "kinds=a&kinds=b", 303),
        (Some("application/x-www-form-urlencoded"), "kinds=a&kinds=c", 422),
        (Some("application/x-www-form-urlencoded"), "photo=text", 422),
    ] {
        let answer = world.try_send(&mut world.browser(), Method::POST, "/start", content_type, body).await.unwrap();
        assert_eq!(answer.status.as_u16(), status, "{content_type:?} {body}: {}", common::body(&answer));
    }
}

#[tokio::test]
async fn odd_trace_headers_are_as_good_as_none() {
    let world = up(portal()).await;
    for (name, value) in [
        ("traceparent", "00-zz-11-01"),
        ("traceparent", "00-00000000000000000000000000000000-0000000000000000-01"),
        ("traceparent", "é"),
        ("tracestate", "esr=,esr,=,,esr=1.p1.i1.n1.a99999999999999999999"),
        ("tracestate", "esr-hop=zzz"),
        ("cookie", "session-portal; =; session-portal=; a=b=c"),
        ("x-esr-sim", "é"),
    ] {
        let mut browser = world.browser();
        browser.headers.insert(name, http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
        assert_status(&world.get(&mut browser, "/start").await, 200);
    }
    assert!(world.spans.all().iter().all(|span| span.trace_id.0 != 0 && span.span_id.0 != 0));
}

/// Sends bytes as they are; the answer's first line, empty if there is none.
fn raw(port: u16, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(bytes).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    // A reset is an answer too.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).lines().next().unwrap_or("").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_is_refused_and_the_next_request_is_served() {
    let world = up(portal()).await;
    let port = world.sandbox.url().port().unwrap();
    let cases: &[(&[u8], &str)] = &[
        (b"", ""),
        (b"\0\0\0\0\r\n\r\n", "HTTP/1.1 400 Bad Request"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", "HTTP/1.1 400 Bad Request"),
        (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 Bad Request"),
        (b"CONNECT example.test:443 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 Bad Request"),
        (b"GET //evil.test/start HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 Not Found"),
        (b"GET http://evil.test/start HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK"),
        (b"GET /%ff%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 Not Found"),
        (b"POST /start HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", ""),
    ];
    for (bytes, expected) in cases {
        let bytes = bytes.to_vec();
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let answer = tokio::task::spawn_blocking(move || raw(port, &bytes)).await.unwrap();
        assert_eq!(&answer, expected, "{shown:?}");
    }
    assert_status(&world.get(&mut world.browser(), "/start").await, 200);
}
