//! Workflow commands that GitHub Actions shows as annotations of the lines of a pull request.

use std::fmt::Write;

use crate::{Diagnostic, Severity, SourceMap};

/// One line a diagnostic: `::error file=…,line=…,col=…,endLine=…,endColumn=…,title=…::…`.
pub fn github(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let mut properties = String::new();
        let span = diagnostic.primary.span;
        if let Some(source) = sources.get(span.source) {
            let (start, end) =
                (source.line_column(span.start as usize), source.line_column(span.end.max(span.start) as usize));
            // Writing to a String cannot fail.
            let _ = write!(properties, "file={},line={},col={}", property(source.name()), start.line, start.column);
            let _ = write!(properties, ",endLine={}", end.line);
            // GitHub takes columns for a single line only.
            if start.line == end.line {
                let _ = write!(properties, ",endColumn={}", end.column);
            }
            properties.push(',');
        }
        let title = property(&format!("{} {}", diagnostic.code.id, diagnostic.code.name));
        let _ = writeln!(out, "::{command} {properties}title={title}::{}", data(&super::sentences(diagnostic)));
    }
    out
}

/// The text of a command, in which a line break would end it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, in which `:` and `,` would end it too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
