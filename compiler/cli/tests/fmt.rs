//! `esrc fmt`: what it writes, what it leaves, and that what it writes compiles to the same.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use scn_analysis::compile;
use scn_diagnostics::SourceId;
use scn_grammar::Formatted;
use scn_world::{FileWorld, sources};
use serde_json::Value;

const UNTIDY: &str = "scenario:  a\nsteps:\n    - visit:   \"/\" # start\n";
const TIDY: &str = "scenario: a\nsteps:\n  - visit: \"/\"     # start\n";
const BROKEN: &str = "scenario:  a\nsteps:\n  - visit: \"/\n";

fn esrc(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_esrc"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn root() -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap()
}

#[test]
fn exit_codes_and_what_is_said() {
    for (arguments, input, code, stdout, stderr) in [
        (&["fmt", "-"][..], UNTIDY, 0, TIDY, ""),
        (&["fmt", "-"], TIDY, 0, TIDY, ""),
        (&["fmt", "-"], BROKEN, 1, BROKEN, "E0003"),
        (&["fmt", "-", "--check"], TIDY, 0, "1 file checked: nothing to change", ""),
        (&["fmt", "-", "--check"], UNTIDY, 1, "-scenario:  a\n+scenario: a\n steps:\n-    - visit", ""),
        (&["fmt", "-", "--check"], BROKEN, 1, "1 file checked: 1 with syntax errors", "left as it is"),
        (&["fmt", "nowhere.scn"], "", 2, "", "there is no file `nowhere.scn`"),
        (&["fmt", "docs"], "", 2, "", "there is no source file in `docs`"),
        (&["fmt"], "", 2, "", "Usage"),
    ] {
        let output = esrc(&root(), arguments, input);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{out}\n{err}");
        assert!(out.contains(stdout), "{arguments:?}: {stdout:?} is not in\n{out}");
        assert!(err.contains(stderr), "{arguments:?}: {stderr:?} is not in\n{err}");
    }
}

#[test]
fn files_are_written_in_place_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("deep/target")).unwrap();
    fs::create_dir_all(at(".git")).unwrap();
    fs::create_dir_all(at(".hidden")).unwrap();
    fs::write(at(".gitignore"), "ignored.scn\n").unwrap();
    let passed_over = ["deep/target/a.scn", ".hidden/a.scn", "ignored.scn", "notes.txt"];
    for name in ["a.scn", "deep/b.scn.yaml"].iter().chain(&passed_over) {
        fs::write(at(name), UNTIDY).unwrap();
    }
    fs::write(at("broken.scn"), BROKEN).unwrap();
    fs::write(at("tidy.scn"), TIDY).unwrap();
    let checked = esrc(folder.path(), &["fmt", "--check", "."], "");
    assert_eq!(checked.status.code(), Some(1));
    assert_eq!(fs::read_to_string(at("a.scn")).unwrap(), UNTIDY, "--check writes nothing");
    let output = esrc(folder.path(), &["fmt", "."], "");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "for the broken file");
    assert_eq!(said, "formatted a.scn\nformatted deep/b.scn.yaml\n4 files read: 2 formatted, 1 with syntax errors\n");
    assert_eq!(fs::read_to_string(at("a.scn")).unwrap(), TIDY);
    assert_eq!(fs::read_to_string(at("deep/b.scn.yaml")).unwrap(), TIDY);
    assert_eq!(fs::read_to_string(at("broken.scn")).unwrap(), BROKEN);
    for name in passed_over {
        assert_eq!(fs::read_to_string(at(name)).unwrap(), UNTIDY, "{name}");
    }
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 9, "nothing is left behind: {left:?}");
}

#[cfg(unix)]
#[test]
fn links_permissions_and_read_only_files_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("real.scn"), UNTIDY).unwrap();
    fs::set_permissions(at("real.scn"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.scn", at("link.scn")).unwrap();
    assert_eq!(esrc(folder.path(), &["fmt", "link.scn"], "").status.code(), Some(0));
    assert!(fs::symlink_metadata(at("link.scn")).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(at("real.scn")).unwrap(), TIDY);
    assert_eq!(fs::metadata(at("real.scn")).unwrap().permissions().mode() & 0o777, 0o640);
    fs::write(at("kept.scn"), UNTIDY).unwrap();
    fs::set_permissions(at("kept.scn"), fs::Permissions::from_mode(0o440)).unwrap();
    let output = esrc(folder.path(), &["fmt", "kept.scn"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("read-only"));
    assert_eq!(fs::read_to_string(at("kept.scn")).unwrap(), UNTIDY);
    fs::write(at("latin.scn"), b"scenario:  \xe9\n").unwrap();
    let output = esrc(folder.path(), &["fmt", "."], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("UTF-8"));
}

/// The parts of a value that do not say where in a file something stands.
fn without_places(value: Value) -> Value {
    match value {
        Value::Object(fields) if fields.contains_key("start") && fields.contains_key("end") => Value::Null,
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(key, _)| key != "sources")
            .map(|(key, value)| (key, without_places(value)))
            .collect(),
        Value::Array(members) => members.into_iter().map(without_places).collect(),
        other => other,
    }
}

/// What a text compiles to: plans, sandboxes, and the codes of what is wrong in it.
fn compiled(path: &str, text: &str) -> (Vec<Value>, Vec<String>) {
    let world = FileWorld::with(path, text);
    let compilation = compile(&world, path, &scn_analysis::Options::default());
    let plans = compilation.scenarios.iter().map(|plan| serde_json::to_value(plan).unwrap());
    let blueprints = compilation.blueprints.iter().map(|blueprint| serde_json::to_value(blueprint).unwrap());
    let mut found: Vec<String> = compilation
        .diagnostics
        .iter()
        .map(|diagnostic| format!("{} {}", diagnostic.code.id, diagnostic.headline))
        .collect();
    found.sort();
    (plans.chain(blueprints).map(without_places).collect(), found)
}

/// Formatting any file of the repository changes nothing about what it compiles to, the user's file among them.
#[test]
fn what_is_formatted_compiles_to_the_same() {
    let mut count = 0;
    for folder in ["scenarios", "benches", "tests"] {
        for path in sources(&root().join(folder), usize::MAX).0 {
            let text = fs::read_to_string(&path).unwrap();
            let Formatted::Text(formatted) = scn_grammar::format(SourceId::default(), &text) else { continue };
            if formatted != text {
                assert_eq!(compiled(&path, &text), compiled(&path, &formatted), "{path}");
                count += 1;
            }
        }
    }
    assert!(count > 10, "{count} files that formatting changes");
}
