//! Drives a [`Plan`](scn_plan::Plan): the scheduler, the journey interpreter, the clock, keyed randomness, and the
//! [`Transport`] that requests go through.
//!
//! **Architecture invariant:** outside [`clock`] and [`transport`] nothing reads the wall clock, sleeps, times out,
//! draws or opens a socket except through the [`Clock`], the [`Key`] and the [`Transport`] that it is handed.

mod bind;
mod browser;
mod cancel;
pub mod clock;
mod files;
mod generate;
mod journey;
pub mod key;
mod page;
mod persona;
mod redact;
mod run;
mod trace;
pub mod transport;

pub use bind::{VERBS, Verb};
pub use cancel::Cancel;
pub use clock::{Clock, WallClock};
pub use files::make as make_file;
pub use generate::{GENERATORS, Generator, generate};
pub use key::Key;
pub use persona::personas;
pub use run::{Deps, Interruption, Options, Outcome, Progress, RunError, run};
pub use transport::{HttpTransport, Request, Response, Saturation, Transport, TransportError};

use smol_str::SmolStr;

/// What applies and removes faults; the sandbox implements it.
pub trait Faults: Send + Sync {
    /// Brings `probe` into force and says in words what it does now, for instance `eligibility-svc → 800 ms`.
    fn apply(&self, probe: &scn_plan::plan::Probe) -> Result<SmolStr, FaultError>;

    /// Ends the probe of this name; ending one that is not in force is no error.
    fn remove(&self, probe: &str) -> Result<(), FaultError>;
}

/// Why a fault could not be applied or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultError(pub String);

impl std::fmt::Display for FaultError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for FaultError {}
