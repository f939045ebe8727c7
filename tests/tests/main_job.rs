//! The main job, as the README has it: the user's own file is rehearsed and debriefed.

use std::{fs, path::Path, process::Command};

use esr_tests::{Ended, program, root, run};
use serde_json::Value;

/// A directory with the project's scenarios in it, as a user has them.
fn project() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let scenarios = directory.path().join("scenarios");
    fs::create_dir(&scenarios).expect("a directory");
    for entry in fs::read_dir(root().join("scenarios")).expect("the scenarios") {
        let path = entry.expect("a readable entry").path();
        if path.is_file() {
            fs::copy(&path, scenarios.join(path.file_name().expect("a name"))).expect("a copy");
        }
    }
    directory
}

/// The numbers before `completed` and before `failed at /pay (timeout)` in what was printed.
fn tally(ended: &Ended) -> (u32, u32) {
    let number = |mark: &str, text: &str| {
        let line = ended.stdout.lines().find(|line| line.starts_with(mark) && line.ends_with(text));
        let line = line.unwrap_or_else(|| panic!("no line says {text:?}:\n{}{}", ended.stdout, ended.stderr));
        line.trim_start_matches(mark).trim().split(' ').next().expect("a number").parse().expect("a number")
    };
    (number("✅", "completed"), number("❌", "failed at /pay (timeout)"))
}

fn text_of(pdf: &Path) -> String {
    let output = Command::new("pdftotext")
        .arg("-layout")
        .arg(pdf)
        .arg("-")
        .output()
        .expect("pdftotext, which tests/run installs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_users_file_is_rehearsed_and_debriefed() {
    let project = project();
    let esr = program("esr");
    let ended = run(&esr, project.path(), &["rehearse", "scenarios/passport_renewal.scn.yaml"]);
    assert_eq!(ended.code, Some(99), "{}{}", ended.stdout, ended.stderr);

    // The console shows what the seed shows.
    assert!(ended.stdout.contains("👥 50 personas active\n"), "{}", ended.stdout);
    assert!(ended.stdout.contains("⏱️  latency spike injected (eligibility-svc → 800 ms)\n"), "{}", ended.stdout);
    let (completed, failed) = tally(&ended);
    assert_eq!(completed + failed, 50, "{}", ended.stdout);
    assert!(failed >= 1, "{}", ended.stdout);

    // The PDF lists the seed's four findings.
    let text = text_of(&project.path().join("debrief.pdf"));
    for fact in ["eligibility-svc", "HTTP 504 on /pay", "passport_renewal.scn.yaml", "≥ 99", "payments-svc"] {
        assert!(text.contains(fact), "the debrief does not say {fact:?}:\n{text}");
    }

    // The same as JSON, from the store alone.
    fs::remove_dir_all(project.path().join("scenarios")).expect("the sources are not needed any more");
    let reported = run(&esr, project.path(), &["report", "passport-renewal", "--out", "again.json"]);
    assert_eq!(reported.code, Some(0), "{}{}", reported.stdout, reported.stderr);
    let report = fs::read_to_string(project.path().join("again.json")).expect("a report");
    let report: Value = serde_json::from_str(&report).expect("a report in JSON");
    assert_eq!(report["cause"]["kind"], "slow-service");
    assert_eq!(report["cause"]["part"], "eligibility-svc");
    assert_eq!(report["slowest"]["part"], "eligibility-svc");
    assert_eq!(report["success"]["succeeded"], completed);
    let error = &report["top_errors"][0];
    assert_eq!(error["headline"], "HTTP 504 on /pay");
    assert_eq!(error["count"], failed);
    assert_eq!(error["place"]["line"], 7);

    // The trace lines that the error rests on show the gateway's timeout.
    let lines = format!("{}-{}", error["lines"]["first"], error["lines"]["last"]);
    let trace = run(&esr, project.path(), &["trace", "passport-renewal-v1", "--lines", &lines]);
    assert!(
        trace.stdout.contains("portal → payments-svc POST /charge ✗ payments-svc did not answer within 6s"),
        "{}",
        trace.stdout
    );
    assert!(trace.stdout.contains("→ 504"), "{}", trace.stdout);

    // Nothing that a persona entered is in the store.
    for entry in fs::read_dir(project.path().join(".esr/runs")).expect("the runs") {
        for file in ["trace.jsonl", "metrics.jsonl", "journeys.jsonl"] {
            let stored =
                fs::read_to_string(entry.as_ref().expect("a run").path().join(file)).expect("a file of the store");
            assert!(
                !stored.contains("X12345678") && !stored.contains("4111111111111111"),
                "{file} holds what a persona entered"
            );
        }
    }
}
