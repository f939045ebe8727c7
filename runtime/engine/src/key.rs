//! Chance as a parameter: every draw is keyed by what is drawn, never by when.

use std::{fmt, str::FromStr};

use esr_tap::{Block, SpanId, TraceId};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use sha2::{Digest, Sha256};
use smol_str::format_smolstr;

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
    /// Which attempt at the step, from 0; a step that is reached again in the same journey counts on.
    pub attempt: u32,
    /// Whether this is a submission on behalf of an earlier step.
    pub implicit: bool,
}

impl Key {
    /// A generator of its own for this key and `purpose` (for a mimic part: edge, handler node and ordinal as text).
    ///
    /// Its seed is the SHA-256 of `esr rng`, the key and the purpose, separated by line feeds: stable across versions,
    /// machines and threads.
    pub fn rng(&self, purpose: &str) -> ChaCha8Rng {
        ChaCha8Rng::from_seed(digest(&format!("esr rng\n{self}\n{purpose}")))
    }

    /// The trace of the key's journey.
    pub fn trace_id(&self) -> TraceId {
        let text = format!("esr trace\n{:x}.{}", self.seed, self.journey_block());
        let [first, second, ..] = words(&text);
        // A trace id of zero is invalid (W3C Trace Context).
        TraceId((u128::from(first) << 64 | u128::from(second)).max(1))
    }

    /// A span of the key's journey; `purpose` tells it from the key's other spans.
    pub fn span_id(&self, purpose: &str) -> SpanId {
        let [first, ..] = words(&format!("esr span\n{self}\n{purpose}"));
        SpanId(first.max(1))
    }

    /// The block of `trace.jsonl` that the key's spans are written with.
    pub fn block(&self) -> Block {
        let suffix = if self.implicit { ".s" } else { "" };
        format_smolstr!("p{}.i{}.n{}.a{}{suffix}", self.persona, self.iteration, self.node, self.attempt)
    }

    /// The block of the key's journey.
    pub fn journey_block(&self) -> Block {
        format_smolstr!("p{}.i{}", self.persona, self.iteration)
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// The digest of `text` as numbers, most significant byte first.
fn words(text: &str) -> [u64; 4] {
    let digest = digest(text);
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(digest.chunks_exact(8)) {
        *word = bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    }
    words
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:x}.{}", self.seed, self.block())
    }
}

/// A text that is no [`Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidKey;

impl fmt::Display for InvalidKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key is written SEED.pP.iI.nN.aA, with .s at the end for an implicit submission")
    }
}

impl std::error::Error for InvalidKey {}

impl FromStr for Key {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let mut parts = text.split('.');
        let seed = parts.next().and_then(|seed| u64::from_str_radix(seed, 16).ok()).ok_or(InvalidKey)?;
        let mut number = |letter: char| -> Result<u32, InvalidKey> {
            parts.next().and_then(|part| part.strip_prefix(letter)?.parse().ok()).ok_or(InvalidKey)
        };
        let (persona, iteration, node, attempt) = (number('p')?, number('i')?, number('n')?, number('a')?);
        let implicit = match (parts.next(), parts.next()) {
            (None, _) => false,
            (Some("s"), None) => true,
            _ => return Err(InvalidKey),
        };
        Ok(Key { seed, persona, iteration, node, attempt, implicit })
    }
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;

    fn key() -> Key {
        Key { seed: 0xfeed, persona: 17, iteration: 0, node: 3, attempt: 1, implicit: false }
    }

    #[test]
    fn reads_what_it_writes() {
        for implicit in [false, true] {
            let key = Key { implicit, ..key() };
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        assert_eq!(key().to_string(), "feed.p17.i0.n3.a1");
        for wrong in ["", "feed", "feed.p1.i0.n3", "feed.p1.i0.n3.a1.x", "feed.p1.i0.n3.a1.s.s", "x.p1.i0.n3.a1"] {
            assert_eq!(wrong.parse::<Key>(), Err(InvalidKey), "{wrong}");
        }
    }

    #[test]
    fn draws_depend_on_every_part_of_the_key_and_on_the_purpose() {
        let draw = |key: Key, purpose: &str| key.rng(purpose).random::<u64>();
        assert_eq!(draw(key(), "value"), draw(key(), "value"));
        // Pinned: a change of this number changes the data of every recorded run.
        assert_eq!(draw(key(), "value"), PINNED);
        let others = [
            draw(Key { seed: 1, ..key() }, "value"),
            draw(Key { persona: 1, ..key() }, "value"),
            draw(Key { iteration: 1, ..key() }, "value"),
            draw(Key { node: 1, ..key() }, "value"),
            draw(Key { attempt: 0, ..key() }, "value"),
            draw(Key { implicit: true, ..key() }, "value"),
            draw(key(), "other"),
        ];
        assert!(others.iter().all(|other| *other != PINNED));
    }

    const PINNED: u64 = 15_725_994_549_860_483_011;
}
