//! Fields of records and items of lists.

use crate::Value;

/// `of.name`: none of an absent field, and of none.
pub(super) fn field(of: Value, name: &str) -> Result<Value, String> {
    match of {
        Value::Record(record) => Ok(record.get(name).cloned().unwrap_or_default()),
        Value::None => Ok(Value::None),
        other => Err(format!("{} has no field `{name}`", other.kind())),
    }
}

/// How many items a list has; none has none.
pub(super) fn length(of: &Value) -> Result<Value, String> {
    match of {
        Value::List(items) => Ok(Value::Int(i64::try_from(items.len()).unwrap_or(i64::MAX))),
        Value::None => Ok(Value::Int(0)),
        other => Err(format!("a list is needed here, not {}", other.kind())),
    }
}

/// `of[index]`: an item of a list, counted from 0, or a field of a record by its name.
pub(super) fn index(of: Value, index: &Value) -> Result<Value, String> {
    match (&of, index) {
        (Value::List(items), Value::Int(at)) => {
            let item = usize::try_from(*at).ok().and_then(|at| items.get(at));
            item.cloned().ok_or_else(|| match items.len() {
                0 => format!("the list is empty, so it has no item {at}"),
                1 => format!("the list has one item, number 0, but no item {at}"),
                many => format!("the list has items 0 to {}, but no item {at}", many - 1),
            })
        }
        (Value::Record(_) | Value::None, Value::Text(name)) => field(of, &name.value),
        (Value::Record(_) | Value::None, Value::Symbol(name)) => field(of, name),
        (Value::None, _) => Ok(Value::None),
        (Value::List(_), other) => Err(format!("an item of a list is named by a number, not by {}", other.kind())),
        (Value::Record(_), other) => Err(format!("a field of a record is named by a text, not by {}", other.kind())),
        (other, _) => Err(format!("{} has no items", other.kind())),
    }
}
