//! Emitters: one module a format, each a function of the diagnostics and their sources.

mod excerpt;
mod json;
mod short;
mod terminal;

pub use json::json_lines;
pub use short::{short, summary};
pub use terminal::{Options, terminal};

use crate::Severity;

/// The word that a severity is shown by.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
