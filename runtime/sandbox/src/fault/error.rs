//! `error`: answers in place of a part, so that the request never reaches it.

use std::sync::Arc;

use esr_engine::{FaultError, Request, Response, clock::BoxFuture};
use http::StatusCode;
use rand::RngExt;
use scn_plan::{Record, Value, plan::Probe};
use smol_str::{SmolStr, format_smolstr};

use super::{Built, Fault, Hop, Kind};
use crate::{Hangup, Signature, proxy::Next, wire::plain};

pub(super) const KIND: Kind =
    Kind { signature: Signature { name: "error", parameters: &["service", "status", "rate"] }, build };

struct Answers {
    probe: SmolStr,
    target: SmolStr,
    status: StatusCode,
    /// The share of requests that are struck, of 1.
    rate: f64,
}

fn build(probe: &Probe, arguments: &Record) -> Result<Built, FaultError> {
    let status = match arguments.get("status") {
        Some(Value::Int(status)) => u16::try_from(*status).ok().and_then(|status| StatusCode::from_u16(status).ok()),
        _ => None,
    };
    let status = status.ok_or_else(|| FaultError("`error` needs a `status`, such as 503".to_owned()))?;
    let rate = match arguments.get("rate") {
        Some(Value::Percent(rate)) if (0.0..=1.0).contains(rate) => *rate,
        _ => return Err(FaultError("the `rate` of `error` lies between 0% and 100%".to_owned())),
    };
    let share = if rate < 1.0 { format!(", {}", Value::Percent(rate)) } else { String::new() };
    let description = format_smolstr!("{} → HTTP {}{share}", probe.target, status.as_u16());
    let (target, probe) = (probe.target.clone(), probe.name.clone());
    Ok(Built { fault: Arc::new(Answers { probe, target, status, rate }), description })
}

impl Fault for Answers {
    fn pass<'a>(
        &'a self,
        hop: &'a Hop<'a>,
        request: Request,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Response, Hangup>> {
        Box::pin(async move {
            if self.rate < 1.0 && !hop.rng(&self.probe).random_bool(self.rate) {
                return next.pass(hop, request).await;
            }
            hop.strike(&self.probe);
            Ok(plain(self.status, format!("{} is made to fail", self.target)))
        })
    }
}
