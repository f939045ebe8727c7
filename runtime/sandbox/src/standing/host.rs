//! The process that is a standing sandbox.

use std::{fmt, io, sync::Arc};

use esr_engine::{Clock, HttpTransport, Saturation};
use esr_tap::Timestamp;
use scn_plan::{Blueprint, nanos};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
    task::JoinSet,
};

use super::{
    directory::{Claim, Sandboxes},
    logs::{LogWriter, Logs},
    protocol::{HostNews, HostOrder, PartRecord, Request, SandboxRecord, Status, read_line, write_line},
    session::{self, Sessions},
};
use crate::{Deps, Healthy, Options, Sandbox, UpError};

/// In nanoseconds.
const SECOND: u64 = nanos::SECOND as u64;

/// Why the process ended without having been a sandbox.
#[derive(Debug)]
pub enum HostError {
    /// Nobody told it what to be.
    NoOrder(io::Error),
    /// Nobody reads what it tells.
    Unheard(io::Error),
    /// Whoever asked for it went away, or changed their mind.
    Unwanted,
    /// It told on `to` why it cannot be a sandbox.
    Told,
}

impl fmt::Display for HostError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostError::NoOrder(error) => {
                write!(out, "`esr up` starts this, and says what is to be brought up: {error}")
            }
            HostError::Unheard(error) => write!(out, "nobody reads what is told: {error}"),
            HostError::Unwanted => out.write_str("whoever asked for the sandbox has gone"),
            HostError::Told => out.write_str("the sandbox did not come up"),
        }
    }
}

impl std::error::Error for HostError {}

/// Is a sandbox: reads a [`HostOrder`] from `from`, tells [`HostNews`] on `to`, and once `from` says `keep`, stands until
/// it is taken down, is told to end by a signal, or its time is over.
///
/// # Errors
///
/// If it did not come to stand; nothing is left behind then.
pub async fn host(
    from: impl AsyncBufRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    clock: Arc<dyn Clock>,
    transport: Arc<HttpTransport>,
) -> Result<(), HostError> {
    let mut from = from;
    let mut signals = Signals::watch().map_err(HostError::NoOrder)?;
    let order: HostOrder = match read_line(&mut from).await {
        Ok(Some(order)) => order,
        Ok(None) => return Err(HostError::NoOrder(io::ErrorKind::UnexpectedEof.into())),
        Err(error) => return Err(HostError::NoOrder(error)),
    };
    let (claim, listener, logs, log_writer) = match settle_in(&order) {
        Ok(Some(settled)) => settled,
        Ok(None) => {
            tell(&mut to, &HostNews::Taken).await?;
            return Err(HostError::Told);
        }
        Err(error) => {
            tell(&mut to, &HostNews::Unwritable(error.to_string())).await?;
            return Err(HostError::Told);
        }
    };
    let sessions = Sessions::new(logs);
    let (healthy, mut heard) = mpsc::unbounded_channel();
    let said = sessions.clone();
    let started = clock.clone();
    let options = Options {
        seed: order.seed,
        on_output: Arc::new(move |part, line| said.said(part, line, started.now())),
        work: Sandboxes::of(&order.state).sources(&order.blueprint.name),
        on_healthy: Arc::new(move |part: &Healthy| {
            // The receiver lives as long as the parts come up.
            let _ = healthy.send(PartRecord { name: part.part.clone(), kind: part.kind.into(), url: part.url.clone() });
        }),
        ..Options::default()
    };
    let deps = Deps { clock: clock.clone(), transport: transport.clone(), recorders: sessions.clone() };
    let up = Sandbox::up(Arc::new(order.blueprint.clone()), options, deps);
    let raised = raise(up, &mut heard, &mut signals, &mut from, &mut to).await;
    let (sandbox, parts) = match raised {
        Ok(raised) => raised,
        Err(error) => {
            let _ = claim.release();
            return Err(error);
        }
    };
    let record = record(&order, &sandbox, parts, clock.now());
    let kept = keep(&mut from, &mut to, &claim, &record, &order).await;
    drop(from);
    if kept.is_ok() {
        // Who asked for it may be gone by now; it stays all the same.
        let _ = tell(&mut to, &HostNews::Kept(Box::new(record.clone()))).await;
        drop(to);
        let saturation = [transport.saturation().clone(), sandbox.saturation().clone()];
        let host = Arc::new(Host { record, blueprint: order.blueprint, sandbox, sessions, clock, saturation });
        let mut connections = JoinSet::new();
        host.clone().stand(listener, &claim, &mut signals, &mut connections).await;
        // It can still be mended where this fails.
        let _ = claim.withdraw();
        // Runs under way see that their sandbox is gone.
        connections.shutdown().await;
        if let Some(host) = Arc::into_inner(host) {
            host.sandbox.down().await;
        }
    } else {
        sandbox.down().await;
    }
    log_writer.finish();
    // Where it cannot be taken away, the next command tries again.
    let _ = claim.release();
    kept
}

/// Takes the sandbox's place in the project: its directory, its socket and its logs; none if it stands already.
fn settle_in(order: &HostOrder) -> io::Result<Option<(Claim, UnixListener, Logs, LogWriter)>> {
    let sandboxes = Sandboxes::of(&order.state);
    let Some(claim) = sandboxes.claim(&order.blueprint.name)? else { return Ok(None) };
    let logs = Logs::begin(&sandboxes.logs(&order.blueprint.name), order.blueprint.parts.keys().cloned());
    match logs.and_then(|logs| Ok((logs, UnixListener::bind(claim.socket())?))) {
        Ok(((logs, writer), listener)) => Ok(Some((claim, listener, logs, writer))),
        Err(error) => {
            // Why it cannot stand is told in any case.
            let _ = claim.release();
            Err(error)
        }
    }
}

/// What others are to know of the sandbox.
fn record(order: &HostOrder, sandbox: &Sandbox, mut parts: Vec<PartRecord>, now: Timestamp) -> SandboxRecord {
    // As they stand in the blueprint, not as they came up.
    parts.sort_by_key(|part| order.blueprint.parts.get_index_of(&part.name));
    SandboxRecord {
        name: order.blueprint.name.clone(),
        file: order.file.clone(),
        scenarios: order.scenarios.clone(),
        branch: order.blueprint.branch.clone(),
        rules: order.rules.clone(),
        seed: order.seed,
        pid: std::process::id(),
        version: order.version.clone(),
        started: now,
        expires: now.plus(order.ttl),
        url: sandbox.url().clone(),
        entry: sandbox.entry_part().clone(),
        gov: sandbox.gov_url().cloned(),
        parts,
    }
}

/// Brings the sandbox up and tells of each part, as long as somebody waits for it.
async fn raise(
    up: impl Future<Output = Result<Sandbox, UpError>>,
    heard: &mut mpsc::UnboundedReceiver<PartRecord>,
    signals: &mut Signals,
    from: &mut (impl AsyncBufRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
) -> Result<(Sandbox, Vec<PartRecord>), HostError> {
    let mut parts = Vec::new();
    tokio::pin!(up);
    let raised = loop {
        tokio::select! {
            biased;
            Some(part) = heard.recv() => {
                tell(to, &HostNews::Healthy(part.clone())).await?;
                parts.push(part);
            }
            raised = &mut up => break raised,
            // Nothing is said before everything is up, so this is the end.
            _ = from.fill_buf() => return Err(HostError::Unwanted),
            () = signals.told() => return Err(HostError::Unwanted),
        }
    };
    while let Ok(part) = heard.try_recv() {
        tell(to, &HostNews::Healthy(part.clone())).await?;
        parts.push(part);
    }
    match raised {
        Ok(sandbox) => Ok((sandbox, parts)),
        Err(error) => {
            tell(to, &HostNews::Failed(error.to_string())).await?;
            Err(HostError::Told)
        }
    }
}

/// Makes the sandbox known if whoever asked for it still wants it.
async fn keep(
    from: &mut (impl AsyncBufRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    claim: &Claim,
    record: &SandboxRecord,
    order: &HostOrder,
) -> Result<(), HostError> {
    tell(to, &HostNews::Up).await?;
    let mut word = String::new();
    match from.read_line(&mut word).await {
        Ok(_) if word == "keep\n" => {}
        _ => return Err(HostError::Unwanted),
    }
    match claim.publish(record, &order.blueprint) {
        Ok(()) => Ok(()),
        Err(error) => {
            tell(to, &HostNews::Unwritable(error.to_string())).await?;
            Err(HostError::Told)
        }
    }
}

async fn tell(to: &mut (impl AsyncWrite + Unpin), news: &HostNews) -> Result<(), HostError> {
    write_line(to, news).await.map_err(HostError::Unheard)
}

/// The signals that ask a process to end.
struct Signals([Signal; 3]);

impl Signals {
    fn watch() -> io::Result<Self> {
        Ok(Self([signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?, signal(SignalKind::hangup())?]))
    }

    /// Ends at the first of them.
    async fn told(&mut self) {
        let [terminate, interrupt, hangup] = &mut self.0;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

struct Host {
    record: SandboxRecord,
    blueprint: Blueprint,
    sandbox: Sandbox,
    sessions: Arc<Sessions>,
    clock: Arc<dyn Clock>,
    saturation: [Saturation; 2],
}

impl Host {
    /// Serves whoever connects, until it is time to go.
    async fn stand(
        self: Arc<Self>,
        listener: UnixListener,
        claim: &Claim,
        signals: &mut Signals,
        connections: &mut JoinSet<()>,
    ) {
        let (down, mut told) = mpsc::channel(1);
        let expired = self.expired();
        tokio::pin!(expired);
        loop {
            tokio::select! {
                () = signals.told() => return,
                _ = told.recv() => return,
                () = &mut expired => return,
                // Where nobody can find it any more, nobody can take it down.
                () = self.lost_sight_of(claim) => return,
                accepted = listener.accept() => {
                    // An error concerns the connection that was to be; where descriptors run short, others end soon.
                    match accepted {
                        Ok((stream, _)) => {
                            connections.spawn(self.clone().answer(stream, down.clone()));
                        }
                        Err(_) => self.clock.sleep_until(self.clock.now().plus(10_000_000)).await,
                    }
                    while connections.try_join_next().is_some() {}
                }
            }
        }
    }

    /// Ends when the sandbox's directory is no longer its own, or has no socket any more: somebody has deleted it.
    async fn lost_sight_of(&self, claim: &Claim) {
        while claim.holds(&self.record, &self.blueprint) {
            self.clock.sleep_until(self.clock.now().plus(SECOND)).await;
        }
    }

    /// Ends when the sandbox's time is over, and no run is under way.
    async fn expired(&self) {
        self.clock.sleep_until(self.record.expires).await;
        while !self.sessions.is_idle() {
            self.clock.sleep_until(self.clock.now().plus(SECOND)).await;
        }
    }

    async fn answer(self: Arc<Self>, stream: UnixStream, down: mpsc::Sender<()>) {
        let (from, to) = stream.into_split();
        let mut from = BufReader::new(from);
        let Ok(Some(request)) = read_line::<Request>(&mut from).await else { return };
        match request {
            Request::Status => self.tell_status(to).await,
            Request::Down => {
                // One is enough.
                let _ = down.try_send(());
                std::future::pending::<()>().await;
            }
            Request::Attach { run } => {
                let Self { sandbox, sessions, clock, saturation, .. } = &*self;
                session::serve(run, sandbox, sessions, &**clock, saturation, from, to).await;
            }
        }
    }

    async fn tell_status(&self, mut to: impl AsyncWrite + Unpin) {
        let status = Status { record: self.record.clone(), runs: self.sessions.under_way() };
        // Who asked may have gone.
        let _ = write_line(&mut to, &status).await;
        let _ = to.shutdown().await;
    }
}
