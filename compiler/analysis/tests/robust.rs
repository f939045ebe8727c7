//! Checking cannot fail: whatever the text, findings come back, and all of them can be shown.

#[path = "../../../grammar/tests/support/mod.rs"]
mod support;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use proptest::prelude::*;
use scn_analysis::{Options, World, WorldError, compile};
use scn_diagnostics::emit;

/// One file, and what lies beside it in the repository.
struct Beside<'t> {
    path: &'t Path,
    text: &'t str,
}

impl World for Beside<'_> {
    fn read(&self, path: &str) -> Result<Arc<str>, WorldError> {
        if Path::new(path) == self.path {
            return Ok(self.text.into());
        }
        std::fs::read_to_string(path).map(Into::into).map_err(|_| WorldError::NotFound)
    }

    fn settings(&self, path: &str) -> Option<String> {
        let settings = Path::new(path).with_file_name("esr.toml");
        settings.is_file().then(|| settings.to_string_lossy().into_owned())
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Checks a text as the file at `path`; how many findings there are.
fn check(path: &Path, text: &str) -> usize {
    let compilation = compile(&Beside { path, text }, &path.to_string_lossy(), &Options::default());
    for found in &compilation.diagnostics {
        let places = found.secondary.iter().map(|label| label.span).chain([found.primary.span]);
        let edits = found.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
        for span in places.chain(edits) {
            let source = compilation.sources.get(span.source).expect("a source of the compilation");
            assert!(source.text().get(span.range()).is_some(), "{span:?} of {} lies outside", found.code.id);
        }
    }
    emit::terminal(&compilation.diagnostics, &compilation.sources, emit::Options::default());
    compilation.diagnostics.len()
}

#[test]
fn a_file_that_ends_anywhere_is_checked_as_far_as_it_goes() {
    for (file, step) in [
        ("scenarios/passport_renewal.scn.yaml", 1),
        ("tests/ui/twenty.scn", 7),
        ("tests/ui/blueprint/background.scn", 23),
        ("scenarios/passport_agency.scn", 41),
    ] {
        let path = root().join(file);
        let text = std::fs::read_to_string(&path).expect("a file of the repository");
        for end in (0..text.len()).step_by(step).filter(|end| text.is_char_boundary(*end)) {
            check(&path, &text[..end]);
        }
    }
}

#[test]
fn what_comes_before_the_end_is_still_reported() {
    let path = root().join("tests/ui/twenty.scn");
    let text = std::fs::read_to_string(&path).expect("a file of the repository");
    let whole = check(&path, &text);
    let half = check(&path, &text[..text.find("  probes:").expect("an entry")]);
    assert!(whole >= 20 && half >= 11, "{half} of {whole}");
}

fn corpus() -> &'static [(PathBuf, String)] {
    static FILES: OnceLock<Vec<(PathBuf, String)>> = OnceLock::new();
    let folders = ["tests/ui", "scenarios"];
    FILES.get_or_init(|| folders.iter().flat_map(|folder| support::files(&root().join(folder))).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A file that was tampered with.
    #[test]
    fn mutated_files_are_checked(
        file in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..4, support::piece()), 1..12),
    ) {
        let (path, text) = file.get(corpus());
        check(path, &support::mutated(text, edits));
    }

    /// A file with lines that were moved, doubled or lost.
    #[test]
    fn shuffled_lines_are_checked(
        file in any::<prop::sample::Index>(),
        moves in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0usize..3), 1..8),
    ) {
        let (path, text) = file.get(corpus());
        let mut lines: Vec<&str> = text.lines().collect();
        for (from, to, kind) in moves {
            if lines.is_empty() {
                break;
            }
            let line = lines[from.index(lines.len())];
            let at = to.index(lines.len());
            match kind {
                0 => lines.insert(at, line),
                1 => drop(lines.remove(at)),
                _ => lines[at] = line,
            }
        }
        check(path, &lines.join("\n"));
    }
}
