//! Applies fixes to texts.

use std::collections::BTreeMap;

use crate::{Applicability, Diagnostic, Edit, Fix, SourceId, SourceMap};

/// What came of applying fixes once.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The new texts of the sources that changed.
    pub texts: BTreeMap<SourceId, String>,
    /// How many fixes were applied.
    pub count: usize,
}

/// Applies the automatic fixes of diagnostics whose edits all lie in sources that `may_change`.
///
/// Of a diagnostic the first such fix is taken. A fix that overlaps one taken before, or that is the same, is left for another pass,
/// in which its cause may be gone.
pub fn apply(diagnostics: &[Diagnostic], sources: &SourceMap, may_change: impl Fn(SourceId) -> bool) -> Applied {
    let mut taken: BTreeMap<(SourceId, u32), &Edit> = BTreeMap::new();
    let mut count = 0;
    for diagnostic in diagnostics {
        let usable = |fix: &&Fix| {
            fix.applicability == Applicability::Automatic
                && !fix.edits.is_empty()
                && fix.edits.iter().all(|edit| {
                    let text = sources.get(edit.span.source).map(|source| source.text());
                    may_change(edit.span.source) && text.is_some_and(|text| text.get(edit.span.range()).is_some())
                })
        };
        let Some(fix) = diagnostic.fixes.iter().find(usable) else { continue };
        if fix.edits.iter().any(|edit| is_taken(edit, &taken)) {
            continue;
        }
        taken.extend(fix.edits.iter().map(|edit| ((edit.span.source, edit.span.start), edit)));
        count += 1;
    }
    let mut texts: BTreeMap<SourceId, String> = BTreeMap::new();
    for edit in taken.into_values().rev() {
        let Some(source) = sources.get(edit.span.source) else { continue };
        let text = texts.entry(edit.span.source).or_insert_with(|| source.text().to_string());
        text.replace_range(edit.span.range(), &edit.text);
    }
    Applied { texts, count }
}

/// Whether an edit touches text that another one does, or inserts at the same place, so that their order would matter.
fn is_taken(edit: &Edit, taken: &BTreeMap<(SourceId, u32), &Edit>) -> bool {
    let at = |offset| (edit.span.source, offset);
    let before = taken.range(at(0)..=at(edit.span.start)).next_back();
    let after = taken.range(at(edit.span.start)..=at(u32::MAX)).next();
    before.is_some_and(|(_, other)| other.span.end > edit.span.start || other.span.start == edit.span.start)
        || after.is_some_and(|(_, other)| other.span.start < edit.span.end)
}
