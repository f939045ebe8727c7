//! The debrief as PDF: one page that a release manager reads, then the evidence.
//!
//! [`View`] spells and bounds everything; the template in `assets/report` lays it out and computes nothing. The data
//! reaches the template as JSON values, never as markup, so no text of a run can break the page. The same findings
//! give the same bytes.

mod chart;
mod evidence;
mod view;
mod waterfall;
mod world;

use std::fmt;

use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, Timestamp};

use crate::findings::Findings;
use view::View;

/// Why a PDF could not be made. Findings cannot cause it: it is a defect of ESR's own template.
#[derive(Debug)]
pub struct PdfError {
    /// What Typst, or the serialisation of the data, complains of.
    pub messages: Vec<String>,
}

impl fmt::Display for PdfError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the PDF could not be set: {}", self.messages.join("; "))
    }
}

impl std::error::Error for PdfError {}

impl PdfError {
    fn of<'a>(diagnostics: impl IntoIterator<Item = &'a SourceDiagnostic>) -> Self {
        PdfError { messages: diagnostics.into_iter().map(|diagnostic| diagnostic.message.to_string()).collect() }
    }
}

/// Sets the debrief and returns the PDF's bytes: tagged, with title and date of the run, the same for the same findings.
pub fn render(findings: &Findings) -> Result<Vec<u8>, PdfError> {
    let data =
        serde_json::to_vec(&View::new(findings)).map_err(|error| PdfError { messages: vec![error.to_string()] })?;
    let document = typst::compile::<PagedDocument>(&world::ReportWorld::new(data))
        .output
        .map_err(|diagnostics| PdfError::of(&diagnostics))?;
    let options = PdfOptions {
        ident: Smart::Custom(format!("esr debrief {}", findings.header.run)),
        creator: Smart::Custom(Some(format!("esr {}", crate::format::clean(&findings.header.esr_version, 40)))),
        timestamp: timestamp(findings.header.started_unix_ns),
        ..PdfOptions::default()
    };
    let pdf = typst_pdf::pdf(&document, &options).map_err(|diagnostics| PdfError::of(&diagnostics));
    // Typst memoises across calls; a report is set once, and its pages need not stay in memory.
    typst::comemo::evict(0);
    pdf
}

/// The run's start as Typst's time.
fn timestamp(unix_ns: u64) -> Option<Timestamp> {
    let time = jiff::Timestamp::from_nanosecond(i128::from(unix_ns)).ok()?;
    let time = jiff::tz::Offset::UTC.to_datetime(time);
    let part = |value: i8| u8::try_from(value).ok();
    Datetime::from_ymd_hms(
        i32::from(time.year()),
        part(time.month())?,
        part(time.day())?,
        part(time.hour())?,
        part(time.minute())?,
        part(time.second())?,
    )
    .map(Timestamp::new_utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A warning of Typst's means that the template asks for something that is not there, or that pages do not settle.
    #[test]
    fn the_template_gives_no_warnings() {
        for name in ["typical", "empty", "killed-early", "hostile-texts"] {
            let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
            let findings: Findings = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            let data = serde_json::to_vec(&View::new(&findings)).unwrap();
            let compiled = typst::compile::<PagedDocument>(&world::ReportWorld::new(data));
            assert!(compiled.warnings.is_empty(), "{name}: {:?}", PdfError::of(&compiled.warnings));
        }
    }
}
