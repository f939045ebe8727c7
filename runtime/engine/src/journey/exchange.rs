//! Requests and their redirects, as browsers follow them.

use bytes::Bytes;
use esr_tap::SpanId;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use scn_plan::Value;
use smol_str::SmolStr;
use url::Url;

use super::{
    Failure, Journey,
    wire::{Lane, TakeOff},
};
use crate::{Key, browser::Last, clock::timeout, labels, page::Page, transport::Response};

/// How many redirects are followed. Source: the Fetch standard, «HTTP-redirect fetch».
pub(super) const MAX_REDIRECTS: usize = 20;

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
        Err(self.too_many_redirects(&outgoing))
    }

    pub(super) fn too_many_redirects(&self, last: &Outgoing) -> Failure {
        let reason = format!("more than {MAX_REDIRECTS} redirects, at last to {}", self.shown_path(last));
        Failure::new("too many redirects", reason)
    }

    /// Remembers what a response says is sensitive.
    pub(super) fn learn_from(&self, response: &Response) {
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
    pub(super) fn shown_path(&self, outgoing: &Outgoing) -> SmolStr {
        match &outgoing.shown_path {
            Some(shown) => shown.clone(),
            None => self.redactor.shown(outgoing.url.path()).into(),
        }
    }

    /// Sends one request; yields the response and how long it took in nanoseconds.
    async fn send(&mut self, errand: &Errand, outgoing: &Outgoing) -> Result<(Response, u64), Failure> {
        let TakeOff { flight, request, left } = self.take_off(errand, outgoing, Lane::Own)?;
        let shared = self.shared.clone();
        let sent = timeout(&*shared.deps.clock, left, shared.deps.transport.send(request)).await;
        self.land(flight, sent)
    }

    /// Sends a request and shows the page that it leads to. Yields the final status and the path as it may
    /// be shown.
    pub(super) async fn navigate(
        &mut self,
        errand: &Errand,
        mut outgoing: Outgoing,
    ) -> Result<(u16, SmolStr), Failure> {
        if self.window.is_some() {
            return self.go(errand, outgoing).await;
        }
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
        let (url, source) = (last.url.clone(), last.text.clone());
        Ok(self.arrive(last, url, source))
    }

    /// Shows what the document `last` brought: at `url`, as `source`. Yields the status and the path as it may be shown.
    pub(super) fn arrive(&mut self, last: Last, url: Url, source: String) -> (u16, SmolStr) {
        let (status, path) = (last.status, last.shown_path.clone());
        // HTML: a response without content leaves the page as it is, and so does a download.
        if matches!(status, 204 | 205) || is_download(&last.headers) {
            self.browser.discard_input();
        } else {
            let page = if is_html(&last.headers, &last.text) {
                Page::html(url, status, source)
            } else {
                Page::plain(url, status, last.text.clone())
            };
            let page = self.acquainted(page, path.clone());
            self.browser.show(page);
        }
        self.browser.last = Some(Last { is_page: true, ..last });
        (status, path)
    }

    /// `page` with what may be shown of it; what it marks as sensitive is remembered.
    pub(super) fn acquainted(&self, mut page: Page, shown_path: SmolStr) -> Page {
        page.shown_path = shown_path;
        page.labelled.drain(..).for_each(|text| self.redactor.learn_made(&Value::Text(text)));
        page.shown_title = self.redactor.shown_word_by_word(&page.title);
        page
    }
}

/// Where a redirect leads; none for any other response.
pub(super) fn redirect(response: &Response, from: &Url) -> Result<Option<Url>, Failure> {
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

/// Source: RFC 6266 §4.2.
fn is_download(headers: &HeaderMap) -> bool {
    let disposition = headers.get(header::CONTENT_DISPOSITION).and_then(|value| value.to_str().ok());
    disposition.is_some_and(|value| value.trim_start().to_ascii_lowercase().starts_with("attachment"))
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
