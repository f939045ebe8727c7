//! Bad input and bad moments: a clear message, the documented exit code, and nothing left running.

use std::{fs, net::TcpListener, path::Path};

use esr_tests::{
    Ended,
    process::{Running, signal, wait_until},
    program, run,
};

/// A sandbox with one page, and a scenario that waits there.
const WAITING: &str = r#"
scenario waiting:
  tags: [test]
  sandbox: booth
  personas: 2
  duration: 5m
  probes:
    - slow_service: desk-svc latency: 100ms
  steps:
    - visit: "/start"
    - wait: 2m
    - visit: "/start"

sandbox booth:
  entry: portal
  frontend portal:
    page "/start" "Start":
      on view:
        - get: desk-svc "/ready"
  service desk-svc:
    route GET "/ready":
      - reply: 200
"#;

fn rehearse(directory: &Path, file: &str, text: &str) -> Ended {
    fs::write(directory.join(file), text).expect("a scenario");
    run(&program("esr"), directory, &["rehearse", file])
}

fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

#[track_caller]
fn refused(ended: &Ended, code: i32, says: &[&str]) {
    assert_eq!(ended.code, Some(code), "{}{}", ended.stdout, ended.stderr);
    for text in says {
        assert!(ended.stderr.contains(text), "it does not say {text:?}:\n{}", ended.stderr);
    }
}

#[test]
fn a_file_that_does_not_compile_reports_all_its_errors() {
    let directory = directory();
    let text = WAITING.replace("visit: \"/start\"\n    - wait", "vist: \"/start\"\n    - wait").replace("2m\n", "$2\n");
    let ended = rehearse(directory.path(), "broken.scn", &text);
    refused(&ended, 104, &["vist", "visit", "broken.scn:10:", "broken.scn:11:", "2 errors"]);
    assert!(!directory.path().join(".esr").exists(), "nothing was started");
    assert!(!directory.path().join("debrief.pdf").exists());
}

#[test]
fn a_missing_file_is_a_matter_of_usage() {
    let directory = directory();
    fs::write(directory.path().join("there.scn"), WAITING).expect("a scenario");
    let ended = run(&program("esr"), directory.path(), &["rehearse", "their.scn"]);
    refused(&ended, 2, &["their.scn", "there.scn"]);
}

#[test]
fn an_unknown_sandbox_does_not_compile() {
    let directory = directory();
    let ended = rehearse(directory.path(), "lost.scn", &WAITING.replace("sandbox: booth", "sandbox: boot"));
    refused(&ended, 104, &["boot", "booth", "lost.scn:4:"]);
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port();
    let directory = directory();
    let text = WAITING.replace("frontend portal:\n", &format!("frontend portal:\n    port: {port}\n"));
    let ended = rehearse(directory.path(), "taken.scn", &text);
    refused(&ended, 100, &[&port.to_string(), "portal", "taken.scn:"]);
    assert_eq!(fs::read_dir(directory.path().join(".esr/runs")).expect("the runs").count(), 0, "no run was recorded");
}

#[test]
fn a_debrief_that_cannot_be_written_is_found_out_before_the_run() {
    let directory = directory();
    fs::write(directory.path().join("waiting.scn"), WAITING).expect("a scenario");
    let esr = program("esr");
    refused(
        &run(&esr, directory.path(), &["rehearse", "waiting.scn", "--out", "no/such/place.pdf"]),
        2,
        &["no/such/place.pdf"],
    );
    refused(&run(&esr, directory.path(), &["rehearse", "waiting.scn", "--out", "debrief.docx"]), 2, &[".docx", ".pdf"]);
}

#[test]
fn an_unknown_run_lists_those_there_are() {
    let directory = directory();
    let ended = run(&program("esr"), directory.path(), &["report", "passport", "--out", "x.pdf"]);
    refused(&ended, 2, &["passport", "esr runs"]);
}

#[test]
fn ctrl_c_restores_everything_and_what_was_recorded_still_reports() {
    let directory = directory();
    fs::write(directory.path().join("waiting.scn"), WAITING).expect("a scenario");
    let mut esr = Running::esr(directory.path(), &["rehearse", "waiting.scn"]);
    let portal = esr.line("portal is healthy at");
    let url =
        portal.rsplit(' ').next().expect("an address").trim_start_matches("http://").trim_end_matches('/').to_owned();
    esr.line("2 personas active");

    signal(esr.pid(), "INT");
    let (rest, code) = esr.end();
    assert_eq!(code, Some(105), "{rest}");
    assert!(rest.contains("2 interrupted"), "{rest}");
    assert!(std::net::TcpStream::connect(&url).is_err(), "the portal still listens at {url}");
    assert!(directory.path().join("debrief.pdf").exists(), "the debrief is written all the same");

    let reported = run(&program("esr"), directory.path(), &["report", "waiting", "--out", "-", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&reported.stdout).expect("a report in JSON");
    assert_eq!(report["verdict"]["exit_code"], 105);
    assert_eq!(report["success"]["interrupted"], 2);
    let windows = report["probes"][0]["windows"].as_array().expect("windows");
    assert!(windows.len() == 1 && windows[0]["end_ns"].is_u64(), "the probe was removed: {windows:?}");
}

#[test]
fn a_killed_run_still_reports() {
    let directory = directory();
    fs::write(directory.path().join("waiting.scn"), WAITING).expect("a scenario");
    let mut running = Running::esr(directory.path(), &["rehearse", "waiting.scn"]);
    running.line("2 personas active");
    // Both personas have made their first step and wait; nothing more happens that could push anything out.
    let esr = program("esr");
    let arguments = ["report", "waiting", "--out", "-", "--format", "json"];
    let counted = || {
        let reported = run(&esr, directory.path(), &arguments);
        let report: serde_json::Value = serde_json::from_str(&reported.stdout).expect("a report in JSON");
        let figures = |step: usize| report["steps"][step]["count"].clone();
        (report["steps"][0]["step"].clone(), figures(0), figures(1), figures(2))
    };
    let expected = (serde_json::json!("visit"), 2.into(), 0.into(), 0.into());
    wait_until("both have visited", || counted() == expected);
    running.kill();

    assert_eq!(counted(), expected, "what was known before the kill is reported");

    let reported = run(&esr, directory.path(), &["report", "waiting", "--out", "debrief.pdf"]);
    assert_eq!(reported.code, Some(0), "{}{}", reported.stdout, reported.stderr);
    assert!(reported.stdout.contains("did not end"), "{}", reported.stdout);
}
