//! Ctrl-C, and the other signals that ask a program to stop.

use esr_engine::Cancel;
use tokio::signal::unix::{SignalKind, signal};

/// Turns the first signal into a request to stop, and the second into an exit at once.
///
/// Must be called within a Tokio runtime.
pub fn watch(cancel: Cancel) -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            if cancel.is_cancelled() {
                // Everything lives in this process, so nothing is left behind; what was recorded is on disk.
                std::process::exit(105);
            }
            eprintln!("\nesr: interrupted; restoring (again to leave at once)");
            cancel.cancel();
        }
    });
    Ok(())
}
