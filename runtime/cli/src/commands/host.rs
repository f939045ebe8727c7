//! `esr host`: the process of a sandbox.

use std::{process::ExitCode, sync::Arc};

use esr_engine::{Clock, HttpTransport, WallClock};
use esr_sandbox::standing::{HostError, host};
use tokio::io::BufReader;

use super::runtime;
use crate::{
    exit::{CommandError, Failure},
    limits,
};

/// Runs the command.
pub fn run() -> Result<ExitCode, CommandError> {
    // Away from the terminal that it was started from: its Ctrl-C and its end are not meant for the sandbox. It fails
    // only where that has happened already.
    let _ = rustix::process::setsid();
    limits::allow_many();
    let failed = |error: &dyn std::fmt::Display| CommandError::new(Failure::Sandbox, error.to_string());
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        let clock: Arc<dyn Clock> = Arc::new(WallClock::new());
        let transport = Arc::new(HttpTransport::new().map_err(|error| failed(&error))?);
        let (from, to) = (BufReader::new(tokio::io::stdin()), tokio::io::stdout());
        host(from, to, clock, transport).await.map_err(|error| match error {
            HostError::NoOrder(_) => CommandError::new(Failure::Usage, error.to_string()),
            _ => failed(&error),
        })
    });
    // A read of standard input may still be waiting for `esr up`, which waits for this process.
    runtime.shutdown_background();
    ended.map(|()| ExitCode::SUCCESS)
}
