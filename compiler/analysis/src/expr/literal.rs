//! Literals and their units.

use std::cmp::Ordering;

use scn_diagnostics::{Diagnostic, codes};
use scn_grammar::ast::{self, ExprKind as Ast, Unit};
use scn_plan::{Expr, Value};

use super::{ExprChecker, nothing};
use crate::types::Type;

/// The type of a number with this unit.
pub(crate) fn type_of(unit: Unit) -> Type {
    match unit {
        Unit::Int => Type::Int,
        Unit::Decimal => Type::Decimal,
        Unit::Percent => Type::Percent,
        Unit::Dollar => Type::Money,
        Unit::Duration(_) => Type::Duration,
        Unit::Size(_) => Type::Size,
        Unit::Rate(_) => Type::Rate,
    }
}

/// `text` times `factor` as a whole number; `None` if it is too large or has more places than the factor.
fn scaled(text: &str, factor: i128) -> Option<i128> {
    // Most are small whole numbers.
    if let Ok(whole) = text.parse::<u32>() {
        return i128::from(whole).checked_mul(factor);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut value = whole.checked_mul(factor)?;
    if !fraction.is_empty() {
        let places = u32::try_from(fraction.len()).ok()?;
        let scale = 10_i128.checked_pow(places)?;
        let product = fraction.parse::<i128>().ok()?.checked_mul(factor)?;
        if product % scale != 0 {
            return None;
        }
        value = value.checked_add(product / scale)?;
    }
    Some(value)
}

/// The number `text` with `unit`; `None` if its unit cannot hold it.
pub(crate) fn number(text: &str, unit: Unit) -> Option<Value> {
    Some(match unit {
        Unit::Int => Value::Int(text.parse().ok()?),
        Unit::Decimal => Value::Decimal(text.parse().ok()?),
        Unit::Percent => Value::Percent(text.parse::<f64>().ok()? / 100.0),
        Unit::Dollar => Value::Money(scaled(text, 100)?.try_into().ok()?),
        Unit::Duration(nanos) => Value::Duration(scaled(text, nanos.into())?.try_into().ok()?),
        Unit::Size(bytes) => Value::Size(scaled(text, bytes.into())?.try_into().ok()?),
        Unit::Rate(seconds) => Value::Rate(text.parse::<f64>().ok()? / f64::from(seconds)),
    })
}

/// Which of two values of one unit is the larger; `None` if they are of different units.
pub(crate) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Money(a), Value::Money(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Size(a), Value::Size(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Decimal(a), Value::Decimal(b))
        | (Value::Percent(a), Value::Percent(b))
        | (Value::Rate(a), Value::Rate(b)) => a.partial_cmp(b),
        (Value::Int(a), Value::Decimal(b)) => (*a as f64).partial_cmp(b),
        (Value::Decimal(a), Value::Int(b)) => a.partial_cmp(&(*b as f64)),
        _ => None,
    }
}

/// The unit that a suffix of an attribute's name says: `ms` of `latency_ms`, `KB` of `sizeKB`.
pub(crate) fn unit_of_suffix(suffix: &str) -> Option<Unit> {
    const SECOND: i64 = scn_plan::nanos::SECOND;
    Some(match suffix {
        "ns" => Unit::Duration(1),
        "us" => Unit::Duration(1_000),
        "ms" | "Ms" => Unit::Duration(scn_plan::nanos::MILLI),
        "s" | "sec" | "secs" | "seconds" | "Seconds" => Unit::Duration(SECOND),
        "m" | "min" | "mins" | "minutes" | "Minutes" => Unit::Duration(60 * SECOND),
        "h" | "hours" | "Hours" => Unit::Duration(3600 * SECOND),
        "bytes" | "Bytes" => Unit::Size(1),
        "kb" | "KB" | "Kb" => Unit::Size(1_000),
        "mb" | "MB" | "Mb" => Unit::Size(1_000_000),
        "gb" | "GB" | "Gb" => Unit::Size(1_000_000_000),
        "kib" | "KiB" => Unit::Size(1 << 10),
        "mib" | "MiB" => Unit::Size(1 << 20),
        "gib" | "GiB" => Unit::Size(1 << 30),
        "pct" | "percent" | "Pct" | "Percent" => Unit::Percent,
        "usd" | "dollars" | "USD" | "Usd" => Unit::Dollar,
        _ => return None,
    })
}

/// The value of one of this unit.
pub(crate) fn one(unit: Unit) -> Option<Value> {
    number("1", unit)
}

impl ExprChecker<'_> {
    pub(super) fn literal(&mut self, expr: &ast::Expr) -> (Expr, Type) {
        let span = expr.span;
        let (value, ty) = match &expr.kind {
            Ast::Bool(value) => (Value::Bool(*value), Type::Bool),
            Ast::None => (Value::None, Type::None),
            Ast::Number { text, unit } => match number(text, *unit) {
                Some(value) => (value, type_of(*unit)),
                None => {
                    let why = match unit {
                        Unit::Dollar => "an amount has at most two decimal places",
                        Unit::Size(_) => "a size is a whole number of bytes",
                        Unit::Duration(_) => "a duration is a whole number of nanoseconds, at most 292 years",
                        _ => "a whole number has at most 18 digits",
                    };
                    return self.fail(Diagnostic::new(codes::BAD_VALUE, span, why));
                }
            },
            Ast::Date(text) => match text.parse::<jiff::civil::Date>() {
                Ok(date) => (Value::Date(date), Type::Date),
                Err(_) => {
                    let headline = format!("there is no day `{text}` in the calendar");
                    return self.fail(Diagnostic::new(codes::BAD_VALUE, span, headline));
                }
            },
            Ast::Regex(source) => {
                if !self.valid_regex(source, span) {
                    return nothing(span, Type::Error);
                }
                (Value::Regex(source.clone()), Type::Regex)
            }
            Ast::Path(path) => (Value::Path(path.clone()), Type::Path),
            _ => return nothing(span, Type::Error),
        };
        (Expr::value(value, span), ty)
    }

    /// Whether `source` is a regular expression; what is wrong in it is reported at `span`.
    pub fn valid_regex(&mut self, source: &str, span: scn_diagnostics::Span) -> bool {
        match scn_plan::check_regex(source) {
            Ok(()) => true,
            Err(error) => {
                let text = error.to_string();
                let reason = text.lines().last().unwrap_or("").trim_start_matches("error: ").to_owned();
                self.report(Diagnostic::new(codes::BAD_REGEX, span, "this is no regular expression").label(reason));
                false
            }
        }
    }
}
