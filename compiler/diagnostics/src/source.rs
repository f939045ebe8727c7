//! Source texts and places in them.

use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Names one text of a [`SourceMap`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SourceId(pub u32);

/// A half-open range of bytes in one source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// The text that the range lies in.
    pub source: SourceId,
    /// First byte of the range.
    pub start: u32,
    /// The byte after the last of the range.
    pub end: u32,
}

impl Span {
    /// A span over the bytes `range` of `source`.
    #[inline]
    pub fn new(source: SourceId, range: Range<usize>) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { source, start: clamp(range.start), end: clamp(range.end) }
    }

    /// The range as `usize`, for slicing.
    #[inline]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span that covers both; they must lie in the same source.
    #[inline]
    pub fn to(self, other: Span) -> Span {
        Span { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The empty span at the end of this one.
    #[inline]
    pub fn tail(self) -> Span {
        Span { start: self.end, ..self }
    }

    /// Number of bytes.
    #[inline]
    pub fn len(self) -> usize {
        (self.end.saturating_sub(self.start)) as usize
    }

    /// Whether no byte is covered.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }
}

/// A place as people count it: both from 1; the column counts Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: usize,
    /// Column in Unicode scalar values, from 1.
    pub column: usize,
}

/// One source text under the name that it is shown by (a path as the user gave it, or `<stdin>`).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(from = "StoredSource", into = "StoredSource")]
pub struct Source {
    name: SmolStr,
    text: Arc<str>,
    /// The text without characters that would command a terminal; the same bytes long. Made when it is asked for, like the starts
    /// of the lines: of most texts there is nothing to show.
    shown: OnceLock<Arc<str>>,
    /// Shared, for every plan carries the sources that it was made of.
    line_starts: OnceLock<Arc<[u32]>>,
}

/// A source text as it is stored.
#[derive(Serialize, Deserialize, JsonSchema)]
struct StoredSource {
    /// What it is shown by: a path, or `<stdin>`.
    name: SmolStr,
    /// All of it.
    text: Arc<str>,
}

impl From<StoredSource> for Source {
    fn from(stored: StoredSource) -> Self {
        Source::new(stored.name, stored.text)
    }
}

impl From<Source> for StoredSource {
    fn from(source: Source) -> Self {
        StoredSource { name: source.name, text: source.text }
    }
}

impl Source {
    /// A text and its name.
    pub fn new(name: impl Into<SmolStr>, text: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), text: text.into(), shown: OnceLock::new(), line_starts: OnceLock::new() }
    }

    /// The name that it is shown by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The whole text as it may be shown at a terminal, byte for byte in the same places.
    pub(crate) fn shown(&self) -> &str {
        self.shown.get_or_init(|| harmless(&self.text).map_or_else(|| self.text.clone(), Arc::from))
    }

    /// The offset that each of its lines begins at.
    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(breaks.map(|(at, _)| at as u32 + 1)).collect()
        })
    }

    /// The number of its lines; a line break at its end begins one more.
    pub(crate) fn line_count(&self) -> usize {
        self.line_starts().len()
    }

    /// The line that byte `offset` stands in, from 0.
    pub(crate) fn line_index(&self, offset: usize) -> usize {
        self.line_starts().partition_point(|start| *start as usize <= offset).saturating_sub(1)
    }

    /// The bytes of line `index` (from 0), without its line break.
    pub(crate) fn line_range(&self, index: usize) -> Range<usize> {
        let start = self.line_starts().get(index).map_or(self.text.len(), |start| *start as usize);
        let end = self.line_starts().get(index + 1).map_or(self.text.len(), |next| *next as usize);
        let line = self.text.get(start..end).unwrap_or("");
        start..start + line.trim_end_matches(['\n', '\r']).len()
    }

    /// The place of byte `offset`; past the end, the place of the end.
    pub fn line_column(&self, offset: usize) -> LineColumn {
        let offset = offset.min(self.text.len());
        let line = self.line_starts().partition_point(|start| *start as usize <= offset).max(1);
        let start = self.line_starts().get(line - 1).map_or(0, |start| *start as usize);
        let before = self.text.get(start..offset).unwrap_or("");
        LineColumn { line, column: before.chars().count() + 1 }
    }

    /// The text of line `line` (from 1) without its line break.
    pub fn line(&self, line: usize) -> Option<&str> {
        let start = *self.line_starts().get(line.checked_sub(1)?)? as usize;
        let end = self.line_starts().get(line).map_or(self.text.len(), |next| *next as usize);
        self.text.get(start..end).map(|text| text.trim_end_matches(['\n', '\r']))
    }
}

/// `text` with a `?` in the place of each byte of a control character other than tabs and line breaks; none if it holds no
/// such character.
pub(crate) fn harmless(text: &str) -> Option<String> {
    // A byte that no such character begins with is told apart at a glance, and most texts have no other.
    let suspicious = |byte: u8| (byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')) || matches!(byte, 0x7f | 0xc2);
    if !text.bytes().any(suspicious) {
        return None;
    }
    let harmful = |char: char| char.is_control() && !matches!(char, '\t' | '\n' | '\r');
    text.contains(harmful).then(|| {
        let mut shown = String::with_capacity(text.len());
        for char in text.chars() {
            match harmful(char) {
                true => shown.extend(std::iter::repeat_n('?', char.len_utf8())),
                false => shown.push(char),
            }
        }
        shown
    })
}

/// All the texts of one compilation; a [`SourceId`] is an index into it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SourceMap {
    /// Shared, for every plan carries the map of its compilation.
    sources: Arc<Vec<Source>>,
}

impl SourceMap {
    /// No text yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text and names it.
    pub fn add(&mut self, source: Source) -> SourceId {
        Arc::make_mut(&mut self.sources).push(source);
        SourceId(self.sources.len() as u32 - 1)
    }

    /// The number of texts.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The text named `id`.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.0 as usize)
    }

    /// The source text under `span`; empty if the span is not of this map.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source).and_then(|source| source.text.get(span.range())).unwrap_or("")
    }

    /// `name:line:column` of the start of `span`, as compilers print it.
    pub fn place(&self, span: Span) -> String {
        match self.get(span.source) {
            Some(source) => {
                let at = source.line_column(span.start as usize);
                format!("{}:{}:{}", source.name(), at.line, at.column)
            }
            None => "<unknown>".to_owned(),
        }
    }

    /// Name and line (from 1) of the start of `span`.
    pub fn line_of(&self, span: Span) -> Option<(&str, usize)> {
        let source = self.get(span.source)?;
        Some((source.name(), source.line_index((span.start as usize).min(source.text.len())) + 1))
    }

    /// All texts with their ids, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.sources.iter().enumerate().map(|(index, source)| (SourceId(index as u32), source))
    }
}
