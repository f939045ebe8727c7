//! Comparisons: `== != < <= > >= in contains matches`.

use std::cmp::Ordering;

use super::{arithmetic::cents, mismatch};
use crate::{BinaryOp, Value, pattern};

/// Whether both are the same. Labels do not count; a name, a path and a text are the same if their characters are.
pub(super) fn equal(left: &Value, right: &Value) -> bool {
    use Value::{List, Range, Record};
    match (left, right) {
        (List(a), List(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| equal(a, b)),
        (Record(a), Record(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| equal(a, b)))
        }
        (Range(a), Range(b)) => equal(&a.0, &b.0) && equal(&a.1, &b.1),
        _ => match ordering(left, right) {
            Some(ordering) => ordering == Some(Ordering::Equal),
            None => left == right,
        },
    }
}

/// How both are ordered; nothing where one is not a number, an error where they have no order.
pub(super) fn order(op: BinaryOp, left: &Value, right: &Value) -> Result<Option<Ordering>, String> {
    ordering(left, right).ok_or_else(|| mismatch(op, left, right))
}

fn ordering(left: &Value, right: &Value) -> Option<Option<Ordering>> {
    use Value::{Date, Decimal, Duration, Int, Money, Percent, Rate, Size};
    Some(match (left, right) {
        (Int(a), Int(b)) | (Duration(a), Duration(b)) | (Money(a), Money(b)) => Some(a.cmp(b)),
        (Int(a), Decimal(b)) => (*a as f64).partial_cmp(b),
        (Decimal(a), Int(b)) => a.partial_cmp(&(*b as f64)),
        (Decimal(a), Decimal(b)) | (Percent(a), Percent(b)) | (Rate(a), Rate(b)) => a.partial_cmp(b),
        (Money(a), Int(_) | Decimal(_)) => cents(right).map(|b| a.cmp(&b)),
        (Int(_) | Decimal(_), Money(b)) => cents(left).map(|a| a.cmp(b)),
        (Size(a), Size(b)) => Some(a.cmp(b)),
        (Date(a), Date(b)) => Some(a.cmp(b)),
        _ => Some(left.as_str()?.cmp(right.as_str()?)),
    })
}

/// Whether `low <= value <= high`.
pub(crate) fn is_in(value: &Value, low: &Value, high: &Value) -> bool {
    let at_most = |a, b| ordering(a, b).flatten().is_some_and(Ordering::is_le);
    at_most(low, value) && at_most(value, high)
}

/// `container contains item`, and `item in container`, whose operator the error names.
pub(super) fn contains(op: BinaryOp, container: &Value, item: &Value) -> Result<bool, String> {
    let refuse = || match op {
        BinaryOp::In => mismatch(op, item, container),
        _ => mismatch(op, container, item),
    };
    match container {
        Value::List(items) => Ok(items.iter().any(|candidate| equal(candidate, item))),
        Value::Range(ends) => {
            let low = ordering(&ends.0, item).ok_or_else(refuse)?;
            let high = ordering(item, &ends.1).ok_or_else(refuse)?;
            Ok(low.is_some_and(Ordering::is_le) && high.is_some_and(Ordering::is_le))
        }
        Value::Record(fields) => item.as_str().map(|name| fields.contains_key(name)).ok_or_else(refuse),
        _ => match (container.as_str(), item.as_str()) {
            (Some(whole), Some(part)) => Ok(whole.contains(part)),
            _ => Err(refuse()),
        },
    }
}

/// Whether the regular expression is found in the text; anchors say where.
pub(super) fn matches(text: &Value, regex: &Value) -> Result<bool, String> {
    let source = match regex {
        Value::Regex(source) => source.as_str(),
        Value::Text(source) => source.value.as_str(),
        _ => return Err(mismatch(BinaryOp::Matches, text, regex)),
    };
    let text = text.as_str().ok_or_else(|| mismatch(BinaryOp::Matches, text, regex))?;
    pattern::is_found(source, text)
}
