//! The sessions of a standing sandbox: a run, its faults, and the way that its spans take.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use esr_engine::{Clock, Saturation};
use esr_tap::{Attachment, Block, JourneyRecord, ProbeEvent, Recorder, Span, StepSample, Timestamp};
use scn_plan::nanos;
use smol_str::SmolStr;
use tokio::{
    io::{AsyncBufRead, AsyncWrite, AsyncWriteExt},
    sync::mpsc,
};

use super::{
    logs::{Logged, Logs},
    protocol::{Command, News, Reply, RunUnderWay, line, read_line},
};
use crate::{Recorders, Sandbox};

/// Spans that may wait to be sent to their run. Beyond that they are counted as lost, so that a run that does not read
/// cannot fill the sandbox's memory.
const BACKLOG: usize = 1 << 16;

/// How long requests under way may take when a run is over, in nanoseconds: 3 s, as when a sandbox goes down.
const GRACE: u64 = 3 * nanos::SECOND as u64;

/// Who records: each run in its own session, and people who use the sandbox by hand in the logs alone.
pub(super) struct Sessions {
    logs: Logs,
    runs: Mutex<BTreeMap<SmolStr, Session>>,
    by_hand: Arc<dyn Recorder>,
}

struct Session {
    recorder: Arc<dyn Recorder>,
    since: Timestamp,
    /// The faults in force by the probe's name, in words.
    faults: BTreeMap<SmolStr, SmolStr>,
    /// Other runs that have been under way since it began.
    beside: BTreeSet<SmolStr>,
}

impl Recorders for Sessions {
    fn of(&self, run: Option<&str>) -> Arc<dyn Recorder> {
        let Some(run) = run else { return self.by_hand.clone() };
        match self.lock().get(run) {
            Some(session) => session.recorder.clone(),
            // A run that is over, whose work goes on; or one that never began here.
            None => Arc::new(Logged { logs: self.logs.clone(), run: Some(run.into()), inner: None }),
        }
    }
}

impl Sessions {
    /// Logs what a process said.
    pub(super) fn said(&self, part: &SmolStr, line: &str, time: Timestamp) {
        self.logs.said(part, line, time);
    }

    pub(super) fn new(logs: Logs) -> Arc<Self> {
        let by_hand = Arc::new(Logged { logs: logs.clone(), run: None, inner: None });
        Arc::new(Self { logs, runs: Mutex::default(), by_hand })
    }

    /// The runs under way.
    pub(super) fn under_way(&self) -> Vec<RunUnderWay> {
        let of = |(run, session): (&SmolStr, &Session)| RunUnderWay {
            run: run.clone(),
            since: session.since,
            faults: session.faults.values().cloned().collect(),
        };
        self.lock().iter().map(of).collect()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.lock().is_empty()
    }

    fn open(&self, run: &SmolStr, since: Timestamp, sender: &Arc<SpanSender>) {
        let recorder =
            Arc::new(Logged { logs: self.logs.clone(), run: Some(run.clone()), inner: Some(sender.clone()) });
        let mut runs = self.lock();
        let beside = runs.keys().cloned().collect();
        for other in runs.values_mut() {
            other.beside.insert(run.clone());
        }
        runs.insert(run.clone(), Session { recorder, since, faults: BTreeMap::new(), beside });
    }

    fn with(&self, run: &SmolStr, change: impl FnOnce(&mut Session)) {
        if let Some(session) = self.lock().get_mut(run) {
            change(session);
        }
    }

    fn close(&self, run: &SmolStr) {
        self.lock().remove(run);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SmolStr, Session>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends the spans of a run to it.
struct SpanSender {
    news: mpsc::Sender<News>,
    lost: AtomicU64,
}

impl Recorder for SpanSender {
    fn span(&self, span: Span) {
        if self.news.try_send(News::Span(Box::new(span))).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    // A sandbox records spans alone; the run records the rest itself.
    fn probe(&self, _event: ProbeEvent) {}
    fn close_block(&self, _block: &Block) {}
    fn sample(&self, _sample: StepSample) {}
    fn attach(&self, _attachment: Attachment) {}
    fn journey(&self, _record: JourneyRecord) {}
}

/// Serves the session of `run` until the run lets go or its connection breaks. Either way its faults are gone then.
pub(super) async fn serve(
    run: SmolStr,
    sandbox: &Sandbox,
    sessions: &Sessions,
    clock: &dyn Clock,
    saturation: &[Saturation],
    mut from: impl AsyncBufRead + Unpin,
    to: impl AsyncWrite + Unpin,
) {
    if sessions.is_idle() {
        // What an earlier run ran out of is not this one's trouble.
        saturation.iter().for_each(Saturation::forget);
    }
    let (news, outbox) = mpsc::channel(BACKLOG);
    let sender = Arc::new(SpanSender { news: news.clone(), lost: AtomicU64::new(0) });
    sessions.open(&run, clock.now(), &sender);
    // Together: when this future is dropped, both ends of the connection are, and the run sees that.
    let commands = async {
        obey(&run, sandbox, sessions, saturation, &sender, news, &mut from).await;
        sessions.close(&run);
        drop(sender);
    };
    tokio::join!(commands, write(outbox, to));
}

/// Does what the run asks for, until it lets go or its connection breaks.
async fn obey(
    run: &SmolStr,
    sandbox: &Sandbox,
    sessions: &Sessions,
    saturation: &[Saturation],
    sender: &SpanSender,
    news: mpsc::Sender<News>,
    from: &mut (impl AsyncBufRead + Unpin),
) {
    let faults = sandbox.faults(run.clone());
    let welcome = News::Welcome {
        url: sandbox.url().clone(),
        entry: sandbox.entry_part().clone(),
        partners: sandbox.partners().clone(),
    };
    // Fails only when the writer has ended, which the end of the connection tells as well.
    let _ = news.send(welcome).await;
    let mut settled = false;
    while let Ok(Some(command)) = read_line::<Command>(from).await {
        let reply = match command {
            Command::Apply(probe) => match faults.apply(&probe).await {
                Ok(description) => {
                    sessions.with(run, |session| {
                        session.faults.insert(probe.name.clone(), description.clone());
                    });
                    Reply::Applied(description)
                }
                Err(error) => Reply::Refused(error.to_string()),
            },
            Command::Remove(probe) => {
                // The faults of the proxies can always be removed.
                let _ = faults.remove(&probe).await;
                sessions.with(run, |session| {
                    session.faults.remove(&probe);
                });
                Reply::Removed
            }
            Command::Clear => {
                faults.clear();
                sessions.with(run, |session| session.faults.clear());
                continue;
            }
            Command::Mark => Reply::Reached,
            Command::Settle => {
                sandbox.settle(run, GRACE).await;
                settled = true;
                let shortage = saturation.iter().find_map(Saturation::reason);
                let mut beside = Vec::new();
                sessions.with(run, |session| beside.extend(session.beside.iter().cloned()));
                Reply::Settled { lost: sender.lost.load(Ordering::Relaxed), shortage, beside }
            }
        };
        if news.send(News::Reply(reply)).await.is_err() || settled {
            break;
        }
    }
    faults.clear();
    if !settled {
        sandbox.settle(run, 0).await;
    }
}

/// Writes what comes, as much as there is at a time.
async fn write(mut outbox: mpsc::Receiver<News>, mut to: impl AsyncWrite + Unpin) {
    const AT_ONCE: usize = 512;
    let mut batch = Vec::with_capacity(AT_ONCE);
    while outbox.recv_many(&mut batch, AT_ONCE).await > 0 {
        let mut text = Vec::new();
        for news in batch.drain(..) {
            // Plain data always serialises.
            text.extend(line(&news).unwrap_or_default());
        }
        if to.write_all(&text).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}
