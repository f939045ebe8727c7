//! The spans of a sandbox: those that have ended go to the recorder of their run, those under way are kept until the
//! run is settled or the sandbox ends.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use esr_engine::Clock;
use esr_tap::{Recorder, Span, SpanKind, SpanStatus, Timestamp, attributes as names};
use smol_str::SmolStr;
use tokio::sync::Notify;

use crate::trace::Trace;

/// Finds who records the spans of a run.
pub trait Recorders: Send + Sync + 'static {
    /// The recorder of `run`; without a run, of people who use the sandbox by hand.
    fn of(&self, run: Option<&str>) -> Arc<dyn Recorder>;
}

/// One recorder for all that happens in the sandbox: it is there for one run alone.
pub struct OneRun(pub Arc<dyn Recorder>);

impl Recorders for OneRun {
    fn of(&self, _run: Option<&str>) -> Arc<dyn Recorder> {
        self.0.clone()
    }
}

/// Takes the spans of a sandbox from their beginning to their end.
///
/// When the sandbox goes down, or a run is settled, what is still under way is cut off. It is recorded as it stood:
/// without it, nobody could tell who held the workers, or why a caller had waited in vain. What callers make of being
/// cut off from their callees a moment later is not recorded, for it tells of the end and not of the part.
pub(crate) struct Ledger {
    recorders: Arc<dyn Recorders>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Told whenever a span ends.
    ended: Notify,
}

#[derive(Default)]
struct State {
    is_shut: bool,
    /// Runs of which nothing is recorded any more.
    settled: BTreeSet<SmolStr>,
    begun: u64,
    under_way: BTreeMap<u64, UnderWay>,
}

struct UnderWay {
    run: Option<SmolStr>,
    span: Span,
    /// Whether nobody waits for its end: it may take longer than the run, which is no failure.
    in_background: bool,
}

/// A span that has begun.
pub(crate) struct Entry(u64);

impl Ledger {
    pub(crate) fn new(recorders: Arc<dyn Recorders>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { recorders, clock, state: Mutex::default(), ended: Notify::new() })
    }

    /// A span of the request at `trace` has begun; what it says so far is what is recorded if it is cut off.
    pub(crate) fn begin(&self, trace: &Trace, span: Span) -> Entry {
        self.add(trace, span, false)
    }

    /// A span has begun that a run need not wait for; it is recorded as it then stands when the run is settled.
    pub(crate) fn begin_in_background(&self, trace: &Trace, span: Span) -> Entry {
        self.add(trace, span, true)
    }

    fn add(&self, trace: &Trace, span: Span, in_background: bool) -> Entry {
        let mut state = self.lock();
        state.begun += 1;
        let number = state.begun;
        let run = trace.run.clone();
        if !state.is_shut && !run.as_ref().is_some_and(|run| state.settled.contains(run)) {
            state.under_way.insert(number, UnderWay { run, span, in_background });
        }
        Entry(number)
    }

    /// More is known of a span under way.
    pub(crate) fn amend(&self, entry: &Entry, amend: impl FnOnce(&mut Span)) {
        if let Some(under_way) = self.lock().under_way.get_mut(&entry.0) {
            amend(&mut under_way.span);
        }
    }

    /// A span ends now, and says besides what `complete` adds to it.
    pub(crate) fn end(&self, entry: Entry, complete: impl FnOnce(&mut Span)) {
        // Recorded under the lock: whoever settles the run must not find it gone before it is on record.
        let mut state = self.lock();
        let Some(UnderWay { run, mut span, .. }) = state.under_way.remove(&entry.0) else { return };
        span.end_time_unix_nano = self.clock.now();
        complete(&mut span);
        self.recorders.of(run.as_deref()).span(span);
        drop(state);
        self.ended.notify_waiters();
    }

    /// Nothing more of the block of `trace` is awaited.
    pub(crate) fn close_block(&self, trace: &Trace) {
        self.recorders.of(trace.run.as_deref()).close_block(&trace.block());
    }

    /// Waits until nothing of `run` is under way, for `grace` nanoseconds at most, and cuts off what is then left. Nothing
    /// of the run is recorded from then on.
    pub(crate) async fn settle(&self, run: &SmolStr, grace: u64) {
        let is_of_run = |under_way: &UnderWay| under_way.run.as_ref() == Some(run);
        let end = self.clock.sleep_until(self.clock.now().plus(grace));
        tokio::pin!(end);
        loop {
            let ended = self.ended.notified();
            tokio::pin!(ended);
            // Before looking, so that an ending in between is not missed.
            ended.as_mut().enable();
            if !self.lock().under_way.values().any(|under_way| is_of_run(under_way) && !under_way.in_background) {
                break;
            }
            tokio::select! {
                () = ended => {}
                () = &mut end => break,
            }
        }
        let mut state = self.lock();
        state.settled.insert(run.clone());
        let left = state.under_way.extract_if(.., |_, under_way| is_of_run(under_way)).collect();
        self.cut_off(left);
    }

    /// Cuts off what is under way. Nothing is recorded from now on.
    pub(crate) fn shut(&self) {
        let mut state = self.lock();
        state.is_shut = true;
        let left = std::mem::take(&mut state.under_way);
        self.cut_off(left);
    }

    fn cut_off(&self, spans: BTreeMap<u64, UnderWay>) {
        let now = self.clock.now();
        for UnderWay { run, mut span, in_background } in spans.into_values() {
            match in_background {
                true => span.end_time_unix_nano = now,
                false => mark_cut_off(&mut span, now),
            }
            self.recorders.of(run.as_deref()).span(span);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn mark_cut_off(span: &mut Span, now: Timestamp) {
    span.end_time_unix_nano = now;
    span.status = SpanStatus::Error("cut off by the end of the run".to_owned());
    span.set(names::ERROR_TYPE, "interrupted");
    if span.kind == SpanKind::Server && span.int(names::ESR_QUEUE_WAIT).is_none() {
        // It never got a worker.
        let waited = i64::try_from(span.duration()).unwrap_or(i64::MAX);
        span.set(names::ESR_QUEUE_WAIT, waited);
    }
}
