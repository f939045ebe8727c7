//! JUnit XML, which most build servers show as test results: each file that was checked is a test case.

use std::{collections::HashMap, fmt::Write};

use super::{severity, summary};
use crate::{Diagnostic, Severity, SourceMap};

/// A test suite with one case for each of the `checked` files and for every other file that a finding is in. Errors and
/// warnings fail the case; notes go to its `system-out`. The first `shown` findings are written out, all of them are counted.
pub fn junit(diagnostics: &[Diagnostic], shown: usize, sources: &SourceMap, checked: &[String]) -> String {
    let file = |diagnostic: &Diagnostic| {
        sources.get(diagnostic.primary.span.source).map_or("<unknown>", |source| source.name()).to_owned()
    };
    let mut cases: Vec<(String, Vec<Found<'_>>)> = checked.iter().map(|path| (path.clone(), Vec::new())).collect();
    let mut places: HashMap<String, usize> = checked.iter().cloned().zip(0..).collect();
    for (at, diagnostic) in diagnostics.iter().enumerate() {
        let name = file(diagnostic);
        let place = *places.entry(name.clone()).or_insert(cases.len());
        let found = Found { diagnostic, is_shown: at < shown };
        match cases.get_mut(place) {
            Some((_, own)) => own.push(found),
            None => cases.push((name, vec![found])),
        }
    }
    let fails = |found: &[Found<'_>]| found.iter().any(|found| found.diagnostic.severity != Severity::Note);
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\"",
        cases.len(),
        cases.iter().filter(|(_, found)| fails(found)).count()
    );
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  <testsuite name=\"esrc check\" {counts}>\n"
    );
    // Writing to a String cannot fail.
    for (name, found) in &cases {
        let name = escape(name);
        let _ = write!(out, "    <testcase name=\"{name}\" classname=\"esrc.check\" file=\"{name}\"");
        if found.is_empty() {
            out.push_str("/>\n");
            continue;
        }
        out.push_str(">\n");
        let (notes, failing): (Vec<_>, Vec<_>) =
            found.iter().copied().partition(|found| found.diagnostic.severity == Severity::Note);
        if !failing.is_empty() {
            let owned: Vec<Diagnostic> = failing.iter().map(|found| found.diagnostic.clone()).collect();
            let message = summary(&owned).unwrap_or_default();
            let gravest = failing.iter().map(|each| each.diagnostic.severity).min().unwrap_or(Severity::Warning);
            let kind = severity(gravest);
            let _ = write!(out, "      <failure message=\"{}\" type=\"{kind}\">", escape(&message));
            out.push_str(&lines(&failing, sources));
            out.push_str("</failure>\n");
        }
        if !notes.is_empty() {
            let _ = writeln!(out, "      <system-out>{}</system-out>", lines(&notes, sources));
        }
        out.push_str("    </testcase>\n");
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

/// A finding in a file.
#[derive(Clone, Copy)]
struct Found<'d> {
    diagnostic: &'d Diagnostic,
    /// Whether it is written out.
    is_shown: bool,
}

fn lines(found: &[Found<'_>], sources: &SourceMap) -> String {
    let line = |Found { diagnostic, .. }: &Found<'_>| {
        let place = sources.place(diagnostic.primary.span);
        let kind = severity(diagnostic.severity);
        format!("{place}: {kind}[{}]: {}\n", diagnostic.code.id, super::sentences(diagnostic))
    };
    escape(&found.iter().filter(|found| found.is_shown).map(line).collect::<String>())
}

/// `text` for XML 1.0; characters that it cannot hold at all become the replacement character.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(char),
            // A parser would read it as a line break.
            '\r' => out.push_str("&#13;"),
            char if char.is_control() || matches!(char, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            char => out.push(char),
        }
    }
    out
}
