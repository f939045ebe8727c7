//! Standard output that nobody reads, or that cannot be written: no command may panic over it.

use std::{
    fs::OpenOptions,
    path::Path,
    process::{Command, Stdio},
};

use esr_tests::{Ended, program};

/// Commands that print what they were asked for; the run that some name does not exist.
const COMMANDS: &[&[&str]] = &[
    &["runs"],
    &["runs", "--json"],
    &["help", "exit-codes"],
    &["trace", "nobody"],
    &["report", "nobody", "--out", "x.json", "--json"],
    &["rehearse", "nobody.scn", "--json"],
];

fn esr(directory: &Path, arguments: &[&str], stdout: Stdio, stderr: Stdio) -> Ended {
    let child = Command::new(program("esr"))
        .args(arguments)
        .current_dir(directory)
        .stdout(stdout)
        .stderr(stderr)
        .spawn()
        .expect("esr starts");
    let output = child.wait_with_output().expect("esr ends");
    Ended {
        code: output.status.code(),
        stdout: String::new(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A pipe whose reader is gone.
fn unread() -> Stdio {
    let (_, writer) = std::io::pipe().expect("a pipe");
    writer.into()
}

/// A project with a damaged run, so that every command has something to print.
fn project() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::create_dir_all(directory.path().join(".esr/runs/damaged")).expect("a directory");
    directory
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    let project = project();
    for arguments in COMMANDS {
        let ended = esr(project.path(), arguments, unread(), Stdio::piped());
        assert!(!ended.stderr.contains("panicked"), "{arguments:?}: {}", ended.stderr);
        let expected = if arguments.iter().any(|word| word.starts_with("nobody")) { 2 } else { 0 };
        assert_eq!(ended.code, Some(expected), "{arguments:?}: {}", ended.stderr);
        // Nor if nobody hears the complaint.
        assert_eq!(esr(project.path(), arguments, unread(), unread()).code, Some(expected), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_standard_output_is_told() {
    let project = project();
    for arguments in COMMANDS {
        let full = || -> Stdio { OpenOptions::new().write(true).open("/dev/full").expect("/dev/full").into() };
        let ended = esr(project.path(), arguments, full(), Stdio::piped());
        assert!(!ended.stderr.contains("panicked"), "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.stderr);
        assert_eq!(esr(project.path(), arguments, full(), full()).code, Some(2), "{arguments:?}");
    }
}
