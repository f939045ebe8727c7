//! The spans of a sandbox: those that have ended go to the recorder, those under way are kept until the sandbox ends.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use esr_engine::Clock;
use esr_tap::{Block, Recorder, Span, SpanKind, SpanStatus, attributes as names};

/// Takes the spans of a sandbox from their beginning to their end.
///
/// When the sandbox goes down, what is still under way is cut off. It is recorded as it stood: without it, nobody could
/// tell who held the workers, or why a caller had waited in vain. What callers make of being cut off from their callees
/// a moment later is not recorded, for it tells of the end and not of the part.
pub(crate) struct Ledger {
    recorder: Arc<dyn Recorder>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    is_shut: bool,
    begun: u64,
    under_way: BTreeMap<u64, Span>,
}

/// A span that has begun.
pub(crate) struct Entry(u64);

impl Ledger {
    pub(crate) fn new(recorder: Arc<dyn Recorder>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { recorder, clock, state: Mutex::default() })
    }

    /// A span has begun; what it says so far is what is recorded if it is cut off.
    pub(crate) fn begin(&self, span: Span) -> Entry {
        let mut state = self.lock();
        state.begun += 1;
        let number = state.begun;
        if !state.is_shut {
            state.under_way.insert(number, span);
        }
        Entry(number)
    }

    /// More is known of a span under way.
    pub(crate) fn amend(&self, entry: &Entry, amend: impl FnOnce(&mut Span)) {
        if let Some(span) = self.lock().under_way.get_mut(&entry.0) {
            amend(span);
        }
    }

    /// A span ends now, and says besides what `complete` adds to it.
    pub(crate) fn end(&self, entry: Entry, complete: impl FnOnce(&mut Span)) {
        let Some(mut span) = self.lock().under_way.remove(&entry.0) else { return };
        span.end_time_unix_nano = self.clock.now();
        complete(&mut span);
        self.recorder.span(span);
    }

    /// Nothing more of this block is awaited.
    pub(crate) fn close_block(&self, block: &Block) {
        self.recorder.close_block(block);
    }

    /// Cuts off what is under way. Nothing is recorded from now on.
    pub(crate) fn shut(&self) {
        let mut state = self.lock();
        state.is_shut = true;
        let now = self.clock.now();
        for mut span in std::mem::take(&mut state.under_way).into_values() {
            span.end_time_unix_nano = now;
            span.status = SpanStatus::Error("cut off by the end of the sandbox".to_owned());
            span.set(names::ERROR_TYPE, "interrupted");
            if span.kind == SpanKind::Server && span.int(names::ESR_QUEUE_WAIT).is_none() {
                // It never got a worker.
                let waited = i64::try_from(span.duration()).unwrap_or(i64::MAX);
                span.set(names::ESR_QUEUE_WAIT, waited);
            }
            self.recorder.span(span);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
