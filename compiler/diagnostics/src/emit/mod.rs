//! Emitters: one module a format, each a function of the diagnostics and their sources.

mod across;
mod excerpt;
mod github;
mod json;
mod junit;
mod sarif;
mod short;
mod terminal;

pub use github::github;
pub use json::json_lines;
pub use junit::junit;
pub use sarif::sarif;
pub use short::{short, summary};
pub use terminal::{Options, terminal};

use crate::{Diagnostic, Severity};

/// The word that a severity is shown by.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// Everything that a diagnostic says about its primary place, for formats that show text without the source: the headline, the
/// label, how to mend it and why it is so, a line each.
fn sentences(diagnostic: &Diagnostic) -> String {
    let mut text = diagnostic.headline.clone();
    if !diagnostic.primary.message.is_empty() {
        text.push_str(&format!("\n{}", diagnostic.primary.message));
    }
    text.extend(diagnostic.help.iter().map(|help| format!("\nhelp: {help}")));
    text.extend(diagnostic.notes.iter().map(|note| format!("\nnote: {note}")));
    text
}

/// The name of a source as a URI reference: relative as it was given, `file:` if it is an absolute path.
fn uri(name: &str) -> String {
    let mut out = if name.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}
