//! What is known of a value before anything runs: a few values that it may be, or both ends of what it lies between.

use std::cmp::Ordering;

use scn_plan::{BinaryOp, Value};
use smallvec::{SmallVec, smallvec};

use crate::expr::literal::order;

/// So many values are told apart; more are taken together by their ends.
const MOST: usize = 16;

/// What a value may be.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    /// Whether it may be none.
    pub none: bool,
    /// What else it may be.
    pub some: Values,
}

/// Values other than none.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Values {
    /// No value at all.
    Never,
    /// Any value.
    Any,
    /// One of these.
    OneOf(SmallVec<[Value; 1]>),
    /// Both ends included.
    Between(Value, Value),
}

/// Whether a condition may hold, and whether it may not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Truth {
    /// It may hold.
    pub holds: bool,
    /// It may not hold.
    pub fails: bool,
}

impl Truth {
    /// Nothing is known of it.
    pub const OPEN: Truth = Truth { holds: true, fails: true };

    /// It surely comes out so.
    pub fn of(truth: bool) -> Truth {
        Truth { holds: truth, fails: !truth }
    }

    /// It may hold or not as either of the two.
    pub fn or(self, other: Truth) -> Truth {
        Truth { holds: self.holds || other.holds, fails: self.fails || other.fails }
    }

    /// The same of what holds where this does not.
    pub fn opposite(self) -> Truth {
        Truth { holds: self.fails, fails: self.holds }
    }

    /// As a value.
    pub fn known(self) -> Known {
        let values = [(self.holds, true), (self.fails, false)];
        let values = values.into_iter().filter(|(may, _)| *may).map(|(_, value)| Value::Bool(value)).collect();
        Known { none: false, some: Values::OneOf(values) }
    }
}

impl Known {
    /// Nothing is known.
    pub const ANY: Known = Known { none: true, some: Values::Any };

    /// Something, and not none.
    pub const SOME: Known = Known { none: false, some: Values::Any };

    /// It is this.
    pub fn exactly(value: &Value) -> Known {
        match value {
            Value::None => Known { none: true, some: Values::Never },
            value => Known { none: false, some: Values::OneOf(smallvec![value.clone()]) },
        }
    }

    /// The one value that it can be.
    pub fn only(&self) -> Option<&Value> {
        match (&self.some, self.none) {
            (Values::OneOf(values), false) => match values.as_slice() {
                [only] => Some(only),
                _ => None,
            },
            (Values::Between(low, high), false) if low == high => Some(low),
            (Values::Never, true) => Some(&Value::None),
            _ => None,
        }
    }

    /// Whether it is a value, and none that lies between these ends.
    pub fn is_outside(&self, low: &Value, high: &Value) -> bool {
        let below = |value: &Value| order(value, low) == Some(Ordering::Less);
        let above = |value: &Value| order(value, high) == Some(Ordering::Greater);
        !self.none
            && match &self.some {
                Values::OneOf(values) => !values.is_empty() && values.iter().all(|value| below(value) || above(value)),
                Values::Between(first, last) => below(last) || above(first),
                Values::Never | Values::Any => false,
            }
    }

    /// Either of the two.
    pub fn or(self, other: Known) -> Known {
        Known { none: self.none || other.none, some: self.some.or(other.some) }
    }

    /// Whether it may be true and false. What is no truth leaves both open.
    pub fn truth(&self) -> Truth {
        match &self.some {
            Values::OneOf(values) if values.iter().all(|value| matches!(value, Value::Bool(_))) => {
                let has = |truth| values.contains(&Value::Bool(truth));
                Truth { holds: has(true), fails: has(false) || self.none }
            }
            _ => Truth::OPEN,
        }
    }
}

impl Values {
    /// Whether there are none.
    pub fn is_never(&self) -> bool {
        match self {
            Values::Never => true,
            Values::OneOf(values) => values.is_empty(),
            Values::Between(low, high) => order(low, high) == Some(Ordering::Greater),
            Values::Any => false,
        }
    }

    /// The smallest and the largest of them, where they have an order.
    pub fn ends(&self) -> Option<(&Value, &Value)> {
        match self {
            Values::Between(low, high) => Some((low, high)),
            Values::OneOf(values) => {
                let mut ends: Option<(&Value, &Value)> = None;
                for value in values {
                    order(value, value)?;
                    ends = Some(match ends {
                        None => (value, value),
                        Some((low, high)) => (
                            if order(value, low)? == Ordering::Less { value } else { low },
                            if order(value, high)? == Ordering::Greater { value } else { high },
                        ),
                    });
                }
                ends
            }
            Values::Never | Values::Any => None,
        }
    }

    fn or(self, other: Values) -> Values {
        if self.is_never() {
            return other;
        }
        if other.is_never() {
            return self;
        }
        let mut own = self;
        if let (Values::OneOf(a), Values::OneOf(b)) = (&mut own, &other)
            && a.len() + b.iter().filter(|value| !a.contains(value)).count() <= MOST
        {
            let known = a.len();
            for value in b {
                if !a.iter().take(known).any(|own| own == value) {
                    a.push(value.clone());
                }
            }
            return own;
        }
        let (Some((low, high)), Some((lower, higher))) = (own.ends(), other.ends()) else { return Values::Any };
        match (order(low, lower), order(high, higher)) {
            (Some(below), Some(above)) => Values::Between(
                if below == Ordering::Less { low.clone() } else { lower.clone() },
                if above == Ordering::Greater { high.clone() } else { higher.clone() },
            ),
            _ => Values::Any,
        }
    }
}

/// What `left op right` may come to.
pub(super) fn compare(op: BinaryOp, left: &Known, right: &Known) -> Truth {
    match op {
        BinaryOp::NotEqual => compare(BinaryOp::Equal, left, right).opposite(),
        BinaryOp::Greater => compare(BinaryOp::Less, right, left),
        BinaryOp::GreaterEqual => compare(BinaryOp::LessEqual, right, left),
        _ => {
            if let Some(truth) = one_by_one(op, left, right) {
                return truth;
            }
            by_ends(op, left, right).unwrap_or(Truth::OPEN)
        }
    }
}

/// Every pair of a few values.
fn one_by_one(op: BinaryOp, left: &Known, right: &Known) -> Option<Truth> {
    fn all(known: &Known) -> Option<impl Iterator<Item = &Value> + Clone> {
        let values = match &known.some {
            Values::OneOf(values) => values.as_slice(),
            Values::Never => &[],
            Values::Any | Values::Between(..) => return None,
        };
        Some(values.iter().chain(known.none.then_some(&Value::None)))
    }
    let mut truth = Truth::default();
    let right = all(right)?;
    for left in all(left)? {
        for right in right.clone() {
            match scn_plan::apply(op, left, right) {
                Ok(Value::Bool(true)) => truth.holds = true,
                Ok(Value::Bool(false)) => truth.fails = true,
                _ => return None,
            }
        }
    }
    (truth.holds || truth.fails).then_some(truth)
}

fn by_ends(op: BinaryOp, left: &Known, right: &Known) -> Option<Truth> {
    let (low, high) = left.some.ends()?;
    let none = left.none || right.none;
    let (lower, higher) = match (op, right.only()) {
        (BinaryOp::In, Some(Value::Range(range))) => {
            let inside = order(low, &range.0)?.is_ge() && order(high, &range.1)?.is_le();
            let apart = order(high, &range.0)?.is_lt() || order(low, &range.1)?.is_gt();
            return Some(Truth { holds: !apart, fails: !inside || none });
        }
        (BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Equal, _) => right.some.ends()?,
        _ => return None,
    };
    Some(match op {
        BinaryOp::Less => Truth { holds: order(low, higher)?.is_lt(), fails: none || order(high, lower)?.is_ge() },
        BinaryOp::LessEqual => Truth { holds: order(low, higher)?.is_le(), fails: none || order(high, lower)?.is_gt() },
        _ => {
            let apart = order(high, lower)?.is_lt() || order(low, higher)?.is_gt();
            let both_none = left.none && right.none;
            let same = order(low, high)?.is_eq() && order(lower, higher)?.is_eq() && order(low, lower)?.is_eq();
            Truth { holds: !apart || both_none, fails: !same || none }
        }
    })
}

/// What is left of `known` where `known op bound` holds, if that is not all of it; the bound is one value.
pub(super) fn bounded(known: &Known, op: BinaryOp, bound: &Value) -> Option<Known> {
    let keep = |value: &Value| !matches!(scn_plan::apply(op, value, bound), Ok(Value::Bool(false)));
    let none = known.none && keep(&Value::None);
    let some = match &known.some {
        Values::OneOf(values) => {
            let kept: SmallVec<[Value; 1]> = values.iter().filter(|value| keep(value)).cloned().collect();
            (kept.len() < values.len()).then_some(Values::OneOf(kept))
        }
        Values::Between(low, high) => cut(low, high, op, bound)
            .filter(|(lower, higher)| lower != low || higher != high)
            .map(|(low, high)| Values::Between(low, high)),
        Values::Any if op == BinaryOp::Equal && *bound != Value::None => Some(Values::OneOf(smallvec![bound.clone()])),
        Values::Any | Values::Never => None,
    };
    match some {
        Some(some) => Some(Known { none, some }),
        None => (none != known.none).then(|| Known { none, some: known.some.clone() }),
    }
}

/// The part of an interval on the side of `bound` that `op` says.
fn cut(low: &Value, high: &Value, op: BinaryOp, bound: &Value) -> Option<(Value, Value)> {
    let (mut low, mut high) = (low.clone(), high.clone());
    let raise = |low: &mut Value, to: Value| {
        if order(&to, low).is_some_and(Ordering::is_gt) {
            *low = to;
        }
    };
    let lower = |high: &mut Value, to: Value| {
        if order(&to, high).is_some_and(Ordering::is_lt) {
            *high = to;
        }
    };
    match op {
        BinaryOp::Less => lower(&mut high, beside(bound, -1)),
        BinaryOp::LessEqual => lower(&mut high, bound.clone()),
        BinaryOp::Greater => raise(&mut low, beside(bound, 1)),
        BinaryOp::GreaterEqual => raise(&mut low, bound.clone()),
        BinaryOp::Equal => {
            order(bound, &low)?;
            raise(&mut low, bound.clone());
            lower(&mut high, bound.clone());
        }
        BinaryOp::NotEqual if low == *bound => low = beside(bound, 1),
        BinaryOp::NotEqual if high == *bound => high = beside(bound, -1),
        _ => return None,
    }
    Some((low, high))
}

/// The next value of a kind that has whole steps; the value itself of other kinds.
fn beside(value: &Value, step: i64) -> Value {
    let next = match value {
        Value::Int(number) => number.checked_add(step).map(Value::Int),
        Value::Money(cents) => cents.checked_add(step).map(Value::Money),
        Value::Duration(nanos) => nanos.checked_add(step).map(Value::Duration),
        Value::Size(bytes) => bytes.checked_add_signed(step).map(Value::Size),
        _ => None,
    };
    next.unwrap_or_else(|| value.clone())
}
