//! A server in memory: pages and answers by method and path.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use esr_engine::{Clock, Request, Response, Transport, TransportError, clock::BoxFuture};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::clock::VirtualClock;

/// What the server answers.
#[derive(Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    /// Milliseconds that it takes.
    takes: u64,
    broken: Option<TransportError>,
}

/// An HTML page.
pub fn page(html: &str) -> Answer {
    answer(200, html).header("content-type", "text/html; charset=utf-8")
}

/// Any answer.
pub fn answer(status: u16, body: &str) -> Answer {
    Answer { status, headers: Vec::new(), body: body.to_owned(), takes: 0, broken: None }
}

/// A redirect.
pub fn redirect(status: u16, to: &str) -> Answer {
    answer(status, "").header("location", to)
}

/// No answer.
pub fn broken(error: TransportError) -> Answer {
    Answer { broken: Some(error), ..answer(200, "") }
}

impl Answer {
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub fn takes(self, milliseconds: u64) -> Self {
        Self { takes: milliseconds, ..self }
    }
}

type Handler = Box<dyn Fn(&Request, usize) -> Answer + Send + Sync>;

/// The server and what it was sent.
pub struct Server {
    clock: VirtualClock,
    routes: HashMap<String, Handler>,
    pub requests: Mutex<Vec<Request>>,
}

impl Server {
    pub fn new(clock: VirtualClock) -> Self {
        Self { clock, routes: HashMap::new(), requests: Mutex::default() }
    }

    /// Answers `METHOD /path` (without a query) always the same.
    pub fn on(self, route: &str, answer: Answer) -> Self {
        self.with(route, move |_, _| answer.clone())
    }

    /// Answers `METHOD /path` by the request and the number of requests to the server before it.
    pub fn with(mut self, route: &str, handler: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static) -> Self {
        self.routes.insert(route.to_owned(), Box::new(handler));
        self
    }

    /// `METHOD /path?query body` of all requests, in order.
    pub fn log(&self) -> Vec<String> {
        let requests = self.requests.lock().expect("unpoisoned");
        let line = |request: &Request| {
            let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
            let body = String::from_utf8_lossy(&request.body);
            format!("{} {}{query} {body}", request.method, request.url.path()).trim_end().to_owned()
        };
        requests.iter().map(line).collect()
    }
}

/// The transport to a server.
pub struct Wire(pub Arc<Server>);

impl Transport for Wire {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let route = format!("{} {}", request.method, request.url.path());
        let mut requests = self.0.requests.lock().expect("unpoisoned");
        let before = requests.len();
        requests.push(request.clone());
        drop(requests);
        let answer = match self.0.routes.get(&route) {
            Some(handler) => handler(&request, before),
            None => answer(404, "not found"),
        };
        let clock = self.0.clock.clone();
        Box::pin(async move {
            clock.sleep_until(clock.now().plus(answer.takes * 1_000_000)).await;
            if let Some(error) = answer.broken {
                return Err(error);
            }
            let mut headers = HeaderMap::new();
            for (name, value) in &answer.headers {
                headers.append(*name, HeaderValue::from_str(value).expect("a header"));
            }
            let status = StatusCode::from_u16(answer.status).expect("a status");
            Ok(Response { status, headers, body: Bytes::from(answer.body) })
        })
    }
}
