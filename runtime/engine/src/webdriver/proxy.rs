//! The proxy through which a browser asks for everything.

use std::{convert::Infallible, net::Ipv4Addr};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::{Request as Incoming, body::Incoming as Body, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use url::Url;

use crate::{Request, Response};

/// A request of a browser.
pub(crate) struct Asked {
    /// The request, without what concerns only the connection that it came by.
    pub(crate) request: Request,
    /// Takes the answer. Without one, the browser's connection is closed.
    pub(crate) answer: oneshot::Sender<Response>,
}

/// A browser's proxy. It listens until this is dropped.
#[derive(Debug)]
pub(super) struct Proxy {
    pub(super) port: u16,
    listener: JoinHandle<()>,
}

/// Headers that concern a connection, not the message. Source: RFC 9110 §7.6.1, and what browsers send to proxies.
const OF_THE_CONNECTION: [header::HeaderName; 7] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

impl Proxy {
    /// Listens on a free port of this machine; requests come out at the other end of `asked`.
    pub(super) async fn listen(asked: mpsc::UnboundedSender<Asked>) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let listener = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => match accepted {
                        Ok((stream, _)) => {
                            connections.spawn(serve(stream, asked.clone()));
                        }
                        // Out of descriptors, say: the browser tries again.
                        Err(_) => tokio::task::yield_now().await,
                    },
                    Some(_) = connections.join_next() => {}
                }
            }
        });
        Ok(Self { port, listener })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn serve(stream: TcpStream, asked: mpsc::UnboundedSender<Asked>) {
    let service = service_fn(|request| answer(request, asked.clone()));
    // A browser that hangs up takes nobody else along.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    request: Incoming<Body>,
    asked: mpsc::UnboundedSender<Asked>,
) -> Result<http::Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    // A tunnel could be looked into by nobody.
    let url = if head.method == Method::CONNECT { None } else { Url::parse(&head.uri.to_string()).ok() };
    let (Some(url), Ok(body)) = (url, body.collect().await) else { return Ok(status(StatusCode::NOT_IMPLEMENTED)) };
    let mut headers = head.headers;
    strip(&mut headers);
    // The tap reads what comes back.
    headers.remove(header::ACCEPT_ENCODING);
    headers.remove(header::HOST);
    let (sender, receiver) = oneshot::channel();
    let request = Request { method: head.method, url, headers, body: body.to_bytes() };
    if asked.send(Asked { request, answer: sender }).is_err() {
        return Ok(status(StatusCode::BAD_GATEWAY));
    }
    let Ok(response) = receiver.await else { return Ok(status(StatusCode::BAD_GATEWAY)) };
    let mut answered = http::Response::new(Full::new(response.body));
    *answered.status_mut() = response.status;
    *answered.headers_mut() = response.headers;
    strip(answered.headers_mut());
    answered.headers_mut().remove(header::CONTENT_LENGTH);
    Ok(answered)
}

fn strip(headers: &mut HeaderMap) {
    OF_THE_CONNECTION.iter().for_each(|name| {
        headers.remove(name);
    });
    headers.remove("keep-alive");
    headers.remove("proxy-connection");
}

fn status(status: StatusCode) -> http::Response<Full<Bytes>> {
    let mut response = http::Response::new(Full::default());
    *response.status_mut() = status;
    response
}
