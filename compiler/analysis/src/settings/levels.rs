//! How much a lint weighs in a project.

use scn_diagnostics::{Code, Severity, codes};

/// A level of a lint, as it is set under `[lints]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// It is an error: nothing runs until it is mended.
    Error,
    /// It is a warning: it counts as a finding.
    Warn,
    /// It is a note: it never changes an exit code.
    Note,
    /// It is not shown.
    Allow,
}

impl Level {
    /// The levels by the words they are set with.
    pub const WORDS: &[(&str, Level)] =
        &[("error", Level::Error), ("warn", Level::Warn), ("note", Level::Note), ("allow", Level::Allow)];

    /// The level that `word` sets.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, level)| *level)
    }

    /// How much a finding of this level weighs; none if it is not shown.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Level::Error => Some(Severity::Error),
            Level::Warn => Some(Severity::Warning),
            Level::Note => Some(Severity::Note),
            Level::Allow => None,
        }
    }
}

/// The codes whose level can be set: all that are no errors.
pub(super) fn lints() -> impl Iterator<Item = &'static Code> {
    codes::ALL.iter().copied().filter(|code| code.severity != Severity::Error)
}

/// The code named `name`, whatever its severity.
pub(super) fn code(name: &str) -> Option<&'static Code> {
    codes::ALL.iter().copied().find(|code| code.name == name || code.id == name)
}
