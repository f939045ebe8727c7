//! Findings as the protocol has them.

use std::{collections::HashMap, sync::Arc};

use gen_lsp_types::{
    Code, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location, Message, Uri,
};
use scn_analysis::Findings;
use scn_diagnostics::{Severity, SourceId, SourceMap, Span};

use super::{
    checking::Checked,
    documents::{Document, uri_of},
    place::{Encoding, Places},
};

/// Renders places and findings of one compilation; each source's lines are counted once.
pub(super) struct Renderer<'c> {
    sources: &'c SourceMap,
    findings: &'c [scn_diagnostics::Diagnostic],
    documents: &'c [Arc<Document>],
    files: HashMap<SourceId, Option<(Uri, Places)>>,
    encoding: Encoding,
}

impl<'c> Renderer<'c> {
    /// Renders what was found in the open documents.
    pub fn of(checked: &'c Checked, encoding: Encoding) -> Self {
        Self::beside(&checked.findings, &checked.documents, encoding)
    }

    /// Renders findings while these documents are open.
    pub fn beside(findings: &'c Findings, documents: &'c [Arc<Document>], encoding: Encoding) -> Self {
        let Findings { sources, diagnostics } = findings;
        Self { sources, findings: diagnostics, documents, files: HashMap::new(), encoding }
    }

    /// The findings of each file that has an address, in the order of their places.
    pub fn by_file(&mut self) -> HashMap<Uri, Vec<Diagnostic>> {
        let mut found: HashMap<Uri, Vec<Diagnostic>> = HashMap::new();
        for finding in self.findings {
            if let Some(Location { uri, range }) = self.location(finding.primary.span) {
                let diagnostic = self.diagnostic(finding, range);
                found.entry(uri).or_default().push(diagnostic);
            }
        }
        found
    }

    /// The address and the range of `span`; none in what is no file.
    pub fn location(&mut self, span: Span) -> Option<Location> {
        let encoding = self.encoding;
        let (uri, places) = self.file(span.source)?;
        Some(Location { uri: uri.clone(), range: places.range(span, encoding) })
    }

    fn file(&mut self, id: SourceId) -> Option<&(Uri, Places)> {
        let (sources, documents) = (self.sources, self.documents);
        let file = self.files.entry(id).or_insert_with(|| {
            let source = sources.get(id)?;
            // An address can be written in several ways: an open document goes by the one that the editor has for it.
            let open = documents.iter().find(|document| document.path == source.name());
            let uri = open.map(|document| document.uri.clone()).or_else(|| uri_of(source.name()))?;
            Some((uri, Places::of(source.text())))
        });
        file.as_ref()
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
