//! The catalogue of diagnostics: every stable code with its name, severity and explanation.
//!
//! Codes are never renumbered. `E0…` are errors (`E00xx` layout and syntax, `E02xx` names, `E03xx` types and arguments,
//! `E04xx` blueprints, `E05xx` a scenario against its blueprint), `W2…` warnings and `N3…` notes.

use serde::Serialize;

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

        /// Every code, in the order of their ids.
        pub const ALL: &[&Code] = &[$($constant),*];
    };
}

codes! {
    /// A tab stands in the indentation; the language indents with spaces only, so that every editor sees the same tree.
    TAB_INDENT = "E0001" "tab-indentation" Error
        wrong: "scenario: renewal\nsteps:\n\t- visit: \"/start\"\n"
        right: "scenario: renewal\nsteps:\n  - visit: \"/start\"\n";
}
