//! The outside of the compiler: where source texts come from.

use std::{fmt, sync::Arc};

/// Why a text could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorldError {
    /// There is no such file.
    NotFound,
    /// There is one, but it cannot be read, for this reason.
    Unreadable(String),
}

impl fmt::Display for WorldError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WorldError::NotFound => out.write_str("there is no such file"),
            WorldError::Unreadable(reason) => out.write_str(reason),
        }
    }
}

impl std::error::Error for WorldError {}

/// All that the compiler knows of the world: files by their path, as the user would name them, with `/` between segments.
pub trait World {
    /// The text of the file at `path`.
    fn read(&self, path: &str) -> Result<Arc<str>, WorldError>;

    /// The path of the settings, `esr.toml`, that hold for the source file at `path`: the nearest one upward.
    fn settings(&self, path: &str) -> Option<String>;

    /// Paths of the source files beside the one at `path`, for suggestions.
    fn siblings(&self, _path: &str) -> Vec<String> {
        Vec::new()
    }
}

/// `relative`, as it is written in the file at `from`, as a path of the world, without `.` and `..` where they can be
/// resolved.
pub(crate) fn join(from: &str, relative: &str) -> String {
    if relative.starts_with('/') {
        return normal(relative);
    }
    match from.rsplit_once('/') {
        Some((folder, _)) => normal(&format!("{folder}/{relative}")),
        None => normal(relative),
    }
}

/// `path` without `.` and `..` where they can be resolved.
pub(crate) fn normal(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "." => {}
            "" if !segments.is_empty() => {}
            ".." if segments.last().is_some_and(|last| !matches!(*last, ".." | "")) => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    segments.join("/")
}
