//! The formats of `esrc check` for other programs, over the whole corpus of mistakes: each holds every finding, and is what its
//! readers take.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use serde_sarif::sarif::Sarif;

/// Files with mistakes of every kind.
const CORPUS: &str = "tests/ui";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn check(format: &str) -> String {
    at_most(format, 0)
}

/// The same with so many findings written out; 0 for all.
fn at_most(format: &str, count: usize) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_esrc"));
    command.args(["check", CORPUS, "--format", format, "--max-findings", &count.to_string()]);
    let output = command.current_dir(root()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The findings, one a line.
fn findings() -> Vec<Value> {
    check("json").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The schema that OASIS publishes, out of the package of the types that are made from it.
fn schema() -> Value {
    let mut command = Command::new(env!("CARGO"));
    let output = command.args(["metadata", "--format-version", "1", "--locked"]).current_dir(root()).output().unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "serde-sarif").unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    let text = std::fs::read_to_string(manifest.with_file_name("src").join("schema.json")).unwrap();
    // A pattern of the schema is no regular expression, for it has a bracket too many; it is about a field that is not written here.
    serde_json::from_str(&text.replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}?$")).unwrap()
}

#[test]
fn sarif_is_valid_and_complete() {
    let text = check("sarif");
    let log: Value = serde_json::from_str(&text).unwrap();
    let schema = schema();
    assert_eq!(schema["title"], "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> =
        validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!validator.is_valid(&serde_json::json!({ "version": "2.1.0" })), "the schema demands something");

    let typed: Sarif = serde_json::from_str(&text).unwrap();
    let [run] = &typed.runs[..] else { panic!("one run is expected") };
    let results = run.results.as_ref().unwrap();
    let findings = findings();
    assert_eq!(results.len(), findings.len());
    let rules = run.tool.driver.rules.as_ref().unwrap();
    for (result, finding) in results.iter().zip(&findings) {
        let id = result.rule_id.as_deref().unwrap();
        assert_eq!(Some(id), finding["code"].as_str());
        assert_eq!(rules[usize::try_from(result.rule_index.unwrap()).unwrap()].id, id);
    }
}

#[test]
fn github_annotations_are_one_line_each() {
    let text = check("github");
    let findings = findings();
    assert_eq!(text.lines().count(), findings.len());
    for (line, finding) in text.lines().zip(&findings) {
        let kind = match finding["severity"].as_str().unwrap() {
            "note" => "notice",
            severity => severity,
        };
        assert!(line.starts_with(&format!("::{kind} file={CORPUS}/")), "{line}");
        assert!(line.contains(&format!("title={} ", finding["code"].as_str().unwrap())), "{line}");
    }
}

#[test]
fn junit_has_a_case_for_every_file_and_counts_the_failures() {
    let text = check("junit");
    let number = |name: &str| -> usize {
        let (_, rest) = text.split_once("<testsuites ").unwrap().1.split_once(&format!("{name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    assert_eq!(number("tests"), text.matches("<testcase ").count());
    assert_eq!(number("failures"), text.matches("<failure ").count());
    assert!(number("failures") > 10);
    let mut files: Vec<&str> =
        text.split("<testcase name=\"").skip(1).map(|rest| rest.split_once('"').unwrap().0).collect();
    let count = files.len();
    files.sort_unstable();
    files.dedup();
    assert_eq!(files.len(), count, "a case a file");
    for finding in findings() {
        let code = format!("[{}]: ", finding["code"].as_str().unwrap());
        assert!(text.contains(&code), "{code} is missing");
    }
    // What is not written out fails all the same.
    let few = at_most("junit", 2);
    assert_eq!(few.matches("<failure ").count(), number("failures"));
    assert_eq!(few.lines().next(), text.lines().next());
    let written = |text: &str| text.lines().filter(|line| line.contains("]: ")).count();
    assert_eq!((written(&few), written(&text) > 100), (2, true));
}
