//! The findings of parts as those of one, in the order in which they are shown.

use scn_diagnostics::{Diagnostic, SourceId, SourceMap, Span};
use scn_plan::collections::HashMap;

use super::Findings;
use crate::signatures::Signatures;

/// What was found in several parts.
pub(super) fn joined(found: Vec<Findings>) -> Findings {
    let mut sources = Signatures::sources();
    let mut diagnostics = Vec::new();
    // What several parts use, such as the standard library, is one source.
    let mut known: HashMap<String, SourceId> =
        sources.iter().map(|(id, source)| (source.name().to_owned(), id)).collect();
    for part in found {
        let mut ids: Vec<SourceId> = Vec::with_capacity(part.sources.len());
        for (_, source) in part.sources.iter() {
            let same = known.get(source.name()).copied();
            let same = same.filter(|same| sources.get(*same).is_some_and(|known| known.text() == source.text()));
            ids.push(same.unwrap_or_else(|| {
                let id = sources.add(source.clone());
                known.insert(source.name().to_owned(), id);
                id
            }));
        }
        let moved = |span: Span| Some(Span { source: *ids.get(span.source.0 as usize)?, ..span });
        diagnostics.extend(part.diagnostics.into_iter().filter_map(|found| found.moved(&moved)));
    }
    Findings { sources, diagnostics }
}

/// Puts findings in order: those in the files at `paths` as these were named, then those in what they use, by its name.
pub(super) fn put_in_order(Findings { sources, diagnostics }: &mut Findings, paths: &[String]) {
    let places: HashMap<&str, usize> = paths.iter().enumerate().rev().map(|(at, path)| (path.as_str(), at)).collect();
    let place = |sources: &SourceMap, found: &Diagnostic| {
        let name = sources.get(found.primary.span.source).map_or("", |source| source.name());
        (places.get(name).copied().unwrap_or(paths.len()), name.to_owned())
    };
    Diagnostic::sort(diagnostics);
    diagnostics.sort_by_cached_key(|found| place(sources, found));
    diagnostics.dedup();
}
