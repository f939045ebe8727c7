//! Probes and goals against time.

mod chain;
mod goals;
mod latency;
mod windows;

use scn_diagnostics::{Diagnostic, codes};
use scn_plan::{Plan, Value};

use self::latency::Timing;
pub(super) use self::{chain::Patience, latency::Surroundings};
use super::steps;
use crate::context::Context;

/// Checks what needs no blueprint, and with it how long those wait who are delayed. Where the scenario has errors (is not
/// `sound`), only what stands by itself.
pub(super) fn check(
    plan: &Plan,
    context: &Context<'_>,
    sound: bool,
    surroundings: Option<Surroundings<'_>>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    windows::check(plan, context.sources, diagnostics);
    // What could not be read would be compared with what could.
    if !sound {
        outlast(plan, diagnostics);
        return;
    }
    windows::overlaps(plan, diagnostics);
    match surroundings {
        Some(surroundings) => {
            let timing = Timing::of(plan, surroundings);
            timing.check(diagnostics);
            goals::check(plan, Some(&timing.bounds()), diagnostics);
        }
        None => {
            outlast(plan, diagnostics);
            goals::check(plan, None, diagnostics);
        }
    }
}

/// Where nobody knows which steps come to a probe's target, only what is longer than any of them waits is sure to be too
/// long.
fn outlast(plan: &Plan, diagnostics: &mut Vec<Diagnostic>) {
    let Some(longest) = steps(plan).map(|step| step.timeout).max() else { return };
    for probe in &plan.probes {
        let Some(latency) = probe.call.arg("latency") else { continue };
        let Some(Value::Duration(nanos)) = latency.as_value() else { continue };
        if *nanos >= longest {
            diagnostics.push(
                Diagnostic::new(
                    codes::PROBE_OUTLASTS_STEPS,
                    latency.span,
                    format!("`{}` delays requests for longer than any step waits", probe.name),
                )
                .note(format!("the longest timeout of a step is {}", Value::Duration(longest)))
                .help("shorten the delay, or give a step that reaches the part a longer `timeout:`"),
            );
        }
    }
}
