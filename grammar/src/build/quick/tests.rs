//! What is read in one pass is what the grammar says.

use std::{path::Path, sync::OnceLock};

use proptest::prelude::*;
use scn_diagnostics::SourceId;

use super::{
    super::{Rule, declaration},
    Builder, line,
};
use crate::{
    ast::Keyword,
    layout::{self, Context},
};

#[path = "../../../tests/support/mod.rs"]
mod support;

/// How many lines of a text there are, and how many of them are read in one pass.
fn compared(text: &str) -> (usize, usize) {
    let mut context = Context { source: SourceId(0), text, base: 0, diagnostics: Vec::new() };
    let lines = layout::lines(&mut context);
    let (mut all, mut quick) = (0, 0);
    for logical in lines.lines.iter().filter(|line| !line.broken) {
        let whole = lines.mask(logical);
        let keyword = if logical.dash { None } else { declaration::keyword(whole) };
        let mask = whole.trim_end();
        let mask = match keyword.is_some_and(Keyword::takes_colon) {
            true => mask.strip_suffix(':').unwrap_or(whole),
            false => whole,
        };
        all += 1;
        let mut diagnostics = Vec::new();
        let mut builder = Builder {
            source: SourceId(0),
            text: &text[..logical.end],
            base: 0,
            body: logical.body,
            mask,
            block: logical.block.as_ref(),
            mended: logical.mended,
            depth: 0,
            diagnostics: &mut diagnostics,
        };
        let read = match keyword {
            Some(keyword) => super::declaration(&mut builder, keyword),
            None => line(&mut builder, logical.dash),
        };
        let Some(read) = read else {
            assert!(builder.diagnostics.is_empty());
            continue;
        };
        quick += 1;
        assert!(builder.diagnostics.is_empty());
        let expected = match keyword {
            Some(keyword) => builder.declaration(keyword, mask, false),
            None => builder.plain(logical.dash, mask, false),
        };
        assert_eq!(read, expected, "{:?}", &text[logical.start..logical.end]);
        assert!(diagnostics.is_empty(), "{:?}: {diagnostics:?}", &text[logical.start..logical.end]);
    }
    (all, quick)
}

/// An expression by itself, as within quotes.
fn compared_expression(text: &str) {
    let mut context = Context { source: SourceId(0), text, base: 7, diagnostics: Vec::new() };
    let (mask, sound) = layout::mask(&mut context);
    if !sound {
        return;
    }
    let mut diagnostics = Vec::new();
    let mut builder = Builder {
        source: SourceId(0),
        text,
        base: 7,
        body: 0,
        mask: &mask,
        block: None,
        mended: false,
        depth: 0,
        diagnostics: &mut diagnostics,
    };
    let Some(read) = super::expression(&mut builder) else { return };
    let pair = builder.matched(Rule::expression, &mask);
    let expected = pair.map(|pair| builder.top_expr(pair));
    assert_eq!(Some(read), expected, "{text:?}");
    assert!(diagnostics.is_empty(), "{text:?}: {diagnostics:?}");
}

fn repository() -> &'static [(std::path::PathBuf, String)] {
    static FILES: OnceLock<Vec<(std::path::PathBuf, String)>> = OnceLock::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = ["stdlib", "scenarios", "benches", "tests"];
    FILES.get_or_init(|| folders.iter().flat_map(|folder| support::files(&root.join(folder))).collect())
}

#[test]
fn most_lines_of_the_repository_are_read_in_one_pass() {
    let (mut all, mut quick) = (0, 0);
    for (_, text) in repository() {
        let (lines, read) = compared(text);
        (all, quick) = (all + lines, quick + read);
        for line in text.lines() {
            compared_expression(line.trim().trim_start_matches("- "));
        }
    }
    assert!(quick * 100 > all * 80, "{quick} of {all}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_lines_are_read_as_the_grammar_says(
        file in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..4, support::piece()), 1..40),
    ) {
        let (_, text) = file.get(repository());
        compared(&support::mutated(text, edits));
    }

    #[test]
    fn mutated_expressions_are_read_as_the_grammar_says(
        file in any::<prop::sample::Index>(),
        line in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..3, support::piece()), 0..5),
    ) {
        let (_, text) = file.get(repository());
        let lines: Vec<&str> = text.lines().collect();
        let whole = line.get(&lines).trim();
        let value = whole.split_once(": ").map_or(whole, |(_, value)| value);
        compared_expression(&support::mutated(value, edits));
    }
}
