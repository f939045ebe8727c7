//! From a recorded run to [`Findings`].

mod model;

pub use model::*;
