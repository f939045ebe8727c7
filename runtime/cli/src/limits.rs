//! Limits that the system puts on this process.

use std::sync::Arc;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// As many as a rehearsal with thousands of personas takes.
const ENOUGH: u64 = 1 << 16;

/// Allows this process as many descriptors as it may allow itself, up to [`ENOUGH`]: every connection takes one at
/// each end, and in a rehearsal both are here. Where it may not, a run that lacks
/// them says so in its verdict.
pub fn allow_many() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(ENOUGH).min(ENOUGH);
    if current.is_some_and(|current| current < wanted) {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
    }
}

/// Makes a write beyond the largest size of a file that is allowed here fail, as it does on a full disk; by itself the
/// system would end the process.
pub fn fail_on_large_files() {
    // Whoever handles the signal is not ended by it. Where it cannot be handled, it is as it was.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}
