//! Why a sandbox did not come up.

use std::fmt;

use smol_str::SmolStr;

/// Why a sandbox did not come up. Nothing of it is left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpError {
    /// Something else listens on the port that a frontend asks for.
    PortInUse {
        /// The port.
        port: u16,
        /// The frontend that asks for it.
        part: SmolStr,
        /// Where the frontend is declared: `file:line:column`.
        place: String,
    },
    /// The system gave no port to listen on.
    Listen {
        /// The part that was to listen.
        part: SmolStr,
        /// The system's reason.
        why: String,
    },
    /// The blueprint asks for what this backend cannot do, or contradicts itself.
    Blueprint {
        /// What is wrong, in a sentence.
        what: String,
        /// Where: `file:line:column`.
        place: String,
    },
    /// A part listens but does not answer its health check.
    Unhealthy {
        /// The part.
        part: SmolStr,
        /// What came instead of an answer.
        why: String,
    },
}

impl fmt::Display for UpError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UpError::PortInUse { port, part, place } => write!(
                out,
                "port {port}, which frontend `{part}` asks for at {place}, is in use: stop what listens there, choose \
                 another `port:`, or leave `port:` out to take any free one"
            ),
            UpError::Listen { part, why } => write!(out, "`{part}` found no port to listen on: {why}"),
            UpError::Blueprint { what, place } => write!(out, "{what} ({place})"),
            UpError::Unhealthy { part, why } => write!(out, "`{part}` does not answer its health check: {why}"),
        }
    }
}

impl std::error::Error for UpError {}
