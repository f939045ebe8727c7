//! The generated pages of the reference: from `stdlib/*.scn`, from the catalogue of diagnostics, and from the command
//! lines themselves.
//!
//! `UPDATE_REFERENCE=1 cargo test -p esr-tests --test reference` writes them anew.

use std::{fmt::Write as _, fs};

use esr_tests::{program, root, run};
use scn_analysis::{Options, compile};
use scn_diagnostics::{Severity, codes};
use scn_doc::{Kind, Links, Module};
use scn_world::FileWorld;

/// The pages on the prelude: what is on them, the name of the page, and what it says first.
const SECTIONS: &[(Kind, &str, &str)] = &[
    (
        Kind::Step,
        "steps",
        "What a journey consists of. See [What a journey means](../journeys.md).\n\nA parameter is given by position at the verb, or by \
         name as an attribute. Every step may also have `name:`, `timeout:`, `if:`, `soft:` and `as:`.",
    ),
    (
        Kind::Handler,
        "handlers",
        "What the parts of a sandbox do. See [Blueprints](../blueprints.md).\n\nA parameter is given by position at the verb, or by name \
         as an attribute.",
    ),
    (Kind::Probe, "probes", "Faults, in a scenario's `probes:`. Each may have `name:`, `from:` and `for:`."),
    (
        Kind::Generator,
        "generators",
        "Synthetic data, in personas and in blueprints. The same seed makes the same data again.",
    ),
    (Kind::Metric, "metrics", "What goals measure. What stands in parentheses restricts it."),
];

#[track_caller]
fn is_current(page: &str, text: &str) {
    let path = root().join("docs/reference").join(page);
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        fs::write(&path, text).expect("the page can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "docs/reference/{page} is stale: UPDATE_REFERENCE=1 writes it anew");
}

/// The modules of the standard library, as they are documented.
fn modules() -> Vec<Module> {
    let modules = scn_stdlib::MODULES.iter().map(|module| {
        let world = FileWorld::with(module.file, module.text);
        let compilation = compile(&world, module.file, &Options::default());
        assert!(!compilation.has_errors(), "{}: {:#?}", module.name, compilation.diagnostics);
        scn_doc::module(module.name, module.text, &compilation.declared)
    });
    modules.collect()
}

/// Where every name of the language is documented.
fn links(modules: &[Module]) -> Links {
    let mut links = Links::new(modules);
    let prelude = scn_doc::prelude();
    for (kind, page, _) in SECTIONS {
        let entries = prelude.of(*kind).cloned().collect();
        links.add(&Module { name: (*page).to_owned(), intro: String::new(), entries }, page);
    }
    links
}

#[test]
fn the_pages_on_the_prelude_are_current() {
    let (prelude, links) = (scn_doc::prelude(), links(&modules()));
    for (kind, page, about) in SECTIONS {
        let entries: Vec<_> = prelude.of(*kind).collect();
        for entry in &entries {
            assert!(entry.doc.is_some(), "{} has no doc comment", entry.name);
        }
        is_current(&format!("{page}.md"), &scn_doc::section(kind.plural(), about, &entries, &links, page));
    }
}

#[test]
fn the_pages_on_the_standard_library_are_current() {
    let modules = modules();
    let links = links(&modules);
    for module in &modules {
        let missing: Vec<&str> = module.undocumented().map(|entry| entry.name.as_str()).collect();
        assert!(missing.is_empty(), "{}: no doc comment has {missing:?}", module.name);
        let page = links.page(&module.name).expect("a page");
        is_current(&format!("{page}.md"), &scn_doc::markdown(module, &links));
    }
    is_current("std.md", &scn_doc::index("The standard library", &modules, &links));
}

/// A page with the codes that `wanted` picks.
fn codes_page(title: &str, about: &str, wanted: impl Fn(Severity) -> bool) -> String {
    let mut page = format!("# {title}\n\n{about}\n");
    let indented =
        |text: &str| text.lines().map(|line| format!("    {line}").trim_end().to_owned() + "\n").collect::<String>();
    for code in codes::ALL.iter().filter(|code| wanted(code.severity)) {
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
    page
}

#[test]
fn the_pages_on_diagnostics_are_current() {
    let about = "Every error that `esrc` reports; `esrc explain CODE` prints its entry. A file with errors does not run. Generated from the \
        catalogue in `compiler/diagnostics`, as are the [warnings and notes](lints.md).";
    is_current("diagnostics.md", &codes_page("Errors", about, |severity| severity == Severity::Error));
    let about = "Warnings (`W…`) and notes (`N…`): what is allowed, but hardly meant. Notes never change an exit code. `esrc explain CODE` prints an \
        entry.";
    is_current("lints.md", &codes_page("Warnings and notes", about, |severity| severity != Severity::Error));
}

/// The help of a command and of all that are below it.
fn help(words: &[&str], page: &mut String) {
    let (name, below) = words.split_first().expect("a program");
    let ended = run(&program(name), &root(), &[below, &["--help"]].concat());
    assert_eq!(ended.code, Some(0), "{words:?}: {}", ended.stderr);
    let text: String = ended.stdout.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    write!(page, "\n## `{}`\n\n```text\n{}\n```\n", words.join(" "), text.trim_end())
        .expect("a String takes everything");
    let commands = text.lines().skip_while(|line| *line != "Commands:").skip(1);
    for line in commands.take_while(|line| line.starts_with("  ")) {
        // A line that is indented further goes on with the one before it.
        let Some(command) = line.strip_prefix("  ").and_then(|line| line.split(' ').next()) else { continue };
        if !command.is_empty() && command != "help" {
            help(&[words, &[command]].concat(), page);
        }
    }
}

#[test]
fn the_pages_on_the_command_lines_are_current() {
    for (name, about) in [
        ("esrc", "The compiler: checks, explains, shows and documents scenarios and sandboxes. It runs nothing."),
        ("esr", "The simulator: brings sandboxes up, sends people through them, and writes the debrief."),
    ] {
        let mut page = format!("# The command line of `{name}`\n\n{about} Generated from its `--help`.\n");
        help(&[name], &mut page);
        is_current(&format!("{name}.md"), &page);
    }
}

#[test]
fn the_book_leads_to_every_page() {
    let summary = fs::read_to_string(root().join("docs/SUMMARY.md")).expect("a readable summary");
    for entry in fs::read_dir(root().join("docs/reference")).expect("a readable folder") {
        let name = entry.expect("a readable entry").file_name().into_string().expect("a name");
        assert!(summary.contains(&format!("(reference/{name})")), "docs/SUMMARY.md does not lead to reference/{name}");
    }
}
