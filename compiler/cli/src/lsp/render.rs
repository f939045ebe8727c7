//! Findings as the protocol has them.

use std::collections::HashMap;

use gen_lsp_types::{
    Code, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location, Message, Uri,
};
use scn_analysis::Findings;
use scn_diagnostics::{Severity, SourceId, SourceMap, Span};

use super::{
    documents::uri_of,
    place::{Encoding, Places},
};

/// The findings of each file that has an address, in the order of their places.
pub(super) fn by_file(findings: &Findings, encoding: Encoding) -> HashMap<Uri, Vec<Diagnostic>> {
    let mut renderer = Renderer { sources: &findings.sources, places: HashMap::new(), encoding };
    let mut found: HashMap<Uri, Vec<Diagnostic>> = HashMap::new();
    for finding in &findings.diagnostics {
        if let Some(Location { uri, range }) = renderer.location(finding.primary.span) {
            let diagnostic = renderer.diagnostic(finding, range);
            found.entry(uri).or_default().push(diagnostic);
        }
    }
    found
}

/// Renders findings of one compilation; each source's lines are counted once.
pub(super) struct Renderer<'s> {
    pub sources: &'s SourceMap,
    pub places: HashMap<SourceId, Places>,
    pub encoding: Encoding,
}

impl Renderer<'_> {
    /// The address and the range of `span`; none in what is no file, such as the standard library.
    pub fn location(&mut self, span: Span) -> Option<Location> {
        let source = self.sources.get(span.source)?;
        let uri = uri_of(source.name())?;
        let places = self.places.entry(span.source).or_insert_with(|| Places::of(source.text()));
        Some(Location { uri, range: places.range(span, self.encoding) })
    }

    /// A finding whose primary place is at `range`.
    pub fn diagnostic(&mut self, finding: &scn_diagnostics::Diagnostic, range: gen_lsp_types::Range) -> Diagnostic {
        let mut lines = vec![finding.headline.clone()];
        lines.extend(Some(&finding.primary.message).filter(|label| !label.is_empty()).cloned());
        lines.extend(finding.help.iter().map(|help| format!("help: {help}")));
        lines.extend(finding.notes.iter().map(|note| format!("note: {note}")));
        let related: Vec<DiagnosticRelatedInformation> = finding
            .secondary
            .iter()
            .filter_map(|label| {
                let location = self.location(label.span)?;
                Some(DiagnosticRelatedInformation { location, message: label.message.clone() })
            })
            .collect();
        Diagnostic {
            range,
            severity: Some(match finding.severity {
                Severity::Error => DiagnosticSeverity::Error,
                Severity::Warning => DiagnosticSeverity::Warning,
                Severity::Note => DiagnosticSeverity::Information,
            }),
            code: Some(Code::String(finding.code.id.to_owned())),
            code_description: None,
            source: Some("esrc".to_owned()),
            message: Message::String(lines.join("\n")),
            tags: finding.code.name.starts_with("unused-").then(|| vec![DiagnosticTag::Unnecessary]),
            related_information: Some(related).filter(|related| !related.is_empty()),
            data: None,
        }
    }
}
