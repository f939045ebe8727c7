//! What labels mark as somebody's data stays out of the store, the console and the report.

use std::{fs, path::Path};

use esr_tests::{program, run};

/// Personas look for a page that is not there, at a path with their address in it, and go on.
const LEAKY: &str = r#"
use std.people

scenario leaky:
  tags: [test]
  sandbox: booth
  personas:
    - 2 of Citizen
    - 1 of Citizen drives: browser
  steps:
    - visit: "/x/${persona.email}"
      name: lost
      soft: true
    - visit: "/start"
    - fill: "name" value: persona.name
    - screenshot: "for ${persona.email}"
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

/// Nobody's address: an example in the documentation of `email`, which is stored with the sources of a run.
const SAMPLE: &str = "ada.lovelace201@example.com";

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
        let text = String::from_utf8_lossy(&fs::read(&path).expect("a file")).replace(SAMPLE, "");
        if path.extension().is_some_and(|extension| ["jsonl", "json", "html"].iter().any(|kind| extension == *kind)) {
            assert!(!text.contains(DOMAIN), "{} holds an address", path.display());
            seen += 1;
        }
    }
    assert_eq!(seen, 14, "of each run the five files of the store and the report, and two pages");
    let report = fs::read_to_string(directory.path().join("debrief.json")).expect("a report");
    assert!(report.contains("HTTP 404 on [pii]"), "{report}");
}

/// What nobody may read, by the variables that have it.
const VARIABLES: [(&str, &str); 4] = [
    ("HOLDER", "Zebedee Quuxmore"),
    ("VAULT_TOKEN", "hunter2-opal"),
    ("PASSPORT", "X99887766"),
    ("PIN", "amber-falcon-5"),
];

/// Parts of every sensitive value of `vault.scn`, each enough to know somebody by.
const SENSITIVE: [&str; 9] =
    ["Zebedee", "Quuxmore", "hunter2", "X99887766", "amber-falcon", "Wilhelmina", "Ottoline", "Cornelia", "Literal"];

/// Fails if `text`, which stands in `place`, has anything of anybody.
#[track_caller]
fn is_clean(place: &str, text: &str) {
    for sensitive in SENSITIVE {
        let at = text.find(sensitive);
        let around =
            at.map(|at| text[text.floor_char_boundary(at.saturating_sub(200))..].chars().take(300).collect::<String>());
        assert!(at.is_none(), "{place} has {sensitive}: {around:?}");
    }
}

#[test]
fn labels_follow_their_texts_into_every_output() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    // The source is its author's; everything else is an output.
    fs::write(directory.path().join("vault.scn"), include_str!("privacy/vault.scn")).expect("a scenario");
    let command = |name: &str, arguments: &[&str]| {
        let output = std::process::Command::new(program(name))
            .args(arguments)
            .current_dir(directory.path())
            .env("NO_COLOR", "1")
            .envs(VARIABLES)
            .output()
            .expect("a program that runs");
        let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        is_clean(&format!("{name} {}", arguments.join(" ")), &printed);
        printed
    };
    let said = command("esr", &["rehearse", "vault.scn", "--out", "debrief.json"]);
    assert!(said.contains("all goals are met"), "{said}");
    let run = said.split_once("vault (").and_then(|(_, rest)| rest.split_once(')')).expect("a run").0.to_owned();
    for format in ["md", "pdf", "json"] {
        command("esr", &["report", &run, "--out", &format!("report.{format}")]);
    }
    for arguments in [["runs"].as_slice(), &["trace", &run], &["status"]] {
        command("esr", arguments);
    }
    for format in ["text", "mermaid", "dot", "svg", "json"] {
        let plan = command("esrc", &["plan", "vault.scn", "--format", format]);
        assert!(plan.contains("visit"), "{plan}");
    }
    let documented = command("esrc", &["doc", "vault.scn"]);
    assert!(documented.contains("maiden_name"), "{documented}");
    command("esr", &["up", "vault.scn"]);
    let ran = command("esr", &["run", "vault"]);
    for part in ["portal", "bank-svc"] {
        command("esr", &["logs", part]);
    }
    command("esr", &["status"]);
    command("esr", &["down"]);
    assert!(ran.contains("all goals are met"), "{ran}");

    let (mut stored, mut failed) = (0, 0);
    for path in files(directory.path()).into_iter().filter(|path| !path.ends_with("vault.scn")) {
        let text = String::from_utf8_lossy(&fs::read(&path).expect("a file")).into_owned();
        is_clean(&path.display().to_string(), &text);
        stored += usize::from(path.extension().is_some_and(|extension| extension == "jsonl"));
        if path.ends_with("journeys.jsonl") {
            failed += text.matches("\"error\":").count();
        }
    }
    assert!(stored >= 6, "the runs were read");
    assert!(failed >= 20, "every group fails in its own way, but {failed} steps failed");
    let pdf = std::process::Command::new("pdftotext").args(["report.pdf", "-"]).current_dir(directory.path()).output();
    let pdf = String::from_utf8_lossy(&pdf.expect("pdftotext (poppler-utils) is installed").stdout).into_owned();
    assert!(pdf.contains("vault"), "{pdf}");
    is_clean("report.pdf", &pdf);
}

#[test]
fn hostile_data_is_redacted_too() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let case = esr_tests::root().join("tests/rehearse/hostile-data/case.scn");
    let scenario = fs::read_to_string(case).expect("the case");
    // It fails with what it has, so that there is something to redact.
    let said = "    - fail: \"${page.text()} / ${last.text} / ${persona.name} / ${page.css(\"output\")}\"\n\nsandbox registry:";
    fs::write(directory.path().join("hostile.scn"), scenario.replacen("\nsandbox registry:", said, 1)).expect("a file");
    let ended = run(&program("esr"), directory.path(), &["rehearse", "hostile.scn", "--out", "debrief.md"]);
    assert_eq!(ended.code, Some(99), "{}{}", ended.stdout, ended.stderr);
    let names = [
        "Smiley",
        "Hart",
        "\u{645}\u{62d}\u{645}\u{62f}",
        "Smith-Jones",
        "Brien",
        "Guessan",
        "Sukarno",
        "Kim",
        "Bobby",
        "Tables",
        "students",
        "etc/passwd",
        "&lt;Amp",
        "jndi",
        "\u{935}\u{94d}",
        "\u{738b}\u{4f1f}",
    ];
    for path in files(directory.path()).into_iter().filter(|path| !path.ends_with("hostile.scn")) {
        let text = [fs::read_to_string(&path).expect("a text"), ended.stdout.clone(), ended.stderr.clone()].concat();
        for name in names {
            let at = text.find(name);
            let around = at.map(|at| {
                text[text.floor_char_boundary(at.saturating_sub(100))..].chars().take(200).collect::<String>()
            });
            assert!(at.is_none(), "{} has {name}: {around:?}", path.display());
        }
    }
}
