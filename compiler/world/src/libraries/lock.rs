//! `esr.lock`: which commits the revisions in `esr.toml` stand for.

use std::{fs, io, io::Write, path::Path};

use scn_analysis::{GitLibrary, LibraryError};
use serde::{Deserialize, Serialize};

use super::error;

/// The version of the format that is written.
const VERSION: u32 = 1;

const HEADER: &str =
    "# Written by esrc: which commits the revisions in esr.toml stand for. Keep it under version control.\n";

/// What the file says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lock {
    version: u32,
    #[serde(default, rename = "library")]
    libraries: Vec<Entry>,
}

/// A library and its commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Its name in the settings.
    pub name: String,
    /// Where it is fetched from, as the settings say.
    pub git: String,
    /// Its revision, as the settings say.
    pub rev: String,
    /// The id of the commit, whole.
    pub commit: String,
    /// The sum of its files: `sha256:` and 64 digits.
    pub checksum: String,
}

/// The path of the lock file beside the settings.
pub(crate) fn path(settings: &str) -> String {
    Path::new(settings).with_extension("lock").to_string_lossy().into_owned()
}

impl Lock {
    /// Reads the lock file beside the settings; one that is not there says nothing.
    pub fn read(settings: &str) -> Result<Self, LibraryError> {
        let path = path(settings);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(why) => return Err(error(format!("{path} cannot be read: {why}"), [])),
        };
        let mend = || {
            [
                "restore it from version control".to_owned(),
                "or write it anew with `esrc update`, which may choose other commits".to_owned(),
            ]
        };
        let lock: Self = toml::from_str(&text).map_err(|why| {
            let at = why.span().map_or(0, |span| span.start);
            let line = text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
            error(format!("{path}:{line}: this lock file cannot be read: {}", why.message()), mend())
        })?;
        if lock.version != VERSION {
            let version = lock.version;
            return Err(error(
                format!("{path} has the version {version} of its format, and this esrc reads version {VERSION}"),
                mend(),
            ));
        }
        match lock.libraries.iter().find(|entry| !is_commit(&entry.commit)) {
            Some(entry) => Err(error(format!("{path}: the commit of `{}` is no commit's id", entry.name), mend())),
            None => Ok(lock),
        }
    }

    /// Writes the lock file beside the settings, whole or not at all.
    pub fn write(&mut self, settings: &str) -> Result<(), LibraryError> {
        self.version = VERSION;
        self.libraries.sort_by(|a, b| a.name.cmp(&b.name));
        let path = path(settings);
        let unwritable = |why: String| {
            error(
                format!("{path} cannot be written: {why}"),
                ["it says which commits libraries are, so that every run takes the same".to_owned()],
            )
        };
        let body = toml::to_string(self).map_err(|why| unwritable(why.to_string()))?;
        let folder = match Path::new(&path).parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut file = tempfile::Builder::new();
        // As other files of a project, which more than their author reads.
        #[cfg(unix)]
        file.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
        let mut file = file.tempfile_in(folder).map_err(|why| unwritable(why.to_string()))?;
        file.write_all(format!("{HEADER}{body}").as_bytes()).map_err(|why| unwritable(why.to_string()))?;
        file.persist(&path).map_err(|why| unwritable(why.error.to_string()))?;
        Ok(())
    }

    /// What is said of the library as the settings name it now.
    pub fn entry(&self, library: &GitLibrary) -> Option<Entry> {
        let is_same =
            |entry: &&Entry| entry.name == library.name && entry.git == library.git && entry.rev == library.rev;
        self.libraries.iter().find(is_same).cloned()
    }

    /// The commit of the library of this name, whatever its revision.
    pub fn commit(&self, name: &str) -> Option<String> {
        self.libraries.iter().find(|entry| entry.name == name).map(|entry| entry.commit.clone())
    }

    /// Puts an entry in the place of the one of its name.
    pub fn set(&mut self, entry: Entry) {
        self.libraries.retain(|known| known.name != entry.name);
        self.libraries.push(entry);
    }

    /// Leaves out libraries that are not `known`.
    pub fn retain(&mut self, known: &[GitLibrary]) {
        self.libraries.retain(|entry| known.iter().any(|library| library.name == entry.name));
    }
}

/// Whether it is the whole id of a commit, by SHA-1 or SHA-256.
pub(super) fn is_commit(id: &str) -> bool {
    matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}
