//! The catalogue of diagnostics: every stable code with its name, severity and explanation.
//!
//! Codes are never renumbered. `E0…` are errors (`E00xx` layout and syntax, `E02xx` names, `E03xx` types and arguments,
//! `E04xx` blueprints, `E05xx` a scenario against its blueprint, `E06xx` draft rules), `W2…` warnings and `N3…` notes.

mod blueprint;
mod lints;
mod names;
mod rules;
mod scenario;
mod syntax;
mod types;

use serde::Serialize;

pub use blueprint::*;
pub use lints::*;
pub use names::*;
pub use rules::*;
pub use scenario::*;
pub use syntax::*;
pub use types::*;

use crate::Severity;

/// A kind of finding.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Code {
    /// Stable id, such as `E0308`.
    pub id: &'static str,
    /// Kebab-case name, such as `type-mismatch`.
    pub name: &'static str,
    /// How much it weighs unless a project's settings say otherwise.
    pub severity: Severity,
    /// What it means, for `esrc explain`.
    pub meaning: &'static str,
    /// A source text that provokes it.
    pub wrong: &'static str,
    /// The same text, mended.
    pub right: &'static str,
}

macro_rules! codes {
    ($($(#[doc = $meaning:literal])+ $constant:ident = $id:literal $name:literal $severity:ident
        wrong: $wrong:literal right: $right:literal;)*) => {
        $($(#[doc = $meaning])+
        pub const $constant: &Code = &Code {
            id: $id,
            name: $name,
            severity: Severity::$severity,
            meaning: concat!($($meaning, "\n"),+),
            wrong: $wrong,
            right: $right,
        };)*

        /// The codes of this group, in the order of their ids.
        pub(super) const GROUP: &[&Code] = &[$($constant),*];
    };
}
use codes;

/// The groups, in the order of their ids.
const GROUPS: [&[&Code]; 7] =
    [syntax::GROUP, names::GROUP, types::GROUP, blueprint::GROUP, scenario::GROUP, rules::GROUP, lints::GROUP];

const COUNT: usize = {
    let (mut count, mut group) = (0, 0);
    while group < GROUPS.len() {
        // It runs in the compiler alone, where an index out of bounds is a compile error.
        #[allow(clippy::indexing_slicing)]
        let codes = GROUPS[group];
        (count, group) = (count + codes.len(), group + 1);
    }
    count
};

/// Every code, in the order of their ids.
pub const ALL: &[&Code] = &joined();

// It runs in the compiler alone, where an index out of bounds is a compile error.
#[allow(clippy::indexing_slicing)]
const fn joined() -> [&'static Code; COUNT] {
    let mut all = [GROUPS[0][0]; COUNT];
    let (mut group, mut at, mut next) = (0, 0, 0);
    while group < GROUPS.len() {
        while at < GROUPS[group].len() {
            all[next] = GROUPS[group][at];
            (at, next) = (at + 1, next + 1);
        }
        (group, at) = (group + 1, 0);
    }
    all
}
