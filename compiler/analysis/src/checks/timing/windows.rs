//! Windows of probes against the length of the run, and against one another.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_plan::{Plan, SourceMap, Value, plan::Probe};

/// Reports windows that no run reaches, or that it ends in.
pub(super) fn check(plan: &Plan, sources: &SourceMap, diagnostics: &mut Vec<Diagnostic>) {
    let duration = Value::Duration(plan.duration);
    for probe in &plan.probes {
        let from = probe.from.unwrap_or(0);
        if never_runs(probe, plan) {
            let found = Diagnostic::new(
                codes::LATE_PROBE,
                attribute(probe, "from", sources),
                format!("`{}` begins when the run is over", probe.name),
            );
            diagnostics.push(
                found
                    .label(format!("the run lasts {duration}"))
                    .note("a run that never reaches a probe's window is inconclusive")
                    .help("begin it earlier, or give the scenario a longer `duration:`"),
            );
        } else if let Some(lasts) = probe.lasts
            && from.saturating_add(lasts) > plan.duration
        {
            let end = Value::Duration(from.saturating_add(lasts));
            let left = Value::Duration(plan.duration - from);
            let found = Diagnostic::new(
                codes::CUT_OFF_PROBE,
                attribute(probe, "for", sources),
                format!("`{}` would last until {end}, and the run is over after {duration}", probe.name),
            );
            diagnostics.push(
                found
                    .label(format!("only {left} of it fits in"))
                    .help("shorten it, begin it earlier, or give the scenario a longer `duration:`"),
            );
        }
    }
}

/// Whether no run comes to the probe's window.
pub(super) fn never_runs(probe: &Probe, plan: &Plan) -> bool {
    probe.from.is_some_and(|from| from >= plan.duration)
}

/// Whether the probe is in force throughout.
pub(super) fn is_permanent(probe: &Probe, plan: &Plan) -> bool {
    probe.from.unwrap_or(0) == 0 && probe.lasts.is_none_or(|lasts| lasts >= plan.duration)
}

/// Two probes that strike one part at the same time cannot be told apart by what they do.
pub(super) fn overlaps(plan: &Plan, diagnostics: &mut Vec<Diagnostic>) {
    let window = |probe: &Probe| {
        let from = probe.from.unwrap_or(0);
        (from, probe.lasts.map_or(i64::MAX, |lasts| from.saturating_add(lasts)).min(plan.duration.max(from)))
    };
    for (at, probe) in plan.probes.iter().enumerate() {
        let (from, to) = window(probe);
        // The later of the two: the one that begins later, of those that begin together the one that is written later.
        let other = plan.probes.iter().enumerate().find(|(other_at, other)| {
            let (begins, ends) = window(other);
            let earlier = (begins, *other_at) < (from, at);
            // What comes of one use of a composed probe belongs together.
            let together = other.within.first().is_some_and(|around| probe.within.first() == Some(around));
            earlier && other.target == probe.target && begins < to && from < ends && !together
        });
        let Some((_, other)) = other else { continue };
        let (begins, ends) = window(other);
        let (begins, ends) = (Value::Duration(from.max(begins)), Value::Duration(to.min(ends)));
        let headline = format!("`{}` and `{}` strike `{}` at the same time", probe.name, other.name, probe.target);
        diagnostics.push(
            Diagnostic::new(codes::OVERLAPPING_PROBES, probe.span, headline)
                .label(format!("both from {begins} to {ends}"))
                .also(other.span, "the earlier one")
                .note("what happens meanwhile cannot be put down to one of the two"),
        );
    }
}

/// Where the value of a probe's attribute stands; the probe itself where that cannot be told.
fn attribute(probe: &Probe, name: &str, sources: &SourceMap) -> Span {
    let text = sources.slice(probe.span);
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find(name)) {
        let at = from + found;
        from = at + name.len();
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(from..).unwrap_or("");
        let value = after.strip_prefix([':', '=']).map(str::trim_start);
        let Some(value) = value.filter(|_| before.is_none_or(|before| !before.is_alphanumeric() && before != '_'))
        else {
            continue;
        };
        let start = text.len() - value.len();
        let length = value.find([' ', ',', '}', '\n']).unwrap_or(value.len());
        let start = probe.span.start.saturating_add(u32::try_from(start).unwrap_or(0));
        let end = start.saturating_add(u32::try_from(length).unwrap_or(0));
        return Span { start, end, ..probe.span };
    }
    probe.span
}
