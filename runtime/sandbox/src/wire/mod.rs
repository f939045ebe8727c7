//! The shell between sockets and what serves: loopback listeners that hand whole requests to a [`Serve`].

mod listener;
mod tasks;

pub use listener::BODY_LIMIT;
pub(crate) use listener::Listener;
pub(crate) use tasks::{Stage, Tasks};

use std::{fmt, sync::Arc};

use bytes::Bytes;
use esr_engine::{Request, Response, clock::BoxFuture};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

/// The connection ends without a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hangup;

impl fmt::Display for Hangup {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the connection ends without a response")
    }
}

impl std::error::Error for Hangup {}

/// What answers requests, whatever carries them. The future is to be run to its end even if its caller has gone.
pub trait Serve: Send + Sync + 'static {
    /// Answers `request`, whose URL is absolute.
    fn serve(self: Arc<Self>, request: Request) -> BoxFuture<'static, Result<Response, Hangup>>;
}

/// A response with a text.
pub(crate) fn plain(status: StatusCode, text: impl Into<String>) -> Response {
    typed(status, "text/plain; charset=utf-8", text.into())
}

/// A response with a body of type `content_type`.
pub(crate) fn typed(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    Response { status, headers, body: body.into() }
}

/// Removes headers that belong to one connection (RFC 9110, section 7.6.1) or that the next one states anew.
pub(crate) fn strip_hop_headers(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let always = [
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::TE,
        header::TRAILER,
        header::UPGRADE,
        header::PROXY_AUTHENTICATE,
        header::PROXY_AUTHORIZATION,
        HeaderName::from_static("keep-alive"),
        HeaderName::from_static("proxy-connection"),
    ];
    for name in named.iter().chain(&always) {
        headers.remove(name);
    }
}
