//! The proxy on the way from one caller to one callee: records the hop, and lets faults strike.

use std::sync::Arc;

use esr_engine::{Clock, Request, Response, Transport, TransportError, clock::BoxFuture};
use esr_tap::{Attributes, Span, SpanKind, SpanStatus, attributes as names};
use http::{StatusCode, header};
use smol_str::SmolStr;
use url::Url;

use crate::{
    Hangup, Serve,
    fault::{FaultSet, Hop, InForce},
    ledger::Ledger,
    mimic::PublicPaths,
    trace::{Trace, Visitors},
    wire::{plain, strip_hop_headers},
};

/// Name of the persona as a caller.
pub(crate) const PERSONA: &str = "persona";

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
        let span_id = trace.span_id(&format!("proxy/{}/{}", self.caller, self.callee));
        let mut span = Span {
            trace_id: trace.trace_id,
            span_id,
            parent_span_id: trace.parent,
            block: trace.block(),
            name: "proxy".into(),
            kind: SpanKind::Internal,
            service: "proxy".into(),
            start_time_unix_nano: start,
            end_time_unix_nano: start,
            status: SpanStatus::Unset,
            attributes: Attributes::new(),
        };
        span.set(names::ESR_CALLER, self.caller.clone());
        span.set(names::ESR_CALLEE, self.callee.clone());
        span.set(names::HTTP_REQUEST_METHOD, request.method.as_str());
        span.set(names::URL_PATH, self.paths.shown(&request.method, request.url.path()));
        let entry = self.ledger.begin(&trace, span);

        trace.below(span_id).write(&mut request.headers);
        let faults = self.faults.striking(trace.run.as_ref(), &self.callee);
        let hop = Hop::new(&*self.clock, &trace, &self.caller, &self.callee);
        let outcome = Next { faults: &faults, proxy: self }.pass(&hop, request).await;

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
}

impl<'a> Next<'a> {
    /// Sends the request on.
    pub(crate) fn pass(self, hop: &'a Hop<'a>, request: Request) -> BoxFuture<'a, Result<Response, Hangup>> {
        match self.faults.split_first() {
            Some((first, rest)) => first.fault.pass(hop, request, Next { faults: rest, proxy: self.proxy }),
            None => Box::pin(self.proxy.forward(request)),
        }
    }
}
