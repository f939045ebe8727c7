//! Runs every case of `tests/rehearse` as a user would, and holds the exit code and the report against `expect.json`. A
//! case may have draft rules, `rules.yaml`.

use std::fs;

use esr_tests::{cases, missing, program, root, run};
use serde_json::Value;

#[test]
fn the_debrief_names_the_planted_cause() {
    let esr = program("esr");
    let mut wrong = Vec::new();
    for case in cases(&root().join("tests/rehearse")) {
        let name = case.file_name().expect("a name").to_string_lossy().into_owned();
        let directory = tempfile::tempdir().expect("a temporary directory");
        let scenario = case.join("case.scn").display().to_string();
        let mut arguments = vec!["rehearse", &scenario, "--out", "debrief.json"];
        let rules = case.join("rules.yaml");
        let rules_path = rules.display().to_string();
        if rules.is_file() {
            arguments.extend(["--gov-source", &rules_path]);
        }
        let ended = run(&esr, directory.path(), &arguments);
        let expect: Value = serde_json::from_str(&fs::read_to_string(case.join("expect.json")).expect("expect.json"))
            .expect("expect.json holds JSON");
        if ended.code.map(i64::from) != expect["exit_code"].as_i64() {
            wrong.push(format!("{name}: exit code {:?}\n{}{}", ended.code, ended.stdout, ended.stderr));
            continue;
        }
        let report = fs::read_to_string(directory.path().join("debrief.json")).expect("a debrief");
        let report: Value = serde_json::from_str(&report).expect("a debrief in JSON");
        for difference in missing(&expect["report"], &report, "report") {
            wrong.push(format!("{name}: {difference}\n{}", ended.stdout));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
