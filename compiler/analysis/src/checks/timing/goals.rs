//! Goals that no run can meet.

use std::cmp::Ordering;

use scn_diagnostics::{Diagnostic, codes};
use scn_plan::{
    BinaryOp, Plan, Value,
    plan::{Goal, Metric, Scope},
};

use super::{latency::Bounds, windows::never_runs};
use crate::expr::literal::order;

/// Reports goals that no run can meet, by themselves, beside one another, or under the plan's probes.
pub(super) fn check(plan: &Plan, bounds: Option<&Bounds>, diagnostics: &mut Vec<Diagnostic>) {
    let mut possible: Vec<&Goal> = Vec::new();
    for goal in &plan.goals {
        let idle = goal.scopes.iter().find_map(|scope| match scope {
            Scope::During(name) => plan.probes.iter().find(|probe| probe.name == *name && never_runs(probe, plan)),
            _ => None,
        });
        let found = |label: String| {
            let headline = format!("no run can meet the goal `{}`", goal.text);
            Diagnostic::new(codes::IMPOSSIBLE_GOAL, goal.span, headline).label(label)
        };
        if let Some(probe) = idle {
            diagnostics
                .push(found(format!("`{}` begins when the run is over", probe.name)).also(probe.span, "this probe"));
        } else if let Some(why) = beyond(goal) {
            diagnostics.push(found(why.to_owned()));
        } else if let Some((least, probe)) = bounds.and_then(|bounds| bounds.least(goal))
            && !can_be_at_least(goal, least)
        {
            let least = Value::Duration(least);
            diagnostics.push(
                found(format!("what it measures takes at least {least}"))
                    .also(probe.span, "by this probe, which is in force throughout"),
            );
        } else {
            possible.push(goal);
        }
    }
    contradictions(&possible, diagnostics);
}

/// Why the goal lies beyond everything that its metric can be.
fn beyond(goal: &Goal) -> Option<&'static str> {
    let (least, most, why_less, why_more) = match goal.metric {
        Metric::Success => {
            (Value::Percent(0.0), Some(Value::Percent(1.0)), "success is at least 0%", "success is at most 100%")
        }
        Metric::Errors => (Value::Int(0), None, "there are never less than no errors", ""),
        Metric::Percentile(_) | Metric::JourneyPercentile(_) => {
            (Value::Duration(0), None, "nothing takes less than no time", "")
        }
        #[allow(unreachable_patterns)]
        _ => return None,
    };
    let range = Range::of(goal)?;
    if range.is_below(&least) {
        return Some(why_less);
    }
    most.filter(|most| range.is_above(most)).map(|_| why_more)
}

fn can_be_at_least(goal: &Goal, least: i64) -> bool {
    Range::of(goal).is_none_or(|range| !range.is_below(&Value::Duration(least)))
}

/// The values that meet a goal: from a lower to an upper end, each with whether it is itself one of them.
#[derive(Clone, Debug, Default)]
struct Range {
    low: Option<(Value, bool)>,
    high: Option<(Value, bool)>,
}

impl Range {
    fn of(goal: &Goal) -> Option<Self> {
        let end = |included| Some((goal.threshold.clone(), included));
        let (low, high) = match goal.op {
            BinaryOp::Less => (None, end(false)),
            BinaryOp::LessEqual => (None, end(true)),
            BinaryOp::Greater => (end(false), None),
            BinaryOp::GreaterEqual => (end(true), None),
            BinaryOp::Equal => (end(true), end(true)),
            _ => return None,
        };
        Some(Self { low, high })
    }

    /// Whether all of it lies below `least`.
    fn is_below(&self, least: &Value) -> bool {
        self.high.as_ref().is_some_and(|(high, included)| match order(high, least) {
            Some(Ordering::Less) => true,
            Some(Ordering::Equal) => !included,
            _ => false,
        })
    }

    /// Whether all of it lies above `most`.
    fn is_above(&self, most: &Value) -> bool {
        self.low.as_ref().is_some_and(|(low, included)| match order(low, most) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => !included,
            _ => false,
        })
    }

    /// Whether no value is in both.
    fn is_apart_from(&self, other: &Range) -> bool {
        let apart = |low: &Option<(Value, bool)>, high: &Option<(Value, bool)>| match (low, high) {
            (Some((low, low_included)), Some((high, high_included))) => match order(low, high) {
                Some(Ordering::Greater) => true,
                Some(Ordering::Equal) => !(*low_included && *high_included),
                _ => false,
            },
            _ => false,
        };
        apart(&self.low, &other.high) || apart(&other.low, &self.high)
    }
}

/// Goals on the same measurement that exclude one another.
fn contradictions(goals: &[&Goal], diagnostics: &mut Vec<Diagnostic>) {
    for (at, goal) in goals.iter().enumerate() {
        let Some(range) = Range::of(goal) else { continue };
        let other = goals.iter().take(at).find(|other| {
            let same =
                other.scopes.len() == goal.scopes.len() && other.scopes.iter().all(|scope| goal.scopes.contains(scope));
            same && excludes(goal, &range, other)
        });
        if let Some(other) = other {
            let headline = format!("no run can meet both `{}` and `{}`", other.text, goal.text);
            diagnostics.push(
                Diagnostic::new(codes::CONTRADICTORY_GOALS, goal.span, headline).also(other.span, "the other one"),
            );
        }
    }
}

fn excludes(goal: &Goal, range: &Range, other: &Goal) -> bool {
    let Some(others) = Range::of(other) else { return false };
    let upper = |range: &Range| Range { low: None, high: range.high.clone() };
    let lower = |range: &Range| Range { low: range.low.clone(), high: None };
    // A higher percentile is no less than a lower one.
    match (&goal.metric, &other.metric) {
        (Metric::Percentile(a), Metric::Percentile(b))
        | (Metric::JourneyPercentile(a), Metric::JourneyPercentile(b))
            if a != b =>
        {
            match a > b {
                true => upper(range).is_apart_from(&lower(&others)),
                false => lower(range).is_apart_from(&upper(&others)),
            }
        }
        (a, b) => a == b && range.is_apart_from(&others),
    }
}
