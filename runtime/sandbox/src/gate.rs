//! What a sandbox records, until it ends what is still under way.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use esr_tap::{Block, JourneyRecord, ProbeEvent, Recorder, Span, StepSample};

/// Passes everything on until it is shut. A part that is ended breaks the connections of its callers, who are ended a
/// moment later: what they make of that tells of the end, not of the part.
pub(crate) struct Gate {
    recorder: Arc<dyn Recorder>,
    shut: AtomicBool,
}

impl Gate {
    pub(crate) fn new(recorder: Arc<dyn Recorder>) -> Arc<Self> {
        Arc::new(Self { recorder, shut: AtomicBool::new(false) })
    }

    /// Nothing is recorded from now on.
    pub(crate) fn shut(&self) {
        self.shut.store(true, Ordering::SeqCst);
    }

    fn open(&self) -> Option<&dyn Recorder> {
        (!self.shut.load(Ordering::SeqCst)).then_some(&*self.recorder)
    }
}

impl Recorder for Gate {
    fn span(&self, span: Span) {
        if let Some(recorder) = self.open() {
            recorder.span(span);
        }
    }

    fn probe(&self, event: ProbeEvent) {
        if let Some(recorder) = self.open() {
            recorder.probe(event);
        }
    }

    fn close_block(&self, block: &Block) {
        if let Some(recorder) = self.open() {
            recorder.close_block(block);
        }
    }

    fn sample(&self, sample: StepSample) {
        if let Some(recorder) = self.open() {
            recorder.sample(sample);
        }
    }

    fn journey(&self, record: JourneyRecord) {
        if let Some(recorder) = self.open() {
            recorder.journey(record);
        }
    }
}
