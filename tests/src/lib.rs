//! Corpora and end-to-end tests: what the suites under `tests/` share.

pub mod process;
pub mod project;

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("the tests lie in the repository").to_path_buf()
}

/// The subdirectories of `directory`, sorted by name: a corpus with a directory a case.
pub fn cases(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut cases: Vec<PathBuf> =
        entries.map(|entry| entry.expect("a readable entry").path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "{} holds no case", directory.display());
    cases
}

/// Copies what is in the directory `from` to `to`.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("a directory").map(|entry| entry.expect("an entry")) {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).expect("a copy")),
        }
    }
}

/// Runs git in `directory` as somebody who may commit.
pub fn git(directory: &Path, arguments: &[&str]) {
    let ended = std::process::Command::new("git")
        .current_dir(directory)
        .args(["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .output()
        .expect("git");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

/// A program of the workspace, as `cargo build --bins` left it beside the tests.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test knows its own path");
    let directory = test.ancestors().nth(2).expect("tests lie in target/PROFILE/deps");
    let program = directory.join(name);
    assert!(program.exists(), "{} is missing: run `cargo build --bins` first", program.display());
    program
}

/// What `tests/run` has installed beside the build, by its path there.
pub fn tool(path: &str) -> PathBuf {
    let esrc = program("esrc");
    let target = esrc.ancestors().nth(2).expect("programs lie in target/PROFILE");
    let tool = target.join("tools").join(path);
    assert!(tool.exists(), "{} is missing: `tests/run` installs it", tool.display());
    tool
}

/// What a program did.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// What it printed on standard output.
    pub stdout: String,
    /// What it printed on standard error.
    pub stderr: String,
}

/// Runs `program` with `arguments` in `directory`, and waits for it.
pub fn run(program: &Path, directory: &Path, arguments: &[&str]) -> Ended {
    run_with(program, directory, arguments, &[])
}

/// The same, with more variables in the environment.
pub fn run_with(program: &Path, directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let output = std::process::Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .env("NO_COLOR", "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// What of `expected` is not in `actual`, by path. Objects may hold more than is expected; an item of an expected list
/// must be matched by some item of the actual list; everything else must be equal.
pub fn missing(expected: &serde_json::Value, actual: &serde_json::Value, path: &str) -> Vec<String> {
    use serde_json::Value;
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => expected
            .iter()
            .flat_map(|(key, value)| missing(value, actual.get(key).unwrap_or(&Value::Null), &format!("{path}.{key}")))
            .collect(),
        (Value::Array(expected), Value::Array(actual)) => expected
            .iter()
            .filter(|item| !actual.iter().any(|other| missing(item, other, "").is_empty()))
            .map(|item| format!("{path}: no item matches {item} among {}", Value::from(actual.clone())))
            .collect(),
        _ if expected == actual => Vec::new(),
        _ => vec![format!("{path}: expected {expected}, found {actual}")],
    }
}
