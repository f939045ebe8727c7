//! The standard library as files, so that an editor can show it.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use super::documents::real;

/// The path of the file that holds the standard library's source with this name; none where no file can be written.
pub(super) fn path_of(name: &str) -> Option<PathBuf> {
    let text = text_of(name)?;
    let file = folder()?.join(name.strip_prefix("std/")?);
    written(&file, text).ok().map(|()| file)
}

/// What the compiler calls the file at `path`, if it is one of those.
pub(super) fn name_of(path: &Path) -> Option<String> {
    let within = path.strip_prefix(real(folder()?)).ok()?;
    Some(format!("std/{}", within.to_str()?)).filter(|name| text_of(name).is_some())
}

/// Whether a text goes by a name of the standard library.
pub(super) fn is_part(name: &str) -> bool {
    text_of(name).is_some()
}

fn text_of(name: &str) -> Option<&'static str> {
    if name == scn_stdlib::PRELUDE_NAME {
        return Some(scn_stdlib::PRELUDE);
    }
    scn_stdlib::MODULES.iter().find(|module| module.file == name).map(|module| module.text)
}

/// `esr/std/VERSION` in the user's cache folder.
fn folder() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = FOLDER.get_or_init(|| {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
        Some(cache.join("esr/std").join(env!("CARGO_PKG_VERSION")))
    });
    found.as_deref()
}

/// Writes a file that nobody is meant to change, unless it is there already.
fn written(file: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(file).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)?;
    // Several servers may write it at the same time.
    let new = tempfile::NamedTempFile::new_in(folder)?;
    fs::write(new.path(), text)?;
    let mut permissions = fs::metadata(new.path())?.permissions();
    permissions.set_readonly(true);
    fs::set_permissions(new.path(), permissions)?;
    new.persist(file).map_err(|error| error.error)?;
    Ok(())
}
