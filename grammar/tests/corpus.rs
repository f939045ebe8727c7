//! The parse corpus: every `tests/parse/**/*.scn` has its tree and its rendered diagnostics beside it, in a `.snap` file.
//! `INSTA_UPDATE=always cargo test -p scn-grammar --test corpus` writes them anew.

mod support;

use scn_diagnostics::{Source, SourceMap, codes, emit};
use support::corpus;

#[test]
fn trees_and_diagnostics_are_as_recorded() {
    let files = corpus();
    assert!(files.len() > 5, "the corpus has {} files", files.len());
    for (path, text) in files {
        let name = path.file_stem().expect("a file name").to_string_lossy().into_owned();
        let mut sources = SourceMap::new();
        let source = sources.add(Source::new(format!("{name}.scn"), text.as_str()));
        let (tree, diagnostics) = scn_grammar::parse(source, &text);
        let rendered = emit::terminal(&diagnostics, &sources, emit::Options { color: false, width: 100 });
        let snapshot = format!("{}\n{rendered}", scn_grammar::outline(&tree));
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(path.parent().expect("a folder"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, snapshot));
    }
}

#[test]
fn a_file_of_the_valid_corpus_has_no_diagnostics() {
    for (path, text) in corpus() {
        let (_, diagnostics) = scn_grammar::parse(Default::default(), &text);
        let invalid = path.to_string_lossy().contains("invalid");
        assert_eq!(!diagnostics.is_empty(), invalid, "{}: {diagnostics:#?}", path.display());
    }
}

/// What the language ships parses, and so do its examples.
#[test]
fn the_library_and_the_scenarios_parse() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut count = 0;
    for folder in ["stdlib", "scenarios"] {
        for (path, text) in support::files(&root.join(folder)) {
            let (_, diagnostics) = scn_grammar::parse(Default::default(), &text);
            assert!(diagnostics.is_empty(), "{}: {diagnostics:#?}", path.display());
            count += 1;
        }
    }
    assert!(count >= 4, "found {count} files");
}

/// `wrong` of each syntax code provokes that code alone; `right` provokes nothing; an automatic fix mends it.
#[test]
fn explanations_of_syntax_codes_are_true() {
    for code in codes::ALL.iter().filter(|code| code.id.starts_with("E00")) {
        let (_, wrong) = scn_grammar::parse(Default::default(), code.wrong);
        let ids: Vec<_> = wrong.iter().map(|diagnostic| diagnostic.code.id).collect();
        assert!(!ids.is_empty() && ids.iter().all(|id| *id == code.id), "{}: {ids:?}", code.id);
        let (_, right) = scn_grammar::parse(Default::default(), code.right);
        assert!(right.is_empty(), "{}: {right:#?}", code.id);
        let mended = support::apply_automatic(code.wrong, &wrong);
        if let Some(mended) = mended {
            let (_, left) = scn_grammar::parse(Default::default(), &mended);
            assert!(left.is_empty(), "{}: {mended}\n{left:#?}", code.id);
        }
    }
}

/// Every syntax code has a case in the corpus.
#[test]
fn every_syntax_code_is_in_the_corpus() {
    let mut seen = std::collections::BTreeSet::new();
    for (_, text) in corpus() {
        let (_, diagnostics) = scn_grammar::parse(Default::default(), &text);
        seen.extend(diagnostics.iter().map(|diagnostic| diagnostic.code.id));
    }
    for code in codes::ALL.iter().filter(|code| code.id.starts_with("E00")) {
        assert!(seen.contains(code.id), "{} {} has no case", code.id, code.name);
    }
}

/// Automatic fixes of a whole file, applied at once, mend their causes; what a mended line reveals is mended next.
#[test]
fn automatic_fixes_mend_what_they_report() {
    const ROUNDS: usize = 3;
    for (path, text) in corpus() {
        let mut mended = text;
        for round in 0..=ROUNDS {
            let (_, diagnostics) = scn_grammar::parse(Default::default(), &mended);
            let Some(next) = support::apply_automatic(&mended, &diagnostics) else { break };
            assert!(round < ROUNDS, "{}: {mended}\n{diagnostics:#?}", path.display());
            mended = next;
        }
    }
}
