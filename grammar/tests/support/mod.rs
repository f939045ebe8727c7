//! What the tests of this crate share.
#![allow(dead_code)] // Each test binary uses its part.

use std::{
    fs,
    path::{Path, PathBuf},
};

use scn_diagnostics::{Applicability, Diagnostic};

/// The files of the parse corpus with their texts, in a fixed order.
pub fn corpus() -> Vec<(PathBuf, String)> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/parse"))
}

/// The `.scn` files below `folder` with their texts.
pub fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the repository") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if [".scn", ".scn.yaml"].iter().any(|end| path.to_string_lossy().ends_with(end)) {
                let text = fs::read_to_string(&path).expect("text in UTF-8");
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

/// The text with all automatic fixes applied; none if there is none.
pub fn apply_automatic(text: &str, diagnostics: &[Diagnostic]) -> Option<String> {
    let mut edits: Vec<_> = diagnostics
        .iter()
        .flat_map(|diagnostic| &diagnostic.fixes)
        .filter(|fix| fix.applicability == Applicability::Automatic)
        .flat_map(|fix| &fix.edits)
        .collect();
    if edits.is_empty() {
        return None;
    }
    edits.sort_by_key(|edit| edit.span);
    let mut mended = text.to_owned();
    for edit in edits.iter().rev() {
        mended.replace_range(edit.span.range(), &edit.text);
    }
    Some(mended)
}
