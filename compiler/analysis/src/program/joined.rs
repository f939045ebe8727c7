//! The findings of several parts as those of one.

use scn_diagnostics::{Diagnostic, SourceId, Span};
use scn_plan::collections::HashMap;

use super::Findings;
use crate::signatures::Signatures;

/// What was found in parts, each with its paths, as it is shown of the files at `paths`: those in the order in which they were named,
/// then what they use.
pub(super) fn joined(found: Vec<Findings>, parts: &[Vec<String>], paths: &[String]) -> Findings {
    let mut sources = Signatures::sources();
    let shared = sources.len();
    let places: HashMap<&str, usize> = paths.iter().enumerate().rev().map(|(at, path)| (path.as_str(), at)).collect();
    // Each source by its place, its part and its number there.
    let mut all: Vec<(usize, usize, SourceId)> = Vec::new();
    for (part, (named, found)) in parts.iter().zip(&found).enumerate() {
        let mut own = found.sources.iter().skip(shared).peekable();
        for path in named {
            // One that cannot be read comes after the others.
            if let Some((id, _)) = own.next_if(|(_, source)| source.name() == path) {
                all.push((places.get(path.as_str()).copied().unwrap_or(paths.len()), part, id));
            }
        }
        all.extend(own.map(|(id, _)| (paths.len(), part, id)));
    }
    all.sort_by_key(|(place, ..)| *place);
    let mut ids: HashMap<(usize, SourceId), SourceId> = HashMap::default();
    // What several parts use, such as the standard library, is one source.
    let mut used: HashMap<&str, SourceId> = HashMap::default();
    for (place, part, id) in all {
        let Some(source) = found.get(part).and_then(|found| found.sources.get(id)) else { continue };
        let known = used.get(source.name()).filter(|_| place == paths.len());
        let known = known.filter(|known| sources.get(**known).is_some_and(|known| known.text() == source.text()));
        let to = match known {
            Some(known) => *known,
            None => sources.add(source.clone()),
        };
        if place == paths.len() {
            used.insert(source.name(), to);
        }
        ids.insert((part, id), to);
    }
    let mut diagnostics = Vec::new();
    for (part, found) in found.iter().enumerate() {
        let moved = |span: Span| {
            let source = ids.get(&(part, span.source)).copied().unwrap_or(span.source);
            Some(Span { source, ..span })
        };
        diagnostics.extend(found.diagnostics.iter().filter_map(|found| found.clone().moved(&moved)));
    }
    Diagnostic::sort(&mut diagnostics);
    diagnostics.dedup();
    Findings { sources, diagnostics }
}
