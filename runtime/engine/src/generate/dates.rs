//! Days and times.

use fake::faker::address::raw::TimeZone;
use jiff::{ToSpan, civil::Date};
use rand::RngExt;
use scn_plan::{Record, Value};

use super::{
    Draw, argument,
    locale::localized,
    numbers::{ends, whole},
};

type Made = Result<Value, String>;

fn day(value: &Value) -> Option<Date> {
    match value {
        Value::Date(date) => Some(*date),
        _ => None,
    }
}

fn drawn(args: &Record, draw: &mut Draw<'_>) -> Result<Date, String> {
    let (low, high) = ends(args, "range", "dates", day)?;
    let days = low.until(high).map_or(0, |span| span.get_days());
    low.checked_add(draw.random_range(0..=days).days()).map_err(|error| format!("leaves the calendar: {error}"))
}

pub(super) fn date(args: &Record, draw: &mut Draw<'_>) -> Made {
    drawn(args, draw).map(Value::Date)
}

/// Of somebody who is `age` years old on the day `on`.
pub(super) fn birth_date(args: &Record, draw: &mut Draw<'_>) -> Made {
    let age = whole(argument(args, "age")?).filter(|age| (0..=150).contains(age));
    let age = age.ok_or("needs an age from 0 to 150")?;
    let on = day(argument(args, "on")?).ok_or("needs the day on which somebody is of that age")?;
    let out = |error: jiff::Error| format!("leaves the calendar: {error}");
    let latest = on.checked_sub(age.years()).map_err(out)?;
    // The day after the one on which somebody turned a year older.
    let earliest = on.checked_sub((age + 1).years()).and_then(|day| day.checked_add(1.day())).map_err(out)?;
    let days = earliest.until(latest).map_or(0, |span| span.get_days());
    earliest.checked_add(draw.random_range(0..=days).days()).map(Value::Date).map_err(out)
}

/// As ISO 8601 writes it: `2026-11-23T14:05:09+14:00`.
pub(super) fn datetime(args: &Record, draw: &mut Draw<'_>) -> Made {
    let date = drawn(args, draw)?;
    let time = clock(draw);
    Ok(Value::text(format!("{date}T{time}{}", argument(args, "offset")?.to_text().value)))
}

pub(super) fn time_of_day(_: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(clock(draw)))
}

fn clock(draw: &mut Draw<'_>) -> String {
    let second = draw.random_range(0..24 * 3600);
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

pub(super) fn time_zone(_: &Record, draw: &mut Draw<'_>) -> Made {
    Ok(Value::text(localized!(Locale::En, draw, TimeZone)))
}
