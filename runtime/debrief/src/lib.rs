//! From a recorded run to findings and to PDF, Markdown and other reports.
//!
//! [`findings`] says what a run shows, [`goals`] whether it may be released; each report is a module with a `render`
//! that takes [`Findings`] and nothing else.

mod cause;
pub mod charging;
pub mod findings;
mod format;
pub mod goals;
pub mod json;
pub mod markdown;
pub mod pdf;

pub use findings::Findings;
pub use format::duration;
