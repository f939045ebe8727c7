//! Declarations that names can belong to, and which of them are around a place.

use std::collections::BTreeMap;

use scn_diagnostics::{SourceId, Span};

/// Declarations with all of their lines: two of them lie apart, or one inside the other.
#[derive(Default)]
pub(super) struct Areas(BTreeMap<SourceId, Vec<Area>>);

struct Area {
    whole: Span,
    /// The area around it, which stands before it.
    outer: Option<usize>,
}

impl Areas {
    /// Adds a declaration, those that hold it first.
    pub fn add(&mut self, whole: Span) {
        let areas = self.0.entry(whole.source).or_default();
        let mut outer = areas.len().checked_sub(1);
        while let Some(area) = outer.and_then(|at| areas.get(at)).filter(|area| !holds(area.whole, whole)) {
            outer = area.outer;
        }
        areas.push(Area { whole, outer });
    }

    /// The declarations around a place, from the innermost outwards.
    pub fn around(&self, at: Span) -> impl Iterator<Item = Span> {
        let areas = self.0.get(&at.source).map_or(&[][..], Vec::as_slice);
        let before = areas.partition_point(|area| area.whole.start <= at.start);
        let last = before.checked_sub(1).and_then(|last| areas.get(last));
        let outwards = std::iter::successors(last, |area| areas.get(area.outer?));
        outwards.map(|area| area.whole).filter(move |whole| holds(*whole, at))
    }
}

fn holds(area: Span, at: Span) -> bool {
    area.start <= at.start && at.end <= area.end
}
