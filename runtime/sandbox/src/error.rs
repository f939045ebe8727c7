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
    /// A part asks for another backend, and has no behaviour that would stand in for it here.
    Elsewhere {
        /// The part.
        part: SmolStr,
        /// The setting that asks for it, such as `image`.
        setting: SmolStr,
        /// Where that stands: `file:line:column`.
        place: String,
    },
    /// A part that is a process could not be fetched, built or started, or ended too early.
    Process {
        /// The part.
        part: SmolStr,
        /// What went wrong, in a sentence.
        what: String,
        /// What it said last.
        said: Vec<String>,
        /// Where it says what is to be run: `file:line:column`.
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
            UpError::Elsewhere { part, setting, place } => write!(
                out,
                "`{part}` has no behaviour, and this machine cannot bring up what its `{setting}:` asks for ({place}): give it \
                 routes, pages or envelopes, which then stand in for it here, or say with `run:` which process it is"
            ),
            UpError::Process { part, what, said, place } => {
                write!(out, "`{part}`: {what} ({place})")?;
                said.iter().try_for_each(|line| write!(out, "\n    {line}"))
            }
            UpError::Unhealthy { part, why } => write!(out, "`{part}` does not answer its health check: {why}"),
        }
    }
}

impl std::error::Error for UpError {}
