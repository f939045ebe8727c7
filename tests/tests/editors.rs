//! What is made for editors: the extension for VS Code, the tree-sitter grammar, and configuration that is ready to copy.

use std::{fs, path::PathBuf, process::Command};

use esr_tests::{copy, program, root, tool};
use scn_diagnostics::SourceId;

/// All sources of the project: those without syntax errors.
fn sound() -> Vec<PathBuf> {
    let folders = ["scenarios", "stdlib", "benches", "tests"].map(|folder| root().join(folder));
    let found = folders.iter().flat_map(|folder| {
        let (found, outcome) = scn_world::sources(folder, usize::MAX);
        outcome.expect("a readable folder");
        found.into_iter().map(PathBuf::from)
    });
    let is_sound = |path: &PathBuf| {
        fs::read_to_string(path).is_ok_and(|text| scn_grammar::parse(SourceId::default(), &text).1.is_empty())
    };
    let found: Vec<PathBuf> = found.filter(is_sound).collect();
    assert!(found.len() > 100, "only {} files are without syntax errors", found.len());
    found
}

#[track_caller]
fn succeeds(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
    said
}

#[test]
fn the_extension_for_vs_code_works_with_the_server_and_is_packaged() {
    // Where `tests/run` has installed what it depends on.
    let folder = tool("vscode/node_modules").parent().expect("a folder").to_owned();
    for part in ["src", "syntaxes", "icons", "test"] {
        let _ = fs::remove_dir_all(folder.join(part));
    }
    for entry in
        fs::read_dir(root().join("editors/vscode")).expect("the extension").map(|entry| entry.expect("an entry"))
    {
        match entry.path().is_dir() {
            true if entry.file_name() == "node_modules" => {}
            true => copy(&entry.path(), &folder.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), folder.join(entry.file_name())).expect("a copy")),
        }
    }
    let files: Vec<String> = sound().iter().map(|path| path.display().to_string()).collect();
    let tests = ["test/extension.test.js", "test/grammar.test.js"];
    succeeds(
        Command::new("node")
            .args(["--test", "--test-timeout=120000"])
            .args(tests)
            .current_dir(&folder)
            .env("ESRC", program("esrc"))
            .env("CORPUS", root().join("tests/index"))
            .env("FILES", files.join("\n")),
    );
    let package = folder.join("esr-scenarios.vsix");
    let _ = fs::remove_file(&package);
    let vsce = folder.join("node_modules/@vscode/vsce/vsce");
    succeeds(Command::new("node").arg(vsce).args(["package", "--out"]).arg(&package).current_dir(&folder));
    let listed = succeeds(Command::new("python3").args(["-m", "zipfile", "-l"]).arg(&package));
    for part in
        ["src/extension.js", "syntaxes/scn.tmLanguage.json", "icons/scn.svg", "vscode-languageclient/package.json"]
    {
        assert!(listed.contains(part), "{part} is not in the package:\n{listed}");
    }
    assert!(!listed.contains("extension/test/"), "{listed}");
}

#[test]
fn the_tree_sitter_grammar_sees_what_the_server_sees() {
    let folder = tempfile::tempdir().expect("a folder");
    let (grammar, library) = (root().join("editors/tree-sitter-scn"), folder.path().join("scn.so"));
    succeeds(
        Command::new("cc")
            .args([
                "-shared",
                "-fPIC",
                "-O1",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-Wno-unused-parameter",
                "-I",
                "src",
                "-o",
            ])
            .arg(&library)
            .args(["src/parser.c", "src/scanner.c"])
            .current_dir(&grammar),
    );
    let mut lines: Vec<String> = sound().iter().map(|path| format!("ok {}", path.display())).collect();
    let (broken, _) = scn_world::sources(&root().join("tests/parse/invalid"), usize::MAX);
    lines.extend(broken.iter().map(|path| format!("broken {path}")));
    let list = folder.path().join("files");
    fs::write(&list, lines.join("\n")).expect("a file");
    succeeds(
        Command::new(tool("bin/python"))
            .arg(root().join("tests/editors/grammar.py"))
            .arg(&library)
            .arg(grammar.join("queries"))
            .arg(root().join("editors/zed/languages/scn"))
            .arg(program("esrc"))
            .stdin(fs::File::open(&list).expect("a file")),
    );
}

#[test]
fn configurations_can_be_read_and_agree() {
    let read = |path: &str| fs::read_to_string(root().join("editors").join(path)).unwrap_or_else(|_| panic!("{path}"));
    for path in ["helix/languages.toml", "zed/extension.toml", "zed/languages/scn/config.toml", "zed/Cargo.toml"] {
        read(path).parse::<toml::Table>().unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    for query in ["highlights.scm", "folds.scm", "indents.scm"] {
        let same = read(&format!("tree-sitter-scn/queries/{query}")) == read(&format!("zed/languages/scn/{query}"));
        assert!(same, "editors/zed/languages/scn/{query} is not as in editors/tree-sitter-scn/queries");
    }
}
