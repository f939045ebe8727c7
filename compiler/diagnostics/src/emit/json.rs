//! JSON lines: one object a diagnostic, with places both as bytes and as people count them.

use serde::Serialize;

use crate::{Applicability, Diagnostic, Label, LineColumn, Severity, SourceMap, Span};

/// A diagnostic as it is written. Fields are only ever added.
#[derive(Serialize)]
struct Record<'a> {
    code: &'static str,
    name: &'static str,
    severity: Severity,
    headline: &'a str,
    primary: Place<'a>,
    secondary: Vec<Place<'a>>,
    help: &'a [String],
    notes: &'a [String],
    fixes: Vec<FixRecord<'a>>,
}

/// A span; lines and columns count from 1, columns in Unicode scalar values, offsets in bytes from 0.
#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    start: Position,
    end: Position,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replacement: Option<&'a str>,
}

#[derive(Serialize)]
struct Position {
    line: usize,
    column: usize,
    offset: usize,
}

#[derive(Serialize)]
struct FixRecord<'a> {
    title: &'a str,
    applicability: Applicability,
    edits: Vec<Place<'a>>,
}

/// The diagnostics as JSON, one object a line.
pub fn json_lines(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        // Strings, numbers and lists of them always serialise.
        if let Ok(line) = serde_json::to_string(&record(diagnostic, sources)) {
            out.push_str(&line);
            out.push('\n');
        }
    }
    out
}

fn record<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Record<'a> {
    let label = |label: &'a Label| Place { message: Some(&label.message), ..place(label.span, sources) };
    Record {
        code: diagnostic.code.id,
        name: diagnostic.code.name,
        severity: diagnostic.severity,
        headline: &diagnostic.headline,
        primary: label(&diagnostic.primary),
        secondary: diagnostic.secondary.iter().map(label).collect(),
        help: &diagnostic.help,
        notes: &diagnostic.notes,
        fixes: diagnostic
            .fixes
            .iter()
            .map(|fix| FixRecord {
                title: &fix.title,
                applicability: fix.applicability,
                edits: fix
                    .edits
                    .iter()
                    .map(|edit| Place { replacement: Some(&edit.text), ..place(edit.span, sources) })
                    .collect(),
            })
            .collect(),
    }
}

fn place(span: Span, sources: &SourceMap) -> Place<'_> {
    let source = sources.get(span.source);
    let position = |offset: u32| {
        let offset = offset as usize;
        let at = source.map_or(LineColumn { line: 1, column: 1 }, |source| source.line_column(offset));
        Position { line: at.line, column: at.column, offset }
    };
    Place {
        file: source.map_or("<unknown>", |source| source.name()),
        start: position(span.start),
        end: position(span.end),
        message: None,
        replacement: None,
    }
}
