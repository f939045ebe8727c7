//! The JSON report: the findings themselves.

use crate::Findings;

/// The findings as JSON, indented, with a line break at the end. [`crate::findings::VERSION`] is its version.
pub fn render(findings: &Findings) -> String {
    // Only maps with keys that are no texts, and failing writers, make this fail; findings have neither.
    let mut text = serde_json::to_string_pretty(findings).unwrap_or_default();
    text.push('\n');
    text
}
