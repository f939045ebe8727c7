//! Programs that run beside a test.

use std::{
    fs,
    io::{BufRead, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use crate::program;

/// How long a test waits for what must come before it gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// `esr` at work. It is killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// Starts `esr` with `arguments` in `directory`.
    pub fn esr(directory: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(program("esr"))
            .args(arguments)
            .current_dir(directory)
            .env("NO_COLOR", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("esr runs");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        Self { child, lines }
    }

    /// Waits for a line with `text` in it.
    pub fn line(&mut self, text: &str) -> String {
        let mut before = Vec::new();
        for line in self.lines.by_ref() {
            let line = line.expect("a line");
            if line.contains(text) {
                return line;
            }
            before.push(line);
        }
        panic!("no line says {text:?}:\n{}", before.join("\n"));
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("its state").is_some()
    }

    /// Kills it: it gets no chance to clean up.
    pub fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Waits for its end: the rest of what it prints, and its exit code.
    pub fn end(mut self) -> (String, Option<i32>) {
        let rest: Vec<String> = self.lines.by_ref().map(|line| line.expect("a line")).collect();
        (rest.join("\n"), self.child.wait().expect("it ends").code())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends `signal` (`INT`, `KILL`, …) to a process.
pub fn signal(pid: u32, signal: &str) {
    // Whatever process this was may have ended.
    let _ = Command::new("kill").args([&format!("-{signal}"), &pid.to_string()]).stderr(Stdio::null()).status();
}

/// Waits until `holds` does.
///
/// # Panics
///
/// If it does not within a minute.
#[track_caller]
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let patience = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < patience, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The processes of standing sandboxes that work in `directory`, as Linux lists them.
pub fn hosts_in(directory: &Path) -> Vec<u32> {
    let directory = directory.canonicalize().expect("a directory");
    let mut hosts = Vec::new();
    for entry in fs::read_dir("/proc").expect("/proc").flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let words = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let is_host = words.split(|byte| *byte == 0).nth(1) == Some(b"host");
        if is_host && fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == directory) {
            hosts.push(pid);
        }
    }
    hosts
}
