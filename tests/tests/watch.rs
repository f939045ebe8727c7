//! `--watch` on a terminal, and where there is none.
#![cfg(target_os = "linux")]

use std::{
    fs,
    io::Read,
    path::Path,
    process::{Command, Stdio},
};

use esr_tests::{program, root};

// What a terminal is sent to show the alternate screen and the usual one again, and to hide the cursor and show it.
const ENTER: &str = "\x1b[?1049h";
const LEAVE: &str = "\x1b[?1049l";
const HIDE: &str = "\x1b[?25l";
const SHOW: &str = "\x1b[?25h";

/// A scenario that meets its goals.
fn case() -> String {
    fs::read_to_string(root().join("tests/rehearse/nothing-planted/case.scn")).expect("a case")
}

/// `command` under a pseudo-terminal that says it is a `term`; what is written to it comes out of standard output.
fn script(directory: &Path, term: &str, command: &str) -> Command {
    let mut script = Command::new("script");
    script.args(["-qec", command, "/dev/null"]).current_dir(directory).stdin(Stdio::null());
    script.env("TERM", term).env_remove("NO_COLOR");
    script
}

/// Rehearses with two personas under a pseudo-terminal that says it is a `term`, and yields all that was written to it.
fn on_a_terminal(term: &str, arguments: &str) -> String {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fs::write(directory.path().join("case.scn"), case()).expect("a copy");
    let rehearse = format!("'{}' rehearse case.scn --personas 2 {arguments}", program("esr").display());
    let output = script(directory.path(), term, &rehearse).output().expect("script, which is part of util-linux");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n")
}

/// What a terminal of 80 × 24 shows after it has received `sent`.
fn screen(sent: &str) -> String {
    let mut cells = vec![[' '; 80]; 24];
    let (mut row, mut column) = (0, 0);
    let mut rest = sent.chars();
    while let Some(character) = rest.next() {
        if character != '\x1b' {
            cells[row][column] = character;
            column += 1;
            continue;
        }
        // ECMA-48 §5.4: a control sequence ends with a byte from 4/0 to 7/14.
        assert_eq!(rest.next(), Some('['));
        let mut parameters = String::new();
        let last = loop {
            match rest.next().expect("a whole control sequence") {
                last @ '@'..='~' => break last,
                other => parameters.push(other),
            }
        };
        match (last, parameters.split_once(';')) {
            ('H', Some((y, x))) => (row, column) = (number(y), number(x)),
            ('J', _) => cells = vec![[' '; 80]; 24],
            _ => {}
        }
    }
    cells.iter().map(|row| row.iter().collect::<String>() + "\n").collect()
}

/// A row or column, which count from 1.
fn number(text: &str) -> usize {
    text.parse::<usize>().expect("a number") - 1
}

#[test]
fn a_terminal_shows_the_run_and_is_restored() {
    let shown = on_a_terminal("xterm-256color", "--watch");
    let (before, rest) = shown.split_once(ENTER).unwrap_or_else(|| panic!("no view: {shown}"));
    let (view, after) = rest.split_once(LEAVE).unwrap_or_else(|| panic!("the view was not left: {shown}"));
    assert!(before.contains("parts healthy\n"), "{before}");
    // The last frame has all that was told.
    let screen = screen(view);
    for part in ["✓ all 2 goals hold so far", "of at most 1:00", "█ 2 completed  ▒ 0 failed  ░ 0 active", "100 %"]
    {
        assert!(screen.contains(part), "the screen lacks {part}:\n{screen}");
    }
    for step in ["visit", "fill", "expect"] {
        let row = screen.lines().find_map(|line| line.trim_start().strip_prefix(step)).expect("a row of the table");
        assert_eq!(row.split_whitespace().take(3).collect::<Vec<_>>(), ["0", "2", "0"], "\n{screen}");
    }
    assert!(view.contains(HIDE) && !view.contains(SHOW), "{view}");
    assert!(!view.contains("👥"), "{view}");

    let cursor = after.find(SHOW).expect("the cursor is shown again");
    let lines = after.find("👥 2 personas active\n").expect("the plain lines follow");
    assert!(cursor < lines, "{after}");
    let tally = after.find("✅   2 completed\n").expect("the tally follows");
    assert!(lines < tally && after.contains("✅ GO"), "{after}");
    assert!(!after[lines..].contains('\x1b'), "{after}");
}

#[test]
fn a_terminal_that_can_only_print_gets_the_plain_lines() {
    for shown in [on_a_terminal("dumb", "--watch"), on_a_terminal("xterm-256color", "")] {
        assert!(shown.contains("👥 2 personas active\n") && !shown.contains('\x1b'), "{shown}");
    }
}

#[test]
fn machines_get_no_view() {
    let shown = on_a_terminal("xterm-256color", "--watch --json");
    assert!(shown.contains("\"exit_code\":0") && !shown.contains('\x1b'), "{shown}");
}

#[test]
fn a_pipe_gets_the_plain_lines() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let case = root().join("tests/rehearse/nothing-planted/case.scn");
    let output = Command::new(program("esr"))
        .args([Path::new("rehearse"), &case, Path::new("--watch"), Path::new("--personas=2")])
        .current_dir(directory.path())
        .env("TERM", "xterm-256color")
        .output()
        .expect("esr ends");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{stdout}{stderr}");
    assert!(stdout.contains("👥 2 personas active\n") && stdout.contains("✅   2 completed\n"), "{stdout}");
    assert!(!stdout.contains('\x1b') && !stderr.contains('\x1b'), "{stdout}{stderr}");
}

#[test]
fn a_signal_restores_the_terminal() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    // It would last as long as anybody wants to watch.
    let endless = case().replace("    - visit: \"/start\"\n", "    - visit: \"/start\"\n    - wait: 30m\n");
    assert_ne!(endless, case());
    fs::write(directory.path().join("case.scn"), endless).expect("a scenario");
    let rehearse = format!("echo $$ > pid; exec '{}' rehearse case.scn --personas 2 --watch", program("esr").display());
    let mut child = script(directory.path(), "xterm-256color", &rehearse)
        .stdout(Stdio::piped())
        .spawn()
        .expect("script, which is part of util-linux");
    let mut out = child.stdout.take().expect("what is shown");
    let mut shown = Vec::new();
    let is_at_wait =
        |shown: &[u8]| String::from_utf8_lossy(shown).split_once(ENTER).is_some_and(|(_, view)| view.contains("wait"));
    while !is_at_wait(&shown) {
        let mut byte = [0];
        out.read_exact(&mut byte).expect("a view");
        shown.push(byte[0]);
    }
    let pid = fs::read_to_string(directory.path().join("pid")).expect("the process");
    let sent = Command::new("kill").args(["-TERM", pid.trim()]).status().expect("kill");
    assert!(sent.success());
    out.read_to_end(&mut shown).expect("the rest");
    assert_eq!(child.wait().expect("an end").code(), Some(105));
    let shown = String::from_utf8_lossy(&shown).replace("\r\n", "\n");
    let (_, after) = shown.split_once(LEAVE).unwrap_or_else(|| panic!("the view was not left: {shown}"));
    let said = after.find("esr: interrupted; restoring").unwrap_or_else(|| panic!("nothing was said: {shown}"));
    assert!(after[..said].contains(SHOW) && !after[said..].contains('\x1b'), "{after}");
    assert!(after.contains("👥 2 personas active\n") && after.contains("⏹️    2 interrupted\n"), "{after}");
}
