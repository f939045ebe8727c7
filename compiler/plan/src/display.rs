//! Values as the language writes them, and as plain characters.

use std::fmt;

use crate::{BinaryOp, Labels, Text, Value};

impl Value {
    /// What kind of value it is, for messages: an article and a noun.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::None => "none",
            Value::Bool(_) => "true or false",
            Value::Int(_) => "a whole number",
            Value::Decimal(_) => "a number",
            Value::Percent(_) => "a percentage",
            Value::Duration(_) => "a duration",
            Value::Size(_) => "a size",
            Value::Money(_) => "an amount of money",
            Value::Rate(_) => "a rate",
            Value::Date(_) => "a date",
            Value::Text(_) => "a text",
            Value::Path(_) => "a path",
            Value::Regex(_) => "a regular expression",
            Value::File(_) => "a file",
            Value::Symbol(_) => "a name",
            Value::List(_) => "a list",
            Value::Record(_) => "a record",
            Value::Range(_) => "a range",
        }
    }

    /// The characters of a text, a path or a name. They may be sensitive: act on them, never print them.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(&text.value),
            Value::Path(name) | Value::Symbol(name) => Some(name),
            _ => None,
        }
    }

    /// The union of the labels of every text in it.
    pub fn labels(&self) -> Labels {
        match self {
            Value::Text(text) => text.labels,
            Value::List(items) => items.iter().fold(Labels::NONE, |all, item| all.union(item.labels())),
            Value::Record(fields) => fields.values().fold(Labels::NONE, |all, field| all.union(field.labels())),
            Value::Range(ends) => ends.0.labels().union(ends.1.labels()),
            _ => Labels::NONE,
        }
    }

    /// The same value with `labels` added to every text in it.
    pub fn labelled(self, labels: Labels) -> Value {
        if labels.is_none() {
            return self;
        }
        match self {
            Value::Text(text) => Value::Text(Text { labels: text.labels.union(labels), ..text }),
            Value::List(items) => Value::list(items.iter().map(|item| item.clone().labelled(labels)).collect()),
            Value::Record(fields) => {
                let fields = fields.iter().map(|(name, value)| (name.clone(), value.clone().labelled(labels)));
                Value::record(fields.collect())
            }
            other => other,
        }
    }

    /// The characters that stand for it in a text, a form or a path, with the labels of what it is made of.
    pub fn to_text(&self) -> Text {
        match self {
            Value::Text(text) => text.clone(),
            Value::None => Text::default(),
            other => Text { value: Written { value: other, redact: false }.to_string().into(), labels: other.labels() },
        }
    }
}

/// As the language writes it; sensitive texts are redacted.
impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        Written { value: self, redact: true }.fmt(out)
    }
}

struct Written<'a> {
    value: &'a Value,
    redact: bool,
}

impl fmt::Display for Written<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = |value| Written { value, redact: self.redact };
        match self.value {
            Value::None => out.write_str("none"),
            Value::Bool(holds) => write!(out, "{holds}"),
            Value::Int(number) => write!(out, "{number}"),
            Value::Decimal(number) => write!(out, "{number:?}"),
            Value::Percent(share) => write!(out, "{}%", tidy(share * 100.0)),
            Value::Duration(nanos) => duration(*nanos, out),
            Value::Size(bytes) => size(*bytes, out),
            Value::Money(cents) => money(*cents, out),
            Value::Rate(per_second) => rate(*per_second, out),
            Value::Date(date) => write!(out, "{date}"),
            Value::Text(text) if self.redact && text.labels.is_sensitive() => out.write_str(text.redacted()),
            Value::Text(text) => quoted(&text.value, out),
            Value::Path(name) | Value::Symbol(name) => out.write_str(name),
            Value::Regex(source) => write!(out, "/{source}/"),
            Value::File(file) => write!(out, "{} ({})", file.name, Value::Size(file.size)),
            Value::List(items) => {
                out.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    write!(out, "{comma}{}", inner(item))?;
                }
                out.write_str("]")
            }
            Value::Record(fields) if fields.is_empty() => out.write_str("{}"),
            Value::Record(fields) => {
                for (at, (name, value)) in fields.iter().enumerate() {
                    let open = if at == 0 { "{ " } else { ", " };
                    write!(out, "{open}{name}: {}", inner(value))?;
                }
                out.write_str(" }")
            }
            Value::Range(ends) => write!(out, "{}..{}", inner(&ends.0), inner(&ends.1)),
        }
    }
}

/// A number without the noise of binary fractions: `0.07 * 100` is 7.
fn tidy(number: f64) -> f64 {
    const DIGITS: f64 = 1e10;
    let tidy = (number * DIGITS).round() / DIGITS;
    if tidy.is_finite() { tidy } else { number }
}

fn quoted(text: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    out.write_str("\"")?;
    for character in text.chars() {
        match character {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            other => write!(out, "{other}")?,
        }
    }
    out.write_str("\"")
}

/// `whole` and `part` as a decimal number, where `parts` (a power of ten) make a whole.
fn decimal(whole: u64, part: u64, parts: u64, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    if part == 0 {
        return write!(out, "{whole}");
    }
    let width = parts.ilog10() as usize;
    let digits = format!("{part:0width$}");
    write!(out, "{whole}.{}", digits.trim_end_matches('0'))
}

fn duration(nanos: i64, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    const UNITS: [(u64, &str, bool); 6] = [
        (3_600_000_000_000, "h", false),
        (60_000_000_000, "m", false),
        (1_000_000_000, "s", true),
        (1_000_000, "ms", true),
        (1_000, "us", true),
        (1, "ns", true),
    ];
    let sign = if nanos < 0 { "-" } else { "" };
    let size = nanos.unsigned_abs();
    // Hours and minutes only where they come out even: 90 s reads better than 1.5 m.
    let fits =
        |(factor, _, fractions): &&(u64, &str, bool)| size >= *factor && (*fractions || size.is_multiple_of(*factor));
    match UNITS.iter().find(fits) {
        Some((factor, unit, _)) => {
            out.write_str(sign)?;
            decimal(size / factor, size % factor, *factor, out)?;
            out.write_str(unit)
        }
        None => out.write_str("0s"),
    }
}

fn size(bytes: u64, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    const BINARY: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    const DECIMAL: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "KB")];
    if bytes != 0
        && !bytes.is_multiple_of(1000)
        && let Some((factor, unit)) = BINARY.iter().find(|(factor, _)| bytes.is_multiple_of(*factor))
    {
        return write!(out, "{}{unit}", bytes / factor);
    }
    match DECIMAL.iter().find(|(factor, _)| bytes >= *factor) {
        Some((factor, unit)) => {
            decimal(bytes / factor, bytes % factor, *factor, out)?;
            out.write_str(unit)
        }
        None => write!(out, "{bytes}B"),
    }
}

fn money(cents: i64, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let sign = if cents < 0 { "-" } else { "" };
    let (dollars, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    match rest {
        0 => write!(out, "{sign}${dollars}"),
        rest => write!(out, "{sign}${dollars}.{rest:02}"),
    }
}

fn rate(per_second: f64, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let per_minute = tidy(per_second * 60.0);
    if tidy(per_second).fract() != 0.0 && per_minute.fract() == 0.0 {
        write!(out, "{per_minute}/m")
    } else {
        write!(out, "{}/s", tidy(per_second))
    }
}

/// As the language writes it.
impl fmt::Display for BinaryOp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            BinaryOp::Or => "or",
            BinaryOp::And => "and",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::Less => "<",
            BinaryOp::LessEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterEqual => ">=",
            BinaryOp::In => "in",
            BinaryOp::Matches => "matches",
            BinaryOp::Contains => "contains",
            BinaryOp::Else => "??",
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::Remainder => "%",
        })
    }
}
