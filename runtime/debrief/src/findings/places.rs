//! Places in source texts.

use scn_plan::{Plan, SourceMap, Span};

use super::Place;

/// The line that `span` begins on.
pub(crate) fn place_of(sources: &SourceMap, span: Span) -> Option<Place> {
    let (file, line) = sources.line_of(span)?;
    let text = sources.get(span.source).and_then(|source| source.line(line)).unwrap_or_default();
    Some(Place { file: file.to_owned(), line: line as u64, text: text.trim().to_owned() })
}

/// The line that `file:line` names, with its text if it is at hand.
pub(crate) fn place_named(sources: &[&SourceMap], named: &str) -> Option<Place> {
    let (file, line) = named.rsplit_once(':')?;
    let line: usize = line.parse().ok()?;
    let source =
        sources.iter().flat_map(|map| map.iter()).map(|(_, source)| source).find(|source| source.name() == file);
    let text = source.and_then(|source| source.line(line)).unwrap_or_default();
    Some(Place { file: file.to_owned(), line: line as u64, text: text.trim().to_owned() })
}

/// The line of the first node of this name.
pub(crate) fn place_of_step(plan: &Plan, step: &str) -> Option<Place> {
    let node = plan.graph.node_weights().find(|node| node.name == step)?;
    place_of(&plan.sources, node.span)
}
