//! What the tests of this crate share.
#![allow(dead_code)] // Each test binary uses its part.

use std::{
    fs,
    path::{Path, PathBuf},
};

use proptest::prelude::*;
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

/// Pieces that mean something to the layout or the grammar.
pub fn piece() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "\"",
        "'",
        "|",
        "||",
        "${",
        "}",
        "{",
        "[",
        "]",
        "(",
        ")",
        "/",
        "//",
        "\\",
        "#",
        "##",
        ":",
        ": ",
        "- ",
        "-",
        "\n",
        "\r\n",
        "\n  ",
        "\n    ",
        "\t",
        ",",
        "=",
        "==",
        "!",
        "&&",
        "..",
        "...",
        "??",
        "->",
        "$",
        "%",
        "15m",
        "3min",
        "a-b",
        "a.b",
        "not ",
        " in ",
        " of ",
        " weight ",
        "pattern: /",
        "matches /",
        "persona ",
        "page ",
        "store ",
        "route POST ",
        "\"x\"",
        "é",
        "“",
        "”",
        "…",
        "\u{feff}",
        "\u{0}",
        "\u{1}",
        "\u{3}",
        "Record{",
        "Maybe[",
        "2026-11-23",
        "p99.9",
        "\u{a0}",
    ];
    prop_oneof![prop::sample::select(PIECES).prop_map(str::to_owned), "\\PC{0,3}"]
}

/// `text` with some of its characters replaced: at an index, so many, by a text.
pub fn mutated(text: &str, edits: Vec<(prop::sample::Index, usize, String)>) -> String {
    let mut text = text.to_owned();
    for (at, length, insert) in edits {
        let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let at = at.index(boundaries.len());
        let start = boundaries[at];
        let end = boundaries[(at + length).min(boundaries.len() - 1)];
        text.replace_range(start..end, &insert);
    }
    text
}
