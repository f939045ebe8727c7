//! A directory in which a test types commands.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    Ended, copy,
    process::{hosts_in, signal},
    program, root, run,
};

/// A small sandbox, and scenarios that go through it.
pub const BOOTH: &str = r#"
scenario quick-v1:
  tags: [test]
  sandbox: booth
  personas: 3
  steps:
    - visit: "/start"
    - click: "Continue"
    - expect: { page: "/done", status: 200 }

scenario slow-v2:
  tags: [test]
  sandbox: booth
  personas: 2
  duration: 5m
  probes:
    - slow_service: desk-svc latency: 20ms
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
      form go -> "/done":
        note: Maybe[Text]
    page "/done" "Done":
      text: "Done."
  service desk-svc:
    route GET "/ready":
      - reply: 200
"#;

/// A directory whose sandboxes are taken down with it.
#[derive(Debug)]
pub struct Project(tempfile::TempDir);

impl Project {
    /// An empty one.
    pub fn empty() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    /// With the files of the example library.
    pub fn library() -> Self {
        let project = Self::empty();
        copy(&root().join("scenarios"), project.path());
        project
    }

    /// With these files: names and what they hold.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let project = Self::empty();
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).expect("a file");
    }

    /// Types a command.
    pub fn esr(&self, line: &str) -> Ended {
        run(&program("esr"), self.path(), &line.split_whitespace().collect::<Vec<_>>())
    }

    /// Types a command that must end with `code`.
    #[track_caller]
    pub fn ends(&self, line: &str, code: i32) -> Ended {
        let ended = self.esr(line);
        assert_eq!(ended.code, Some(code), "esr {line}\n{}{}", ended.stdout, ended.stderr);
        ended
    }

    /// Types a command that must end with `code` and say all of `says` on standard error.
    #[track_caller]
    pub fn refuses(&self, line: &str, code: i32, says: &[&str]) {
        let ended = self.ends(line, code);
        for text in says {
            assert!(ended.stderr.contains(text), "esr {line} does not say {text:?}:\n{}", ended.stderr);
        }
    }

    /// Types a command that must end with `code`; what it prints is JSON.
    #[track_caller]
    pub fn json(&self, line: &str, code: i32) -> Value {
        let ended = self.ends(line, code);
        serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("esr {line}: {error}\n{}", ended.stdout))
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        for pid in hosts_in(self.path()) {
            signal(pid, "KILL");
        }
    }
}
