//! Ctrl-C, and the other signals that ask a program to stop.

use std::time::Duration;

use esr_engine::Cancel;
use tokio::signal::unix::{SignalKind, signal};

use crate::{output, watch};

/// How long a terminal may take to be given back before the program ends all the same.
const PATIENCE: Duration = Duration::from_millis(500);

/// What is to stop, and whether there is still anything to restore.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    /// Asked for by the first signal.
    pub run: Cancel,
    over: Cancel,
}

impl Interrupt {
    /// Turns the first signal into a request to stop the run, and the second into an exit at once.
    ///
    /// Must be called within a Tokio runtime, which must live as long as signals are to be heeded.
    pub fn watch() -> std::io::Result<Self> {
        let interrupt = Self::default();
        let mut signals = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        // `nohup` asks that the end of the terminal be ignored.
        let mut hangup = if ignores_hangup() { None } else { Some(signal(SignalKind::hangup())?) };
        let told = interrupt.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = signals.0.recv() => {}
                    _ = signals.1.recv() => {}
                    _ = async {
                        match &mut hangup {
                            Some(hangup) => hangup.recv().await,
                            None => std::future::pending().await,
                        }
                    } => {}
                }
                let again = told.run.is_cancelled();
                let ended = told.over.is_cancelled();
                // Before anything is said: a terminal that takes nothing must not hold the run up.
                told.run.cancel();
                let said = tokio::task::spawn_blocking(move || {
                    // What is said belongs on the screen that stays.
                    watch::leave_screen();
                    match (ended, again) {
                        (true, _) => {
                            output::say("\nesr: interrupted; the run is recorded, `esr report` writes its debrief\n")
                        }
                        (false, false) => output::say("\nesr: interrupted; restoring (again to leave at once)\n"),
                        (false, true) => {}
                    }
                });
                if ended || again {
                    let _ = tokio::time::timeout(PATIENCE, said).await;
                    // What was recorded is on disk. Parts in this process end with it, and a sandbox that stands removes
                    // the faults of a run whose connection breaks.
                    std::process::exit(105);
                }
            }
        });
        Ok(interrupt)
    }

    /// The run is over and everything restored: from now on the first signal ends the program.
    pub fn run_is_over(&self) {
        self.over.cancel();
    }
}

/// Whether the system was told, before this program began, to ignore the end of the terminal. Linux says so in `/proc`;
/// elsewhere it counts as not told.
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The lowest bit is signal 1.
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}
