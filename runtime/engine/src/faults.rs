//! Faults as a parameter: what applies and removes a plan's probes.

use std::fmt;

use scn_plan::plan::Probe;
use smol_str::SmolStr;

use crate::clock::BoxFuture;

/// What applies and removes faults on behalf of one run; the sandbox implements it.
pub trait Faults: Send + Sync {
    /// Brings `probe` into force and says in words what it does now, for instance `eligibility-svc → 800 ms`.
    fn apply<'a>(&'a self, probe: &'a Probe) -> BoxFuture<'a, Result<SmolStr, FaultError>>;

    /// Ends the probe of this name; ending one that is not in force is no error.
    fn remove<'a>(&'a self, probe: &'a str) -> BoxFuture<'a, Result<(), FaultError>>;

    /// Ends whatever the run has applied, without waiting for it: for a run that is given up.
    fn clear(&self);
}

/// Why a fault could not be applied or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultError(pub String);

impl fmt::Display for FaultError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for FaultError {}
