//! Replaces a file by a new text, so that at every moment the file holds the old text or the new one.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use tempfile::NamedTempFile;

/// Replaces the file at `path`, which held `before` when it was read, by one with the text `after` and the same permissions.
/// Fails, and changes nothing, if the file must not be written or somebody else has written it meanwhile.
pub fn replace(path: &str, before: &str, after: &str) -> io::Result<()> {
    // Where the path is a link, what it leads to is replaced, and the link stays.
    let target = fs::canonicalize(path)?;
    let permissions = fs::metadata(&target)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    let folder = target.parent().unwrap_or(Path::new("."));
    let mut new = NamedTempFile::new_in(folder)?;
    new.write_all(after.as_bytes())?;
    new.as_file().set_permissions(permissions)?;
    new.as_file().sync_all()?;
    if fs::read(&target)? != before.as_bytes() {
        return Err(io::Error::other("it has changed meanwhile"));
    }
    new.persist(&target).map_err(|error| error.error)?;
    Ok(())
}
