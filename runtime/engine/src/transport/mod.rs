//! The wire as a parameter.

mod http_transport;
mod saturation;

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

pub use http_transport::HttpTransport;
pub use saturation::Saturation;

use crate::clock::BoxFuture;

/// A request, whole.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its method.
    pub method: Method,
    /// Where it goes.
    pub url: Url,
    /// Its headers, with `traceparent` and `tracestate`.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// A response, whole.
#[derive(Clone, Debug)]
pub struct Response {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// Why no response came. A timeout is the caller's, by its `Clock`; a transport has none of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// Nobody listens there.
    Refused(String),
    /// The connection broke before the response was whole.
    Broken(String),
}

impl fmt::Display for TransportError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TransportError::Refused(why) => write!(out, "connection refused: {why}"),
            TransportError::Broken(why) => write!(out, "connection broken: {why}"),
        }
    }
}

impl std::error::Error for TransportError {}

/// Carries requests. It follows no redirects, keeps no cookies, and has no timer.
pub trait Transport: Send + Sync + 'static {
    /// Sends a request and waits for the whole response.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>>;
}
