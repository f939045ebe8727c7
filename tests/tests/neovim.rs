//! The language server as Neovim's own client speaks with it.

use std::{fs, process::Command};

use esr_tests::{copy, program, root};

const JOURNEY: &str = "\
scenario: journey
tags: [nightly]
goals:
  - success >= 99%
personas: 5
steps:
  - group: \"begin\"
    steps:
      - vist: \"/start\"
";

const BOTH: &str = "\
use \"./people.scn\" as people
scenario: both
tags: [nightly]
personas:
  - 5 of people.Asker
goals:
  - success >= 99%
steps:
  - visit: \"/start\"
";

#[test]
fn neovim_shows_mends_completes_and_formats() {
    let folder = tempfile::tempdir().expect("a directory");
    copy(&root().join("tests/lsp/files"), folder.path());
    fs::write(folder.path().join("journey.scn"), JOURNEY).expect("a file");
    fs::write(folder.path().join("both.scn.yaml"), BOTH).expect("a file");
    let driver = root().join("tests/editors/neovim.lua");
    let output = Command::new("nvim")
        .args(["--headless", "--clean", "-n", "--cmd"])
        .arg(format!("set runtimepath^={}", root().join("editors/neovim").display()))
        .arg("-c")
        .arg(format!("luafile {}", driver.display()))
        // Reached where the driver fails.
        .args(["-c", "cquit 2"])
        .current_dir(folder.path())
        .env("ESRC", program("esrc"))
        .env("HOME", folder.path())
        .output()
        .expect("nvim, which `tests/run` installs");
    let said = String::from_utf8_lossy(&output.stdout);
    let snapshot = root().join("tests/editors/neovim.snap");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&snapshot, said.as_bytes()).expect("written");
    }
    let expected = fs::read_to_string(&snapshot).expect("the snapshot");
    assert_eq!(said, expected, "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{output:?}");
}
