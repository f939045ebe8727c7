//! The program between a sandbox and a process of it: `esr supervise PROGRAM ARGUMENTS…`.
//!
//! It starts the process in a group of its own and says on its standard output, in one line, how that went; whatever comes
//! there after it, the process says itself. It ends with the process. If its standard input closes, because the sandbox
//! goes down or because its process has been killed, it ends the process and all that this has started: with SIGTERM, and
//! 3 s later with SIGKILL.

use std::{
    ffi::OsString,
    io::{Read, Write},
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{Command, ExitCode, ExitStatus, Stdio},
    sync::mpsc,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};

/// The word before the number of the process that has been started.
pub(super) const STARTED: &str = "started";

/// The word before the system's number for why none could be.
pub(super) const FAILED: &str = "failed";

/// How long a process may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(3);

/// The exit code where nothing could be started, as shells have it.
const NOTHING: u8 = 127;

enum Event {
    /// The process has ended.
    Ended(Option<ExitStatus>),
    /// The sandbox has gone.
    Alone,
}

/// Is the supervisor of `words`, a program and its arguments.
pub fn supervise(words: &[OsString]) -> ExitCode {
    let Some((program, arguments)) = words.split_first() else { return ExitCode::from(NOTHING) };
    let spawned = Command::new(program).args(arguments).stdin(Stdio::null()).process_group(0).spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => {
            say(&format!(
                "{FAILED} {}",
                error.raw_os_error().map_or_else(|| error.to_string(), |number| number.to_string())
            ));
            return ExitCode::from(NOTHING);
        }
    };
    let group = Pid::from_child(&child);
    say(&format!("{STARTED} {}", child.id()));
    let (tell, events) = mpsc::channel();
    let told = tell.clone();
    std::thread::spawn(move || {
        let mut byte = [0; 64];
        // Nothing is ever said; an end is all that there is to read.
        while std::io::stdin().read(&mut byte).is_ok_and(|read| read > 0) {}
        let _ = told.send(Event::Alone);
    });
    std::thread::spawn(move || {
        let _ = tell.send(Event::Ended(child.wait().ok()));
    });
    let status = match events.recv() {
        Ok(Event::Ended(status)) => status,
        _ => {
            // Fails only where there is nobody left.
            let _ = kill_process_group(group, Signal::TERM);
            match events.recv_timeout(GRACE) {
                Ok(Event::Ended(status)) => status,
                _ => None,
            }
        }
    };
    // What it has started and left behind.
    let _ = kill_process_group(group, Signal::KILL);
    let code = status.map(|status| status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(NOTHING))
}

fn say(word: &str) {
    let mut out = std::io::stdout();
    // Where nobody listens any more, the end of standard input says so too.
    let _ = writeln!(out, "{word}");
    let _ = out.flush();
}
