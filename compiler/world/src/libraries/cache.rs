//! Where the files of libraries are kept: a folder for each commit.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use scn_analysis::LibraryError;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::error;

/// The variable that says where the cache is.
const VARIABLE: &str = "ESR_CACHE";

/// The folder of all libraries, which may not be there yet: `$ESR_CACHE`, else `esr/libraries` in the user's cache folder.
pub(super) fn root() -> Result<PathBuf, LibraryError> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let found = set(VARIABLE)
        .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("esr/libraries")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/esr/libraries")));
    let root = found.ok_or_else(|| {
        error(
            "there is no place to keep libraries: neither ESR_CACHE nor HOME is set".to_owned(),
            ["set ESR_CACHE to a folder".to_owned()],
        )
    })?;
    Ok(std::path::absolute(&root).unwrap_or(root))
}

/// The folder of a commit of what is fetched from `from`.
pub(super) fn folder(root: &Path, from: &str, commit: &str) -> PathBuf {
    let name: String = hex(&Sha256::digest(from.as_bytes())).chars().take(16).collect();
    root.join(name).join(commit)
}

/// A new folder in the cache, which is removed unless it is kept.
pub(super) fn new_folder(root: &Path) -> Result<TempDir, LibraryError> {
    fs::create_dir_all(root)
        .and_then(|()| tempfile::Builder::new().prefix(".new-").tempdir_in(root))
        .map_err(|why| unwritable(root, &why))
}

/// Keeps what is in `new`, whose sum is given, as `folder`. If another process has been faster, its files are the same; files that
/// somebody has changed are replaced.
pub(super) fn keep(new: TempDir, folder: &Path, sum: &str) -> Result<(), LibraryError> {
    if folder.is_dir() {
        if checksum(folder)? == sum {
            return Ok(());
        }
        fs::remove_dir_all(folder).map_err(|why| unwritable(folder, &why))?;
    }
    let parent = folder.parent().unwrap_or(folder);
    fs::create_dir_all(parent).map_err(|why| unwritable(parent, &why))?;
    match fs::rename(new.path(), folder) {
        Ok(()) => {
            // It has another name now.
            let _ = new.keep();
            Ok(())
        }
        Err(_) if folder.is_dir() => Ok(()),
        Err(why) => Err(unwritable(folder, &why)),
    }
}

fn unwritable(place: &Path, why: &io::Error) -> LibraryError {
    error(
        format!("libraries cannot be kept in {}: {why}", place.display()),
        [format!("set {VARIABLE} to a folder that can be written")],
    )
}

/// The sum of all files below `folder`: their paths and what they hold.
pub(super) fn checksum(folder: &Path) -> Result<String, LibraryError> {
    let unreadable = |why: io::Error| error(format!("{} cannot be read: {why}", folder.display()), []);
    let mut files = Vec::new();
    list(folder, "", &mut files).map_err(unreadable)?;
    files.sort();
    let mut sum = Sha256::new();
    for name in files {
        let bytes = fs::read(folder.join(&name)).map_err(unreadable)?;
        for part in [name.as_bytes(), &bytes] {
            sum.update((part.len() as u64).to_le_bytes());
            sum.update(part);
        }
    }
    Ok(format!("sha256:{}", hex(&sum.finalize())))
}

fn list(folder: &Path, prefix: &str, into: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        match entry.file_type()?.is_dir() {
            true => list(&entry.path(), &format!("{name}/"), into)?,
            false => into.push(name),
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
