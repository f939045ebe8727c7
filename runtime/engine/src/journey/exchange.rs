//! Requests and their redirects, as browsers follow them.

use bytes::Bytes;
use esr_tap::{
    SpanId, SpanKind, SpanStatus,
    attributes::{ESR_CALLEE, ESR_CALLER, ESR_TIMEOUT, HTTP_REQUEST_METHOD, HTTP_RESPONSE_STATUS_CODE, URL_PATH},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use scn_plan::Value;
use smol_str::SmolStr;
use url::{Host, Url};

use super::{Failure, Journey};
use crate::{
    Key,
    browser::Last,
    clock::timeout,
    labels,
    page::Page,
    trace,
    transport::{Request, Response, TransportError},
};

/// How many redirects are followed. Source: the Fetch standard, «HTTP-redirect fetch».
const MAX_REDIRECTS: usize = 20;

/// On whose behalf a request is sent.
pub(super) struct Errand {
    /// The execution that it is charged to.
    pub(super) charged: usize,
    /// That execution's bound in nanoseconds.
    pub(super) timeout: u64,
    /// The key that travels with it.
    pub(super) key: Key,
    /// The span that it is part of.
    pub(super) parent: SpanId,
}

/// A request before redirects.
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) url: Url,
    /// What stands for a path that holds sensitive text.
    pub(super) shown_path: Option<SmolStr>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Outgoing {
    pub(super) fn get(url: Url) -> Self {
        Self { method: Method::GET, url, shown_path: None, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// Sets a header; one that no header can hold is left out.
    pub(super) fn header(&mut self, name: HeaderName, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
    }
}

impl Journey {
    /// Sends a request and follows its redirects to the final response.
    pub(super) async fn exchange(&mut self, errand: &Errand, mut outgoing: Outgoing) -> Result<Last, Failure> {
        let mut time = 0;
        for _ in 0..=MAX_REDIRECTS {
            let (response, took) = self.send(errand, &outgoing).await?;
            time += took;
            self.learn_from(&response);
            let Some(target) = redirect(&response, &outgoing.url)? else {
                return Ok(Last {
                    shown_path: self.shown_path(&outgoing),
                    text: String::from_utf8_lossy(&response.body).into_owned(),
                    status: response.status.as_u16(),
                    headers: response.headers,
                    url: outgoing.url,
                    time,
                    is_page: false,
                });
            };
            // 301 and 302 turn POST into GET, 303 everything, 307 and 308 nothing.
            let becomes_get = match response.status {
                StatusCode::SEE_OTHER => outgoing.method != Method::HEAD,
                StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => outgoing.method == Method::POST,
                _ => false,
            };
            if becomes_get {
                outgoing.method = Method::GET;
                outgoing.body = Bytes::new();
                outgoing.headers.remove(header::CONTENT_TYPE);
                labels::mark(&mut outgoing.headers, []);
                outgoing.headers.remove(header::ORIGIN);
            }
            if target.origin() != outgoing.url.origin() {
                outgoing.headers.remove(header::AUTHORIZATION);
            }
            // What stands for a sensitive path stands for it again: redirects to the same path are common.
            if target.path() != outgoing.url.path() {
                outgoing.shown_path = None;
            }
            outgoing.url = target;
        }
        Err(Failure::new(
            "too many redirects",
            format!("more than {MAX_REDIRECTS} redirects, at last to {}", self.shown_path(&outgoing)),
        ))
    }

    /// Remembers what a response says is sensitive.
    fn learn_from(&self, response: &Response) {
        let marks = labels::marks(&response.headers);
        if marks.is_empty() {
            return;
        }
        let text = || Value::text(String::from_utf8_lossy(&response.body));
        let body = serde_json::from_slice(&response.body).map_or_else(|_| text(), |json| Value::from_json(&json));
        self.redactor.learn(&marks.on("body", body));
        let headers = response
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().into(), Value::text(String::from_utf8_lossy(value.as_bytes()))));
        self.redactor.learn(&marks.on("headers", Value::record(headers.collect())));
    }

    /// The path of a request as it may be shown.
    fn shown_path(&self, outgoing: &Outgoing) -> SmolStr {
        match &outgoing.shown_path {
            Some(shown) => shown.clone(),
            None => self.redactor.shown(outgoing.url.path()).into(),
        }
    }

    /// Sends one request; yields the response and how long it took in nanoseconds.
    async fn send(&mut self, errand: &Errand, outgoing: &Outgoing) -> Result<(Response, u64), Failure> {
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
        let own = errand.timeout.saturating_sub(self.executions[errand.charged].used);
        // Groups around the step may leave it less.
        let limit = self.limit(self.executions[errand.charged].node);
        let now = self.now();
        let (left, limited) = match limit {
            Some((end, ..)) if end.since(now) < own => (end.since(now), limit),
            _ => (own, None),
        };
        let callee = match partner {
            Some((partner, _)) => partner.clone(),
            None if outgoing.url.origin() == entry.origin() => shared.options.entry_part.clone(),
            None => outgoing.url.authority().into(),
        };

        let start = self.now();
        let span = self.open_span(&errand.key, outgoing.method.as_str().into(), SpanKind::Client, errand.parent, start);
        span.set(HTTP_REQUEST_METHOD, outgoing.method.as_str());
        span.set(URL_PATH, path.clone());
        span.set(ESR_CALLER, "persona");
        span.set(ESR_CALLEE, callee);
        span.set(ESR_TIMEOUT, i64::try_from(left).unwrap_or(i64::MAX));
        let span_id = span.span_id;

        let mut headers = outgoing.headers.clone();
        headers.entry(header::USER_AGENT).or_insert(HeaderValue::from_static(USER_AGENT));
        headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("text/html, */*;q=0.8"));
        // Cookies do not tell ports apart, and a partner is another site.
        if let Some(cookies) = self.browser.cookies.header(&outgoing.url, start).filter(|_| partner.is_none()) {
            headers.insert(header::COOKIE, cookies);
        }
        trace::inject(&mut headers, &errand.key, span_id, &shared.options.run_id);
        let (method, url, body) = (outgoing.method.clone(), outgoing.url.clone(), outgoing.body.clone());
        let request = Request { method, url, headers, body };

        let sent = timeout(&*shared.deps.clock, left, shared.deps.transport.send(request)).await;
        let now = self.now();
        let took = now.since(start);
        let lag = std::mem::take(&mut self.lag);
        let execution = &mut self.executions[errand.charged];
        execution.used += took;
        execution.response_time = Some(execution.response_time.unwrap_or(0) + took + lag);
        let what = format!("{} {path}", outgoing.method);
        let failure = match sent {
            Ok(Ok(response)) => {
                let status = response.status.as_u16();
                execution.status = Some(status);
                if let Some(span) = self.open.last_mut() {
                    span.set(HTTP_RESPONSE_STATUS_CODE, i64::from(status));
                    if status >= 400 {
                        span.status = SpanStatus::Error(format!("HTTP {status}"));
                    }
                }
                self.close_span(None);
                if partner.is_none() {
                    self.browser.cookies.receive(&response.headers, &outgoing.url, now);
                }
                return Ok((response, took));
            }
            Ok(Err(TransportError::Refused(why))) => {
                Failure::new("connection refused", format!("no connection for {what}: {why}"))
            }
            Ok(Err(TransportError::Broken(why))) => {
                Failure::new("connection broken", format!("the connection broke during {what}: {why}"))
            }
            Err(_) if let Some((_, bound, group)) = limited => self.too_long(bound, group),
            Err(_) => {
                let bound = scn_plan::Value::Duration(i64::try_from(errand.timeout).unwrap_or(i64::MAX));
                Failure::new("timeout", format!("no answer to {what} within {bound}"))
            }
        };
        self.executions[errand.charged].status = None;
        self.close_span(Some(&failure));
        Err(failure)
    }

    /// Sends a request and shows the page that it leads to. Yields the final status and the path as it may
    /// be shown.
    pub(super) async fn navigate(
        &mut self,
        errand: &Errand,
        mut outgoing: Outgoing,
    ) -> Result<(u16, SmolStr), Failure> {
        if let Some(page) = &self.browser.page {
            // A form without an action, or a link to the page itself.
            if outgoing.shown_path.is_none() && outgoing.url.path() == page.url.path() {
                outgoing.shown_path = Some(page.shown_path.clone());
            }
            let mut referer = page.url.clone();
            referer.set_fragment(None);
            outgoing.header(header::REFERER, referer.as_str());
            if outgoing.method != Method::GET {
                let origin = page.url.origin().ascii_serialization();
                outgoing.header(header::ORIGIN, &origin);
            }
        }
        let last = self.exchange(errand, outgoing).await?;
        let (status, path) = (last.status, last.shown_path.clone());
        // HTML: a response without content leaves the page as it is.
        if matches!(status, 204 | 205) {
            self.browser.discard_input();
        } else {
            let page = if is_html(&last.headers, &last.text) { Page::html } else { Page::plain };
            let mut page = page(last.url.clone(), status, last.text.clone());
            page.shown_path = path.clone();
            page.labelled.drain(..).for_each(|text| self.redactor.learn_made(&Value::Text(text)));
            page.shown_title = self.redactor.shown_word_by_word(&page.title);
            self.browser.show(page);
        }
        self.browser.last = Some(Last { is_page: true, ..last });
        Ok((status, path))
    }
}

const USER_AGENT: &str = concat!("esr/", env!("CARGO_PKG_VERSION"), " (synthetic persona)");

/// Where a redirect leads; none for any other response.
fn redirect(response: &Response, from: &Url) -> Result<Option<Url>, Failure> {
    if !matches!(response.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = response.headers.get(header::LOCATION) else { return Ok(None) };
    let target = String::from_utf8_lossy(location.as_bytes());
    let target = from
        .join(&target)
        .map_err(|error| Failure::new("bad redirect", format!("a redirect leads nowhere: {error}")))?;
    Ok(Some(target))
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

fn is_html(headers: &HeaderMap, text: &str) -> bool {
    match headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()) {
        Some(kind) => {
            let kind = kind.trim().to_ascii_lowercase();
            kind.starts_with("text/html") || kind.starts_with("application/xhtml+xml")
        }
        None => text.trim_start().starts_with('<'),
    }
}
