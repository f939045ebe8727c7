//! `--gov-source`: what a person sees of a file of draft rules, right or wrong.

use std::{fs, path::Path};

use esr_tests::{Ended, program, root, run};
use serde_json::Value;

const SCENARIO: &str = "scenario: renewal\nsandbox: passport-agency\nsteps:\n  - visit: \"/start\"\n";

/// A directory with a short scenario in the passport agency, and `rules` as `rules.yaml`.
fn project(rules: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).expect("a file");
    let agency = fs::read_to_string(root().join("scenarios/passport_agency.scn")).expect("the agency");
    write("passport_agency.scn", &agency);
    write("esr.toml", "modules = [\"passport_agency.scn\"]\n");
    write("case.scn", SCENARIO);
    write("rules.yaml", rules);
    directory
}

fn rehearse(directory: &Path, rules: &str, out: &str) -> Ended {
    run(&program("esr"), directory, &["rehearse", "case.scn", "--gov-source", rules, "--out", out])
}

#[test]
fn a_wrong_field_name_is_shown_in_the_yaml_with_a_caret() {
    let rules = "- rule_id: GOV-1\n  applies_to: portal/eligibility\n  validation: { field: pasport_id, pattern: X }\n";
    let project = project(rules);
    let ended = rehearse(project.path(), "rules.yaml", "debrief.md");
    assert_eq!(ended.code, Some(104), "{}{}", ended.stdout, ended.stderr);
    let shown = [
        "the form `eligibility` has no field `pasport_id`",
        "[rules.yaml:3:24]",
        "validation: { field: pasport_id, pattern: X }",
        "                        ──────────",
        "did you mean `passport_id`?",
    ];
    for part in shown {
        assert!(ended.stderr.contains(part), "«{part}» is not in:\n{}", ended.stderr);
    }
    assert!(!project.path().join(".esr").exists(), "nothing was started");
}

#[test]
fn a_rules_file_that_is_missing_is_a_mistake_in_the_command() {
    let project = project("");
    let ended = rehearse(project.path(), "rule.yaml", "debrief.md");
    assert_eq!(ended.code, Some(2), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stderr.contains("cannot read rule.yaml"), "{}", ended.stderr);
}

#[test]
fn the_run_keeps_which_rules_it_was_bound_to() {
    let rules = "- rule_id: GOV-1\n  applies_to: portal/eligibility\n  field: { name: purpose }\n";
    let project = project(rules);
    let ended = rehearse(project.path(), "rules.yaml", "debrief.md");
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("1 draft rule at http://127.0.0.1:"), "{}", ended.stdout);
    let runs = fs::read_dir(project.path().join(".esr/runs")).expect("the runs");
    let run = runs.flatten().next().expect("a run").path().join("run.json");
    let record: Value = serde_json::from_str(&fs::read_to_string(run).expect("run.json")).expect("JSON");
    assert_eq!(record["rules"]["file"], "rules.yaml");
    let digest = record["rules"]["digest"].as_str().expect("a digest").to_owned();
    assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{digest}");
    assert_eq!(record["command"], "esr rehearse case.scn --gov-source rules.yaml --seed 1");
    let debrief = fs::read_to_string(project.path().join("debrief.md")).expect("a debrief");
    assert!(debrief.contains("Under 1 draft rule of `rules.yaml`") && debrief.contains(&digest), "{debrief}");
}
