//! The generated pages of the reference: from `stdlib/prelude.scn` and from the catalogue of diagnostics.
//!
//! `UPDATE_REFERENCE=1 cargo test -p esr-tests --test reference` writes them anew.

use std::{fmt::Write as _, fs};

use esr_tests::root;
use scn_diagnostics::{SourceId, codes};
use scn_grammar::ast::{Keyword, Node};

/// The sections of the page on the prelude.
const SECTIONS: &[(Keyword, &str, &str)] = &[
    (Keyword::Step, "Steps", "What a journey consists of. See [What a journey means](../journeys.md)."),
    (Keyword::Handler, "Handler steps", "What the parts of a sandbox do. See [Blueprints](../blueprints.md)."),
    (Keyword::Probe, "Probes", "Faults, in a scenario's `probes:`. Each may have `from:` and `for:`."),
    (Keyword::Generator, "Generators", "Synthetic data, in personas and in blueprints."),
    (Keyword::Metric, "Metrics", "What goals measure."),
];

#[track_caller]
fn is_current(page: &str, text: &str) {
    let path = root().join("docs/reference").join(page);
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        fs::write(&path, text).expect("the page can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, text, "docs/reference/{page} is stale: UPDATE_REFERENCE=1 writes it anew");
}

#[test]
fn the_page_on_the_prelude_is_current() {
    let (tree, diagnostics) = scn_grammar::parse(SourceId(0), scn_stdlib::PRELUDE);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let mut page = "# The prelude\n\nWhat every file knows without a `use`. Generated from `stdlib/prelude.scn`.\n\n\
        A parameter is given by position at the verb, or by name as an attribute. One that is a `Maybe`, or that has a \
        default, may be left out.\n"
        .to_owned();
    for (keyword, title, about) in SECTIONS {
        write!(page, "\n## {title}\n\n{about}\n").expect("a String takes everything");
        for node in tree.nodes.iter().filter(|node| node.decl().is_some_and(|decl| decl.keyword == *keyword)) {
            page.push_str(&entry(node));
        }
    }
    is_current("prelude.md", &page);
}

#[test]
fn the_page_on_the_standard_library_is_current() {
    let mut page = "# The standard library\n\nModules that a file can `use`. Generated from `stdlib/`.\n".to_owned();
    for module in scn_stdlib::MODULES {
        let text: String = module.text.lines().map(|line| format!("    {line}").trim_end().to_owned() + "\n").collect();
        write!(page, "\n## `{}`\n\n{text}", module.name).expect("a String takes everything");
    }
    is_current("std.md", &page);
}

fn entry(node: &Node) -> String {
    let name = node.decl().and_then(|decl| decl.name.as_ref()).expect("a declaration has a name");
    let signature = &scn_stdlib::PRELUDE[node.span.range()];
    let signature = signature.split_once(' ').map_or(signature, |(_, rest)| rest);
    let doc = node.doc.as_ref().unwrap_or_else(|| panic!("{} has no doc comment", name.text));
    format!("\n### `{}`\n\n    {signature}\n\n{}\n", name.text, doc.replace('\n', " "))
}

#[test]
fn the_page_on_diagnostics_is_current() {
    let mut page = "# Diagnostics\n\nEvery code that `esrc` reports; `esrc explain CODE` prints its entry. Errors are `E…`, warnings \
        `W…`, notes `N…`. Generated from the catalogue in `compiler/diagnostics`.\n"
        .to_owned();
    let indented = |text: &str| text.lines().map(|line| format!("    {line}\n")).collect::<String>();
    for code in codes::ALL {
        let meaning: Vec<&str> = code.meaning.lines().map(str::trim).collect();
        write!(
            page,
            "\n## {} `{}`\n\n{}\n\nWrong:\n\n{}\nRight:\n\n{}",
            code.id,
            code.name,
            meaning.join("\n").trim(),
            indented(code.wrong),
            indented(code.right),
        )
        .expect("a String takes everything");
    }
    is_current("diagnostics.md", &page);
}
