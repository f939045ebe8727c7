//! Sandboxes that stand: each in a process of its own in the background, which other commands find and talk to.
//!
//! What is known of a sandbox lies in a directory of its own ([`Sandboxes`]). Whoever holds the lock in it is the sandbox:
//! the system frees the lock with the process, however that ends, so nobody has to trust a process number. The process
//! ([`host`]) is talked to over a socket in that directory ([`protocol`]); a run holds a connection for as long as it is
//! under way ([`Attached`]), and when that breaks, the faults that the run applied are gone.
//!
//! **Architecture invariant:** a sandbox either stands with its record in place, or leaves no directory behind. What a
//! kill leaves half-way is taken away by the next command ([`Sandboxes::mend`]).

mod ask;
mod attach;
mod directory;
mod host;
mod logs;
mod protocol;
mod session;

pub use ask::{AskError, down, process, status};
pub use attach::{AttachError, Attached, Settled};
pub use directory::{Sandboxes, Standing, Watch};
pub use host::{HostError, host};
pub use logs::{LogLine, LogReader};
pub use protocol::{HostNews, HostOrder, PartRecord, RunUnderWay, SandboxRecord, Status};
