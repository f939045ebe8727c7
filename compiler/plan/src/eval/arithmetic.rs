//! Arithmetic. Units never mix; whole numbers overflow with an error, never silently.
//!
//! Amounts, durations and sizes may be multiplied and divided by a number or a percentage and then round to the nearest
//! cent, nanosecond or byte, halves away from zero; divided by their like they give a plain number.

use jiff::{SignedDuration, civil::Date};

use super::mismatch;
use crate::{BinaryOp, Labels, Text, Value};

type Outcome = Result<Value, String>;

const OVERFLOW: &str = "the result is too large to be represented";
const BY_ZERO: &str = "division by zero";
/// Bytes of the longest text that can be put together, and items of the longest list: what is doubled often enough is more than
/// any machine holds.
const MOST_TEXT: usize = 4 << 20;
const MOST_ITEMS: usize = 1 << 20;
const CENTS: i64 = 100;
const DAY: i64 = 86_400;

/// A factor or divisor of a quantity with a unit.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Decimal(number) | Value::Percent(number) => Some(*number),
        _ => None,
    }
}

/// A bare number next to an amount is in dollars; this is the amount in cents.
pub(super) fn cents(value: &Value) -> Option<i64> {
    match value {
        Value::Money(cents) => Some(*cents),
        Value::Int(dollars) => dollars.checked_mul(CENTS),
        Value::Decimal(dollars) => rounded(dollars * CENTS as f64).ok(),
        _ => None,
    }
}

/// The nearest whole number.
pub(crate) fn rounded(value: f64) -> Result<i64, String> {
    let rounded = value.round();
    // 2^63 is the first f64 that an i64 cannot hold.
    if rounded >= -(2f64.powi(63)) && rounded < 2f64.powi(63) { Ok(rounded as i64) } else { Err(OVERFLOW.to_owned()) }
}

fn bytes(value: f64) -> Outcome {
    let rounded = rounded(value)?;
    u64::try_from(rounded).map(Value::Size).map_err(|_| "a size cannot be negative".to_owned())
}

fn finite(value: f64) -> Result<f64, String> {
    if value.is_finite() { Ok(value) } else { Err(OVERFLOW.to_owned()) }
}

fn whole(value: Option<i64>) -> Result<i64, String> {
    value.ok_or_else(|| OVERFLOW.to_owned())
}

fn characters(value: &Value) -> Option<Text> {
    matches!(value, Value::Text(_) | Value::Path(_) | Value::Symbol(_)).then(|| value.to_text())
}

/// Fails where a text of `length` bytes would become too long by `more`.
pub(super) fn room(length: usize, more: usize) -> Result<(), String> {
    match length.saturating_add(more) > MOST_TEXT {
        true => Err(format!("a text would be longer than {} MiB", MOST_TEXT >> 20)),
        false => Ok(()),
    }
}

pub(super) fn add(left: &Value, right: &Value) -> Outcome {
    use Value::{Date, Decimal, Duration, Int, List, Money, Percent, Rate, Size};
    match (left, right) {
        (Int(a), Int(b)) => whole(a.checked_add(*b)).map(Int),
        (Int(_) | Decimal(_), Int(_) | Decimal(_)) => float(BinaryOp::Add, left, right),
        (Percent(a), Percent(b)) => Ok(Percent(a + b)),
        (Rate(a), Rate(b)) => Ok(Rate(a + b)),
        (Duration(a), Duration(b)) => whole(a.checked_add(*b)).map(Duration),
        (Size(a), Size(b)) => a.checked_add(*b).map(Size).ok_or_else(|| OVERFLOW.to_owned()),
        (Money(_), _) | (_, Money(_)) => match (cents(left), cents(right)) {
            (Some(a), Some(b)) => whole(a.checked_add(b)).map(Money),
            _ => Err(mismatch(BinaryOp::Add, left, right)),
        },
        (Date(date), Duration(by)) | (Duration(by), Date(date)) => moved(*date, *by),
        (List(a), List(b)) if a.len() + b.len() > MOST_ITEMS => {
            Err(format!("a list would have more than {MOST_ITEMS} items"))
        }
        (List(a), List(b)) => Ok(Value::list(a.iter().chain(b.iter()).cloned().collect())),
        _ => match (characters(left), characters(right)) {
            (Some(a), Some(b)) => {
                room(a.value.len(), b.value.len())?;
                let value = format!("{}{}", a.value, b.value).into();
                Ok(Value::Text(crate::Text { value, labels: Labels::union(a.labels, b.labels) }))
            }
            (Some(_), None) | (None, Some(_)) => {
                Err(format!("{}; write \"${{…}}\" to put a value into a text", mismatch(BinaryOp::Add, left, right)))
            }
            (None, None) => Err(mismatch(BinaryOp::Add, left, right)),
        },
    }
}

pub(super) fn subtract(left: &Value, right: &Value) -> Outcome {
    use Value::{Date, Decimal, Duration, Int, Money, Percent, Rate, Size};
    match (left, right) {
        (Int(a), Int(b)) => whole(a.checked_sub(*b)).map(Int),
        (Int(_) | Decimal(_), Int(_) | Decimal(_)) => float(BinaryOp::Subtract, left, right),
        (Percent(a), Percent(b)) => Ok(Percent(a - b)),
        (Rate(a), Rate(b)) => Ok(Rate(a - b)),
        (Duration(a), Duration(b)) => whole(a.checked_sub(*b)).map(Duration),
        (Size(a), Size(b)) => a.checked_sub(*b).map(Size).ok_or_else(|| "a size cannot be negative".to_owned()),
        (Money(_), _) | (_, Money(_)) => match (cents(left), cents(right)) {
            (Some(a), Some(b)) => whole(a.checked_sub(b)).map(Money),
            _ => Err(mismatch(BinaryOp::Subtract, left, right)),
        },
        (Date(date), Duration(by)) => moved(*date, whole(by.checked_neg())?),
        (Date(a), Date(b)) => {
            let nanos = a.duration_since(*b).as_nanos();
            i64::try_from(nanos).map(Duration).map_err(|_| OVERFLOW.to_owned())
        }
        _ => Err(mismatch(BinaryOp::Subtract, left, right)),
    }
}

pub(super) fn multiply(left: &Value, right: &Value) -> Outcome {
    use Value::{Decimal, Duration, Int, Money, Percent, Rate, Size};
    match (left, right) {
        (Int(a), Int(b)) => whole(a.checked_mul(*b)).map(Int),
        (Percent(a), Percent(b)) => Ok(Percent(a * b)),
        (Int(_) | Decimal(_) | Percent(_), Int(_) | Decimal(_) | Percent(_)) => float(BinaryOp::Multiply, left, right),
        (Money(a), Int(by)) | (Int(by), Money(a)) => whole(a.checked_mul(*by)).map(Money),
        (Duration(a), Int(by)) | (Int(by), Duration(a)) => whole(a.checked_mul(*by)).map(Duration),
        (Size(a), Int(by)) | (Int(by), Size(a)) => {
            let by = u64::try_from(*by).map_err(|_| "a size cannot be negative".to_owned())?;
            a.checked_mul(by).map(Size).ok_or_else(|| OVERFLOW.to_owned())
        }
        (Rate(rate), Duration(time)) | (Duration(time), Rate(rate)) => {
            finite(rate * (*time as f64) / crate::nanos::SECOND as f64).map(Decimal)
        }
        _ => match (number(left), number(right)) {
            (None, Some(by)) => scaled(left, by).unwrap_or_else(|| Err(mismatch(BinaryOp::Multiply, left, right))),
            (Some(by), None) => scaled(right, by).unwrap_or_else(|| Err(mismatch(BinaryOp::Multiply, left, right))),
            _ => Err(mismatch(BinaryOp::Multiply, left, right)),
        },
    }
}

pub(super) fn divide(left: &Value, right: &Value) -> Outcome {
    use Value::{Decimal, Duration, Int, Money, Percent, Rate, Size};
    let ratio = |a: f64, b: f64| {
        if b == 0.0 { Err(BY_ZERO.to_owned()) } else { finite(a / b).map(Decimal) }
    };
    match (left, right) {
        (Money(a), Money(b)) | (Duration(a), Duration(b)) => ratio(*a as f64, *b as f64),
        (Size(a), Size(b)) => ratio(*a as f64, *b as f64),
        (Rate(a), Rate(b)) => ratio(*a, *b),
        (Int(_) | Decimal(_), Int(_) | Decimal(_) | Percent(_)) => float(BinaryOp::Divide, left, right),
        (Percent(a), Percent(b)) => ratio(*a, *b),
        (Percent(a), Int(_) | Decimal(_)) => match number(right) {
            Some(by) if by != 0.0 => finite(a / by).map(Percent),
            _ => Err(BY_ZERO.to_owned()),
        },
        _ => match number(right) {
            Some(0.0) => Err(BY_ZERO.to_owned()),
            Some(by) => divided(left, by).unwrap_or_else(|| Err(mismatch(BinaryOp::Divide, left, right))),
            None => Err(mismatch(BinaryOp::Divide, left, right)),
        },
    }
}

pub(super) fn remainder(left: &Value, right: &Value) -> Outcome {
    use Value::{Decimal, Duration, Int, Money, Size};
    let rest = |a: i64, b: i64| {
        if b == 0 { Err(BY_ZERO.to_owned()) } else { whole(a.checked_rem(b)) }
    };
    match (left, right) {
        (Int(a), Int(b)) => rest(*a, *b).map(Int),
        (Int(_) | Decimal(_), Int(_) | Decimal(_)) => float(BinaryOp::Remainder, left, right),
        (Money(a), Money(b)) => rest(*a, *b).map(Money),
        (Duration(a), Duration(b)) => rest(*a, *b).map(Duration),
        (Size(a), Size(b)) => a.checked_rem(*b).map(Size).ok_or_else(|| BY_ZERO.to_owned()),
        _ => Err(mismatch(BinaryOp::Remainder, left, right)),
    }
}

pub(super) fn negate(value: Value) -> Outcome {
    use Value::{Decimal, Duration, Int, Money, Percent};
    match value {
        Int(number) => whole(number.checked_neg()).map(Int),
        Decimal(number) => Ok(Decimal(-number)),
        Percent(number) => Ok(Percent(-number)),
        Money(cents) => whole(cents.checked_neg()).map(Money),
        Duration(nanos) => whole(nanos.checked_neg()).map(Duration),
        other => Err(format!("`-` does not apply to {}", other.kind())),
    }
}

/// Arithmetic of plain numbers of which at least one has a fraction, or which divide.
fn float(op: BinaryOp, left: &Value, right: &Value) -> Outcome {
    let (Some(a), Some(b)) = (number(left), number(right)) else {
        return Err(mismatch(op, left, right));
    };
    let result = match op {
        BinaryOp::Add => a + b,
        BinaryOp::Subtract => a - b,
        BinaryOp::Multiply => a * b,
        BinaryOp::Divide | BinaryOp::Remainder if b == 0.0 => return Err(BY_ZERO.to_owned()),
        BinaryOp::Divide => a / b,
        BinaryOp::Remainder => a % b,
        _ => return Err(mismatch(op, left, right)),
    };
    finite(result).map(Value::Decimal)
}

fn scaled(quantity: &Value, by: f64) -> Option<Outcome> {
    Some(match quantity {
        Value::Money(cents) => rounded(*cents as f64 * by).map(Value::Money),
        Value::Duration(nanos) => rounded(*nanos as f64 * by).map(Value::Duration),
        Value::Size(size) => bytes(*size as f64 * by),
        Value::Rate(rate) => finite(rate * by).map(Value::Rate),
        _ => return None,
    })
}

fn divided(quantity: &Value, by: f64) -> Option<Outcome> {
    Some(match quantity {
        Value::Money(cents) => rounded(*cents as f64 / by).map(Value::Money),
        Value::Duration(nanos) => rounded(*nanos as f64 / by).map(Value::Duration),
        Value::Size(size) => bytes(*size as f64 / by),
        Value::Rate(rate) => finite(rate / by).map(Value::Rate),
        _ => return None,
    })
}

fn moved(date: Date, by: i64) -> Outcome {
    let seconds = by / crate::nanos::SECOND;
    if by % crate::nanos::SECOND != 0 || seconds % DAY != 0 {
        return Err("a date moves by whole days only".to_owned());
    }
    date.checked_add(SignedDuration::from_secs(seconds))
        .map(Value::Date)
        .map_err(|_| "the date is outside the calendar".to_owned())
}
