//! Where events go.

use smol_str::SmolStr;

use crate::{Block, JourneyRecord, ProbeEvent, Span, StepSample};

/// A file that is kept with a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its name, unique in the run.
    pub name: SmolStr,
    /// What is in it.
    pub content: Vec<u8>,
}

impl Attachment {
    /// The directory of a run's attachments, in the run's.
    pub const DIRECTORY: &str = "screenshots";

    /// Where it is kept in the run's directory.
    pub fn path(&self) -> String {
        format!("{}/{}", Self::DIRECTORY, self.name)
    }
}

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

    /// Something is to be kept beside the trace.
    fn attach(&self, attachment: Attachment);

    /// A journey is over.
    fn journey(&self, record: JourneyRecord);
}
