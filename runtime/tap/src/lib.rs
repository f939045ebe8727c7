//! The telemetry tap: what happens in a run, as events with OpenTelemetry's attribute names, and the run store that
//! keeps them.
//!
//! **Architecture invariant:** nothing here reads a clock; every time is handed in by the caller, from its `Clock`.

pub mod attributes;
mod event;
mod record;
mod recorder;

pub use event::{AttributeValue, Attributes, Block, Event, ProbeEvent, Span, SpanId, SpanKind, SpanStatus, Timestamp, TraceId};
pub use recorder::Recorder;
pub use record::{JourneyOutcome, JourneyRecord, RunRecord, RunState, StepSample, Verdict};
