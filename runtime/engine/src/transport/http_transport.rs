//! Real HTTP.

use crate::{
    clock::BoxFuture,
    transport::{Request, Response, Saturation, Transport, TransportError},
};

/// HTTP over TCP, with pooled connections. Redirects, cookies, retries, timers and proxies of the environment are off.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
    saturation: Saturation,
}

impl HttpTransport {
    /// A transport with a pool of its own.
    pub fn new() -> Result<Self, TransportError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .pool_idle_timeout(None)
            .build()
            .map_err(|error| TransportError::Broken(describe(&error)))?;
        Ok(Self { client, saturation: Saturation::default() })
    }

    /// Whether connections failed for want of something on this machine.
    pub fn saturation(&self) -> &Saturation {
        &self.saturation
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let sent = self.client.request(request.method, request.url).headers(request.headers).body(request.body);
            let mut response = sent.send().await.map_err(|error| {
                self.saturation.note(&error);
                let why = describe(&error);
                if error.is_connect() { TransportError::Refused(why) } else { TransportError::Broken(why) }
            })?;
            let status = response.status();
            let headers = std::mem::take(response.headers_mut());
            let body = response.bytes().await.map_err(|error| TransportError::Broken(describe(&error)))?;
            Ok(Response { status, headers, body })
        })
    }
}

/// The innermost cause: the outer ones repeat the address, which the span has already.
fn describe(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if std::ptr::eq(cause, error as &dyn std::error::Error) { error.to_string() } else { cause.to_string() }
}
