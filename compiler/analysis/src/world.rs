//! The outside of the compiler: where source texts come from.

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::settings::GitLibrary;

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

/// Why the files of a library cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryError {
    /// What is wrong, in a sentence that stands alone.
    pub message: String,
    /// How to mend it.
    pub help: Vec<String>,
}

/// All that the compiler knows of the world: files by their path, as the user would name them, with `/` between segments.
/// Files are read by several threads at once.
pub trait World: Sync {
    /// The text of the file at `path`.
    fn read(&self, path: &str) -> Result<Arc<str>, WorldError>;

    /// The path of the settings, `esr.toml`, that hold for the source file at `path`: the nearest one upward.
    fn settings(&self, path: &str) -> Option<String>;

    /// The folder with the files of a library that is kept in git, named in the settings at `settings`.
    ///
    /// # Errors
    ///
    /// If its files are not to be had.
    fn library(&self, _settings: &str, library: &GitLibrary) -> Result<String, LibraryError> {
        Err(LibraryError {
            message: format!("the library `{}` is kept in git, and nothing is fetched here", library.name),
            help: Vec::new(),
        })
    }

    /// Paths of the source files beside the one at `path`, for suggestions.
    fn siblings(&self, _path: &str) -> Vec<String> {
        Vec::new()
    }
}

/// The files of a world, some of them with a text that is known already.
pub struct Over<'w> {
    /// Where all else is read.
    pub world: &'w dyn World,
    /// Texts by the paths that they are read by.
    pub texts: BTreeMap<String, Arc<str>>,
}

impl World for Over<'_> {
    fn read(&self, path: &str) -> Result<Arc<str>, WorldError> {
        self.texts.get(path).map_or_else(|| self.world.read(path), |text| Ok(text.clone()))
    }

    fn settings(&self, path: &str) -> Option<String> {
        self.world.settings(path)
    }

    fn library(&self, settings: &str, library: &GitLibrary) -> Result<String, LibraryError> {
        self.world.library(settings, library)
    }

    fn siblings(&self, path: &str) -> Vec<String> {
        self.world.siblings(path)
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
