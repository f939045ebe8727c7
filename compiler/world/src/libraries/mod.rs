//! Libraries that are kept in git.
//!
//! Which commit a revision stands for is said once, in `esr.lock` beside `esr.toml`, with a checksum of the library's files. The files
//! themselves are kept in a cache of the user's, a folder for each commit, which is filled by the `git` program.

mod cache;
mod git;
mod lock;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use scn_analysis::{GitLibrary, LibraryError};

pub(crate) use lock::path as lock_path;
use lock::{Entry, Lock};

/// The libraries that a process has asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Libraries {
    /// What may be done to have one.
    pub effort: Effort,
    /// What has been found, by the settings and the library: a lock file is read and files are summed up once.
    found: Arc<Mutex<HashMap<(String, String), Found>>>,
}

/// What may be done to have a library.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Effort {
    /// It is fetched, and the lock file is written.
    #[default]
    Whatever,
    /// It is fetched; the lock file stays as it is.
    Locked,
    /// Only what has been fetched before is taken, as it is: somebody is typing.
    None,
}

type Found = Result<String, LibraryError>;

impl Libraries {
    /// The folder of a library that `settings` name.
    pub fn folder(&self, settings: &str, library: &GitLibrary) -> Found {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (settings.to_owned(), library.name.clone());
        found.entry(key).or_insert_with(|| find(settings, library, self.effort)).clone()
    }
}

fn find(settings: &str, library: &GitLibrary, effort: Effort) -> Found {
    let mut lock = Lock::read(settings)?;
    let folder = |commit: &str| Ok(cache::folder(&cache::root()?, &location(settings, library), commit));
    if effort == Effort::None {
        let fetched =
            lock.entry(library).map(|entry| folder(&entry.commit)).transpose()?.filter(|folder| folder.is_dir());
        return fetched.map(|folder| inside(&folder, library)).ok_or_else(|| {
            error(
                format!("the library `{}` has not been fetched yet", library.name),
                ["`esrc check` fetches it".to_owned()],
            )
        });
    }
    if let Some(entry) = lock.entry(library) {
        let folder = folder(&entry.commit)?;
        let sum = match folder.is_dir() {
            true => cache::checksum(&folder)?,
            false => fetch(settings, library, &entry.commit)?.checksum,
        };
        if sum != entry.checksum {
            return Err(error(
                format!(
                    "the files of the library `{}` are not those that {} tells of",
                    library.name,
                    lock::path(settings)
                ),
                [
                    format!("remove {}, so that they are fetched again", folder.display()),
                    format!("if it is the lock file that is wrong, `esrc update {}` writes it anew", library.name),
                ],
            ));
        }
        return Ok(inside(&folder, library));
    }
    if effort == Effort::Locked {
        return Err(error(
            format!("{} does not say which commit the library `{}` is", lock::path(settings), library.name),
            ["leave `--locked` out once, and keep the lock file under version control".to_owned()],
        ));
    }
    let folder = resolve(settings, library, &mut lock)?;
    lock.write(settings)?;
    Ok(folder)
}

/// Finds out which commit the revision of a library stands for, now, and notes it in `lock`.
fn resolve(settings: &str, library: &GitLibrary, lock: &mut Lock) -> Found {
    let fetched = fetch(settings, library, &library.rev)?;
    lock.set(Entry {
        name: library.name.clone(),
        git: library.git.clone(),
        rev: library.rev.clone(),
        commit: fetched.commit,
        checksum: fetched.checksum,
    });
    Ok(inside(&fetched.folder, library))
}

/// How a library's commit changed when it was resolved anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The library's name.
    pub name: String,
    /// The commit that the lock file named before, if it named one.
    pub from: Option<String>,
    /// The commit that it names now.
    pub to: String,
}

/// Resolves `libraries`, which the settings at `settings` name, anew, and writes the lock file; what it says of libraries that are
/// not in `known` is left out.
///
/// # Errors
///
/// If one of them is not to be had, or the lock file cannot be read or written. It is left as it was then.
pub fn update(settings: &str, libraries: &[GitLibrary], known: &[GitLibrary]) -> Result<Vec<Update>, LibraryError> {
    let mut lock = match Lock::read(settings) {
        Ok(lock) => lock,
        // What is beyond reading is written anew, if all that it held is.
        Err(_) if libraries.len() == known.len() => Lock::default(),
        Err(error) => return Err(error),
    };
    lock.retain(known);
    let mut updates = Vec::new();
    for library in libraries {
        let from = lock.commit(&library.name);
        resolve(settings, library, &mut lock)?;
        let to = lock.commit(&library.name).unwrap_or_default();
        updates.push(Update { name: library.name.clone(), from, to });
    }
    lock.write(settings)?;
    Ok(updates)
}

/// Files of a commit.
struct Fetched {
    commit: String,
    folder: PathBuf,
    checksum: String,
}

fn fetch(settings: &str, library: &GitLibrary, rev: &str) -> Result<Fetched, LibraryError> {
    let root = cache::root()?;
    let from = location(settings, library);
    let new = cache::new_folder(&root)?;
    let commit = git::check_out(&library.name, &from, rev, new.path())?;
    let folder = cache::folder(&root, &from, &commit);
    // Of what was fetched, whatever the cache holds already.
    let checksum = cache::checksum(new.path())?;
    cache::keep(new, &folder, &checksum)?;
    Ok(Fetched { commit, folder, checksum })
}

/// Where git fetches a library from: a path is relative to the settings.
fn location(settings: &str, library: &GitLibrary) -> String {
    let is_remote = library.git.contains("://")
        || library.git.split_once(':').is_some_and(|(host, _)| !host.contains('/') && host.contains('@'));
    if is_remote {
        return library.git.clone();
    }
    let home = Path::new(settings).parent().unwrap_or(Path::new(""));
    let path = home.join(&library.git);
    std::path::absolute(&path).unwrap_or(path).to_string_lossy().into_owned()
}

fn inside(folder: &Path, library: &GitLibrary) -> String {
    let folder = if library.path.is_empty() { folder.to_owned() } else { folder.join(&library.path) };
    folder.to_string_lossy().into_owned()
}

fn error(message: String, help: impl IntoIterator<Item = String>) -> LibraryError {
    LibraryError { message, help: help.into_iter().collect() }
}
