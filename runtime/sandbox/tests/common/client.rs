//! A sandbox under test, a recorder that keeps spans, and a browser of the simplest kind.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use esr_engine::{Clock, HttpTransport, Request, Response, Transport, TransportError, WallClock};
use esr_sandbox::{Deps, OneRun, Options, Sandbox, UpError};
use esr_tap::{Attachment, Block, JourneyRecord, ProbeEvent, Recorder, Span, SpanKind, StepSample};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use scn_plan::Blueprint;

/// Keeps spans and closed blocks.
#[derive(Default)]
pub struct Spans {
    spans: Mutex<Vec<Span>>,
    closed: Mutex<Vec<Block>>,
}

impl Recorder for Spans {
    fn span(&self, span: Span) {
        self.spans.lock().unwrap().push(span);
    }
    fn probe(&self, _event: ProbeEvent) {}
    fn close_block(&self, block: &Block) {
        self.closed.lock().unwrap().push(block.clone());
    }
    fn sample(&self, _sample: StepSample) {}
    fn attach(&self, _attachment: Attachment) {}
    fn journey(&self, _record: JourneyRecord) {}
}

impl Spans {
    pub fn all(&self) -> Vec<Span> {
        self.spans.lock().unwrap().clone()
    }

    pub fn closed(&self) -> Vec<Block> {
        self.closed.lock().unwrap().clone()
    }

    pub fn of(&self, service: &str, kind: SpanKind) -> Vec<Span> {
        self.all().into_iter().filter(|span| span.service == service && span.kind == kind).collect()
    }

    /// Waits until there are `count` spans of this service and kind, which may outlive their callers.
    pub async fn wait_for(&self, service: &str, kind: SpanKind, count: usize) -> Vec<Span> {
        loop {
            let spans = self.of(service, kind);
            if spans.len() >= count {
                return spans;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
}

pub struct World {
    pub sandbox: Sandbox,
    pub spans: Arc<Spans>,
    pub transport: Arc<HttpTransport>,
}

pub fn deps(spans: &Arc<Spans>) -> Deps {
    let clock: Arc<dyn Clock> = Arc::new(WallClock::new());
    Deps { clock, transport: Arc::new(HttpTransport::new().unwrap()), recorders: Arc::new(OneRun(spans.clone())) }
}

pub async fn try_up(blueprint: Arc<Blueprint>) -> Result<World, UpError> {
    let spans = Arc::new(Spans::default());
    let sandbox = Sandbox::up(blueprint, Options { seed: 7, ..Options::default() }, deps(&spans)).await?;
    Ok(World { sandbox, spans, transport: Arc::new(HttpTransport::new().unwrap()) })
}

pub async fn up(blueprint: Arc<Blueprint>) -> World {
    try_up(blueprint).await.expect("a sandbox that comes up")
}

/// A browser: keeps the cookie, follows nothing.
pub struct Browser {
    pub cookie: Option<HeaderValue>,
    pub headers: HeaderMap,
}

impl World {
    pub fn browser(&self) -> Browser {
        Browser { cookie: None, headers: HeaderMap::new() }
    }

    pub async fn try_send(
        &self,
        browser: &mut Browser,
        method: Method,
        path: &str,
        content_type: Option<&str>,
        body: impl Into<Bytes>,
    ) -> Result<Response, TransportError> {
        let mut headers = browser.headers.clone();
        if let Some(cookie) = &browser.cookie {
            headers.insert("cookie", cookie.clone());
        }
        if let Some(content_type) = content_type {
            headers.insert("content-type", HeaderValue::from_str(content_type).unwrap());
        }
        let url = self.sandbox.url().join(path).unwrap();
        let response = self.transport.send(Request { method, url, headers, body: body.into() }).await?;
        if let Some(cookie) = response.headers.get("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            browser.cookie = Some(HeaderValue::from_str(pair).unwrap());
        }
        Ok(response)
    }

    pub async fn get(&self, browser: &mut Browser, path: &str) -> Response {
        self.try_send(browser, Method::GET, path, None, Bytes::new()).await.expect("a response")
    }

    /// Sends a form, urlencoded.
    pub async fn post(&self, browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Response {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let content_type = Some("application/x-www-form-urlencoded");
        self.try_send(browser, Method::POST, path, content_type, body).await.expect("a response")
    }
}

pub fn body(response: &Response) -> String {
    String::from_utf8(response.body.to_vec()).unwrap()
}

#[track_caller]
pub fn assert_status(response: &Response, status: u16) {
    assert_eq!(response.status, StatusCode::from_u16(status).unwrap(), "{}", body(response));
}

#[track_caller]
pub fn assert_contains(text: &str, part: &str) {
    assert!(text.contains(part), "«{part}» is not in:\n{text}");
}
