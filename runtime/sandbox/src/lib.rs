//! Blueprints made real. The embedded backend runs every part of a [`Blueprint`](scn_plan::Blueprint) as a *mimic* in
//! this process: pages, routes and envelopes whose behaviour is written in the language, each on a loopback port of its
//! own, and calling one another over HTTP.
//!
//! Between a caller and its callee stands a proxy, one for each edge and one in front of each frontend, so that every
//! hop is recorded with its caller and a probe strikes the callee that it names and nothing else.
//!
//! **Architecture invariant:** a mimic part and a proxy are plain `Request → Response` functions ([`Serve`]). All time
//! comes from the `Clock`, all chance from the `Key`, all calls go through the `Transport`; only [`wire`] knows
//! sockets. Whoever carries requests to them runs each to its end, even if its caller has gone: a caller's timeout
//! cancels nothing.

mod error;
mod fault;
mod gov;
mod html;
mod ledger;
mod mimic;
mod process;
mod proxy;
mod sandbox;
mod seed;
pub mod standing;
mod trace;
pub mod wire;

pub use error::UpError;
pub use fault::PROBES;
pub use ledger::{OneRun, Recorders};
pub use mimic::HANDLER_VERBS;
pub use process::supervise;
pub use sandbox::{Deps, Healthy, OnOutput, Options, Sandbox};
pub use wire::{Hangup, Serve};

/// What this crate executes of what the prelude declares: a name and the names of its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its name in the prelude.
    pub name: &'static str,
    /// The parameters that its executor reads.
    pub parameters: &'static [&'static str],
}
