//! What was found in the scenarios of files.
//!
//! A scenario depends on its own lines and on everything that is no scenario: the declarations of its file and all other files. If
//! neither has changed, what was found in it still holds, though it may have moved.

use std::{
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use scn_diagnostics::{Diagnostic, SourceId, SourceMap, Span};
use scn_plan::collections::HashMap;
use smol_str::SmolStr;

use crate::index::Note;

/// What was found in the scenarios of each file by the last compilation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scenarios(Arc<Mutex<HashMap<SourceId, Arc<Kept>>>>);

/// What was found in one scenario.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub diagnostics: Vec<Diagnostic>,
    pub notes: Vec<Note>,
}

/// What was found in the scenarios of a file.
#[derive(Clone, Debug)]
struct Kept {
    layout: Layout,
    /// By their texts, each with the bytes that it stood at.
    found: HashMap<Arc<str>, (Range<u32>, Found)>,
}

/// A file's scenarios and what is around them.
#[derive(Clone, Debug)]
struct Layout {
    /// The names and the texts of all other files.
    others: Vec<(SmolStr, Arc<str>)>,
    /// What stands between the file's scenarios, and before and behind them.
    between: Vec<(Range<u32>, Arc<str>)>,
}

impl Layout {
    /// The layout of the file `source`, whose scenarios are at `scenarios`, in their order.
    fn of(sources: &SourceMap, source: SourceId, scenarios: &[Span]) -> Option<Self> {
        let text = sources.get(source)?.text();
        let end = u32::try_from(text.len()).ok()?;
        let starts = std::iter::once(0).chain(scenarios.iter().map(|scenario| scenario.end));
        let ends = scenarios.iter().map(|scenario| scenario.start).chain([end]);
        let between = starts.zip(ends).map(|(start, end)| {
            let piece = text.get(start as usize..end as usize)?;
            Some((start..end, piece.into()))
        });
        let others = sources.iter().filter(|(id, _)| *id != source);
        let others = others.map(|(_, other)| (other.name().into(), other.text().clone())).collect();
        Some(Self { others, between: between.collect::<Option<_>>()? })
    }

    /// Whether all is the same but for scenarios, and for where it stands.
    fn is_like(&self, other: &Self) -> bool {
        let pieces = |layout: &Self| layout.between.iter().map(|(_, piece)| piece.clone()).collect::<Vec<_>>();
        self.others == other.others && pieces(self) == pieces(other)
    }
}

/// What can be recalled of a file's scenarios.
pub(crate) struct Recalled {
    source: SourceId,
    now: Layout,
    before: Option<Arc<Kept>>,
}

impl Scenarios {
    fn kept(&self) -> MutexGuard<'_, HashMap<SourceId, Arc<Kept>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of the scenarios at these places of the file `source`.
    pub fn recall(&self, sources: &SourceMap, source: SourceId, scenarios: &[Span]) -> Option<Recalled> {
        let now = Layout::of(sources, source, scenarios)?;
        let before = self.kept().get(&source).filter(|kept| kept.layout.is_like(&now)).cloned();
        Some(Recalled { source, now, before })
    }

    /// Keeps what was found in the scenarios of a file.
    pub fn keep(&self, recalled: Recalled, found: impl IntoIterator<Item = (Span, Arc<str>, Found)>) {
        let found = found.into_iter().map(|(at, text, found)| (text, (at.start..at.end, found))).collect();
        self.kept().insert(recalled.source, Arc::new(Kept { layout: recalled.now, found }));
    }
}

impl Recalled {
    /// What was found in the scenario with this text, which begins at `start` now.
    pub fn get(&self, text: &str, start: u32) -> Option<Found> {
        let before = self.before.as_ref()?;
        let (own, found) = before.found.get(text)?;
        let moved = |span: Span| self.moved(span, &before.layout, own, start);
        let diagnostics = found.diagnostics.iter().map(|found| found.clone().moved(&moved)).collect::<Option<_>>()?;
        let notes = found.notes.iter().map(|(at, meaning)| Some((moved(*at)?, meaning.moved(&moved)?)));
        Some(Found { diagnostics, notes: notes.collect::<Option<_>>()? })
    }

    /// Where what stood at `span` stands now; none if it was in another scenario.
    fn moved(&self, span: Span, before: &Layout, own: &Range<u32>, start: u32) -> Option<Span> {
        if span.source != self.source {
            return Some(span);
        }
        let holds = |place: &Range<u32>| place.start <= span.start && span.end <= place.end;
        let (from, to) = match holds(own) {
            true => (own.start, start),
            false => {
                let pieces = before.between.iter().zip(&self.now.between);
                let mut pieces = pieces.map(|((before, _), (now, _))| (before, now));
                let (before, now) = pieces.find(|(before, _)| holds(before))?;
                (before.start, now.start)
            }
        };
        let at = |place: u32| (place + to).checked_sub(from);
        Some(Span { start: at(span.start)?, end: at(span.end)?, ..span })
    }
}
