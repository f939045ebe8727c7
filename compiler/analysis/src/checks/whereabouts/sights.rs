//! What browsers may show, as sets of bits.

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
pub(in crate::checks) struct Sights {
    /// The first 64, which are all of most frontends.
    first: u64,
    /// Those after them, 64 each.
    more: Vec<u64>,
}

impl Sights {
    fn word(&mut self, number: usize) -> Option<&mut u64> {
        let at = number / 64;
        if self.more.len() < at {
            self.more.resize(at, 0);
        }
        match at.checked_sub(1) {
            None => Some(&mut self.first),
            Some(at) => self.more.get_mut(at),
        }
    }

    /// Adds the one of this number.
    pub fn insert(&mut self, number: usize) {
        self.word(number).into_iter().for_each(|word| *word |= 1 << (number % 64));
    }

    /// Leaves out the one of this number.
    pub fn remove(&mut self, number: usize) {
        self.word(number).into_iter().for_each(|word| *word &= !(1 << (number % 64)));
    }

    /// Adds others; whether that is news.
    pub fn add(&mut self, other: &Sights) -> bool {
        let mut news = other.first & !self.first != 0;
        self.first |= other.first;
        if self.more.len() < other.more.len() {
            self.more.resize(other.more.len(), 0);
        }
        for (own, other) in self.more.iter_mut().zip(&other.more) {
            news |= other & !*own != 0;
            *own |= other;
        }
        news
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.first == 0 && self.more.iter().all(|word| *word == 0)
    }

    /// The numbers of them all, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let more = self.more.iter().enumerate().flat_map(|(at, word)| bits(*word, (at + 1) * 64));
        bits(self.first, 0).chain(more)
    }
}

/// The numbers of the bits of a word, of which the first one has this number.
fn bits(word: u64, first: usize) -> impl Iterator<Item = usize> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
        rest &= rest - 1;
        Some(first + bit)
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(sights: &Sights) -> Vec<usize> {
        sights.iter().collect()
    }

    #[test]
    fn sights_beyond_the_first_word_are_kept() {
        let mut some: Sights = [0, 63, 64, 300].into_iter().collect();
        assert_eq!(numbers(&some), [0, 63, 64, 300]);
        let few: Sights = [63, 65].into_iter().collect();
        assert!(some.add(&few));
        assert!(!some.add(&few), "no news the second time");
        some.remove(300);
        some.remove(63);
        some.remove(1000);
        assert_eq!(numbers(&some), [0, 64, 65]);
        some.remove(64);
        some.remove(65);
        some.remove(0);
        assert!(some.is_empty());
        assert!(few.clone().add(&[1].into_iter().collect()));
    }
}
