//! A run in a standing sandbox, from the run's side.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt, io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use esr_engine::{
    Cancel, Clock, FaultError, Faults,
    clock::{BoxFuture, timeout},
};
use esr_tap::{Attachment, Block, JourneyRecord, ProbeEvent, Recorder, Span, StepSample};
use scn_plan::{nanos, plan::Probe};
use smol_str::SmolStr;
use tokio::{
    io::{AsyncBufRead, AsyncWrite, BufReader},
    sync::{mpsc, oneshot},
    task::AbortHandle,
};
use url::Url;

use super::{
    ask::{AskError, connect},
    directory::Standing,
    protocol::{Command, News, Reply, Request, read_line, write_line},
};

/// How long the sandbox may say nothing at all while an answer is awaited, in nanoseconds: 6 s, which is more than its
/// grace.
const PATIENCE: u64 = 6 * nanos::SECOND as u64;

/// Why a run could not begin in, or let go of, a standing sandbox.
#[derive(Debug)]
pub enum AttachError {
    /// It cannot be reached.
    Unreachable(AskError),
    /// It ended, or does not answer any more.
    Lost,
}

impl fmt::Display for AttachError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AttachError::Unreachable(error) => error.fmt(out),
            AttachError::Lost => out.write_str("the sandbox has ended, or does not answer any more"),
        }
    }
}

impl std::error::Error for AttachError {}

/// What a sandbox says of a run when it lets it go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// How many spans could not be kept.
    pub lost: u64,
    /// What the sandbox's machine ran out of, so that connections failed.
    pub shortage: Option<String>,
    /// Other runs that were under way in the meantime.
    pub beside: Vec<SmolStr>,
}

/// A run's hold on a standing sandbox. When it is dropped, the run's faults are gone.
pub struct Attached {
    /// The root of the frontend that journeys' paths resolve at.
    pub url: Url,
    /// The name of that frontend.
    pub entry: SmolStr,
    /// Roots of the partners, as personas send them envelopes.
    pub partners: BTreeMap<SmolStr, Url>,
    shared: Arc<Shared>,
    /// What holds the connection.
    tasks: [AbortHandle; 2],
}

/// What an answer is awaited for.
enum Waiter {
    /// Somebody wants to know it.
    Answer(oneshot::Sender<Reply>),
    /// This is to be recorded after whatever has been told before it.
    Close(Block),
    /// Likewise.
    Journey(Box<JourneyRecord>),
}

struct Shared {
    commands: mpsc::UnboundedSender<Command>,
    /// Who waits for an answer, in the order of the commands; none once the sandbox is lost.
    waiting: Mutex<Option<VecDeque<Waiter>>>,
    recorder: Arc<dyn Recorder>,
    /// How much has been told.
    told: AtomicU64,
    lost: Cancel,
    clock: Arc<dyn Clock>,
}

impl Attached {
    /// Begins the run `run` in the sandbox; `recorder` gets the spans of its parts. Must run within a Tokio runtime.
    ///
    /// # Errors
    ///
    /// If the sandbox does not answer.
    pub async fn begin(
        standing: &Standing,
        run: SmolStr,
        recorder: Arc<dyn Recorder>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AttachError> {
        let welcomed = async {
            let stream = connect(standing, &Request::Attach { run }).await.map_err(AttachError::Unreachable)?;
            let (from, to) = stream.into_split();
            let mut from = BufReader::new(from);
            match read_line(&mut from).await {
                Ok(Some(News::Welcome { url, entry, partners })) => Ok((url, entry, partners, from, to)),
                Ok(_) => Err(AttachError::Lost),
                Err(error) => Err(AttachError::Unreachable(AskError(error))),
            }
        };
        let (url, entry, partners, from, to) = timeout(&*clock, PATIENCE, welcomed).await.map_err(|_| {
            AttachError::Unreachable(AskError(io::Error::new(io::ErrorKind::TimedOut, "it took longer than 6 s")))
        })??;
        let (commands, inbox) = mpsc::unbounded_channel();
        let waiting = Mutex::new(Some(VecDeque::new()));
        let shared =
            Arc::new(Shared { commands, waiting, recorder, told: AtomicU64::new(0), lost: Cancel::new(), clock });
        let tasks = [tokio::spawn(send(inbox, to)), tokio::spawn(receive(from, shared.clone()))];
        Ok(Self { url, entry, partners, shared, tasks: tasks.map(|task| task.abort_handle()) })
    }

    /// What the run itself records with: as it was given, but that a block is closed, and a journey over, only after the
    /// parts' spans of it have come.
    pub fn recorder(&self) -> Arc<dyn Recorder> {
        self.shared.clone()
    }

    /// What applies and removes the run's faults.
    pub fn faults(&self) -> Arc<dyn Faults> {
        self.shared.clone()
    }

    /// Asked for when the sandbox is lost.
    pub fn lost(&self) -> &Cancel {
        &self.shared.lost
    }

    /// Lets go: waits until what the run has under way is over, and all its spans have come.
    ///
    /// # Errors
    ///
    /// If the sandbox has been lost.
    pub async fn settle(self) -> Result<Settled, AttachError> {
        match self.shared.ask(Command::Settle).await {
            Some(Reply::Settled { lost, shortage, beside }) => Ok(Settled { lost, shortage, beside }),
            _ => Err(AttachError::Lost),
        }
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

impl Shared {
    /// The answer to `command`; none if the sandbox is lost. One that says nothing for too long is.
    async fn ask(&self, command: Command) -> Option<Reply> {
        let (sender, mut reply) = oneshot::channel();
        self.await_reply(command, Waiter::Answer(sender)).ok()?;
        loop {
            let told = self.told.load(Ordering::Relaxed);
            match timeout(&*self.clock, PATIENCE, &mut reply).await {
                Ok(reply) => return reply.ok(),
                Err(_) if self.told.load(Ordering::Relaxed) == told => {
                    self.lose();
                    return None;
                }
                Err(_) => {}
            }
        }
    }

    /// Sends `command`, whose answer `waiter` is for; gives it back if the sandbox is lost.
    fn await_reply(&self, command: Command, waiter: Waiter) -> Result<(), Waiter> {
        let mut waiting = self.waiting();
        // Under the lock, so that commands go out in the order of those who wait.
        match waiting.as_mut() {
            Some(waiters) => {
                waiters.push_back(waiter);
                // If nobody sends any more, the receiving side will have noticed, too.
                let _ = self.commands.send(command);
                Ok(())
            }
            None => Err(waiter),
        }
    }

    /// Records in its turn what must come after the spans that were told until now.
    fn in_turn(&self, waiter: Waiter) {
        if let Err(waiter) = self.await_reply(Command::Mark, waiter) {
            self.answer(waiter, None);
        }
    }

    /// `reply` is for `waiter`; without one, the sandbox is lost.
    fn answer(&self, waiter: Waiter, reply: Option<Reply>) {
        match (waiter, reply) {
            // Who asked may have given up.
            (Waiter::Answer(waiter), Some(reply)) => drop(waiter.send(reply)),
            (Waiter::Answer(_), None) => {}
            (Waiter::Close(block), _) => self.recorder.close_block(&block),
            (Waiter::Journey(record), _) => self.recorder.journey(*record),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Option<VecDeque<Waiter>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lose(&self) {
        self.lost.cancel();
        // Those who wait see that nothing will come.
        let waiters = self.waiting().take();
        for waiter in waiters.into_iter().flatten() {
            self.answer(waiter, None);
        }
    }
}

impl Recorder for Shared {
    fn span(&self, span: Span) {
        self.recorder.span(span);
    }

    fn probe(&self, event: ProbeEvent) {
        self.recorder.probe(event);
    }

    fn close_block(&self, block: &Block) {
        self.in_turn(Waiter::Close(block.clone()));
    }

    fn sample(&self, sample: StepSample) {
        self.recorder.sample(sample);
    }

    fn attach(&self, attachment: Attachment) {
        self.recorder.attach(attachment);
    }

    fn journey(&self, record: JourneyRecord) {
        self.in_turn(Waiter::Journey(Box::new(record)));
    }
}

const LOST: &str = "the sandbox has ended, or does not answer any more";

impl Faults for Shared {
    fn apply<'a>(&'a self, probe: &'a Probe) -> BoxFuture<'a, Result<SmolStr, FaultError>> {
        Box::pin(async move {
            match self.ask(Command::Apply(Box::new(probe.clone()))).await {
                Some(Reply::Applied(description)) => Ok(description),
                Some(Reply::Refused(why)) => Err(FaultError(why)),
                _ => Err(FaultError(LOST.to_owned())),
            }
        })
    }

    fn remove<'a>(&'a self, probe: &'a str) -> BoxFuture<'a, Result<(), FaultError>> {
        Box::pin(async move {
            match self.ask(Command::Remove(probe.into())).await {
                Some(Reply::Removed) => Ok(()),
                // With the sandbox, its faults are gone.
                _ if self.lost.is_cancelled() => Ok(()),
                _ => Err(FaultError(LOST.to_owned())),
            }
        })
    }

    fn clear(&self) {
        // Where it cannot be sent, the end of the connection does the same.
        let _ = self.commands.send(Command::Clear);
    }
}

async fn send(mut inbox: mpsc::UnboundedReceiver<Command>, mut to: impl AsyncWrite + Unpin) {
    while let Some(command) = inbox.recv().await {
        let last = matches!(command, Command::Settle);
        // The receiving side sees the end of the connection, and tells.
        if write_line(&mut to, &command).await.is_err() || last {
            return;
        }
    }
}

async fn receive(mut from: impl AsyncBufRead + Unpin, shared: Arc<Shared>) {
    while let Ok(Some(news)) = read_line(&mut from).await {
        shared.told.fetch_add(1, Ordering::Relaxed);
        match news {
            News::Span(span) => shared.recorder.span(*span),
            News::Reply(reply) => {
                let settled = matches!(reply, Reply::Settled { .. });
                let waiter = shared.waiting().as_mut().and_then(VecDeque::pop_front);
                if let Some(waiter) = waiter {
                    shared.answer(waiter, Some(reply));
                }
                if settled {
                    return;
                }
            }
            News::Welcome { .. } => {}
        }
    }
    shared.lose();
}
