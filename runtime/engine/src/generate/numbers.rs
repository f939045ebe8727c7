//! Numbers, dates, choices, and other data that is not about people.

use jiff::{ToSpan, civil::Date};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use scn_plan::{Dist, FileSpec, Record, Value};

use super::{argument, uniform};

/// Both ends of the argument `name`, which may also be a single value.
fn ends<T: PartialOrd>(args: &Record, name: &str, what: &str, read: fn(&Value) -> Option<T>) -> Result<(T, T), String> {
    let (low, high) = match argument(args, name)? {
        Value::Range(ends) => (&ends.0, &ends.1),
        single => (single, single),
    };
    match (read(low), read(high)) {
        (Some(low), Some(high)) if low <= high => Ok((low, high)),
        (Some(_), Some(_)) => Err(format!("needs a range from the smaller to the larger end, not {low}..{high}")),
        _ => Err(format!("needs {what}, not {low}..{high}")),
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        _ => None,
    }
}

fn cents(value: &Value) -> Option<i64> {
    match value {
        Value::Money(cents) => Some(*cents),
        Value::Int(dollars) => dollars.checked_mul(100),
        _ => None,
    }
}

fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Decimal(number) => Some(*number),
        _ => None,
    }
}

fn day(value: &Value) -> Option<Date> {
    match value {
        Value::Date(date) => Some(*date),
        _ => None,
    }
}

fn bytes(value: &Value) -> Option<u64> {
    match value {
        Value::Size(bytes) => Some(*bytes),
        _ => None,
    }
}

fn nanoseconds(args: &Record, name: &str) -> Result<i64, String> {
    match argument(args, name)? {
        Value::Duration(nanoseconds) => Ok(*nanoseconds),
        other => Err(format!("needs a duration for `{name}`, not {other}")),
    }
}

fn probability(args: &Record) -> Result<f64, String> {
    match argument(args, "probability")? {
        Value::Percent(share) if (0.0..=1.0).contains(share) => Ok(*share),
        other => Err(format!("needs a probability from 0% to 100%, not {other}")),
    }
}

pub(super) fn int(args: &Record, rng: &mut ChaCha8Rng) -> Result<Value, String> {
    let (low, high) = ends(args, "range", "whole numbers", whole)?;
    Ok(Value::Int(rng.random_range(low..=high)))
}

pub(super) fn money(args: &Record, rng: &mut ChaCha8Rng) -> Result<Value, String> {
    let (low, high) = ends(args, "range", "amounts", cents)?;
    Ok(Value::Money(rng.random_range(low..=high)))
}

pub(super) fn decimal(args: &Record, rng: &mut ChaCha8Rng) -> Result<Value, String> {
    let (low, high) = ends(args, "range", "numbers", real)?;
    Ok(Value::Decimal(low + (high - low) * uniform(rng)))
}

pub(super) fn date(args: &Record, rng: &mut ChaCha8Rng) -> Result<Value, String> {
    let (low, high) = ends(args, "range", "dates", day)?;
    let days = low.until(high).map_or(0, |span| span.get_days());
    let drawn = low.checked_add(rng.random_range(0..=days).days());
    drawn.map(Value::Date).map_err(|error| format!("leaves the calendar: {error}"))
}

pub(super) fn image(args: &Record, rng: &mut ChaCha8Rng) -> Result<Value, String> {
    let (low, high) = ends(args, "size", "sizes", bytes)?;
    Ok(Value::File(FileSpec { name: "photo.jpg".into(), size: rng.random_range(low..=high) }))
}

pub(super) fn chance(args: &Record, rng: &mut ChaCha8Rng) -> Result<Value, String> {
    Ok(Value::Bool(uniform(rng) < probability(args)?))
}

pub(super) fn maybe(args: &Record, rng: &mut ChaCha8Rng) -> Result<Value, String> {
    let taken = uniform(rng) < probability(args)?;
    Ok(if taken { argument(args, "value")?.clone() } else { Value::None })
}

pub(super) fn choice(args: &Record, rng: &mut ChaCha8Rng) -> Result<Value, String> {
    let Value::List(values) = argument(args, "values")? else { return Err("needs values".to_owned()) };
    let weights = match args.get("weights") {
        Some(Value::List(weights)) => weights.iter().map(|weight| real(weight).unwrap_or(1.0)).collect(),
        _ => vec![1.0; values.len()],
    };
    let drawn = weighted(&weights, uniform(rng)).and_then(|drawn| values.get(drawn));
    drawn.cloned().ok_or_else(|| "needs at least one value with a weight above zero".to_owned())
}

/// Which of `weights` the draw `u` (between 0 and 1) falls on; none if none is above zero.
pub(crate) fn weighted(weights: &[f64], u: f64) -> Option<usize> {
    let total: f64 = weights.iter().filter(|weight| **weight > 0.0).sum();
    let mut rest = u * total;
    let mut last = None;
    for (at, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        last = Some(at);
        rest -= weight;
        if rest < 0.0 {
            break;
        }
    }
    last
}

pub(super) fn lognormal(args: &Record, rng: &mut ChaCha8Rng) -> Result<Value, String> {
    let dist = Dist::Lognormal { p50: nanoseconds(args, "p50")?, p99: nanoseconds(args, "p99")? };
    Ok(Value::Duration(dist.sample(uniform(rng))))
}

pub(super) fn exponential(args: &Record, rng: &mut ChaCha8Rng) -> Result<Value, String> {
    let dist = Dist::Exponential { mean: nanoseconds(args, "mean")? };
    Ok(Value::Duration(dist.sample(uniform(rng))))
}
