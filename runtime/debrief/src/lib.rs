//! From a recorded run to findings and to PDF, JSON and other reports.

pub mod findings;

pub use findings::Findings;

pub mod pdf;
