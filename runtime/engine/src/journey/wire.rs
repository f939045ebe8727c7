//! One request: what it takes along, and what is made of its answer.

use esr_tap::{
    SpanId, SpanKind, SpanStatus, Timestamp,
    attributes::{ESR_CALLEE, ESR_CALLER, ESR_TIMEOUT, HTTP_REQUEST_METHOD, HTTP_RESPONSE_STATUS_CODE, URL_PATH},
};
use http::{HeaderValue, header};
use smol_str::SmolStr;
use url::{Host, Url};

use super::{
    Failure, Journey,
    exchange::{Errand, Outgoing},
};
use crate::{
    clock::Elapsed,
    trace,
    transport::{Request, Response, TransportError},
};

const USER_AGENT: &str = concat!("esr/", env!("CARGO_PKG_VERSION"), " (synthetic persona)");

/// Who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// The journey itself, which waits for the answer.
    Own,
    /// A browser, for a document that its window is to show.
    Document,
    /// A browser, for whatever a document needs.
    Subresource,
}

/// A request under way.
#[derive(Debug)]
pub(super) struct Flight {
    /// The execution that it is charged to.
    charged: usize,
    span: SpanId,
    lane: Lane,
    start: Timestamp,
    /// The step's bound in nanoseconds.
    timeout: u64,
    /// The group whose time would be over first, if one's is.
    limited: Option<(Timestamp, u64, usize)>,
    /// Method and path, as they may be shown.
    what: String,
    url: Url,
    is_partner: bool,
}

/// A request that is about to be sent.
pub(super) struct TakeOff {
    pub(super) flight: Flight,
    pub(super) request: Request,
    /// How many nanoseconds are left for it.
    pub(super) left: u64,
}

impl Journey {
    /// Begins the span of a request, and gives it what every request carries.
    pub(super) fn take_off(&mut self, errand: &Errand, outgoing: &Outgoing, lane: Lane) -> Result<TakeOff, Failure> {
        let shared = self.shared.clone();
        let entry = &shared.options.entry;
        let partner = shared.options.partners.iter().find(|(_, root)| root.origin() == outgoing.url.origin());
        if partner.is_none() && !is_inside(&outgoing.url, entry, &shared.bound.allow_hosts) {
            let host = outgoing.url.host_str().unwrap_or("nowhere");
            return Err(Failure::new(
                "outside the sandbox",
                format!(
                    "the journey leads out of the sandbox, to {host}, which `allow-hosts` in esr.toml does not name"
                ),
            ));
        }
        let path = self.shown_path(outgoing);
        let own = errand.timeout.saturating_sub(self.executions[errand.charged].used());
        // Groups around the step may leave it less.
        let limit = self.limit(self.executions[errand.charged].node);
        let start = self.now();
        let (left, limited) = match limit {
            Some((end, ..)) if end.since(start) < own => (end.since(start), limit),
            _ => (own, None),
        };
        let callee = match partner {
            Some((partner, _)) => partner.clone(),
            None if outgoing.url.origin() == entry.origin() => shared.options.entry_part.clone(),
            None => outgoing.url.authority().into(),
        };

        let span = self.open_span(&errand.key, outgoing.method.as_str().into(), SpanKind::Client, errand.parent, start);
        span.set(HTTP_REQUEST_METHOD, outgoing.method.as_str());
        span.set(URL_PATH, path.clone());
        span.set(ESR_CALLER, "persona");
        span.set(ESR_CALLEE, callee);
        span.set(ESR_TIMEOUT, i64::try_from(left).unwrap_or(i64::MAX));
        let span = span.span_id;
        if lane != Lane::Own {
            // What a browser asks for may be under way longer than the step.
            self.aloft.extend(self.open.pop());
        }

        let mut headers = outgoing.headers.clone();
        if lane != Lane::Own {
            self.browser.cookies.overhear(&headers, &outgoing.url, start);
        }
        headers.entry(header::USER_AGENT).or_insert(HeaderValue::from_static(USER_AGENT));
        headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("text/html, */*;q=0.8"));
        // Cookies do not tell ports apart, and a partner is another site.
        if let Some(cookies) = self.browser.cookies.header(&outgoing.url, start).filter(|_| partner.is_none()) {
            headers.insert(header::COOKIE, cookies);
        }
        trace::inject(&mut headers, &errand.key, span, &shared.options.run_id);
        let (method, url, body) = (outgoing.method.clone(), outgoing.url.clone(), outgoing.body.clone());
        let flight = Flight {
            charged: errand.charged,
            span,
            lane,
            start,
            timeout: errand.timeout,
            limited,
            what: format!("{method} {path}"),
            url: url.clone(),
            is_partner: partner.is_some(),
        };
        Ok(TakeOff { flight, request: Request { method, url, headers, body }, left })
    }

    /// Takes note of what became of a request; yields the response and how long it took in nanoseconds.
    pub(super) fn land(
        &mut self,
        flight: Flight,
        sent: Result<Result<Response, TransportError>, Elapsed>,
    ) -> Result<(Response, u64), Failure> {
        let now = self.now();
        let took = now.since(flight.start);
        let lag = std::mem::take(&mut self.lag);
        let execution = &mut self.executions[flight.charged];
        execution.count(flight.start, now, lag);
        let is_step = flight.lane != Lane::Subresource;
        let what = &flight.what;
        let failure = match sent {
            Ok(Ok(response)) => {
                let status = response.status.as_u16();
                if is_step {
                    execution.status = Some(status);
                }
                if let Some(span) = self.span_of(flight.span) {
                    span.set(HTTP_RESPONSE_STATUS_CODE, i64::from(status));
                    if status >= 400 {
                        span.status = SpanStatus::Error(format!("HTTP {status}"));
                    }
                }
                self.close_span_of(flight.span, None);
                if !flight.is_partner {
                    self.browser.cookies.receive(&response.headers, &flight.url, now);
                }
                return Ok((response, took));
            }
            Ok(Err(TransportError::Refused(why))) => {
                Failure::new("connection refused", format!("no connection for {what}: {why}"))
            }
            Ok(Err(TransportError::Broken(why))) => {
                Failure::new("connection broken", format!("the connection broke during {what}: {why}"))
            }
            Err(_) if let Some((_, bound, group)) = flight.limited => self.too_long(bound, group),
            Err(_) => {
                let bound = scn_plan::Value::Duration(i64::try_from(flight.timeout).unwrap_or(i64::MAX));
                Failure::new("timeout", format!("no answer to {what} within {bound}"))
            }
        };
        if is_step {
            self.executions[flight.charged].status = None;
        }
        self.close_span_of(flight.span, Some(&failure));
        Err(failure)
    }
}

/// Whether personas may go to `url`: to the entry's host, to this machine, and to the hosts that the settings admit; nowhere
/// else in the world.
fn is_inside(url: &Url, entry: &Url, allowed: &[SmolStr]) -> bool {
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    };
    matches!(url.scheme(), "http" | "https")
        && (loopback
            || url.host() == entry.host()
            || url.host_str().is_some_and(|host| allowed.iter().any(|name| name == host)))
}
