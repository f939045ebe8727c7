//! Whom the time of a request is charged to.
//!
//! The *critical path* of a span is found from its end backwards: the child that ended last, then the child that ended
//! last before that one began, and so on; what no child covers is the span's own. A child that outlived its parent (a
//! caller's timeout cancels nothing) counts up to the parent's end. Every instant of the path has one activity:
//!
//! - own time of a part's server span: the part's;
//! - a proxy's time: the callee's, and the part of it that a probe added is kept apart as *delay*;
//! - a client span's own time: the caller's, or the callee's if nothing below is on record (a lost or killed callee);
//! - the first `esr.queue.wait_ns` of a server span: *queue wait*, charged to what held the part's workers meanwhile.
//!
//! *Queue wait* at a part with W workers: at every instant each request in service there is charged 1/W of it, to
//! whomever that request's own critical path is charged to at that instant; if that is another queue wait, to what held
//! those workers, and so on. What nobody on record held (killed runs), the wait at parts without a limit, and a wait
//! that leads back to the same part's queue are charged to the part itself. If more than W requests are on record as in
//! service, all shares shrink alike, so that a wait is charged once in full.
//!
//! A step's time is that of its persona's requests, those of the submissions charged to it included.

mod holders;
mod timeline;
mod tree;

use indexmap::IndexMap;
use smol_str::SmolStr;

pub use tree::{SpanIndex, TraceTree};

use crate::findings::ChargeShare;
use holders::Holders;
use timeline::{Activity, timeline};

/// What a part is charged, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Charge {
    /// Its own time.
    pub own: f64,
    /// Delays that probes put on requests to it.
    pub delay: f64,
    /// Queue wait, at its own queue or at a caller's.
    pub queue: f64,
}

impl Charge {
    /// The sum.
    pub fn total(&self) -> f64 {
        self.own + self.delay + self.queue
    }
}

/// Charges by part.
#[derive(Clone, Debug, Default)]
pub struct Charges {
    /// What each part is charged.
    pub parts: IndexMap<SmolStr, Charge>,
    /// Queue wait by the part that was waited for and the part that it is charged to.
    pub waits: IndexMap<(SmolStr, SmolStr), f64>,
}

impl Charges {
    /// What `part` is charged.
    pub fn of(&self, part: &str) -> Charge {
        self.parts.get(part).copied().unwrap_or_default()
    }

    /// Wait in the queue of `at` that is charged to `to`.
    pub fn wait(&self, at: &str, to: &str) -> f64 {
        self.waits.iter().filter(|((a, t), _)| a == at && t == to).map(|(_, time)| time).sum()
    }

    /// All wait in the queue of `at`.
    pub fn waited(&self, at: &str) -> f64 {
        self.waits.iter().filter(|((a, _), _)| a == at).map(|(_, time)| time).sum()
    }

    /// The sum over all parts.
    pub fn total(&self) -> f64 {
        self.parts.values().map(Charge::total).sum()
    }

    /// Adds other charges to these.
    pub fn add(&mut self, other: &Charges) {
        for (part, charge) in &other.parts {
            let sum = self.parts.entry(part.clone()).or_default();
            sum.own += charge.own;
            sum.delay += charge.delay;
            sum.queue += charge.queue;
        }
        for (key, time) in &other.waits {
            *self.waits.entry(key.clone()).or_default() += time;
        }
    }

    /// The parts, the one charged most first; the persona's own time last whatever it is.
    pub fn ranking(&self) -> Vec<ChargeShare> {
        let mut shares: Vec<_> = self.parts.iter().map(|(part, charge)| share(part, charge)).collect();
        shares.sort_by_key(|share| (share.part == PERSONA, std::cmp::Reverse(share.total_ns)));
        shares
    }

    /// The part that is charged most; the persona itself is none.
    pub fn most(&self) -> Option<ChargeShare> {
        self.ranking().into_iter().find(|share| share.part != PERSONA && share.total_ns > 0)
    }
}

/// Who the bot itself is in spans.
pub const PERSONA: &str = "persona";
/// Who the proxies are in spans.
pub const PROXY: &str = "proxy";

fn share(part: &str, charge: &Charge) -> ChargeShare {
    ChargeShare {
        part: part.to_owned(),
        own_ns: charge.own.round() as u64,
        delay_ns: charge.delay.round() as u64,
        queue_ns: charge.queue.round() as u64,
        total_ns: charge.total().round() as u64,
    }
}

/// Charges the spans of one run.
pub struct Charging<'a> {
    tree: &'a TraceTree<'a>,
    holders: Holders<'a>,
}

impl<'a> Charging<'a> {
    /// `workers` says how many requests a part serves at once, if there is a limit.
    pub fn new(tree: &'a TraceTree<'a>, workers: &dyn Fn(&str) -> Option<u32>) -> Self {
        Self { tree, holders: Holders::new(tree, workers) }
    }

    /// Charges the whole of a span.
    pub fn span(&self, span: SpanIndex) -> Charges {
        let mut charges = Charges::default();
        for segment in timeline(self.tree, span, 0, u64::MAX) {
            let length = (segment.end - segment.start) as f64;
            match segment.activity {
                Activity::Own(part) => charges.parts.entry(part.into()).or_default().own += length,
                Activity::Delay(part) => charges.parts.entry(part.into()).or_default().delay += length,
                Activity::Queue(at) => {
                    for (part, time) in self.holders.shares(at, segment.start, segment.end) {
                        charges.parts.entry(part.into()).or_default().queue += time;
                        *charges.waits.entry((at.into(), part.into())).or_default() += time;
                    }
                }
            }
        }
        charges
    }

    /// Charges the persona's requests in these blocks.
    pub fn blocks<B: AsRef<str>>(&self, blocks: &[B]) -> Charges {
        let mut charges = Charges::default();
        for block in blocks {
            for request in self.tree.requests(block.as_ref()) {
                charges.add(&self.span(request));
            }
        }
        charges
    }
}
