//! The telemetry tap: what happens in a run, as events with OpenTelemetry's attribute names, and the run store that
//! keeps them.
//!
//! **Architecture invariant:** nothing here reads a clock; every time is handed in by the caller, from its `Clock`.

pub mod attributes;
mod event;
mod memory;
mod metrics;
mod names;
mod record;
mod recorder;
mod store;

pub use event::{
    AttributeValue, Attributes, Block, Event, ProbeEvent, Span, SpanId, SpanKind, SpanStatus, Timestamp, TraceId,
};
pub use memory::{MemoryRecorder, Recorded};
pub use metrics::{MetricKey, MetricLine, SIGNIFICANT_DIGITS};
pub use names::{Named, named};
pub use record::{
    JourneyOutcome, JourneyRecord, LoadRecord, RulesRecord, RunRecord, RunState, StepSample, Verdict, digest,
};
pub use recorder::{Attachment, Recorder};
pub use store::{
    Conclusion, DamagedRun, FileRecorder, NewRun, RunPlan, RunStore, RunSummary, SignOffRecord, StoreError, StoredRuns,
    TraceLine, TraceRange, conclude, find_run, run_id, runs, runs_dir, sign_off, sign_offs,
};
