//! The .scn language's own modules, embedded.
//!
//! `prelude.scn` declares what every file knows without a `use`; the others are named `std.…`.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice))]

/// The name that the prelude's source is shown by.
pub const PRELUDE_NAME: &str = "std/prelude.scn";

/// The text of the prelude: the signatures of steps, handler steps, probes, generators and metrics.
pub const PRELUDE: &str = include_str!("../prelude.scn");

/// A module of the standard library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Module {
    /// What a `use` calls it, such as `std.people`.
    pub name: &'static str,
    /// The name that its source is shown by.
    pub file: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// Every module of the standard library, by name.
pub const MODULES: &[Module] = &[
    Module { name: "std.edge", file: "std/edge.scn", text: include_str!("../edge.scn") },
    Module { name: "std.people", file: "std/people.scn", text: include_str!("../people.scn") },
];

/// The module that a `use` calls `name`.
pub fn module(name: &str) -> Option<Module> {
    MODULES.iter().copied().find(|module| module.name == name)
}
