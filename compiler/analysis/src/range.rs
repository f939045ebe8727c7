//! What a quantity can be: ranges of numbers, amounts, durations, sizes and dates, and what operators make of them.
//!
//! A range is an over-approximation: every value that can occur lies in it. So what cannot hold by ranges never holds,
//! and where nothing is known there is no range.

use std::{cmp::Ordering, fmt};

use scn_diagnostics::Span;
use scn_plan::{BinaryOp, Value, apply};

use crate::expr::literal::order;

/// Both ends of what a quantity can be, ends included; an end that is not known is open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bounds {
    /// The smallest value.
    pub low: Option<Value>,
    /// The largest value.
    pub high: Option<Value>,
    /// Where the range is declared, if it is.
    pub declared: Option<Span>,
}

/// Where a range is declared does not make it another one.
impl PartialEq for Bounds {
    fn eq(&self, other: &Self) -> bool {
        self.low == other.low && self.high == other.high
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.low, &self.high) {
            (Some(low), Some(high)) => write!(out, "{low}..{high}"),
            (Some(low), None) => write!(out, "{low} and more"),
            (None, Some(high)) => write!(out, "at most {high}"),
            (None, None) => out.write_str("anything"),
        }
    }
}

fn below(a: &Value, b: &Value) -> bool {
    order(a, b) == Some(Ordering::Less)
}

fn at_most(a: &Value, b: &Value) -> bool {
    order(a, b).is_some_and(Ordering::is_le)
}

/// The smaller of two ends; `None` if they cannot be compared.
fn smaller(a: &Value, b: &Value) -> Option<Value> {
    order(a, b).map(|order| if order.is_le() { a.clone() } else { b.clone() })
}

fn larger(a: &Value, b: &Value) -> Option<Value> {
    order(a, b).map(|order| if order.is_ge() { a.clone() } else { b.clone() })
}

impl Bounds {
    /// Both ends, if they are of one unit and in order.
    pub fn new(low: Value, high: Value) -> Option<Self> {
        at_most(&low, &high).then_some(Self { low: Some(low), high: Some(high), declared: None })
    }

    /// One value and no other, if it is a quantity or a date.
    pub fn only(value: &Value) -> Option<Self> {
        Self::new(value.clone(), value.clone())
    }

    /// The range of a constant: a range's own ends, or a single value.
    pub fn of_value(value: &Value) -> Option<Self> {
        match value {
            Value::Range(ends) => Self::new(ends.0.clone(), ends.1.clone()),
            single => Self::only(single),
        }
    }

    /// The same range, declared at `span`.
    pub fn declared_at(self, span: Span) -> Self {
        Self { declared: Some(span), ..self }
    }

    /// Both ends, if both are known.
    pub fn ends(&self) -> Option<(&Value, &Value)> {
        self.low.as_ref().zip(self.high.as_ref())
    }

    /// Whether every value in `other` is in this one.
    pub fn contains(&self, other: &Bounds) -> bool {
        let low = self.low.as_ref().is_none_or(|low| other.low.as_ref().is_some_and(|own| at_most(low, own)));
        let high = self.high.as_ref().is_none_or(|high| other.high.as_ref().is_some_and(|own| at_most(own, high)));
        low && high
    }

    /// Whether no value is in both.
    pub fn is_apart_from(&self, other: &Bounds) -> bool {
        let after =
            |a: &Bounds, b: &Bounds| a.low.as_ref().zip(b.high.as_ref()).is_some_and(|(low, high)| below(high, low));
        after(self, other) || after(other, self)
    }

    /// The smallest range that holds both.
    pub fn hull(&self, other: &Bounds) -> Bounds {
        let end = |a: &Option<Value>, b: &Option<Value>, pick: fn(&Value, &Value) -> Option<Value>| {
            pick(a.as_ref()?, b.as_ref()?)
        };
        let declared = if self == other { self.declared.or(other.declared) } else { None };
        Bounds { low: end(&self.low, &other.low, smaller), high: end(&self.high, &other.high, larger), declared }
    }

    /// What is in both; where nothing is, a range that is empty in itself (its low end lies above its high end).
    pub fn meet(&self, other: &Bounds) -> Bounds {
        let end = |a: &Option<Value>, b: &Option<Value>, pick: fn(&Value, &Value) -> Option<Value>| match (a, b) {
            (Some(a), Some(b)) => pick(a, b),
            (end, None) | (None, end) => end.clone(),
        };
        let declared = self.declared.or(other.declared);
        Bounds { low: end(&self.low, &other.low, larger), high: end(&self.high, &other.high, smaller), declared }
    }

    /// The range of `-x`.
    pub fn negated(&self) -> Option<Bounds> {
        let (low, high) = self.ends()?;
        let negate = |value: &Value| match value {
            Value::Int(number) => number.checked_neg().map(Value::Int),
            Value::Decimal(number) => Some(Value::Decimal(-number)),
            Value::Percent(number) => Some(Value::Percent(-number)),
            Value::Money(cents) => cents.checked_neg().map(Value::Money),
            Value::Duration(nanos) => nanos.checked_neg().map(Value::Duration),
            _ => None,
        };
        Bounds::new(negate(high)?, negate(low)?)
    }

    /// The range of `x op y`, for `+ - * /`; `None` where nothing can be said of it.
    pub fn calculated(&self, op: BinaryOp, other: &Bounds) -> Option<Bounds> {
        let ((a, b), (c, d)) = (self.ends()?, other.ends()?);
        let pairs = match op {
            BinaryOp::Add => vec![(a, c), (b, d)],
            BinaryOp::Subtract => vec![(a, d), (b, c)],
            BinaryOp::Multiply => vec![(a, c), (a, d), (b, c), (b, d)],
            BinaryOp::Divide if !other.may_be_zero() => vec![(a, c), (a, d), (b, c), (b, d)],
            _ => return None,
        };
        let mut range: Option<Bounds> = None;
        for (left, right) in pairs {
            let end = Bounds::only(&apply(op, left, right).ok()?)?;
            range = Some(range.map_or(end.clone(), |range| range.hull(&end)));
        }
        range.filter(|range| range.ends().is_some())
    }

    fn may_be_zero(&self) -> bool {
        let sign = |value: &Value| match value {
            Value::Int(number) | Value::Money(number) | Value::Duration(number) => Some(number.cmp(&0)),
            Value::Decimal(number) | Value::Percent(number) | Value::Rate(number) => number.partial_cmp(&0.0),
            Value::Size(bytes) => Some(bytes.cmp(&0)),
            _ => None,
        };
        let low = self.low.as_ref().and_then(sign);
        let high = self.high.as_ref().and_then(sign);
        !(low == Some(Ordering::Greater) || high == Some(Ordering::Less))
    }

    /// What x can be where `x op limit` holds, by the comparison alone.
    pub fn where_holds(op: BinaryOp, limit: &Bounds) -> Option<Bounds> {
        let bounds = match op {
            BinaryOp::Less => Bounds { high: Some(before(limit.high.as_ref()?)), ..Bounds::default() },
            BinaryOp::LessEqual => Bounds { high: Some(limit.high.clone()?), ..Bounds::default() },
            BinaryOp::Greater => Bounds { low: Some(after(limit.low.as_ref()?)), ..Bounds::default() },
            BinaryOp::GreaterEqual => Bounds { low: Some(limit.low.clone()?), ..Bounds::default() },
            BinaryOp::Equal => Bounds { declared: None, ..limit.clone() },
            _ => return None,
        };
        Some(bounds)
    }
}

/// The largest value below `value` where its unit is counted in whole ones; else `value` itself, which is near enough.
fn before(value: &Value) -> Value {
    match value {
        Value::Int(number) => Value::Int(number.saturating_sub(1)),
        Value::Money(cents) => Value::Money(cents.saturating_sub(1)),
        Value::Duration(nanos) => Value::Duration(nanos.saturating_sub(1)),
        other => other.clone(),
    }
}

fn after(value: &Value) -> Value {
    match value {
        Value::Int(number) => Value::Int(number.saturating_add(1)),
        Value::Money(cents) => Value::Money(cents.saturating_add(1)),
        Value::Duration(nanos) => Value::Duration(nanos.saturating_add(1)),
        Value::Size(bytes) => Value::Size(bytes.saturating_add(1)),
        other => other.clone(),
    }
}

/// The comparison with its operands changed over, and its opposite.
pub(crate) fn flipped(op: BinaryOp) -> Option<BinaryOp> {
    Some(match op {
        BinaryOp::Less => BinaryOp::Greater,
        BinaryOp::LessEqual => BinaryOp::GreaterEqual,
        BinaryOp::Greater => BinaryOp::Less,
        BinaryOp::GreaterEqual => BinaryOp::LessEqual,
        BinaryOp::Equal | BinaryOp::NotEqual => op,
        _ => return None,
    })
}

/// The comparison that holds where this one does not.
pub(crate) fn denied(op: BinaryOp) -> Option<BinaryOp> {
    Some(match op {
        BinaryOp::Less => BinaryOp::GreaterEqual,
        BinaryOp::LessEqual => BinaryOp::Greater,
        BinaryOp::Greater => BinaryOp::LessEqual,
        BinaryOp::GreaterEqual => BinaryOp::Less,
        BinaryOp::Equal => BinaryOp::NotEqual,
        BinaryOp::NotEqual => BinaryOp::Equal,
        _ => return None,
    })
}
