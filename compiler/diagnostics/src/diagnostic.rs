//! The one model of what a tool has to say about a source text.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::{Code, SourceId, Span};

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing can run until it is mended.
    Error,
    /// Probably a mistake; it counts as a finding.
    Warning,
    /// Worth knowing; it never changes an exit code.
    Note,
}

/// A span and what is to be said there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What to say there; empty to only mark it.
    pub message: String,
}

/// Whether a fix may be applied unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applicability {
    /// What was surely meant; `--fix` applies it.
    Automatic,
    /// A good guess; an editor offers it.
    Suggested,
}

/// Replaces the text under `span` by `text`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// A real edit that mends the cause of a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// What it does, in the imperative.
    pub title: String,
    /// The edits, which do not overlap.
    pub edits: Vec<Edit>,
    /// Whether it may be applied unseen.
    pub applicability: Applicability,
}

/// One finding: a stable code, a headline that stands alone, and the places that it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// What kind of finding this is.
    pub code: &'static Code,
    /// As its code has it, unless a project's settings say otherwise.
    pub severity: Severity,
    /// A sentence that stands alone.
    pub headline: String,
    /// Where the cause is, and what is to be said there.
    pub primary: Label,
    /// Other places that explain it, in any source.
    pub secondary: Vec<Label>,
    /// How to mend it.
    pub help: Vec<String>,
    /// Why it is so.
    pub notes: Vec<String>,
    /// Edits that mend it.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// A finding of kind `code` at `span`.
    pub fn new(code: &'static Code, span: Span, headline: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity,
            headline: headline.into(),
            primary: Label { span, message: String::new() },
            secondary: Vec::new(),
            help: Vec::new(),
            notes: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// Says `message` at the primary place.
    pub fn label(mut self, message: impl Into<String>) -> Self {
        self.primary.message = message.into();
        self
    }

    /// Says `message` at another place.
    pub fn also(mut self, span: Span, message: impl Into<String>) -> Self {
        self.secondary.push(Label { span, message: message.into() });
        self
    }

    /// Adds how to mend it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds why it is so.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds a fix of one edit.
    pub fn fix(
        self,
        title: impl Into<String>,
        span: Span,
        text: impl Into<String>,
        applicability: Applicability,
    ) -> Self {
        self.fix_all(Fix { title: title.into(), edits: vec![Edit { span, text: text.into() }], applicability })
    }

    /// Adds a fix.
    pub fn fix_all(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }

    /// The same where what stood at a place has moved to where `moved` says; none if that is not known of one of its places.
    pub fn moved(mut self, moved: &impl Fn(Span) -> Option<Span>) -> Option<Self> {
        let labels = std::iter::once(&mut self.primary).chain(&mut self.secondary).map(|label| &mut label.span);
        let edits = self.fixes.iter_mut().flat_map(|fix| &mut fix.edits).map(|edit| &mut edit.span);
        for span in labels.chain(edits) {
            *span = moved(*span)?;
        }
        Some(self)
    }

    /// The order in which diagnostics are shown: by place, then by code.
    pub fn sort(diagnostics: &mut [Diagnostic]) {
        diagnostics
            .sort_by(|a, b| (a.primary.span, a.code.id, &a.headline).cmp(&(b.primary.span, b.code.id, &b.headline)));
    }

    /// Keeps so many diagnostics of one code in one line as anybody reads; the last one says how many more there were. They
    /// are sorted; `line` numbers the lines of a source.
    pub fn thin(diagnostics: &mut Vec<Diagnostic>, line: impl Fn(Span) -> usize) {
        const MOST: usize = 50;
        if diagnostics.len() <= MOST {
            return;
        }
        /// A code in a line: how many there were, and the last that is kept.
        type Seen = HashMap<(SourceId, usize, &'static str), (usize, usize)>;
        let mut seen = Seen::new();
        let mut kept: Vec<Diagnostic> = Vec::with_capacity(diagnostics.len());
        for diagnostic in diagnostics.drain(..) {
            let span = diagnostic.primary.span;
            let (count, last) = seen.entry((span.source, line(span), diagnostic.code.id)).or_default();
            *count += 1;
            if *count <= MOST {
                *last = kept.len();
                kept.push(diagnostic);
            }
        }
        for (count, last) in seen.into_values().filter(|(count, _)| *count > MOST) {
            if let Some(last) = kept.get_mut(last) {
                last.notes.push(format!("{} more of this kind in this line are not shown", count - MOST));
            }
        }
        *diagnostics = kept;
    }
}
