//! The emitters, on a diagnostic with labels in three files.

use scn_diagnostics::{Applicability, Diagnostic, Source, SourceMap, Span, codes, emit};

fn sources() -> (SourceMap, Vec<Diagnostic>) {
    let mut sources = SourceMap::new();
    let scenario = sources.add(Source::new("renewal.scn", "steps:\r\n  - expect: { page: \"/fotö\" } # größer\r\n"));
    let agency = sources.add(Source::new("agency.scn", "page \"/photo\":\npage \"/pay\":\n"));
    let library = sources.add(Source::new("library.scn", "const photo = \"/photo\"\n"));
    let span = |source, start: usize, end: usize| Span::new(source, start..end);
    let first = Diagnostic::new(codes::SYNTAX, span(scenario, 29, 35), "no page is named `/fotö`")
        .label("did you mean `/photo`?")
        .also(span(scenario, 12, 18), "this step checks the page")
        .also(span(agency, 5, 13), "a page")
        .also(span(agency, 20, 26), "another page")
        .also(span(library, 6, 11), "a constant of this name is in scope")
        .help("name a page of the sandbox")
        .note("a page is named by its path, which is what the address line of a browser shows after the host, and what a form's arrow leads to")
        .fix("replace it by `/photo`", span(scenario, 29, 35), "/photo", Applicability::Automatic);
    let end = sources.get(scenario).map_or(0, |source| source.text().len());
    let second = Diagnostic::new(codes::UNCLOSED_BRACKET, span(scenario, end, end), "the file ends too early");
    let lost = Diagnostic::new(codes::UNCLOSED_QUOTE, span(library, 9_000, 9_001), "a place past the end");
    (sources, vec![first, second, lost])
}

#[test]
fn terminal_view() {
    let (sources, diagnostics) = sources();
    insta::assert_snapshot!(emit::terminal(&diagnostics, &sources, emit::Options { color: false, width: 80 }));
}

#[test]
fn colours_come_on_request_only() {
    let (sources, diagnostics) = sources();
    let draw = |color| emit::terminal(&diagnostics, &sources, emit::Options { color, width: 80 });
    assert!(draw(true).contains('\u{1b}'));
    assert!(!draw(false).contains('\u{1b}'));
}

#[test]
fn one_line_each() {
    let (sources, diagnostics) = sources();
    insta::assert_snapshot!(emit::short(&diagnostics, &sources));
    assert_eq!(emit::summary(&diagnostics).as_deref(), Some("3 errors"));
    assert_eq!(emit::summary(&[]), None);
}

#[test]
fn json_lines() {
    let (sources, diagnostics) = sources();
    insta::assert_snapshot!(emit::json_lines(&diagnostics, &sources));
}

#[test]
fn a_long_line_is_cut_and_a_terminal_takes_no_orders() {
    let mut sources = SourceMap::new();
    let text = format!("a\n{}\u{1b}[31mwrong\u{7}{}\nb\n", "x ".repeat(50_000), " y".repeat(50_000));
    let long = sources.add(Source::new("long.scn", text));
    let span = |start: usize, end: usize| Span::new(long, start..end);
    let diagnostic = Diagnostic::new(codes::SYNTAX, span(100_007, 100_012), "`\u{1b}[31mwrong` is wrong")
        .label("here")
        .also(span(2, 3), "too far away to be shown");
    insta::assert_snapshot!(emit::terminal(&[diagnostic], &sources, emit::Options::default()));
}
