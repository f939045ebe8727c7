//! `slow_service`: holds every request to a part for a while before it is forwarded, so that the part's workers stay
//! free and its callers' stay busy.

use std::sync::Arc;

use esr_engine::{FaultError, Request, Response, clock::BoxFuture};
use scn_plan::{Record, Value, nanos, plan::Probe};
use smol_str::{SmolStr, format_smolstr};

use super::{Built, Fault, Hop, Kind};
use crate::{Hangup, Signature, proxy::Next};

pub(super) const KIND: Kind =
    Kind { signature: Signature { name: "slow_service", parameters: &["service", "latency"] }, build };

struct SlowService {
    probe: SmolStr,
    /// Nanoseconds.
    latency: u64,
}

fn build(probe: &Probe, arguments: &Record) -> Result<Built, FaultError> {
    let latency = match arguments.get("latency") {
        Some(Value::Duration(nanos)) => u64::try_from(*nanos).ok(),
        _ => None,
    };
    let latency = latency.ok_or_else(|| FaultError("`slow_service` needs a `latency`, such as 800ms".to_owned()))?;
    let description = format_smolstr!("{} → {}", probe.target, in_words(latency));
    Ok(Built { fault: Arc::new(SlowService { probe: probe.name.clone(), latency }), description })
}

/// Milliseconds below a second, else seconds: `800 ms`, `1.5 s`.
fn in_words(latency: u64) -> SmolStr {
    const MILLI: u64 = nanos::MILLI as u64;
    const SECOND: u64 = nanos::SECOND as u64;
    if latency < SECOND {
        format_smolstr!("{} ms", latency as f64 / MILLI as f64)
    } else {
        format_smolstr!("{} s", latency as f64 / SECOND as f64)
    }
}

impl Fault for SlowService {
    fn pass<'a>(
        &'a self,
        hop: &'a Hop<'a>,
        request: Request,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Response, Hangup>> {
        Box::pin(async move {
            hop.hold(&self.probe, self.latency).await;
            next.pass(hop, request).await
        })
    }
}
