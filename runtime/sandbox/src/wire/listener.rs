//! A loopback listener.

use std::{io, net::Ipv4Addr, sync::Arc};

use bytes::{Bytes, BytesMut};
use esr_engine::{Request, Response};
use http::StatusCode;
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use url::Url;

use super::{Hangup, Serve, Stage, Tasks, plain, strip_hop_headers};

/// The largest body of a request, in bytes; a larger one is answered with 413.
pub const BODY_LIMIT: usize = 32 * 1024 * 1024;

/// How much of a body that is too large is read and dropped, in bytes, so that its sender gets to see the answer.
const DISCARD_LIMIT: usize = 8 * BODY_LIMIT;

/// How long nothing is accepted after an error, in nanoseconds: 10 ms.
const ACCEPT_PAUSE: u64 = 10_000_000;

/// A bound loopback port that does not serve yet.
pub(crate) struct Listener {
    socket: TcpListener,
    port: u16,
}

impl Listener {
    /// Binds `port`, or any free one.
    pub(crate) async fn bind(port: Option<u16>) -> io::Result<Listener> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await?;
        let port = socket.local_addr()?.port();
        Ok(Listener { socket, port })
    }

    /// The root of what it serves.
    pub(crate) fn url(&self) -> Result<Url, url::ParseError> {
        Url::parse(&format!("http://{}:{}/", Ipv4Addr::LOCALHOST, self.port))
    }

    /// Serves until the sandbox is closed as far as `until`.
    pub(crate) fn serve(self, service: Arc<dyn Serve>, tasks: &Arc<Tasks>, until: Stage) {
        let shell = Arc::new(Shell { service, tasks: tasks.clone(), port: self.port, until });
        tasks.listen(async move {
            let closed = shell.tasks.reached(until);
            tokio::pin!(closed);
            loop {
                tokio::select! {
                    () = &mut closed => break,
                    accepted = self.socket.accept() => {
                        // An error concerns the connection that was to be (it has gone, or descriptors run short).
                        match accepted {
                            Ok((stream, _)) => shell.tasks.listen(shell.clone().connection(stream)),
                            Err(error) => {
                                shell.tasks.saturation.note(&error);
                                shell.tasks.pause(ACCEPT_PAUSE).await;
                            }
                        }
                    }
                }
            }
        });
    }
}

struct Shell {
    service: Arc<dyn Serve>,
    tasks: Arc<Tasks>,
    port: u16,
    until: Stage,
}

impl Shell {
    async fn connection(self: Arc<Self>, stream: TcpStream) {
        // Small answers are not to wait for an acknowledgement; without it they are only slower.
        let _ = stream.set_nodelay(true);
        let closed = self.tasks.reached(self.until);
        let service = service_fn(|request| self.clone().answer(request));
        // A caller that sends no more still waits for its answer.
        let mut http = http1::Builder::new();
        http.header_read_timeout(None).half_close(true);
        let connection = http.serve_connection(TokioIo::new(stream), service);
        tokio::pin!(closed, connection);
        tokio::select! {
            _ = connection.as_mut() => return,
            () = &mut closed => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }

    async fn answer(self: Arc<Self>, request: http::Request<Incoming>) -> Result<http::Response<Full<Bytes>>, Hangup> {
        let (parts, body) = request.into_parts();
        let url = parts
            .uri
            .path_and_query()
            .filter(|target| target.path().starts_with('/'))
            .and_then(|target| Url::parse(&format!("http://{}:{}{target}", Ipv4Addr::LOCALHOST, self.port)).ok());
        let response = match (url, read(body).await) {
            (_, Err(Unread::Broken)) => return Err(Hangup),
            (_, Err(Unread::TooLarge)) => {
                plain(StatusCode::PAYLOAD_TOO_LARGE, format!("a body may have {BODY_LIMIT} bytes at most"))
            }
            (None, _) => plain(StatusCode::BAD_REQUEST, "the request's target is no path"),
            (Some(url), Ok(body)) => {
                let request = Request { method: parts.method, url, headers: parts.headers, body };
                self.run(request).await?
            }
        };
        let Response { status, mut headers, body } = response;
        strip_hop_headers(&mut headers);
        let mut response = http::Response::new(Full::new(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }

    /// Runs the request in a task of its own, for it goes on when the connection that brought it is gone.
    async fn run(&self, request: Request) -> Result<Response, Hangup> {
        let (done, answer) = oneshot::channel();
        let served = self.service.clone().serve(request);
        self.tasks.run(async move {
            let response = served.await;
            // The caller may have gone.
            let _ = done.send(response);
        });
        answer.await.unwrap_or(Err(Hangup))
    }
}

enum Unread {
    TooLarge,
    Broken,
}

async fn read(mut body: Incoming) -> Result<Bytes, Unread> {
    let mut kept = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
        length += data.len();
        if length > DISCARD_LIMIT {
            break;
        }
        if length <= BODY_LIMIT {
            kept.extend_from_slice(&data);
        }
    }
    if length > BODY_LIMIT { Err(Unread::TooLarge) } else { Ok(kept.freeze()) }
}
