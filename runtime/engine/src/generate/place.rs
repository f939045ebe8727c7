//! Whose data is made, so that unique values are: what is drawn by number rather than by chance.

use std::ops::{Deref, DerefMut};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};
use smol_str::SmolStr;

use crate::Key;

/// Rounds of the permutation; four make a Feistel network hard to tell from chance (Luby and Rackoff, 1988).
const ROUNDS: usize = 4;

/// Whose data is made.
#[derive(Clone, Debug)]
pub struct Place {
    /// The seed of the run or of the sandbox.
    pub seed: u64,
    /// The persona template, or the store that a record is for.
    pub of: SmolStr,
    /// The field.
    pub field: SmolStr,
    /// The persona's number among those of its template, or the record's among those of its seed; from 0.
    pub number: u64,
}

impl Place {
    /// A number below `size` that no other persona of the template has for this field; `None` if there are more personas
    /// than numbers.
    ///
    /// The numbers are permuted by seed and field, and each template begins at an offset of its own: so two templates'
    /// personas share a number only where the space is nearly full.
    pub fn unique(&self, size: u128) -> Option<u128> {
        if u128::from(self.number) >= size {
            return None;
        }
        let digest = Sha256::digest(format!("esr unique\n{}", self.of).as_bytes());
        let offset = digest.iter().take(16).fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte)) % size;
        let at = (offset + u128::from(self.number)) % size;
        let key = Key { seed: self.seed, persona: 0, iteration: 0, node: 0, attempt: 0, implicit: false };
        Some(permuted(at, size, &mut key.rng(&format!("unique {}", self.field))))
    }
}

/// Where a permutation of the numbers below `size`, keyed by `rng`, takes `at`. A Feistel network permutes the next larger
/// power of four; a number that it takes beyond `size` is taken again until it lies below (cycle walking).
fn permuted(at: u128, size: u128, rng: &mut ChaCha8Rng) -> u128 {
    let keys: [u64; ROUNDS] = std::array::from_fn(|_| rng.random());
    let half = (128 - (size - 1).leading_zeros()).div_ceil(2).max(1);
    let mask = (1_u128 << half) - 1;
    let mut at = at;
    loop {
        let (mut left, mut right) = (at >> half, at & mask);
        for key in keys {
            (left, right) = (right, left ^ (mixed(right, key) & mask));
        }
        at = left << half | right;
        if at < size {
            return at;
        }
    }
}

/// A number that depends on every bit of both (the finaliser of SplitMix64).
fn mixed(number: u128, key: u64) -> u128 {
    let mut mixed = (number as u64) ^ ((number >> 64) as u64).rotate_left(32) ^ key;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    u128::from(mixed ^ (mixed >> 31))
}

/// The draws of one generator.
pub(super) struct Draw<'a> {
    pub rng: &'a mut ChaCha8Rng,
    /// Whose value is made; nobody's in a handler.
    pub place: Option<&'a Place>,
}

impl Draw<'_> {
    /// A number below `size` that is nobody else's; what is wrong otherwise, where `what` can be made.
    pub fn unique(&self, size: u128, what: &str) -> Result<u128, String> {
        let place = self.place.ok_or("makes unique values for personas and seed records only")?;
        place.unique(size).ok_or_else(|| {
            format!("can make no more than {size} different {what}, and `{}` needs one for each of more", place.field)
        })
    }
}

impl Deref for Draw<'_> {
    type Target = ChaCha8Rng;

    fn deref(&self) -> &ChaCha8Rng {
        self.rng
    }
}

impl DerefMut for Draw<'_> {
    fn deref_mut(&mut self) -> &mut ChaCha8Rng {
        self.rng
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_number_is_taken_once() {
        for size in [1_u128, 2, 3, 10, 97, 1000] {
            let numbers: HashSet<_> = (0..size)
                .map(|number| {
                    let number = u64::try_from(number).expect("a small number");
                    let place = Place { seed: 7, of: "Citizen".into(), field: "id".into(), number };
                    place.unique(size).expect("there is room")
                })
                .collect();
            assert_eq!(numbers.len() as u128, size);
            assert!(numbers.iter().all(|number| *number < size));
        }
        let place = Place { seed: 7, of: "Citizen".into(), field: "id".into(), number: 10 };
        assert_eq!(place.unique(10), None);
        assert!(place.unique(u128::MAX / 2).is_some());
    }
}
