//! Spans by block, until they are written.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use indexmap::IndexMap;

use crate::{Block, Span, Timestamp};

/// Holds the spans of open blocks. What it keeps of closed ones is bounded by the journeys under way.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    open: IndexMap<Block, Vec<Span>>,
    late: BTreeMap<Block, Vec<Span>>,
    /// Closed blocks by journey.
    closed: HashMap<String, HashSet<Block>>,
    /// By persona, the first iteration that is not over: blocks of earlier ones are closed.
    under_way: HashMap<String, u32>,
    /// Whose journey ended when, oldest first.
    over: VecDeque<(Timestamp, u32, u32)>,
}

/// So long after its end a journey is forgotten, in nanoseconds: nothing of it comes so late. Where every journey has a
/// persona of its own, what is kept of those that are over would grow without end.
const FORGOTTEN: u64 = 600 * 1_000_000_000;

impl Blocks {
    pub(super) fn add(&mut self, span: Span) {
        let place = if self.is_closed(&span.block) {
            self.late.entry(span.block.clone()).or_default()
        } else {
            self.open.entry(span.block.clone()).or_default()
        };
        place.push(span);
    }

    /// Closes a block and hands over its spans, callers before callees.
    pub(super) fn close(&mut self, block: &Block) -> Vec<Span> {
        if !self.is_over(block) {
            self.closed.entry(journey_of(block)).or_default().insert(block.clone());
        }
        in_order(self.open.shift_remove(block).unwrap_or_default())
    }

    /// A journey is over: what of it is still open stays so until it is closed, and single closed blocks are forgotten.
    pub(super) fn journey_over(&mut self, persona: u32, iteration: u32, end: Timestamp) {
        self.closed.remove(&format!("p{persona}.i{iteration}"));
        let next = self.under_way.entry(format!("p{persona}")).or_default();
        *next = (*next).max(iteration + 1);
        self.over.push_back((end, persona, iteration));
        while let Some((_, persona, iteration)) = self.over.pop_front_if(|(at, ..)| end.since(*at) > FORGOTTEN) {
            let persona = format!("p{persona}");
            if self.under_way.get(&persona).is_some_and(|next| *next == iteration + 1) {
                self.under_way.remove(&persona);
            }
        }
    }

    /// Late spans so far, grouped by block.
    pub(super) fn take_late(&mut self) -> Vec<Vec<Span>> {
        std::mem::take(&mut self.late).into_values().map(in_order).collect()
    }

    /// Everything that is left, grouped by block.
    pub(super) fn take_all(&mut self) -> Vec<Vec<Span>> {
        let mut all: Vec<_> = std::mem::take(&mut self.open).into_values().map(in_order).collect();
        all.extend(self.take_late());
        all
    }

    fn is_closed(&self, block: &Block) -> bool {
        self.is_over(block) && !self.open.contains_key(block)
            || self.closed.get(&journey_of(block)).is_some_and(|closed| closed.contains(block))
    }

    /// Whether the block's journey is over.
    fn is_over(&self, block: &Block) -> bool {
        let mut parts = block.split('.');
        let (Some(persona), Some(iteration)) = (parts.next(), parts.next()) else {
            return false;
        };
        let Some(Ok(iteration)) = iteration.strip_prefix('i').map(str::parse::<u32>) else {
            return false;
        };
        self.under_way.get(persona).is_some_and(|next| iteration < *next)
    }
}

/// The block of the journey that `block` belongs to: its first two parts.
fn journey_of(block: &Block) -> String {
    block.split('.').take(2).collect::<Vec<_>>().join(".")
}

/// Callers before callees: by their beginnings; of those that began at the same instant, the callee was recorded first.
fn in_order(mut spans: Vec<Span>) -> Vec<Span> {
    spans.reverse();
    spans.sort_by_key(|span| (span.start_time_unix_nano, std::cmp::Reverse(span.end_time_unix_nano)));
    spans
}
