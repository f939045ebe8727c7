//! A run that awaits a sign-off: who may decide on what, and what the decision changes.

use std::fs;

use esr_tests::{program, root, run};
use serde_json::Value;

#[test]
fn a_run_is_cleared_by_an_approval_alone() {
    let esr = program("esr");
    let directory = tempfile::tempdir().expect("a temporary directory");
    let case = |name: &str| root().join("tests/rehearse").join(name).join("case.scn").display().to_string();
    let ended = |arguments: &[&str]| run(&esr, directory.path(), arguments);
    let rehearsed = ended(&["rehearse", &case("closed-load-awaiting-sign-off"), "--for", "1s", "--personas", "2"]);
    assert_eq!(rehearsed.code, Some(106), "{}{}", rehearsed.stdout, rehearsed.stderr);

    let word = || {
        let reported = ended(&["report", "rush", "--out", "debrief.json"]);
        assert_eq!(reported.code, Some(0), "{}", reported.stderr);
        let report = fs::read(directory.path().join("debrief.json")).expect("a debrief");
        let report: Value = serde_json::from_slice(&report).expect("a debrief in JSON");
        report["verdict"]["word"].as_str().expect("a word").to_owned()
    };
    assert_eq!(word(), "awaiting sign-off");
    for (arguments, wanted) in [
        (["--reject", "--reason", "too few desks", "--by", "Dana"], "rejected"),
        (["--approve", "--reason", "rehearsed twice", "--by", "Dana"], "cleared"),
    ] {
        let mut all = vec!["signoff", "rush"];
        all.extend(arguments);
        let decided = ended(&all);
        assert_eq!(decided.code, Some(0), "{}", decided.stderr);
        assert!(decided.stdout.contains("by Dana for RELEASE.BOARD"), "{}", decided.stdout);
        assert_eq!(word(), wanted);
    }
    let listed = ended(&["runs"]);
    assert!(listed.stdout.contains("approved by Dana: rehearsed twice"), "{}", listed.stdout);

    // A decision needs a reason, one of the two words, and a run that awaits it.
    for wrong in [
        vec!["signoff", "rush", "--approve", "--reason", " "],
        vec!["signoff", "rush", "--reason", "x"],
        vec!["signoff", "rush", "--approve", "--reject", "--reason", "x"],
        vec!["signoff", "elsewhere", "--approve", "--reason", "x"],
    ] {
        assert_eq!(ended(&wrong).code, Some(2), "{wrong:?}");
    }
    let open = ended(&["rehearse", &case("arrivals"), "--personas", "5"]);
    assert_eq!(open.code, Some(2), "{}", open.stderr);
    let short = ended(&["rehearse", &case("closed-load-awaiting-sign-off"), "--for", "400ms"]);
    assert_eq!(short.code, Some(2), "{}", short.stderr);
}
