//! What labels mark as somebody's data stays out of the store, the console and the report.

use std::{fs, path::Path};

use esr_tests::{program, run};

/// Personas look for a page that is not there, at a path with their address in it, and go on.
const LEAKY: &str = r#"
scenario leaky:
  tags: [test]
  sandbox: booth
  personas: 3
  steps:
    - visit: "/x/${persona.email}"
      name: lost
      soft: true
    - visit: "/start"
    - fill: "name" value: persona.name
    - expect: { page: "/hello", title: "Goodbye" }

sandbox booth:
  entry: portal
  frontend portal:
    page "/start" "Start":
      form person -> "/hello":
        name: Text pii: true
    page "/hello" "Hello"
"#;

/// The personas of a run all have addresses at this domain.
const DOMAIN: &str = "@example.com";

fn files(directory: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("a readable entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn nothing_that_a_label_marks_is_stored_printed_or_reported() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fs::write(directory.path().join("leaky.scn"), LEAKY).expect("a scenario");
    let esr = program("esr");
    let ended = run(&esr, directory.path(), &["rehearse", "leaky.scn", "--out", "debrief.json"]);
    assert_eq!(ended.code, Some(99), "{}{}", ended.stdout, ended.stderr);
    // What is nobody's data is said as ever; so is where a journey ends, without the address.
    assert!(ended.stdout.contains("failed at /hello"), "{}", ended.stdout);

    fs::write(directory.path().join("lost.scn"), LEAKY.replace("      soft: true\n", "").replace("leaky", "lost"))
        .expect("a scenario");
    let lost = run(&esr, directory.path(), &["rehearse", "lost.scn", "--out", "lost.json"]);
    assert!(lost.stdout.contains("  3 failed at [pii] (HTTP 404)"), "{}", lost.stdout);

    let trace = run(&esr, directory.path(), &["trace", "leaky"]);
    assert!(trace.stdout.contains("[unknown path]"), "{}", trace.stdout);
    for printed in [&ended.stdout, &ended.stderr, &lost.stdout, &lost.stderr, &trace.stdout] {
        assert!(!printed.contains(DOMAIN), "{printed}");
    }
    let mut seen = 0;
    for path in files(directory.path()) {
        let text = fs::read_to_string(&path).expect("a text");
        if path.extension().is_some_and(|extension| extension == "jsonl" || extension == "json") {
            assert!(!text.contains(DOMAIN), "{} holds an address", path.display());
            seen += 1;
        }
    }
    assert_eq!(seen, 12, "of each run the five files of the store and the report");
    let report = fs::read_to_string(directory.path().join("debrief.json")).expect("a report");
    assert!(report.contains("HTTP 404 on [pii]"), "{report}");
}
