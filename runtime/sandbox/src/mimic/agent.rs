//! Agents: they are told of each request that they watch, at `POST /watch`, after the part has answered it.

use bytes::Bytes;
use esr_engine::{Request, Response, labels};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use scn_plan::{
    Record, Shape, Value,
    blueprint::{Agent, PartKind, Watch},
};
use smol_str::SmolStr;
use url::Url;

use super::{
    answer::{Served, problem},
    body,
    exchange::Exchange,
    frame::Frame,
    handler::{self, Flow},
    route::parameters,
};
use crate::wire::plain;

/// Where an agent is told of what it watches.
pub(crate) const WATCH_PATH: &str = "/watch";

/// An agent that is to be told of some of the requests to a part.
#[derive(Clone)]
pub(crate) struct Watcher {
    /// Its name.
    pub(crate) agent: SmolStr,
    /// What it watches.
    pub(crate) watch: Watch,
    /// Root of the proxy in front of it.
    pub(crate) url: Url,
}

impl Watcher {
    /// Whether it watches this request.
    pub(crate) fn watches(&self, method: &Method, path: &str) -> bool {
        self.watch.method == method.as_str() && parameters(&self.watch.path, path).is_some()
    }

    /// What tells the agent of a request and of its answer.
    pub(crate) async fn tell(&self, watched: &Request, response: &Response, time: u64) -> Request {
        let path = parameters(&self.watch.path, watched.url.path()).unwrap_or_default();
        let query: Record =
            watched.url.query_pairs().map(|(name, value)| (name.as_ref().into(), Value::text(value))).collect();
        let (asked, answered) = (labels::marks(&watched.headers), labels::marks(&response.headers));
        let received = body::read(&watched.headers, watched.body.clone()).await;
        // What nobody can read was refused.
        let sent = received.ok().and_then(|(received, _)| received.check(None).ok()).unwrap_or_default();
        let headers = response
            .headers
            .iter()
            .filter_map(|(name, value)| Some((SmolStr::from(name.as_str()), Value::text(value.to_str().ok()?))));
        let headers = match answered.on("headers", Value::record(headers.collect())) {
            Value::Record(headers) => headers,
            _ => Default::default(),
        };
        let headers = headers.iter().map(|(name, value)| (SmolStr::from(name.replace('-', "_")), value.clone()));
        let answer = [
            ("status", Value::Int(response.status.as_u16().into())),
            ("body", answered.on("body", body::of_response(&response.headers, &response.body))),
            ("text", answered.on("body", Value::text(String::from_utf8_lossy(&response.body)))),
            ("headers", Value::record(headers.collect())),
            ("time", Value::Int(i64::try_from(time).unwrap_or(i64::MAX))),
        ];
        let told = record([
            ("path", asked.on("path", Value::record(path))),
            ("query", asked.on("query", Value::record(query))),
            ("body", asked.on("body", sent)),
            ("response", record(answer)),
        ]);
        let mut url = self.url.clone();
        url.set_path(WATCH_PATH);
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        labels::mark(&mut headers, [("body", &told)]);
        Request { method: Method::POST, url, headers, body: Bytes::from(told.to_json().to_string()) }
    }
}

impl Exchange<'_> {
    /// Does what an agent does after a request that it watches.
    pub(crate) async fn agent(mut self, agent: &Agent) -> Served {
        if self.request.url.path() != WATCH_PATH || self.request.method != Method::POST {
            let detail = format!("{} is an agent, and is told of requests alone", self.mimic.part.name);
            return Served::of(problem(StatusCode::NOT_FOUND, &detail));
        }
        let told = match self.receive().await {
            Ok(received) => match received.check(None) {
                Ok(Value::Record(told)) => told,
                _ => return Served::of(problem(StatusCode::UNPROCESSABLE_ENTITY, "this tells of no request")),
            },
            Err(refused) => return Served::of(problem(refused.status, &refused.why)),
        };
        let part = |name: &str| told.get(name).cloned().unwrap_or_default();
        let mut frame = Frame::new(&self, Some(&agent.handler));
        frame.path = part("path");
        frame.query = Some(part("query"));
        frame.body = as_shape(part("body"), self.watched_body(&agent.watches).as_ref());
        frame.response = response(part("response"), agent.response.as_ref());
        let served = match handler::run(&agent.handler.steps, &mut frame).await {
            Ok(Flow::Next | Flow::Reply(_)) => Served::of(plain(StatusCode::NO_CONTENT, "")),
            Err(halt) => {
                let (status, why) = halt.answer(&self.mimic.blueprint.sources);
                Served::of(problem(status, &why)).because(Some(why))
            }
        };
        served.by(WATCH_PATH)
    }

    /// What the body of the requests must be that are watched.
    fn watched_body(&self, watch: &Watch) -> Option<Shape> {
        match &self.mimic.blueprint.part(&watch.part)?.kind {
            PartKind::Service(service) => {
                let route =
                    service.routes.iter().find(|route| route.method == watch.method && route.path == watch.path);
                route?.body.clone()
            }
            _ => None,
        }
    }
}

fn record<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::record(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// The value as its shape has it; one that has another shape was refused by the part, and stays as it is.
fn as_shape(value: Value, shape: Option<&Shape>) -> Value {
    shape.and_then(|shape| shape.check(value.clone()).ok()).unwrap_or(value)
}

fn response(told: Value, body: Option<&Shape>) -> Value {
    let Value::Record(fields) = told else { return Value::None };
    let mut fields = (*fields).clone();
    let succeeded = matches!(fields.get("status"), Some(Value::Int(status)) if *status < 400);
    if let (true, Some(own)) = (succeeded, fields.get("body").cloned()) {
        fields.insert("body".into(), as_shape(own, body));
    }
    if let Some(Value::Int(nanos)) = fields.get("time") {
        let time = Value::Duration(*nanos);
        fields.insert("time".into(), time);
    }
    Value::record(fields)
}
