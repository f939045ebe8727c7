//! A mimic part: behaviour written in the language, as a function from requests to responses.

mod answer;
mod body;
mod call;
mod exchange;
mod frame;
mod frontend;
mod handler;
mod partner;
mod route;
mod service;
mod session;
mod store;
mod verbs;

pub(crate) use route::PublicPaths;
pub(crate) use session::Sessions;
pub(crate) use store::Stores;
pub use verbs::HANDLER_VERBS;
pub(crate) use verbs::Verb;

use std::{collections::HashMap, sync::Arc};

use esr_engine::{Clock, Request, Response, Transport, clock::BoxFuture};
use esr_tap::{Attributes, Recorder, Span, SpanKind, SpanStatus, attributes as names};
use http::{Method, StatusCode};
use rand::RngExt;
use scn_plan::{
    Blueprint,
    blueprint::{Part, PartKind},
};
use smol_str::SmolStr;
use tokio::sync::Semaphore;
use url::Url;

use self::{answer::Served, exchange::Exchange};
use crate::{
    Hangup, Serve,
    trace::{Trace, Visitors},
    wire::plain,
};

/// Where a part says that it is up; answered at once, without a worker and without a trace.
pub(crate) const HEALTH_PATH: &str = "/.well-known/esr-health";

/// A part of the sandbox.
pub(crate) struct Mimic {
    pub(crate) blueprint: Arc<Blueprint>,
    pub(crate) part: Part,
    /// The name of the frontends' branch.
    pub(crate) branch: SmolStr,
    /// Where the parts are that this one calls: roots of the proxies in between.
    pub(crate) peers: HashMap<SmolStr, Url>,
    pub(crate) stores: Stores,
    pub(crate) sessions: Sessions,
    /// A fair queue: who came first is served first.
    pub(crate) workers: Option<Semaphore>,
    pub(crate) visitors: Arc<Visitors>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) recorder: Arc<dyn Recorder>,
}

impl Serve for Mimic {
    fn serve(self: Arc<Self>, request: Request) -> BoxFuture<'static, Result<Response, Hangup>> {
        Box::pin(async move { Ok(self.handle(request).await) })
    }
}

impl Mimic {
    /// Answers `request`: queues for a worker, takes the part's latency, and does what the blueprint says.
    pub(crate) async fn handle(&self, request: Request) -> Response {
        if request.url.path() == HEALTH_PATH && request.method == Method::GET {
            return plain(StatusCode::OK, "up");
        }
        let arrived = self.clock.now();
        let trace = Trace::of(&request, &self.visitors);
        let span_id = trace.span_id(&format!("server/{}", self.part.name));

        // The semaphore is never closed, so there is a permit whenever there are workers.
        let worker = match &self.workers {
            Some(workers) => workers.acquire().await.ok(),
            None => None,
        };
        let queued = self.clock.now().since(arrived);
        if let Some(latency) = &self.part.latency {
            let share = trace.rng(&format!("latency/{}", self.part.name)).random::<f64>();
            let nanos = u64::try_from(latency.sample(share)).unwrap_or(0);
            self.clock.sleep_until(self.clock.now().plus(nanos)).await;
        }

        let method = request.method.clone();
        let exchange = Exchange::new(self, trace.below(span_id), request);
        let Served { response, route, error } = match &self.part.kind {
            PartKind::Frontend(frontend) => exchange.frontend(frontend).await,
            PartKind::Service(service) => exchange.service(service).await,
            PartKind::Partner(partner) => exchange.partner(partner).await,
        };

        let mut attributes = Attributes::new();
        let mut set = |name: &str, value: esr_tap::AttributeValue| attributes.insert(name.into(), value);
        set(names::HTTP_REQUEST_METHOD, method.as_str().into());
        set(names::ESR_QUEUE_WAIT, i64::try_from(queued).unwrap_or(i64::MAX).into());
        set(names::HTTP_RESPONSE_STATUS_CODE, i64::from(response.status.as_u16()).into());
        if let Some(route) = &route {
            set(names::HTTP_ROUTE, route.clone().into());
        }
        if response.status.is_server_error() {
            set(names::ERROR_TYPE, response.status.as_u16().to_string().into());
        }
        let status = match error {
            Some(error) => SpanStatus::Error(error),
            None if response.status.is_server_error() => {
                SpanStatus::Error(format!("HTTP {}", response.status.as_u16()))
            }
            None => SpanStatus::Unset,
        };
        let name = route.map_or_else(|| method.as_str().into(), |route| format!("{method} {route}").into());
        self.recorder.span(Span {
            trace_id: trace.trace_id,
            span_id,
            parent_span_id: trace.parent,
            block: trace.block(),
            name,
            kind: SpanKind::Server,
            service: self.part.name.clone(),
            start_time_unix_nano: arrived,
            end_time_unix_nano: self.clock.now(),
            status,
            attributes,
        });
        drop(worker);
        response
    }
}
