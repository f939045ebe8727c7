//! Latencies: from an expression to a distribution.

use scn_diagnostics::{Diagnostic, codes};
use scn_grammar::ast;
use scn_plan::{Call, Dist, Expr, ExprKind, Value};

use super::Lowering;
use crate::types::Type;

impl Lowering<'_, '_> {
    /// The distribution that `expr` gives: a duration, a range of durations, `lognormal(…)` or `exponential(…)`.
    pub(super) fn latency(&mut self, expr: &ast::Expr) -> Option<Dist> {
        let mut scope = self.context.scope();
        scope.generators = true;
        let known = self.diagnostics.len();
        let (compiled, ty) = self.checker(&mut scope).infer(expr, &Type::Duration);
        if ty.is_error() || self.diagnostics.len() > known {
            return None;
        }
        match distribution(&compiled) {
            Ok(Some(dist)) => Some(dist),
            Ok(None) => {
                self.report(
                    Diagnostic::new(
                        codes::BAD_LATENCY,
                        expr.span,
                        format!("a latency is a distribution of durations, not {ty}"),
                    )
                    .help("write `40ms`, `10ms..50ms`, `lognormal(p50: 40ms, p99: 180ms)` or `exponential(40ms)`"),
                );
                None
            }
            Err(why) => {
                self.report(Diagnostic::new(codes::BAD_LATENCY, expr.span, why));
                None
            }
        }
    }
}

fn distribution(expr: &Expr) -> Result<Option<Dist>, &'static str> {
    Ok(match &expr.kind {
        ExprKind::Value(Value::Duration(nanos)) => Some(Dist::Constant(not_negative(*nanos)?)),
        ExprKind::Value(Value::Range(ends)) => match (&ends.0, &ends.1) {
            (Value::Duration(low), Value::Duration(high)) => {
                Some(Dist::Uniform { low: not_negative(*low)?, high: not_negative(*high)? })
            }
            _ => None,
        },
        ExprKind::Call(call) => {
            match (call.name.as_str(), duration(call, "p50"), duration(call, "p99"), duration(call, "mean")) {
                ("lognormal", Some(p50), Some(p99), _) if 0 < p50 && p50 <= p99 => Some(Dist::Lognormal { p50, p99 }),
                ("lognormal", Some(_), Some(_), _) => {
                    return Err(
                        "this log-normal latency has no median above zero, or a 99th percentile below its median",
                    );
                }
                ("exponential", _, _, Some(mean)) => Some(Dist::Exponential { mean: not_negative(mean)? }),
                _ => None,
            }
        }
        _ => None,
    })
}

fn duration(call: &Call, name: &str) -> Option<i64> {
    match call.arg(name)?.as_value()? {
        Value::Duration(nanos) => Some(*nanos),
        _ => None,
    }
}

fn not_negative(nanos: i64) -> Result<i64, &'static str> {
    if nanos < 0 { Err("a latency is not negative") } else { Ok(nanos) }
}
