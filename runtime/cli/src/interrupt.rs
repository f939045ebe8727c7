//! Ctrl-C, and the other signals that ask a program to stop.

use esr_engine::Cancel;
use tokio::signal::unix::{SignalKind, signal};

use crate::{output, watch};

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
        let mut signals =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
        let told = interrupt.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = signals.0.recv() => {}
                    _ = signals.1.recv() => {}
                    _ = signals.2.recv() => {}
                }
                // What is said belongs on the screen that stays.
                watch::leave_screen();
                if told.over.is_cancelled() {
                    output::say("\nesr: interrupted; the run is recorded, `esr report` writes its debrief\n");
                    std::process::exit(105);
                }
                if told.run.is_cancelled() {
                    // Everything lives in this process, so nothing is left behind; what was recorded is on disk.
                    std::process::exit(105);
                }
                told.run.cancel();
                output::say("\nesr: interrupted; restoring (again to leave at once)\n");
            }
        });
        Ok(interrupt)
    }

    /// The run is over and everything restored: from now on the first signal ends the program.
    pub fn run_is_over(&self) {
        self.over.cancel();
    }
}
