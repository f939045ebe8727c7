//! `--gov-source`: what a person sees of a file of draft rules, right or wrong.

use std::fs;

use esr_tests::{project::Project, root};
use serde_json::Value;

const SCENARIO: &str = "scenario: renewal\nsandbox: passport-agency\nsteps:\n  - visit: \"/start\"\n";

/// A short scenario in the passport agency, and `rules` as `rules.yaml`.
fn project(rules: &str) -> Project {
    let agency = fs::read_to_string(root().join("scenarios/passport_agency.scn")).expect("the agency");
    let settings = "modules = [\"passport_agency.scn\"]\n";
    let files =
        [("passport_agency.scn", &*agency), ("esr.toml", settings), ("case.scn", SCENARIO), ("rules.yaml", rules)];
    Project::with(&files)
}

#[test]
fn a_wrong_field_name_is_shown_in_the_yaml_with_a_caret() {
    let rules = "- rule_id: GOV-1\n  applies_to: portal/eligibility\n  validation: { field: pasport_id, pattern: X }\n";
    let project = project(rules);
    let ended = project.ends("rehearse case.scn --gov-source rules.yaml", 104);
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
    project.refuses("rehearse case.scn --gov-source rule.yaml", 2, &["cannot read rule.yaml", "there are rules.yaml"]);
    project.refuses("rehearse rules.yaml", 2, &["rules.yaml is no scenario", "--gov-source"]);
}

#[test]
fn the_run_keeps_which_rules_it_was_bound_to() {
    let rules = "- rule_id: GOV-1\n  applies_to: portal/eligibility\n  field: { name: purpose }\n";
    let project = project(rules);
    let ended = project.ends("rehearse case.scn --gov-source rules.yaml --out debrief.md", 0);
    assert!(ended.stdout.contains("1 draft rule at http://127.0.0.1:"), "{}", ended.stdout);
    let runs = fs::read_dir(project.path().join(".esr/runs")).expect("the runs");
    let run = runs.flatten().next().expect("a run").path().join("run.json");
    let record: Value = serde_json::from_str(&fs::read_to_string(run).expect("run.json")).expect("JSON");
    assert_eq!(record["rules"]["file"], "rules.yaml");
    let digest = record["rules"]["digest"].as_str().expect("a digest").to_owned();
    assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{digest}");
    assert_eq!(record["command"], "esr rehearse case.scn --gov-source rules.yaml --seed 1");
    let debrief = fs::read_to_string(project.path().join("debrief.md")).expect("a debrief");
    assert!(debrief.contains("| GOV-1 | `portal/eligibility` | 0 | 0 |"), "{debrief}");
    assert!(debrief.contains("Under 1 draft rule of `rules.yaml`") && debrief.contains(&digest), "{debrief}");
}

#[test]
fn a_file_without_rules_is_a_mistake() {
    for nothing in ["", "# later\n", "rules: []\n", "[]\n"] {
        project(nothing).refuses(
            "rehearse case.scn --gov-source rules.yaml",
            104,
            &["`rules.yaml` holds no rule", "rule_id"],
        );
    }
}
