//! What one compilation leaves to the next, for whoever compiles the same files again and again while they are being edited.

mod scenarios;
mod trees;

pub(crate) use scenarios::{Found, Recalled, Scenarios};
pub(crate) use trees::{Parsed, Trees};

/// What one compilation leaves to the next: trees of texts, and what was found in scenarios. What has changed is found out anew.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    pub(crate) trees: Trees,
    pub(crate) scenarios: Scenarios,
}
