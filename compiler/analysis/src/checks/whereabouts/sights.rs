//! What browsers may show, as sets of bits.

use smallvec::SmallVec;

/// What a browser shows: the page under whose address it is, and the page that is shown there, which is another one where a
/// handler replies with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::checks) struct Sight {
    /// The page of the address: its place among the frontend's pages.
    pub address: usize,
    /// The page that is shown.
    pub shown: usize,
}

/// Some of the sights of a frontend, by their numbers.
#[derive(Clone, Debug, Default)]
pub(in crate::checks) struct Sights(SmallVec<[u64; 2]>);

impl Sights {
    /// Adds the one of this number.
    pub fn insert(&mut self, number: usize) {
        let at = number / 64;
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        self.0.get_mut(at).into_iter().for_each(|word| *word |= 1 << (number % 64));
    }

    /// Leaves out the one of this number.
    pub fn remove(&mut self, number: usize) {
        self.0.get_mut(number / 64).into_iter().for_each(|word| *word &= !(1 << (number % 64)));
    }

    /// Adds others; whether that is news.
    pub fn add(&mut self, other: &Sights) -> bool {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        let mut news = false;
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            news |= other & !*own != 0;
            *own |= other;
        }
        news
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// The numbers of them all, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

impl FromIterator<usize> for Sights {
    fn from_iter<T: IntoIterator<Item = usize>>(numbers: T) -> Self {
        let mut all = Self::default();
        numbers.into_iter().for_each(|number| all.insert(number));
        all
    }
}

/// Where a journey may be.
#[derive(Clone, Debug, Default)]
pub(super) struct Whereabouts {
    /// What its browser may show.
    pub sights: Sights,
    /// Whether it may have no page open.
    pub nowhere: bool,
}

impl Whereabouts {
    /// Adds where else it may be; whether that is news.
    pub fn add(&mut self, other: &Whereabouts) -> bool {
        let news = other.nowhere && !self.nowhere;
        self.nowhere |= other.nowhere;
        self.sights.add(&other.sights) || news
    }

    /// Whether no journey comes here.
    pub fn is_empty(&self) -> bool {
        !self.nowhere && self.sights.is_empty()
    }
}
