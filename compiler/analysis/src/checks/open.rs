//! The nodes of a plan that are yet to be looked at.

use petgraph::graph::NodeIndex;
use smallvec::{SmallVec, smallvec};

/// Nodes, of which the first is taken first: most edges lead to later ones.
pub(super) struct Open {
    words: SmallVec<[u64; 4]>,
    /// The first word that may have any.
    first: usize,
}

impl Open {
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
