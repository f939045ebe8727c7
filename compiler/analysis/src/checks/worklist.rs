//! The nodes of a plan that are yet to be looked at.

use petgraph::graph::NodeIndex;
use smallvec::{SmallVec, smallvec};

/// Nodes, of which the first is taken first: most edges lead to later ones.
pub(super) struct Worklist {
    words: SmallVec<[u64; 4]>,
    /// The first word that may have any.
    first: usize,
}

impl Worklist {
    /// None of so many.
    pub fn of(nodes: usize) -> Self {
        Self { words: smallvec![0; nodes.div_ceil(64)], first: 0 }
    }

    /// Adds one.
    pub fn insert(&mut self, node: NodeIndex) {
        let at = node.index() / 64;
        if let Some(word) = self.words.get_mut(at) {
            *word |= 1 << (node.index() % 64);
            self.first = self.first.min(at);
        }
    }

    /// Takes the first one out.
    pub fn take(&mut self) -> Option<NodeIndex> {
        while let Some(word) = self.words.get_mut(self.first) {
            if *word != 0 {
                let bit = word.trailing_zeros() as usize;
                *word &= *word - 1;
                return Some(NodeIndex::new(self.first * 64 + bit));
            }
            self.first += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_taken_first_however_many_there_are() {
        let mut open = Worklist::of(200);
        for node in [199, 3, 64, 63, 3, 128] {
            open.insert(NodeIndex::new(node));
        }
        let taken: Vec<usize> = std::iter::from_fn(|| open.take()).map(NodeIndex::index).collect();
        assert_eq!(taken, [3, 63, 64, 128, 199]);
        open.insert(NodeIndex::new(5));
        open.insert(NodeIndex::new(200_000));
        assert_eq!(open.take(), Some(NodeIndex::new(5)));
        assert_eq!(open.take(), None);
    }
}
