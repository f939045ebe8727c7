//! What can go wrong with a store.

use std::{fmt, io, path::PathBuf};

/// Why a store cannot be written, read or found.
#[derive(Debug)]
pub enum StoreError {
    /// The operating system refused.
    Io {
        /// What was tried, for instance `write`.
        action: &'static str,
        /// At which file or directory.
        path: PathBuf,
        /// Its reason.
        source: io::Error,
    },
    /// A file does not hold what it should.
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Another version of ESR made the run, and this one cannot read it.
    Version {
        /// The file.
        path: PathBuf,
        /// What in it has the version: `plan` or `blueprint`.
        what: &'static str,
        /// The version that it has.
        found: u32,
        /// The version that can be read.
        reads: u32,
        /// The version of `esr` that recorded the run.
        recorded_by: String,
        /// The command that reproduces the run.
        command: String,
    },
    /// Not everything could be kept. What had been written before stands.
    Lost {
        /// The run's directory.
        path: PathBuf,
        /// How many events, samples and journeys are missing.
        count: u64,
        /// The first reason.
        reason: String,
    },
    /// No run has this id and no recorded scenario this name.
    Unknown {
        /// What was asked for.
        name: String,
        /// Scenarios of which there are runs.
        known: Vec<String>,
    },
    /// Several runs or scenarios could be meant.
    Ambiguous {
        /// What was asked for.
        name: String,
        /// What it could be.
        candidates: Vec<String>,
    },
}

impl StoreError {
    pub(super) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> StoreError {
        let path = path.into();
        move |source| StoreError::Io { action, path, source }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Io { action, path, source } => write!(out, "cannot {action} `{}`: {source}", path.display()),
            StoreError::Malformed { path, reason } => {
                write!(out, "`{}` is damaged: {reason}", path.display())
            }
            StoreError::Version { path, what, found, reads, recorded_by, command } => write!(
                out,
                "`{}` holds a {what} of version {found}, and this esr reads version {reads}: report the run with esr \
                 {recorded_by}, which recorded it, or record it anew with `{command}`",
                path.display()
            ),
            StoreError::Lost { path, count, reason } => {
                write!(out, "{count} records are missing from `{}`: {reason}", path.display())
            }
            StoreError::Unknown { name, known } if known.is_empty() => {
                write!(out, "no run of `{name}` is stored, nor any other")
            }
            StoreError::Unknown { name, known } => {
                write!(out, "no run of `{name}` is stored; there are runs of {}", known.join(", "))
            }
            StoreError::Ambiguous { name, candidates } => {
                write!(out, "`{name}` could be any of {}", candidates.join(", "))
            }
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            StoreError::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
