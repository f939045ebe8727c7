//! Files that are larger than anybody writes.

use std::{fmt::Write, process::Command};

/// Exit code and standard output of `esrc check` on this text.
fn check(text: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("large.scn"), text).expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_esrc"))
        .current_dir(folder.path())
        .args(["check", "--format", "short", "--max-findings", "20", "large.scn"])
        .output()
        .expect("esrc runs");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

const HEAD: &str =
    "scenario large:\n  tags: [large]\n  goals:\n    - success >= 99%\n  steps:\n    - visit: \"/start\"\n";

#[test]
fn ten_megabytes_of_steps_are_checked() {
    let mut text = HEAD.to_owned();
    while text.len() < 10_000_000 {
        writeln!(text, "    - fill: \"passport_id\" value: \"X{:08}\" timeout: 5s", text.len()).expect("a text");
    }
    let (code, said) = check(&text);
    assert_eq!(code, Some(0), "{said}");
    // The last line counts as much as the first.
    text.push_str("    - fil: \"passport_id\" value: \"X12345678\"\n");
    let (code, said) = check(&text);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("there is no step `fil`"), "{said}");
}

#[test]
fn a_line_of_a_megabyte_is_checked() {
    let values = "\"X12345678\", ".repeat(80_000);
    let (code, said) = check(&format!(
        "{HEAD}    - for: number in [{values}\"X\"]\n      steps:\n        - fill: \"a\" value: nmber\n"
    ));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("there is no `nmber` here"), "{said}");
}
