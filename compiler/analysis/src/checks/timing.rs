//! Probes against time.

use scn_diagnostics::{Diagnostic, codes};
use scn_plan::{Plan, Value};

use super::steps;

pub(super) fn check(plan: &Plan, diagnostics: &mut Vec<Diagnostic>) {
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
                .note(format!("the longest timeout of a step is {}s", longest as f64 / scn_plan::nanos::SECOND as f64))
                .help("shorten the delay, or give a step that reaches the part a longer `timeout:`"),
            );
        }
    }
}
