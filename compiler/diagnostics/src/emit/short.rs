//! One line each, as editors and build logs read them.

use std::fmt::Write;

use crate::{Diagnostic, Severity, SourceMap, source::harmless};

/// One line a diagnostic: `file:line:column: error[E0010]: headline`.
pub fn short(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let place = sources.place(diagnostic.primary.span);
        let severity = super::severity(diagnostic.severity);
        let headline = harmless(&diagnostic.headline).unwrap_or_else(|| diagnostic.headline.clone());
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{place}: {severity}[{}]: {headline}", diagnostic.code.id);
    }
    out
}

/// How many there are of each severity, such as `2 errors, 1 warning`; none without diagnostics.
pub fn summary(diagnostics: &[Diagnostic]) -> Option<String> {
    let counts = [Severity::Error, Severity::Warning, Severity::Note].map(|severity| {
        let count = diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
        let plural = if count == 1 { "" } else { "s" };
        (count, format!("{count} {}{plural}", super::severity(severity)))
    });
    let words: Vec<String> = counts.into_iter().filter(|(count, _)| *count > 0).map(|(_, words)| words).collect();
    (!words.is_empty()).then(|| words.join(", "))
}
