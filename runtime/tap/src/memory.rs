//! A recorder that keeps everything in memory, in the order of the calls, for tests.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Attachment, Block, JourneyRecord, ProbeEvent, Recorder, Span, StepSample};

/// What a [`MemoryRecorder`] was told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// Spans.
    pub spans: Vec<Span>,
    /// Probes applied and removed.
    pub probes: Vec<ProbeEvent>,
    /// Blocks closed.
    pub closed: Vec<Block>,
    /// Steps that are over.
    pub samples: Vec<StepSample>,
    /// What is kept beside the trace.
    pub attachments: Vec<Attachment>,
    /// Journeys that are over.
    pub journeys: Vec<JourneyRecord>,
}

/// Keeps what it is told.
#[derive(Debug, Default)]
pub struct MemoryRecorder {
    recorded: Mutex<Recorded>,
}

impl MemoryRecorder {
    /// Nothing recorded.
    pub fn new() -> Self {
        Self::default()
    }

    /// A copy of what has been recorded.
    pub fn recorded(&self) -> Recorded {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder for MemoryRecorder {
    fn span(&self, span: Span) {
        self.lock().spans.push(span);
    }

    fn probe(&self, event: ProbeEvent) {
        self.lock().probes.push(event);
    }

    fn close_block(&self, block: &Block) {
        self.lock().closed.push(block.clone());
    }

    fn sample(&self, sample: StepSample) {
        self.lock().samples.push(sample);
    }

    fn attach(&self, attachment: Attachment) {
        self.lock().attachments.push(attachment);
    }

    fn journey(&self, record: JourneyRecord) {
        self.lock().journeys.push(record);
    }
}
