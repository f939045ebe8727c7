//! File descriptors: every connection of a rehearsal takes two, for both of its ends are in this process.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// As many as a rehearsal with thousands of personas takes.
const ENOUGH: u64 = 1 << 16;

/// Allows this process as many descriptors as it may allow itself, up to [`ENOUGH`]. Where it may not, a run that lacks
/// them says so in its verdict.
pub fn allow_many() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(ENOUGH).min(ENOUGH);
    if current.is_some_and(|current| current < wanted) {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
    }
}
