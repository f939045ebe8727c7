//! The proxy on the way from one caller to one callee: records the hop, and lets faults strike.

use std::sync::Arc;

use esr_engine::{
    Clock, Request, Response, Transport, TransportError,
    clock::{BoxFuture, timeout},
};
use esr_tap::{Attributes, Span, SpanKind, SpanStatus, attributes as names};
use http::{StatusCode, header};
use scn_plan::nanos;
use smol_str::{SmolStr, format_smolstr};
use url::Url;

use crate::{
    Hangup, Serve,
    fault::{FaultSet, Hop, InForce},
    ledger::Ledger,
    mimic::{PublicPaths, Watcher},
    trace::{Trace, Visitors},
    wire::{Tasks, plain, strip_hop_headers},
};

/// Name of the persona as a caller.
pub(crate) const PERSONA: &str = "persona";

/// How long an agent may take, in nanoseconds: 30 s, as any call.
const TELL_TIMEOUT: u64 = 30 * nanos::SECOND as u64;

/// One edge.
pub(crate) struct Proxy {
    pub(crate) caller: SmolStr,
    pub(crate) callee: SmolStr,
    /// Root of the callee's own listener.
    pub(crate) target: Url,
    /// How the callee's paths are shown.
    pub(crate) paths: PublicPaths,
    pub(crate) faults: Arc<FaultSet>,
    pub(crate) visitors: Arc<Visitors>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) ledger: Arc<Ledger>,
    /// Agents that watch requests to the callee.
    pub(crate) watchers: Vec<Watcher>,
    /// Where the callee is a process of its own, which records nothing by itself.
    pub(crate) is_process: bool,
    pub(crate) tasks: Arc<Tasks>,
}

impl Serve for Proxy {
    fn serve(self: Arc<Self>, request: Request) -> BoxFuture<'static, Result<Response, Hangup>> {
        Box::pin(async move { self.handle(request).await })
    }
}

impl Proxy {
    async fn handle(&self, mut request: Request) -> Result<Response, Hangup> {
        let start = self.clock.now();
        let trace = Trace::of(&request, &self.visitors);
        let mut span = self.span(&trace, &format!("proxy/{}/{}", self.caller, self.callee), SpanKind::Internal);
        let span_id = span.span_id;
        span.set(names::ESR_CALLER, self.caller.clone());
        span.set(names::ESR_CALLEE, self.callee.clone());
        span.set(names::HTTP_REQUEST_METHOD, request.method.as_str());
        span.set(names::URL_PATH, self.paths.shown(&request.method, request.url.path()));
        let entry = self.ledger.begin(&trace, span);

        let below = trace.below(span_id);
        below.write(&mut request.headers);
        // Bodies are shared, so that is cheap.
        let watched = self.watchers_of(&request).next().is_some().then(|| request.clone());
        let faults = self.faults.striking(trace.run.as_ref(), &self.callee);
        let hop = Hop::new(&*self.clock, &trace, &self.caller, &self.callee);
        let outcome = Next { faults: &faults, proxy: self, trace: &below }.pass(&hop, request).await;
        if let (Some(watched), Ok(response)) = (watched, &outcome) {
            self.tell_watchers(&below, watched, response, self.clock.now().since(start));
        }

        let struck = hop.into_struck();
        self.ledger.end(entry, |span| {
            if !struck.probes.is_empty() {
                span.set(names::ESR_PROBE, struck.probes.join(","));
                span.set(names::ESR_PROBE_DELAY, i64::try_from(struck.delay).unwrap_or(i64::MAX));
            }
            match &outcome {
                Ok(response) => {
                    span.set(names::HTTP_RESPONSE_STATUS_CODE, i64::from(response.status.as_u16()));
                }
                Err(Hangup) => {
                    span.set(names::ERROR_TYPE, "connection broken");
                    span.status = SpanStatus::Error(format!("{} broke the connection", self.callee));
                }
            }
        });
        if trace.by_hand {
            // No engine drives this request, so nobody else closes its block.
            self.ledger.close_block(&trace);
        }
        outcome
    }

    fn watchers_of(&self, request: &Request) -> impl Iterator<Item = &Watcher> {
        self.watchers.iter().filter(|watcher| watcher.watches(&request.method, request.url.path()))
    }

    /// Tells the agents that watch this request, in the background: nobody waits for them.
    fn tell_watchers(&self, trace: &Trace, watched: Request, response: &Response, time: u64) {
        let watched = Arc::new(watched);
        for watcher in self.watchers_of(&watched) {
            let trace = trace.further(&format!("watch/{}", watcher.agent));
            let mut span = self.span(&trace, &format!("watch/{}", watcher.agent), SpanKind::Client);
            span.name = format_smolstr!("tell {}", watcher.agent);
            span.service = self.callee.clone();
            span.set(names::ESR_CALLER, self.callee.clone());
            span.set(names::ESR_CALLEE, watcher.agent.clone());
            let below = trace.below(span.span_id);
            // Begun before the request is answered, so that a run that ends with it waits for what the agents do.
            let entry = self.ledger.begin(&trace, span);
            let (ledger, transport, clock) = (self.ledger.clone(), self.transport.clone(), self.clock.clone());
            let (watched, response, watcher) = (watched.clone(), response.clone(), watcher.clone());
            self.tasks.run(async move {
                let mut request = watcher.tell(&watched, &response, time).await;
                below.write(&mut request.headers);
                let told = timeout(&*clock, TELL_TIMEOUT, transport.send(request)).await;
                ledger.end(entry, |span| match told {
                    Ok(Ok(response)) => {
                        span.set(names::HTTP_RESPONSE_STATUS_CODE, i64::from(response.status.as_u16()));
                        if response.status.as_u16() >= 400 {
                            span.status = SpanStatus::Error(format!("HTTP {}", response.status.as_u16()));
                        }
                    }
                    Ok(Err(error)) => span.status = SpanStatus::Error(error.to_string()),
                    Err(_) => span.status = SpanStatus::Error(format!("{} takes too long", watcher.agent)),
                });
            });
        }
    }

    fn span(&self, trace: &Trace, purpose: &str, kind: SpanKind) -> Span {
        let now = self.clock.now();
        Span {
            trace_id: trace.trace_id,
            span_id: trace.span_id(purpose),
            parent_span_id: trace.parent,
            block: trace.block(),
            name: "proxy".into(),
            kind,
            service: "proxy".into(),
            start_time_unix_nano: now,
            end_time_unix_nano: now,
            status: SpanStatus::Unset,
            attributes: Attributes::new(),
        }
    }

    /// The request at the callee's own listener. What a process serves is recorded here, for it may not do so itself.
    async fn serve_callee(&self, trace: &Trace, mut request: Request) -> Result<Response, Hangup> {
        if !self.is_process {
            return self.forward(request).await;
        }
        let method = request.method.clone();
        let mut span = self.span(trace, &format!("server/{}", self.callee), SpanKind::Server);
        span.name = format_smolstr!("{method} {}", self.paths.shown(&method, request.url.path()));
        span.service = self.callee.clone();
        span.set(names::HTTP_REQUEST_METHOD, method.as_str());
        trace.below(span.span_id).write(&mut request.headers);
        let entry = self.ledger.begin(trace, span);
        let outcome = self.forward(request).await;
        self.ledger.end(entry, |span| match &outcome {
            Ok(response) => {
                let status = response.status.as_u16();
                span.set(names::HTTP_RESPONSE_STATUS_CODE, i64::from(status));
                if response.status.is_server_error() {
                    span.set(names::ERROR_TYPE, status.to_string());
                    span.status = SpanStatus::Error(format!("HTTP {status}"));
                }
            }
            Err(Hangup) => {
                span.set(names::ERROR_TYPE, "connection broken");
                span.status = SpanStatus::Error(format!("{} broke the connection", self.callee));
            }
        });
        outcome
    }

    async fn forward(&self, mut request: Request) -> Result<Response, Hangup> {
        let mut url = self.target.clone();
        url.set_path(request.url.path());
        url.set_query(request.url.query());
        request.url = url;
        strip_hop_headers(&mut request.headers);
        request.headers.remove(header::HOST);
        match self.transport.send(request).await {
            Ok(response) => Ok(response),
            Err(TransportError::Refused(_)) => {
                Ok(plain(StatusCode::BAD_GATEWAY, format!("{} cannot be reached", self.callee)))
            }
            Err(TransportError::Broken(_)) => Err(Hangup),
        }
    }
}

/// What is left of a request's way: the remaining faults, then the callee.
pub(crate) struct Next<'a> {
    faults: &'a [InForce],
    proxy: &'a Proxy,
    /// The request's place below the proxy's span.
    trace: &'a Trace,
}

impl<'a> Next<'a> {
    /// Sends the request on.
    pub(crate) fn pass(self, hop: &'a Hop<'a>, request: Request) -> BoxFuture<'a, Result<Response, Hangup>> {
        match self.faults.split_first() {
            Some((first, rest)) => {
                first.fault.pass(hop, request, Next { faults: rest, proxy: self.proxy, trace: self.trace })
            }
            None => Box::pin(self.proxy.serve_callee(self.trace, request)),
        }
    }
}
