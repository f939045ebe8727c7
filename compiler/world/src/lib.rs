//! The compiler's [`World`] on the file system: the one place where command lines read source files.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice))]

use std::{
    collections::HashMap,
    env,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use ignore::{DirEntry, WalkBuilder};
use scn_analysis::{GitLibrary, LibraryError, World, WorldError};

mod libraries;

use libraries::{Effort, Libraries};
pub use libraries::{Update, update};

/// Name of the settings file.
pub const SETTINGS: &str = "esr.toml";

/// Files below the working directory, by the paths that the user gives; texts may be given instead of files, as for standard
/// input and for what is being edited.
#[derive(Clone, Debug, Default)]
pub struct FileWorld {
    given: HashMap<String, Arc<str>>,
    libraries: Libraries,
}

impl FileWorld {
    /// The file system.
    pub fn new() -> Self {
        Self::default()
    }

    /// The file system, with `text` in the place of the file at `path`.
    pub fn with(path: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        Self::over([(path.into(), text.into())])
    }

    /// The file system, with these texts in the places of the files at their paths.
    pub fn over(texts: impl IntoIterator<Item = (String, Arc<str>)>) -> Self {
        Self { given: texts.into_iter().collect(), ..Self::default() }
    }

    /// The same; libraries kept in git must be as `esr.lock` says, and it is not written.
    pub fn locked(mut self) -> Self {
        self.libraries.effort = Effort::Locked;
        self
    }

    /// The same; of libraries kept in git only what was fetched before is taken, without a look at whether it is as it was.
    pub fn at_rest(mut self) -> Self {
        self.libraries.effort = Effort::None;
        self
    }

    /// The path of the lock file beside the settings at `settings`.
    pub fn lock(settings: &str) -> String {
        libraries::lock_path(settings)
    }
}

impl World for FileWorld {
    fn read(&self, path: &str) -> Result<Arc<str>, WorldError> {
        if let Some(text) = self.given.get(path) {
            return Ok(text.clone());
        }
        // A pipe or a device may never end. What a shell makes of another program's output is below `/dev`.
        if !path.starts_with("/dev/") && fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
            return Err(WorldError::Unreadable("it is no regular file".to_owned()));
        }
        let bytes = fs::read(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => WorldError::NotFound,
            io::ErrorKind::IsADirectory => WorldError::Unreadable("it is a directory".to_owned()),
            _ => WorldError::Unreadable(error.to_string()),
        })?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(text.into()),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let line = error.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
                Err(WorldError::Unreadable(format!("line {line} is not UTF-8 text")))
            }
        }
    }

    fn settings(&self, path: &str) -> Option<String> {
        // A text that is no file is sought from the working directory.
        let start = Path::new(path).parent().unwrap_or(Path::new(""));
        let mut relative = PathBuf::from(start);
        let absolute = fs::canonicalize(if start.as_os_str().is_empty() { Path::new(".") } else { start })
            .or_else(|_| env::current_dir())
            .ok()?;
        for _ in absolute.ancestors() {
            let candidate = relative.join(SETTINGS);
            if candidate.is_file() {
                return candidate.to_str().map(str::to_owned);
            }
            relative = if relative.file_name().is_some() {
                relative.parent().unwrap_or(Path::new("")).to_owned()
            } else {
                relative.join("..")
            };
        }
        None
    }

    fn library(&self, settings: &str, library: &GitLibrary) -> Result<String, LibraryError> {
        self.libraries.folder(settings, library)
    }

    fn siblings(&self, path: &str) -> Vec<String> {
        let folder = Path::new(path).parent().unwrap_or(Path::new(""));
        let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let entries = fs::read_dir(listed).into_iter().flatten().filter_map(Result::ok);
        let names = entries.map(|entry| folder.join(entry.file_name()));
        let mut sources: Vec<String> =
            names.filter_map(|name| name.to_str().map(str::to_owned)).filter(|name| is_source(name)).collect();
        sources.sort();
        sources
    }
}

/// Whether a path is that of a source file, by its extension: `.scn` or `.scn.yaml`.
pub fn is_source(path: &str) -> bool {
    path.ends_with(".scn") || path.ends_with(".scn.yaml") || path.ends_with(".scn.yml")
}

/// Whether it is a file, or a link to one.
fn is_file(entry: &DirEntry) -> bool {
    match entry.file_type() {
        Some(kind) if !kind.is_symlink() => kind.is_file(),
        _ => entry.path().is_file(),
    }
}

/// Folders that hold no sources of the project itself.
const PASSED_OVER: [&str; 2] = ["node_modules", "target"];

/// The source files under `folder`, sorted, and the first thing that could not be read. What is hidden or in `.gitignore` is
/// passed over, and links to folders are not followed, for they may lead back up. No more than `most` entries of folders are
/// looked at; that there are more is told like what cannot be read.
pub fn sources(folder: &Path, most: usize) -> (Vec<String>, io::Result<()>) {
    let is_ours = |name: &OsStr| name.to_str().is_some_and(|name| !PASSED_OVER.contains(&name));
    let mut walk = WalkBuilder::new(folder);
    walk.git_global(false).filter_entry(move |entry| entry.depth() == 0 || is_ours(entry.file_name()));
    let (mut found, mut outcome) = (Vec::new(), Ok(()));
    for (at, entry) in walk.build().enumerate() {
        if at >= most {
            let error = io::Error::other(format!("there are more than {most} files and folders"));
            outcome = outcome.and(Err(error));
            break;
        }
        match entry {
            Ok(entry) if !is_file(&entry) => {}
            Ok(entry) => found.extend(
                entry
                    .path()
                    .to_str()
                    .filter(|path| is_source(path))
                    .map(|path| path.strip_prefix("./").unwrap_or(path).to_owned()),
            ),
            Err(error) => {
                let error = error.into_io_error().unwrap_or_else(|| io::ErrorKind::Other.into());
                outcome = outcome.and(Err(error));
            }
        }
    }
    found.sort();
    (found, outcome)
}
