//! The transport and the clock of real runs.

use std::time::Duration;

use bytes::Bytes;
use esr_engine::{Clock, HttpTransport, Request, Transport, TransportError, WallClock, clock::timeout};
use http::{HeaderMap, Method};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

fn get(port: u16) -> Request {
    let url = Url::parse(&format!("http://127.0.0.1:{port}/x")).expect("a url");
    Request { method: Method::GET, url, headers: HeaderMap::new(), body: Bytes::new() }
}

/// Answers one connection with `replies`, one for each request, and yields the requests.
async fn serve(replies: &'static [&'static str]) -> (u16, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut requests = Vec::new();
        for reply in replies {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => request.push(byte),
                    Err(_) => return requests,
                }
            }
            requests.push(String::from_utf8_lossy(&request).to_lowercase());
            stream.write_all(reply.as_bytes()).await.expect("a reader");
        }
        requests
    });
    (port, served)
}

#[tokio::test]
async fn redirects_are_not_followed_cookies_not_kept_and_connections_used_again() {
    let redirect = "HTTP/1.1 302 Found\r\nLocation: /y\r\nSet-Cookie: a=1\r\nContent-Length: 2\r\n\r\nhi";
    let (port, served) = serve(Box::leak(Box::new([redirect, redirect]))).await;
    let transport = HttpTransport::new().expect("a transport");
    for _ in 0..2 {
        let response = transport.send(get(port)).await.expect("a response");
        assert_eq!((response.status.as_u16(), &response.body[..]), (302, &b"hi"[..]));
        assert_eq!(response.headers["location"], "/y");
    }
    let requests = served.await.expect("a server");
    assert_eq!(requests.len(), 2, "both on one connection");
    assert!(requests.iter().all(|request| request.starts_with("get /x http/1.1") && !request.contains("cookie")));
}

#[tokio::test]
async fn failures_are_told_apart() {
    let transport = HttpTransport::new().expect("a transport");
    let (port, _) = serve(&["HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"]).await;
    let broken = transport.send(get(port)).await;
    assert!(matches!(broken, Err(TransportError::Broken(_))), "{broken:?}");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let refused = transport.send(get(port)).await;
    assert!(matches!(refused, Err(TransportError::Refused(_))), "{refused:?}");
}

#[tokio::test]
async fn the_wall_clock_advances_and_times_out() {
    let clock = WallClock::new();
    let start = clock.now();
    clock.sleep_until(start.plus(2_000_000)).await;
    assert!(clock.now().since(start) >= 2_000_000);
    // Past times end at once.
    clock.sleep_until(esr_tap::Timestamp(0)).await;
    assert!(timeout(&clock, 1_000_000, std::future::pending::<()>()).await.is_err());
    assert_eq!(timeout(&clock, Duration::from_secs(60).as_nanos() as u64, async { 1 }).await, Ok(1));
}
