//! A mimic part: behaviour written in the language, as a function from requests to responses.

mod agent;
mod answer;
mod body;
mod call;
mod exchange;
mod form;
mod frame;
mod frontend;
mod handler;
mod partner;
mod queue;
mod route;
mod service;
mod session;
mod store;
mod verbs;

pub(crate) use agent::Watcher;
pub(crate) use answer::problem;
pub(crate) use queue::Reviews;
pub(crate) use route::PublicPaths;
pub(crate) use session::Sessions;
pub(crate) use store::Stores;
pub use verbs::HANDLER_VERBS;
pub(crate) use verbs::Verb;

use std::{collections::HashMap, sync::Arc};

use esr_engine::{Clock, Request, Response, Transport, clock::BoxFuture};
use esr_tap::{Attributes, Span, SpanKind, SpanStatus, attributes as names};
use http::{Method, StatusCode};
use rand::RngExt;
use scn_plan::{
    Blueprint,
    blueprint::{Part, PartKind},
};
use smol_str::SmolStr;
use tokio::sync::Semaphore;
use url::Url;

use self::{
    answer::{Refusal, Served},
    exchange::Exchange,
};
use crate::{
    Hangup, Serve,
    gov::Gov,
    ledger::Ledger,
    trace::{Trace, Visitors},
    wire::{Tasks, plain},
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
    pub(crate) sessions: Arc<Sessions>,
    /// A fair queue: who came first is served first.
    pub(crate) workers: Option<Semaphore>,
    pub(crate) visitors: Arc<Visitors>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) ledger: Arc<Ledger>,
    /// The draft rules that pages are bound to, as they are published.
    pub(crate) gov: Arc<Gov>,
    /// What waits for people, where the part is a queue.
    pub(crate) reviews: Reviews,
    pub(crate) tasks: Arc<Tasks>,
}

impl Serve for Mimic {
    fn serve(self: Arc<Self>, request: Request) -> BoxFuture<'static, Result<Response, Hangup>> {
        Box::pin(async move { Ok(self.handle(request).await) })
    }
}

impl Mimic {
    /// Answers `request`: queues for a worker, takes the part's latency, and does what the blueprint says.
    pub(crate) async fn handle(self: &Arc<Self>, request: Request) -> Response {
        if request.url.path() == HEALTH_PATH && request.method == Method::GET {
            return plain(StatusCode::OK, "up");
        }
        let arrived = self.clock.now();
        let trace = Trace::of(&request, &self.visitors);
        let span_id = trace.span_id(&format!("server/{}", self.part.name));

        let method = request.method.clone();
        let mut span = Span {
            trace_id: trace.trace_id,
            span_id,
            parent_span_id: trace.parent,
            block: trace.block(),
            name: method.as_str().into(),
            kind: SpanKind::Server,
            service: self.part.name.clone(),
            start_time_unix_nano: arrived,
            end_time_unix_nano: arrived,
            status: SpanStatus::Unset,
            attributes: Attributes::new(),
        };
        span.set(names::HTTP_REQUEST_METHOD, method.as_str());
        let entry = self.ledger.begin(&trace, span);

        // The semaphore is never closed, so there is a permit whenever there are workers.
        let (worker, queued) = match &self.workers {
            Some(workers) => (workers.acquire().await.ok(), self.clock.now().since(arrived)),
            None => (None, 0),
        };
        self.ledger.amend(&entry, |span| {
            span.set(names::ESR_QUEUE_WAIT, i64::try_from(queued).unwrap_or(i64::MAX));
        });
        if let Some(latency) = &self.part.latency {
            let share = trace.rng(&format!("latency/{}", self.part.name)).random::<f64>();
            let nanos = u64::try_from(latency.sample(share)).unwrap_or(0);
            self.clock.sleep_until(self.clock.now().plus(nanos)).await;
        }

        let exchange = Exchange::new(self, trace.below(span_id), request);
        let Served { response, route, error, rules } = match &self.part.kind {
            PartKind::Frontend(frontend) => exchange.frontend(frontend).await,
            PartKind::Service(service) => exchange.service(service).await,
            PartKind::Partner(partner) => exchange.partner(partner).await,
            PartKind::Agent(agent) => exchange.agent(agent).await,
            PartKind::Queue(queue) => exchange.queue(queue).await,
        };

        self.ledger.end(entry, |span| {
            span.set(names::HTTP_RESPONSE_STATUS_CODE, i64::from(response.status.as_u16()));
            if let Some(route) = route {
                span.name = format!("{method} {route}").into();
                span.set(names::HTTP_ROUTE, route);
            }
            if !rules.is_empty() {
                let list = |of: &dyn Fn(&Refusal) -> String| rules.iter().map(of).collect::<Vec<_>>().join(", ");
                span.set(names::ESR_RULE, list(&|refusal| refusal.rule.to_string()));
                span.set(names::ESR_RULE_DEMAND, list(&|refusal| refusal.demand.to_string()));
                span.set(names::ESR_RULE_PLACE, list(&|refusal| self.place(&refusal.rule)));
            }
            if response.status.is_server_error() {
                span.set(names::ERROR_TYPE, response.status.as_u16().to_string());
            }
            span.status = match error {
                Some(error) => SpanStatus::Error(error),
                None if response.status.is_server_error() => {
                    SpanStatus::Error(format!("HTTP {}", response.status.as_u16()))
                }
                None => SpanStatus::Unset,
            };
        });
        drop(worker);
        response
    }

    /// Where a draft rule stands: `file:line`.
    fn place(&self, rule: &str) -> String {
        let span = self.blueprint.rule(rule).map(|rule| rule.span);
        let place = span.and_then(|span| self.blueprint.sources.line_of(span));
        place.map(|(file, line)| format!("{file}:{line}")).unwrap_or_default()
    }
}
