//! What `esrc` says to the shell: exit codes and friendly failures.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

fn esrc(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_esrc"))
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

const CLEAN: &str = "sandbox s:\n  entry: web\n  frontend web:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n";
const BROKEN: &str = "sandbox s:\n  entry: wbe\n  frontend web:\n    page \"/\" \"Start\":\n      text: \"Hello\"\n";
const NOTED: &str = "scenario: a\nsteps:\n  - visit: \"/\"\n";
const RULES_HOLD: [&str; 4] =
    ["check", "scenarios/passport_renewal.scn.yaml", "--gov-source", "scenarios/dev-rules.yaml"];

#[test]
fn exit_codes_and_what_is_said() {
    for (arguments, input, code, stdout, stderr) in [
        (&["check", "scenarios"][..], "", 0, "9 files checked: 2 notes", ""),
        (&["check", "-"], CLEAN, 0, "1 file checked: nothing found", ""),
        (&["check", "-", "--format", "short"], BROKEN, 1, "<stdin>:2:10: error[E0402]: there is no frontend `wbe`", ""),
        (&["check", "-", "--format", "json"], BROKEN, 1, "\"E0402\"", ""),
        (&["check", "-"], NOTED, 0, "3 notes", ""),
        (&["check", "scenarios/passport.scn"], "", 2, "", "scenarios/passport_agency.scn"),
        (&["check", "nowhere.scn"], "", 2, "", "there is no file `nowhere.scn`"),
        (&["check", "docs"], "", 2, "", "there is no source file in `docs`"),
        (&["check", "tests/ui/uses/esr.toml"], "", 2, "", "holds settings, and is no source file"),
        (&["check"], "", 2, "", "Usage"),
        (&["check", "-", "--colour"], "", 2, "", "--colour"),
        (&RULES_HOLD, "", 0, "1 file checked: 2 notes", ""),
        (&["check", "-", "--gov-source", "nowhere.yaml"], CLEAN, 2, "", "`nowhere.yaml` cannot be read"),
        (&["plan", "-"], CLEAN, 2, "", "declares no scenario"),
        (&["plan", "-", "b"], NOTED, 2, "", "it declares a"),
        (&["plan", "-"], BROKEN, 1, "", "E0402"),
        (&["plan", "-"], NOTED, 0, "scenario a", ""),
        (&["explain", "e0402"], "", 0, "E0402 undeclared-part (error)", ""),
        (&["explain", "undeclared-part"], "", 0, "entry: potal", ""),
        (&["explain", "E9999"], "", 2, "", "there is no diagnostic `E9999`"),
    ] {
        let output = esrc(arguments, input);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{out}\n{err}");
        assert!(out.contains(stdout), "{arguments:?}: {stdout:?} is not in\n{out}");
        assert!(err.contains(stderr), "{arguments:?}: {stderr:?} is not in\n{err}");
    }
}
