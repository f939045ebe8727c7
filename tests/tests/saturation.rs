//! A machine that runs out of file descriptors: the failures that follow are not the sandbox's.

use std::{fs, process::Command};

use esr_tests::program;
use serde_json::Value;

const SCENARIO: &str = r#"sandbox town:
  entry: portal
  frontend portal:
    page "/" "Town":
      on view:
        - get: clock-svc "/time"
      text: "Welcome."
  service clock-svc:
    latency: 300ms
    route GET "/time":
      - reply: 200

scenario crowd:
  sandbox: town
  personas: 50
  steps:
    - visit: "/" timeout: 1s
"#;

#[test]
fn a_rehearsal_that_lacks_descriptors_is_inconclusive() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fs::write(directory.path().join("crowd.scn"), SCENARIO).expect("a file");
    // Both limits, so that the program cannot raise its own again.
    let output = Command::new("sh")
        .args(["-c", r#"ulimit -n 80 && exec "$0" rehearse crowd.scn --out debrief.json"#])
        .arg(program("esr"))
        .current_dir(directory.path())
        .output()
        .expect("a shell");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(110), "{printed}");
    assert!(printed.contains("this machine could not make all connections"), "{printed}");
    let report = fs::read(directory.path().join("debrief.json")).expect("a debrief");
    let report: Value = serde_json::from_slice(&report).expect("a debrief in JSON");
    assert_eq!(report["goals"][0]["met"], false, "{report:#}");
    assert_eq!(report["cause"], Value::Null);
    assert_eq!(report["fixes"], Value::Array(Vec::new()), "nothing is blamed on a part");
}
