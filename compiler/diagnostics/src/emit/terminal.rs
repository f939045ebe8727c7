//! The view for people at a terminal: the source with the place underlined, then what to do and why.

use std::{
    fmt::{self, Write},
    ops::Range,
};

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceSpan};

use super::{across::Files, excerpt::Excerpt};
use crate::{Diagnostic, Label, Severity, SourceMap, Span, source::harmless};

/// How to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether to colour by ANSI escapes.
    pub color: bool,
    /// Columns of the terminal; advice is wrapped to them, source lines are not.
    pub width: usize,
}

impl Default for Options {
    /// No colour, 100 columns.
    fn default() -> Self {
        Self { color: false, width: 100 }
    }
}

/// The narrowest terminal that is drawn for.
const MIN_WIDTH: usize = 40;

/// All diagnostics, each followed by an empty line.
pub fn terminal(diagnostics: &[Diagnostic], sources: &SourceMap, options: Options) -> String {
    let theme = if options.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let options = Options { width: options.width.max(MIN_WIDTH), ..options };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(options.width).with_context_lines(1);
    let mut out = String::new();
    let mut files = Files::of(sources);
    for diagnostic in diagnostics {
        // Writing to a String cannot fail.
        let _ = render(&mut out, diagnostic, sources, &handler, &mut files, options);
        out.push('\n');
    }
    out
}

fn render(
    out: &mut String,
    diagnostic: &Diagnostic,
    sources: &SourceMap,
    handler: &GraphicalReportHandler,
    files: &mut Files<'_>,
    options: Options,
) -> fmt::Result {
    let home = diagnostic.primary.span.source;
    let mut labels: Vec<(&Label, bool)> = vec![(&diagnostic.primary, true)];
    labels.extend(diagnostic.secondary.iter().filter(|label| label.span.source == home).map(|label| (label, false)));
    let severity = super::severity(diagnostic.severity);
    let source = sources.get(home).map(|source| Excerpt::around(source, diagnostic.primary.span));
    let snippet = Snippet {
        code: Some(format!("{severity}[{}]: {}", diagnostic.code.id, diagnostic.code.name)),
        severity: diagnostic.severity,
        headline: harmless(&diagnostic.headline).unwrap_or_else(|| diagnostic.headline.clone()),
        labels: labels.into_iter().filter_map(|(label, primary)| labeled(label, primary, sources, &source)).collect(),
        source,
    };
    match files.frame(diagnostic, options.color) {
        Some(frame) => {
            let bare = Snippet { source: None, labels: Vec::new(), ..snippet };
            handler.render_report(out, &bare)?;
            out.push_str(&frame);
        }
        None => {
            handler.render_report(out, &snippet)?;
            elsewhere(out, diagnostic, sources, options)?;
        }
    }
    for help in &diagnostic.help {
        advice(out, "help", help, options)?;
    }
    for fix in &diagnostic.fixes {
        advice(out, " fix", &fix.title, options)?;
    }
    for note in &diagnostic.notes {
        advice(out, "note", note, options)?;
    }
    Ok(())
}

/// Says where the labels in other files than the primary one are.
fn elsewhere(out: &mut String, diagnostic: &Diagnostic, sources: &SourceMap, options: Options) -> fmt::Result {
    let home = diagnostic.primary.span.source;
    for label in diagnostic.secondary.iter().filter(|label| label.span.source != home) {
        advice(out, "note", &format!("{}: {}", sources.place(label.span), label.message), options)?;
    }
    Ok(())
}

/// Writes advice under `heading`, wrapped at words.
fn advice(out: &mut String, heading: &str, text: &str, options: Options) -> fmt::Result {
    const INDENT: &str = "        ";
    let text = &harmless(text).unwrap_or_else(|| text.to_owned());
    if options.color {
        write!(out, "  \u{1b}[36m{heading}:\u{1b}[0m ")?;
    } else {
        write!(out, "  {heading}: ")?;
    }
    for (at, line) in text.lines().enumerate() {
        if at > 0 {
            write!(out, "\n{INDENT}")?;
        }
        let mut column = INDENT.len();
        for (at, word) in line.split(' ').enumerate() {
            let length = word.chars().count();
            if at > 0 && column + 1 + length > options.width {
                write!(out, "\n{INDENT}")?;
                column = INDENT.len();
            } else if at > 0 {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += length;
        }
    }
    out.push('\n');
    Ok(())
}

/// The label as it is drawn; none where its place is not shown.
fn labeled(label: &Label, primary: bool, sources: &SourceMap, shown: &Option<Excerpt<'_>>) -> Option<LabeledSpan> {
    let message =
        (!label.message.is_empty()).then(|| harmless(&label.message).unwrap_or_else(|| label.message.clone()));
    let span = within(label.span, sources);
    let span: SourceSpan = match shown {
        Some(shown) => {
            let visible = shown.visible(span)?;
            (visible.start, visible.len()).into()
        }
        None => (span.start, span.len()).into(),
    };
    Some(if primary {
        LabeledSpan::new_primary_with_span(message, span)
    } else {
        LabeledSpan::new_with_span(message, span)
    })
}

/// The span, cut to its text and to its first line, so that a block is not underlined line by line.
pub(super) fn within(span: Span, sources: &SourceMap) -> Range<usize> {
    let text = sources.get(span.source).map_or("", |source| source.text().as_ref());
    let start = text.floor_char_boundary((span.start as usize).min(text.len()));
    let end = text.floor_char_boundary((span.end as usize).clamp(start, text.len()));
    let slice = text.get(start..end).unwrap_or("");
    let line = slice.lines().next().unwrap_or("");
    start..start + line.len()
}

/// What miette draws.
#[derive(Debug)]
struct Snippet<'a> {
    code: Option<String>,
    severity: Severity,
    headline: String,
    source: Option<Excerpt<'a>>,
    labels: Vec<LabeledSpan>,
}

impl fmt::Display for Snippet<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.headline)
    }
}

impl std::error::Error for Snippet<'_> {}

impl miette::Diagnostic for Snippet<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.as_ref().map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_ref().map(|source| source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
