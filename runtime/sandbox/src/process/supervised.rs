//! A process with its supervisor, as the sandbox sees it.

use std::{ffi::OsString, fmt, io, path::PathBuf, process::Stdio};

use esr_engine::{Clock, clock::timeout};
use rustix::process::{Pid, Signal, kill_process_group};
use scn_plan::nanos;
use tokio::{
    io::BufReader,
    process::{ChildStdin, Command},
    sync::watch,
};

use super::{
    output::{self, Last, OnLine},
    supervisor::{FAILED, STARTED},
};

/// How long a supervisor may take to end its process, in nanoseconds: 6 s, more than it gives that.
const PATIENCE: u64 = 6 * nanos::SECOND as u64;

/// What is to be run, and how.
pub(super) struct Order {
    /// The program and its arguments.
    pub(super) words: Vec<String>,
    pub(super) directory: PathBuf,
    /// Variables besides those of the sandbox's own environment.
    pub(super) environment: Vec<(String, String)>,
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ending {
    /// Its exit code; none where a signal ended it.
    pub(super) code: Option<i32>,
}

impl fmt::Display for Ending {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            // As shells have it, and the supervisor says it: 128 and the signal's number.
            Some(code) if code > 128 => write!(out, "by signal {}", code - 128),
            Some(code) => write!(out, "with exit code {code}"),
            None => out.write_str("by a signal"),
        }
    }
}

/// A process under supervision.
pub(super) struct Supervised {
    /// When it closes, the supervisor ends the process.
    lifeline: Option<ChildStdin>,
    /// The process group of the process itself.
    group: Option<Pid>,
    last: Last,
    ended: watch::Receiver<Option<Ending>>,
}

impl Supervised {
    /// Starts what `order` says under `supervisor`, a program and its first arguments.
    pub(super) async fn start(supervisor: &[OsString], order: Order, on_line: OnLine) -> io::Result<Self> {
        let (program, arguments) =
            supervisor.split_first().ok_or_else(|| io::Error::other("there is nobody to supervise it"))?;
        let mut words = order.words;
        // A path is meant from the directory that it runs in.
        if let Some(own) = words.first_mut()
            && own.contains('/')
        {
            *own = std::path::absolute(order.directory.join(&*own))?.to_string_lossy().into_owned();
        }
        let mut child = Command::new(program)
            .args(arguments)
            .args(&words)
            .current_dir(&order.directory)
            .envs(order.environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A terminal's Ctrl-C is not meant for it: whoever gets that takes the sandbox down in order.
            .process_group(0)
            .spawn()?;
        let (lifeline, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdout), Some(stderr)) = (stdout, stderr) else { return Err(io::Error::other("it has no pipes")) };
        let mut stdout = BufReader::new(stdout);
        let word = output::line(&mut stdout).await.unwrap_or_default();
        let group = match word.split_once(' ') {
            Some((STARTED, pid)) => pid.parse::<i32>().ok().and_then(Pid::from_raw),
            Some((FAILED, number)) => {
                let error =
                    number.parse::<i32>().map_or_else(|_| io::Error::other(number), io::Error::from_raw_os_error);
                return Err(error);
            }
            _ => return Err(io::Error::other("its supervisor did not start")),
        };
        let last = Last::default();
        tokio::spawn(output::follow(stdout, last.clone(), on_line.clone()));
        let errors = tokio::spawn(output::follow(BufReader::new(stderr), last.clone(), on_line.clone()));
        let (tell, ended) = watch::channel(None);
        tokio::spawn(async move {
            let ending = Ending { code: child.wait().await.ok().and_then(|status| status.code()) };
            // What it left behind, if its supervisor was killed.
            if let Some(group) = group {
                let _ = kill_process_group(group, Signal::KILL);
            }
            // What it said last is read first.
            let _ = errors.await;
            on_line(&format!("(ended {ending})"));
            tell.send_replace(Some(ending));
        });
        Ok(Self { lifeline, group, last, ended })
    }

    /// Waits for its end.
    pub(super) async fn ended(&mut self) -> Ending {
        match self.ended.wait_for(Option::is_some).await {
            Ok(ending) => ending.clone().unwrap_or(Ending { code: None }),
            Err(_) => Ending { code: None },
        }
    }

    /// What it said last.
    pub(super) fn said(&self) -> Vec<String> {
        self.last.lines()
    }

    /// Ends it.
    pub(super) async fn end(mut self, clock: &dyn Clock) {
        self.lifeline = None;
        let group = self.group;
        if timeout(clock, PATIENCE, self.ended()).await.is_err()
            && let Some(group) = group
        {
            // Fails only where there is nobody left.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ending;

    #[test]
    fn endings_are_told_in_words() {
        for (code, expected) in [(Some(1), "with exit code 1"), (Some(137), "by signal 9"), (None, "by a signal")] {
            assert_eq!(Ending { code }.to_string(), expected);
        }
    }
}
