//! Holding data from outside against a [`Shape`].
//!
//! A violation is a sentence without its subject (`must be a whole number`); whoever knows what the value is called says
//! so in front. No violation repeats the value itself, which may be sensitive.

use jiff::civil::Date;
use serde_json::Value as Json;
use smol_str::SmolStr;

use crate::{
    FileSpec, Record, Shape, ShapeField, Text, Value,
    eval::{is_in, rounded},
    nanos, pattern,
};

impl Shape {
    /// Reads a text, as a form or a query sends it.
    pub fn read(&self, text: &str) -> Result<Value, String> {
        let trimmed = text.trim();
        let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
        let (value, must) = match self {
            Shape::Any => (Some(Value::Text(Text::plain(text))), ""),
            Shape::Text { pattern } => return read_text(text, pattern.as_deref()),
            Shape::Bool => {
                let holds = match trimmed {
                    // What browsers send for a ticked checkbox without a value of its own.
                    "true" | "on" => Some(true),
                    "false" | "" => Some(false),
                    _ => None,
                };
                (holds.map(Value::Bool), "must be true or false")
            }
            Shape::Int => (trimmed.parse().ok().map(Value::Int), "must be a whole number"),
            Shape::Decimal => (number(trimmed).map(Value::Decimal), "must be a number"),
            Shape::Percent => {
                let share = match trimmed.strip_suffix('%') {
                    Some(percent) => number(percent).map(|percent| percent / 100.0),
                    None => number(trimmed),
                };
                (share.map(Value::Percent), "must be a percentage, such as 5%")
            }
            Shape::Money => {
                let (sign, amount) = trimmed.strip_prefix('-').map_or((1.0, trimmed), |amount| (-1.0, amount));
                let dollars = number(amount.strip_prefix('$').unwrap_or(amount)).map(|dollars| sign * dollars);
                (
                    dollars.and_then(|dollars| rounded(dollars * 100.0).ok()).map(Value::Money),
                    "must be an amount, such as $12.50",
                )
            }
            Shape::Duration => (read_duration(trimmed), "must be a duration, such as 90s or 1.5h"),
            Shape::Size => (read_size(trimmed), "must be a size, such as 420KB"),
            Shape::Date => (trimmed.parse::<Date>().ok().map(Value::Date), "must be a date, such as 2026-11-23"),
            Shape::Choice(options) => return read_choice(text, options),
            Shape::Within(of, ends) => return within(of.read(text)?, ends),
            Shape::File { .. } => (None, "must be a file"),
            Shape::List(_) => (None, "must be a list"),
            Shape::Record(_) => (None, "must be a record"),
        };
        value.ok_or_else(|| must.to_owned())
    }

    /// Reads what a form holds under one name: a text, or a file.
    pub fn read_form(&self, value: Value) -> Result<Value, String> {
        match value {
            Value::Text(text) => Ok(self.read(&text.value)?.labelled(text.labels)),
            other => self.check(other),
        }
    }

    /// Holds a JSON document against the shape.
    pub fn check_json(&self, json: &Json) -> Result<Value, String> {
        self.check(Value::from_json(json))
    }

    /// Holds a value against the shape and brings it into the shape's own kind: a bare number becomes an amount in
    /// dollars, a duration in seconds, a size in bytes.
    pub fn check(&self, value: Value) -> Result<Value, String> {
        match (self, value) {
            (Shape::Any, value) => Ok(value),
            (Shape::Within(of, ends), value) => within(of.check(value)?, ends),
            (Shape::Bool, value @ Value::Bool(_)) => Ok(value),
            (Shape::Int, value @ Value::Int(_)) => Ok(value),
            (Shape::Int, Value::Decimal(number)) if number.fract() == 0.0 => rounded(number).map(Value::Int),
            (Shape::Decimal, value @ Value::Decimal(_)) => Ok(value),
            (Shape::Decimal, Value::Int(number)) => Ok(Value::Decimal(number as f64)),
            (Shape::Percent, value @ Value::Percent(_)) => Ok(value),
            (Shape::Percent, Value::Decimal(share)) => Ok(Value::Percent(share)),
            (Shape::Percent, Value::Int(share)) => Ok(Value::Percent(share as f64)),
            (Shape::Money, value @ Value::Money(_)) => Ok(value),
            (Shape::Money, Value::Int(dollars)) => scale(dollars, 100).map(Value::Money),
            (Shape::Money, Value::Decimal(dollars)) => rounded(dollars * 100.0).map(Value::Money),
            (Shape::Duration, value @ Value::Duration(_)) => Ok(value),
            (Shape::Duration, Value::Int(seconds)) => scale(seconds, nanos::SECOND).map(Value::Duration),
            (Shape::Duration, Value::Decimal(seconds)) => rounded(seconds * nanos::SECOND as f64).map(Value::Duration),
            (Shape::Size, value @ Value::Size(_)) => Ok(value),
            (Shape::Size, Value::Int(bytes)) => {
                u64::try_from(bytes).map(Value::Size).map_err(|_| "must not be negative".to_owned())
            }
            (Shape::Date, value @ Value::Date(_)) => Ok(value),
            (Shape::Text { pattern }, Value::Text(text)) => {
                Ok(read_text(&text.value, pattern.as_deref())?.labelled(text.labels))
            }
            (Shape::Text { pattern }, Value::Path(name) | Value::Symbol(name)) => read_text(&name, pattern.as_deref()),
            (Shape::Choice(options), Value::Symbol(name)) => read_choice(&name, options),
            (Shape::File { max }, Value::File(file)) => check_file(file, *max),
            (Shape::File { max }, Value::Record(fields)) => match (fields.get("name"), fields.get("size")) {
                (Some(Value::Text(name)), Some(Value::Int(size))) => {
                    let size = u64::try_from(*size).map_err(|_| "must be a file of a size that is not negative")?;
                    check_file(FileSpec { name: name.value.clone(), size }, *max)
                }
                _ => Err("must be a file".to_owned()),
            },
            (Shape::List(of), Value::List(items)) => check_list(of, &items),
            (Shape::Record(shapes), Value::Record(fields)) => check_record(shapes, &fields),
            // JSON has no dates, names or units of its own, so these come as texts.
            (
                Shape::Percent | Shape::Money | Shape::Duration | Shape::Size | Shape::Date | Shape::Choice(_),
                Value::Text(text),
            ) => self.read(&text.value),
            (shape, _) => Err(shape.demand()),
        }
    }

    fn demand(&self) -> String {
        match self {
            Shape::Any => "must be there".to_owned(),
            Shape::Bool => "must be true or false".to_owned(),
            Shape::Int => "must be a whole number".to_owned(),
            Shape::Decimal => "must be a number".to_owned(),
            Shape::Percent => "must be a percentage".to_owned(),
            Shape::Money => "must be an amount".to_owned(),
            Shape::Duration => "must be a duration".to_owned(),
            Shape::Size => "must be a size".to_owned(),
            Shape::Date => "must be a date".to_owned(),
            Shape::Text { .. } => "must be a text".to_owned(),
            Shape::File { .. } => "must be a file".to_owned(),
            Shape::Choice(options) => format!("must be one of {}", options.join(", ")),
            Shape::Within(of, _) => of.demand(),
            Shape::List(_) => "must be a list".to_owned(),
            Shape::Record(_) => "must be a record".to_owned(),
        }
    }
}

impl ShapeField {
    /// Reads what a form holds under the field's name. Nothing was filled in where there is no text or an empty one, or a
    /// file without a name.
    pub fn read_form(&self, value: Option<Value>) -> Result<Value, String> {
        let filled = value.filter(|value| match value {
            Value::Text(text) => !text.value.is_empty(),
            Value::File(file) => !file.name.is_empty(),
            other => *other != Value::None,
        });
        match filled {
            Some(value) => Ok(self.shape.read_form(value)?.labelled(self.labels)),
            // A checkbox that is not ticked sends nothing at all.
            None if self.shape == Shape::Bool => Ok(Value::Bool(false)),
            None if self.required => Err("must be filled in".to_owned()),
            None => Ok(Value::None),
        }
    }

    /// Holds a value under the field's name against the field.
    pub fn check(&self, value: Option<Value>) -> Result<Value, String> {
        match value {
            Some(Value::None) if self.shape == Shape::Any => Ok(Value::None),
            Some(Value::None) | None if self.required => Err("is missing".to_owned()),
            Some(Value::None) | None => Ok(Value::None),
            Some(value) => Ok(self.shape.check(value)?.labelled(self.labels)),
        }
    }
}

fn read_text(text: &str, pattern: Option<&str>) -> Result<Value, String> {
    match pattern {
        Some(pattern) if !pattern::is_whole(pattern, text)? => Err(format!("does not match /{pattern}/")),
        _ => Ok(Value::Text(Text::plain(text))),
    }
}

fn read_choice(text: &str, options: &[SmolStr]) -> Result<Value, String> {
    let option = options.iter().find(|option| *option == text);
    option.map(|option| Value::Symbol(option.clone())).ok_or_else(|| format!("must be one of {}", options.join(", ")))
}

fn within(value: Value, ends: &(Value, Value)) -> Result<Value, String> {
    let (low, high) = ends;
    match is_in(&value, low, high) {
        true => Ok(value),
        false => Err(format!("must lie between {low} and {high}")),
    }
}

fn check_file(file: FileSpec, max: Option<u64>) -> Result<Value, String> {
    match max {
        Some(max) if file.size > max => Err(format!("must be at most {}", Value::Size(max))),
        _ => Ok(Value::File(file)),
    }
}

fn check_list(of: &Shape, items: &[Value]) -> Result<Value, String> {
    let checked = items
        .iter()
        .enumerate()
        .map(|(at, item)| of.check(item.clone()).map_err(|violation| nested(&format!("[{at}]"), &violation)));
    Ok(Value::list(checked.collect::<Result<_, _>>()?))
}

fn check_record(shapes: &crate::collections::IndexMap<SmolStr, ShapeField>, fields: &Record) -> Result<Value, String> {
    let mut checked = Record::with_capacity_and_hasher(shapes.len(), Default::default());
    let mut violations = Vec::new();
    for (name, shape) in shapes {
        match shape.check(fields.get(name).cloned()) {
            Ok(value) => {
                checked.insert(name.clone(), value);
            }
            Err(violation) => violations.push(nested(name, &violation)),
        }
    }
    if violations.is_empty() { Ok(Value::record(checked)) } else { Err(violations.join("; ")) }
}

/// `of` in front of a violation's subject: `photo must be …` in `form` is `form.photo must be …`.
fn nested(of: &str, violation: &str) -> String {
    let parts = violation.split("; ").map(|part| {
        let is_predicate = ["must ", "is ", "does "].iter().any(|verb| part.starts_with(verb));
        match part.chars().next() {
            Some('[') => format!("{of}{part}"),
            _ if is_predicate => format!("{of} {part}"),
            _ => format!("{of}.{part}"),
        }
    });
    parts.collect::<Vec<_>>().join("; ")
}

fn scale(count: i64, unit: i64) -> Result<i64, String> {
    count.checked_mul(unit).ok_or_else(|| "is too large".to_owned())
}

/// A number and a unit that is glued to it; a bare number is in the unit whose suffix is empty.
fn read_unit(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    let (suffix, factor) =
        units.iter().filter(|(suffix, _)| text.ends_with(suffix)).max_by_key(|(suffix, _)| suffix.len())?;
    let number = text.strip_suffix(suffix)?.parse::<f64>().ok()?;
    Some(number * factor)
}

fn read_duration(text: &str) -> Option<Value> {
    const UNITS: &[(&str, f64)] =
        &[("", 1e9), ("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("d", 86_400e9)];
    rounded(read_unit(text, UNITS)?).ok().map(Value::Duration)
}

fn read_size(text: &str) -> Option<Value> {
    const UNITS: &[(&str, f64)] = &[
        ("", 1.0),
        ("B", 1.0),
        ("KB", 1e3),
        ("MB", 1e6),
        ("GB", 1e9),
        ("KiB", 1024.0),
        ("MiB", 1_048_576.0),
        ("GiB", 1_073_741_824.0),
    ];
    let bytes = rounded(read_unit(text, UNITS)?).ok()?;
    u64::try_from(bytes).ok().map(Value::Size)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Labels;

    fn text(pattern: &str) -> Shape {
        Shape::Text { pattern: Some(pattern.into()) }
    }

    fn required(shape: Shape) -> ShapeField {
        ShapeField { shape, required: true, labels: Labels::NONE }
    }

    fn shown(result: Result<Value, String>) -> String {
        result.map_or_else(|violation| violation, |value| value.to_string())
    }

    #[test]
    fn forms() {
        let choice = Shape::Choice(vec!["credit_card".into(), "bank_transfer".into()]);
        let ages = Shape::Within(Box::new(Shape::Int), Box::new((Value::Int(18), Value::Int(90))));
        for (shape, text, expected) in [
            (text(r"[A-Z]\d{8}"), "X12345678", "\"X12345678\""),
            (text(r"[A-Z]\d{8}"), "X123456789", r"does not match /[A-Z]\d{8}/"),
            (text("a|b"), "ab", "does not match /a|b/"),
            (Shape::Int, " 42 ", "42"),
            (Shape::Int, "4.2", "must be a whole number"),
            (ages.clone(), "18", "18"),
            (ages.clone(), "17", "must lie between 18 and 90"),
            (ages, "old", "must be a whole number"),
            (Shape::Decimal, "4.2", "4.2"),
            (Shape::Decimal, "inf", "must be a number"),
            (Shape::Percent, "5%", "5%"),
            (Shape::Money, "$12.50", "$12.50"),
            (Shape::Money, "-$5", "-$5"),
            (Shape::Money, "130", "$130"),
            (Shape::Money, "much", "must be an amount, such as $12.50"),
            (Shape::Duration, "90s", "90s"),
            (Shape::Duration, "1.5h", "90m"),
            (Shape::Duration, "2", "2s"),
            (Shape::Duration, "2 parsecs", "must be a duration, such as 90s or 1.5h"),
            (Shape::Size, "420KB", "420KB"),
            (Shape::Size, "1KiB", "1KiB"),
            (Shape::Size, "-1", "must be a size, such as 420KB"),
            (Shape::Date, "2026-11-23", "2026-11-23"),
            (Shape::Date, "23.11.2026", "must be a date, such as 2026-11-23"),
            (Shape::Bool, "on", "true"),
            (Shape::Bool, "maybe", "must be true or false"),
            (choice.clone(), "credit_card", "credit_card"),
            (choice, "cash", "must be one of credit_card, bank_transfer"),
            (Shape::File { max: None }, "photo.jpg", "must be a file"),
        ] {
            assert_eq!(shown(shape.read(text)), expected, "{shape:?} {text:?}");
        }
    }

    #[test]
    fn form_fields() {
        let optional = ShapeField { required: false, ..required(Shape::Int) };
        let photo = required(Shape::File { max: Some(2_000_000) });
        let file = |name: &str, size| Some(Value::File(FileSpec { name: name.into(), size }));
        let pii = ShapeField { labels: Labels::PII, ..required(Shape::Text { pattern: None }) };
        for (field, value, expected) in [
            (&required(Shape::Int), None, "must be filled in"),
            (&required(Shape::Int), Some(Value::text("")), "must be filled in"),
            (&required(Shape::Bool), None, "false"),
            (&optional, Some(Value::text("")), "none"),
            (&optional, Some(Value::text("x")), "must be a whole number"),
            (&photo, file("photo.jpg", 420_000), "photo.jpg (420KB)"),
            (&photo, file("photo.jpg", 2_000_001), "must be at most 2MB"),
            (&photo, file("", 0), "must be filled in"),
            (&pii, Some(Value::text("Alex")), "[pii]"),
        ] {
            assert_eq!(shown(field.read_form(value)), expected);
        }
    }

    #[test]
    fn json_bodies() {
        let charge = |fields: [(&str, ShapeField); 3]| {
            Shape::Record(fields.into_iter().map(|(name, field)| (name.into(), field)).collect())
        };
        let shape = charge([
            ("passport_id", ShapeField { labels: Labels::PII, ..required(text(r"[A-Z]\d{8}")) }),
            ("amount", required(Shape::Money)),
            (
                "notes",
                ShapeField {
                    required: false,
                    ..required(Shape::List(Box::new(charge([
                        ("at", required(Shape::Date)),
                        ("took", required(Shape::Duration)),
                        ("ok", required(Shape::Bool)),
                    ]))))
                },
            ),
        ]);
        for (json, expected) in [
            (
                json!({ "passport_id": "X12345678", "amount": 130, "more": 1 }),
                "{ passport_id: [pii], amount: $130, notes: none }",
            ),
            (
                json!({ "passport_id": "X12345678", "amount": 12.5, "notes": [{ "at": "2026-11-23", "took": 1.5, "ok": true }] }),
                "{ passport_id: [pii], amount: $12.50, notes: [{ at: 2026-11-23, took: 1.5s, ok: true }] }",
            ),
            (json!({ "passport_id": 1, "amount": true }), "passport_id must be a text; amount must be an amount"),
            (json!({ "amount": null }), "passport_id is missing; amount is missing"),
            (
                json!({ "passport_id": "X12345678", "amount": 1, "notes": [{ "at": 1, "took": 1, "ok": "true" }] }),
                "notes[0].at must be a date; notes[0].ok must be true or false",
            ),
            (json!([]), "must be a record"),
        ] {
            assert_eq!(shown(shape.check_json(&json)), expected);
        }
    }
}
