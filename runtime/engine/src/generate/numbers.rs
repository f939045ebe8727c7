//! Numbers, choices, files, and other data that is not about people.

use rand::RngExt;
use scn_plan::{Dist, FileSpec, Record, Value};

use super::{Draw, argument, flag, uniform};

/// Both ends of the argument `name`, which may also be a single value.
pub(super) fn ends<T: PartialOrd>(
    args: &Record,
    name: &str,
    what: &str,
    read: fn(&Value) -> Option<T>,
) -> Result<(T, T), String> {
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

pub(super) fn whole(value: &Value) -> Option<i64> {
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

pub(super) fn int(args: &Record, rng: &mut Draw<'_>) -> Result<Value, String> {
    let (low, high) = ends(args, "range", "whole numbers", whole)?;
    if flag(args, "unique") {
        let drawn = rng.unique(low.abs_diff(high) as u128 + 1, "numbers")?;
        let drawn = i128::try_from(drawn).ok().and_then(|drawn| i64::try_from(i128::from(low) + drawn).ok());
        return drawn.map(Value::Int).ok_or_else(|| "leaves its range".to_owned());
    }
    Ok(Value::Int(rng.random_range(low..=high)))
}

pub(super) fn money(args: &Record, rng: &mut Draw<'_>) -> Result<Value, String> {
    let (low, high) = ends(args, "range", "amounts", cents)?;
    Ok(Value::Money(rng.random_range(low..=high)))
}

pub(super) fn decimal(args: &Record, rng: &mut Draw<'_>) -> Result<Value, String> {
    let (low, high) = ends(args, "range", "numbers", real)?;
    Ok(Value::Decimal(low + (high - low) * uniform(rng)))
}

pub(super) fn image(args: &Record, rng: &mut Draw<'_>) -> Result<Value, String> {
    let (low, high) = ends(args, "size", "sizes", bytes)?;
    Ok(Value::File(FileSpec { name: "photo.jpg".into(), size: rng.random_range(low..=high) }))
}

pub(super) fn file(args: &Record, rng: &mut Draw<'_>) -> Result<Value, String> {
    let (low, high) = ends(args, "size", "sizes", bytes)?;
    let name = argument(args, "name")?.to_text().value;
    Ok(Value::File(FileSpec { name, size: rng.random_range(low..=high) }))
}

pub(super) fn size(args: &Record, rng: &mut Draw<'_>) -> Result<Value, String> {
    let (low, high) = ends(args, "range", "sizes", bytes)?;
    Ok(Value::Size(rng.random_range(low..=high)))
}

pub(super) fn duration(args: &Record, rng: &mut Draw<'_>) -> Result<Value, String> {
    let (low, high) = ends(args, "range", "durations", |value| match value {
        Value::Duration(nanos) => Some(*nanos),
        _ => None,
    })?;
    Ok(Value::Duration(rng.random_range(low..=high)))
}

pub(super) fn percent(args: &Record, rng: &mut Draw<'_>) -> Result<Value, String> {
    let (low, high) = ends(args, "range", "percentages", |value| match value {
        Value::Percent(share) => Some(*share),
        _ => None,
    })?;
    Ok(Value::Percent(low + (high - low) * uniform(rng)))
}

/// The one after the one of the persona before.
pub(super) fn sequence(args: &Record, rng: &mut Draw<'_>) -> Result<Value, String> {
    let place = rng.place.ok_or("counts personas and seed records only")?;
    let (Some(from), Some(step)) = (whole(argument(args, "from")?), whole(argument(args, "step")?)) else {
        return Err("needs whole numbers".to_owned());
    };
    let number = i64::try_from(place.number).ok().and_then(|number| step.checked_mul(number)?.checked_add(from));
    number.map(Value::Int).ok_or_else(|| "counts beyond what a whole number can be".to_owned())
}

/// How many items the list has; whoever calls makes each.
pub(super) fn list_of(args: &Record, rng: &mut Draw<'_>) -> Result<Value, String> {
    const MOST: i64 = 10_000;
    let (low, high) = ends(args, "count", "whole numbers", whole)?;
    if rng.place.is_none() {
        return Err("makes lists for personas and seed records only".to_owned());
    }
    if low < 0 || high > MOST {
        return Err(format!("makes from 0 to {MOST} items, not {low}..{high}"));
    }
    Ok(Value::Int(rng.random_range(low..=high)))
}

pub(super) fn chance(args: &Record, rng: &mut Draw<'_>) -> Result<Value, String> {
    Ok(Value::Bool(uniform(rng) < probability(args)?))
}

pub(super) fn maybe(args: &Record, rng: &mut Draw<'_>) -> Result<Value, String> {
    let taken = uniform(rng) < probability(args)?;
    Ok(if taken { argument(args, "value")?.clone() } else { Value::None })
}

pub(super) fn choice(args: &Record, rng: &mut Draw<'_>) -> Result<Value, String> {
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

pub(super) fn lognormal(args: &Record, rng: &mut Draw<'_>) -> Result<Value, String> {
    let dist = Dist::Lognormal { p50: nanoseconds(args, "p50")?, p99: nanoseconds(args, "p99")? };
    Ok(Value::Duration(dist.sample(uniform(rng))))
}

pub(super) fn exponential(args: &Record, rng: &mut Draw<'_>) -> Result<Value, String> {
    let dist = Dist::Exponential { mean: nanoseconds(args, "mean")? };
    Ok(Value::Duration(dist.sample(uniform(rng))))
}
