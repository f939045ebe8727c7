//! The formatter: a corpus of `in.scn` and `out.scn`, and what holds for every text.

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use proptest::prelude::*;
use scn_diagnostics::SourceId;
use scn_grammar::{Formatted, format};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every source file of the repository.
fn repository() -> &'static [(PathBuf, String)] {
    static FILES: OnceLock<Vec<(PathBuf, String)>> = OnceLock::new();
    let folders = ["stdlib", "scenarios", "benches", "tests"];
    FILES.get_or_init(|| folders.iter().flat_map(|folder| support::files(&root().join(folder))).collect())
}

/// Formats a text and checks what holds of every outcome; none if the text has syntax errors.
fn checked(text: &str) -> Option<String> {
    let outcome = match format(SourceId(0), text) {
        Formatted::Text(outcome) => outcome,
        Formatted::Broken(diagnostics) => {
            assert!(!diagnostics.is_empty());
            return None;
        }
        Formatted::Defect => panic!("formatting would change the meaning of {text:?}"),
    };
    let again = format(SourceId(0), &outcome);
    assert_eq!(again, Formatted::Text(outcome.clone()), "formatting twice is not formatting once:\n{text}");
    assert!(outcome.is_empty() || outcome.ends_with('\n'));
    Some(outcome)
}

/// `UPDATE_FORMATTED=1 cargo test -p scn-grammar --test format` writes the expectations anew.
#[test]
fn the_corpus_is_formatted_as_recorded() {
    let update = std::env::var_os("UPDATE_FORMATTED").is_some();
    let mut count = 0;
    for (path, text) in support::files(&root().join("tests/fmt")) {
        if !path.ends_with("in.scn") {
            continue;
        }
        count += 1;
        let outcome = checked(&text).unwrap_or_else(|| panic!("{} has syntax errors", path.display()));
        let expected = path.with_file_name("out.scn");
        if update {
            fs::write(&expected, &outcome).expect("a writable corpus");
        }
        let recorded = fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(outcome, recorded, "{}", path.display());
        assert_eq!(checked(&recorded), Some(recorded.clone()), "{}", expected.display());
    }
    assert!(count > 5, "the corpus has {count} cases");
}

#[test]
fn every_file_of_the_repository_can_be_formatted() {
    let mut count = 0;
    for (_, text) in repository() {
        count += usize::from(checked(text).is_some());
    }
    assert!(count > 30, "{count} files without syntax errors");
}

#[test]
fn line_breaks_of_windows_and_a_byte_order_mark_are_kept() {
    for (path, text) in repository() {
        let Some(outcome) = checked(text) else { continue };
        let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        let expected = format!("\u{feff}{}", outcome.replace('\n', "\r\n"));
        assert_eq!(checked(&windows), Some(expected), "{}", path.display());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A file whose lines, spaces and comments were tampered with.
    #[test]
    fn mutated_files_are_formatted(
        file in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..3, support::piece()), 1..6),
    ) {
        let (_, text) = file.get(repository());
        checked(&support::mutated(text, edits));
    }

    /// White space and comments wherever they may stand.
    #[test]
    fn space_and_comments_are_formatted(
        file in any::<prop::sample::Index>(),
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), Just(0), prop::sample::select(&["\n", " ", "  # c\n", "\n  # d\n", "\n\n", " ## e\n", "\n      "][..]).prop_map(str::to_owned)),
            1..8,
        ),
    ) {
        let (_, text) = file.get(repository());
        checked(&support::mutated(text, edits));
    }
}
