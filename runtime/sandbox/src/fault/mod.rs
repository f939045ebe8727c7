//! Faults: what probes do to requests on their way through the proxies. Each kind is a file of its own.

mod error;
mod slow_service;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use esr_engine::{Clock, FaultError, Faults, Request, Response, clock::BoxFuture};
use rand_chacha::ChaCha8Rng;
use scn_plan::{Env, Record, eval_args, plan::Probe};
use smol_str::SmolStr;

use crate::{Hangup, Signature, proxy::Next, trace::Trace};

/// The probes that the proxies can apply, with the parameters that they read.
pub const PROBES: &[Signature] = &[slow_service::KIND.signature, error::KIND.signature];

const KINDS: &[&Kind] = &[&slow_service::KIND, &error::KIND];

/// A kind of probe.
pub(crate) struct Kind {
    signature: Signature,
    /// Makes the fault from the probe and its evaluated arguments.
    build: fn(probe: &Probe, arguments: &Record) -> Result<Built, FaultError>,
}

/// A fault, and what it does in words.
pub(crate) struct Built {
    fault: Arc<dyn Fault>,
    description: SmolStr,
}

/// What a probe does to the requests to the part that it strikes.
pub(crate) trait Fault: Send + Sync {
    /// Sees `request` on its way: may hold it, change it, answer in place of the part, hang up, or change the answer
    /// that `next` brings.
    fn pass<'a>(
        &'a self,
        hop: &'a Hop<'a>,
        request: Request,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Response, Hangup>>;
}

/// A request on its way through a proxy, as faults see it.
pub(crate) struct Hop<'a> {
    pub(crate) clock: &'a dyn Clock,
    trace: &'a Trace,
    /// The edge that the request goes along, for draws.
    edge: String,
    struck: Mutex<Struck>,
}

/// What faults did to a request: which probes changed it, and for how long they held it.
#[derive(Default)]
pub(crate) struct Struck {
    pub(crate) probes: Vec<SmolStr>,
    /// Nanoseconds.
    pub(crate) delay: u64,
}

impl<'a> Hop<'a> {
    pub(crate) fn new(clock: &'a dyn Clock, trace: &'a Trace, caller: &str, callee: &str) -> Self {
        Self { clock, trace, edge: format!("{caller}/{callee}"), struck: Mutex::default() }
    }

    /// Random numbers of `probe` for this request: the same at the same place of a journey, whenever it comes there.
    pub(crate) fn rng(&self, probe: &str) -> ChaCha8Rng {
        self.trace.rng(&format!("probe {probe}/{}", self.edge))
    }

    /// Notes that `probe` struck the request.
    pub(crate) fn strike(&self, probe: &SmolStr) {
        self.struck.lock().unwrap_or_else(PoisonError::into_inner).probes.push(probe.clone());
    }

    /// Holds the request for `delay` nanoseconds on behalf of `probe`.
    pub(crate) async fn hold(&self, probe: &SmolStr, delay: u64) {
        self.clock.sleep_until(self.clock.now().plus(delay)).await;
        let mut struck = self.struck.lock().unwrap_or_else(PoisonError::into_inner);
        struck.probes.push(probe.clone());
        struck.delay = struck.delay.saturating_add(delay);
    }

    pub(crate) fn into_struck(self) -> Struck {
        self.struck.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A fault in force.
#[derive(Clone)]
pub(crate) struct InForce {
    /// The run whose requests it strikes.
    run: SmolStr,
    probe: SmolStr,
    target: SmolStr,
    pub(crate) fault: Arc<dyn Fault>,
}

/// The faults in force in a sandbox. A fault strikes the requests of the run that applied it, and nobody else's: two
/// runs may go through one sandbox at once, and each debrief speaks of its own faults.
pub struct FaultSet {
    parts: HashSet<SmolStr>,
    in_force: RwLock<Vec<InForce>>,
}

impl FaultSet {
    pub(crate) fn new(parts: impl IntoIterator<Item = SmolStr>) -> Arc<Self> {
        Arc::new(Self { parts: parts.into_iter().collect(), in_force: RwLock::default() })
    }

    /// Those that strike the requests of `run` to `callee`, in the order that they came into force.
    pub(crate) fn striking(&self, run: Option<&SmolStr>, callee: &str) -> Vec<InForce> {
        let Some(run) = run else { return Vec::new() };
        let in_force = self.in_force.read().unwrap_or_else(PoisonError::into_inner);
        in_force.iter().filter(|fault| fault.run == *run && fault.target == callee).cloned().collect()
    }

    fn apply(&self, run: &SmolStr, probe: &Probe) -> Result<SmolStr, FaultError> {
        let name = probe.call.name.as_str();
        let Some(kind) = KINDS.iter().find(|kind| kind.signature.name == name) else {
            let known: Vec<&str> = KINDS.iter().map(|kind| kind.signature.name).collect();
            return Err(FaultError(format!("the embedded sandbox has no probe `{name}`; it has {}", known.join(", "))));
        };
        if !self.parts.contains(&probe.target) {
            return Err(FaultError(format!("the sandbox has no part `{}` for `{name}` to strike", probe.target)));
        }
        let arguments = eval_args(&probe.call, &Nothing).map_err(|error| FaultError(error.message))?;
        let Built { fault, description } = (kind.build)(probe, &arguments)?;
        let mut in_force = self.in_force.write().unwrap_or_else(PoisonError::into_inner);
        in_force.retain(|other| (&other.run, &other.probe) != (run, &probe.name));
        in_force.push(InForce { run: run.clone(), probe: probe.name.clone(), target: probe.target.clone(), fault });
        Ok(description)
    }

    fn remove(&self, is_over: impl Fn(&InForce) -> bool) {
        self.in_force.write().unwrap_or_else(PoisonError::into_inner).retain(|fault| !is_over(fault));
    }
}

/// The faults of one run.
pub(crate) struct RunFaults {
    pub(crate) set: Arc<FaultSet>,
    pub(crate) run: SmolStr,
}

impl Faults for RunFaults {
    fn apply<'a>(&'a self, probe: &'a Probe) -> BoxFuture<'a, Result<SmolStr, FaultError>> {
        Box::pin(std::future::ready(self.set.apply(&self.run, probe)))
    }

    fn remove<'a>(&'a self, probe: &'a str) -> BoxFuture<'a, Result<(), FaultError>> {
        self.set.remove(|fault| fault.run == self.run && fault.probe == probe);
        Box::pin(std::future::ready(Ok(())))
    }

    fn clear(&self) {
        self.set.remove(|fault| fault.run == self.run);
    }
}

/// A probe's arguments are constants.
struct Nothing;

impl Env for Nothing {}
