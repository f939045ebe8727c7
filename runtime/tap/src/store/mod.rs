//! The run store: a directory for each run, `.esr/runs/<id>/`.
//!
//! | file | content | written |
//! |---|---|---|
//! | `plan.json` | [`RunPlan`]: plan, blueprint and their sources | once, before anything else |
//! | `run.json` | [`RunRecord`](crate::RunRecord) | at the start, and replaced in one go at the end |
//! | `trace.jsonl` | an [`Event`](crate::Event) a line; a block's spans are consecutive lines | when a block is closed, late ones as metrics are |
//! | `metrics.jsonl` | a [`MetricLine`](crate::MetricLine) a line | whenever the writer would wait, once a second at the least, and at the end |
//! | `journeys.jsonl` | a [`JourneyRecord`](crate::JourneyRecord) a line | when a journey is over |
//! | `signoffs.jsonl` | a [`SignOffRecord`] a line | when somebody approves or rejects the run |
//!
//! A killed run is readable: `.jsonl` files only grow, so at most their last line is torn, and the two `.json` files
//! are written under another name and renamed.

mod blocks;
mod error;
mod layout;
mod list;
mod read;
mod signoff;
mod write;

pub use error::StoreError;
pub use layout::{Conclusion, NewRun, RunPlan, conclude, run_id, runs_dir};
pub use list::{DamagedRun, RunSummary, StoredRuns, find_run, runs};
pub use read::{RunStore, TraceLine, TraceRange};
pub use signoff::{SignOffRecord, sign_off, sign_offs};
pub use write::FileRecorder;
