//! Where events go.

use crate::{Block, JourneyRecord, ProbeEvent, Span, StepSample};

/// Takes what happens in a run. Calls return at once; what cannot be kept is reported when the run is finished.
pub trait Recorder: Send + Sync + 'static {
    /// A span has ended. It is held until its block is closed; a span of a closed block is appended later.
    fn span(&self, span: Span);

    /// A fault came into force or is gone.
    fn probe(&self, event: ProbeEvent);

    /// Nothing more of this block is awaited: its spans are written, one after the other.
    fn close_block(&self, block: &Block);

    /// An execution of a step is over, and whatever is charged to it.
    fn sample(&self, sample: StepSample);

    /// A journey is over.
    fn journey(&self, record: JourneyRecord);
}
