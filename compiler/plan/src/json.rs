//! Values and JSON.
//!
//! On the wire an amount is a number of dollars, a duration a number of seconds, a size a number of bytes, a percentage
//! a fraction, a rate a number a second, a date an ISO 8601 text, a range an array of both ends.

use serde_json::{Map, Number, Value as Json};

use crate::{Text, Value, nanos};

impl Value {
    /// The value that a JSON document holds. Its texts have no label; a [`Shape`](crate::Shape) adds them.
    pub fn from_json(json: &Json) -> Value {
        match json {
            Json::Null => Value::None,
            Json::Bool(holds) => Value::Bool(*holds),
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Value::Int(whole),
                None => Value::Decimal(number.as_f64().unwrap_or(f64::MAX)),
            },
            Json::String(text) => Value::Text(Text::plain(text.as_str())),
            Json::Array(items) => Value::list(items.iter().map(Value::from_json).collect()),
            Json::Object(fields) => {
                Value::record(fields.iter().map(|(name, value)| (name.into(), Value::from_json(value))).collect())
            }
        }
    }

    /// The value as a body on the wire, with every text in full.
    pub fn to_json(&self) -> Json {
        json(self, &|text| text.value.to_string())
    }

    /// The value for an output, with sensitive texts redacted.
    pub fn to_redacted_json(&self) -> Json {
        json(self, &|text| text.redacted().to_owned())
    }
}

/// Redacts the sensitive texts in what was serialised of a plan or a blueprint.
pub fn redact(serialised: &mut Json) {
    match serialised {
        Json::Array(items) => items.iter_mut().for_each(redact),
        Json::Object(fields) => {
            let text = |fields: &Map<_, _>| serde_json::from_value::<Text>(Json::Object(fields.clone())).ok();
            if fields.len() == 2
                && fields.contains_key("labels")
                && let Some(text) = text(fields)
            {
                fields.insert("value".to_owned(), Json::from(text.redacted()));
            }
            fields.values_mut().for_each(redact);
        }
        _ => {}
    }
}

fn json(value: &Value, text: &dyn Fn(&Text) -> String) -> Json {
    match value {
        Value::None => Json::Null,
        Value::Bool(holds) => Json::Bool(*holds),
        Value::Int(number) => Json::from(*number),
        Value::Decimal(number) | Value::Percent(number) | Value::Rate(number) => float(*number),
        Value::Duration(nanos) => ratio(*nanos, nanos::SECOND),
        Value::Size(bytes) => Json::from(*bytes),
        Value::Money(cents) => ratio(*cents, 100),
        Value::Date(date) => Json::String(date.to_string()),
        Value::Text(characters) => Json::String(text(characters)),
        Value::Path(name) | Value::Symbol(name) | Value::Regex(name) => Json::String(name.to_string()),
        Value::File(file) => {
            let fields = [("name", Json::from(file.name.as_str())), ("size", Json::from(file.size))];
            Json::Object(fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
        }
        Value::List(items) => items.iter().map(|item| json(item, text)).collect(),
        Value::Record(fields) => Json::Object(
            fields.iter().map(|(name, value)| (name.to_string(), json(value, text))).collect::<Map<_, _>>(),
        ),
        Value::Range(ends) => Json::Array(vec![json(&ends.0, text), json(&ends.1, text)]),
    }
}

/// JSON has no infinity; null is what JavaScript writes for it.
fn float(number: f64) -> Json {
    Number::from_f64(number).map_or(Json::Null, Json::Number)
}

/// Whole where it comes out even.
fn ratio(count: i64, unit: i64) -> Json {
    if count % unit == 0 { Json::from(count / unit) } else { float(count as f64 / unit as f64) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{FileSpec, Labels};

    #[test]
    fn the_wire_carries_plain_numbers_and_whole_texts() {
        let pii = Value::Text(Text { value: "X12345678".into(), labels: Labels::PII });
        for (value, wire, shown) in [
            (Value::None, json!(null), json!(null)),
            (Value::Int(3), json!(3), json!(3)),
            (Value::Decimal(0.5), json!(0.5), json!(0.5)),
            (Value::Decimal(f64::INFINITY), json!(null), json!(null)),
            (Value::Percent(0.25), json!(0.25), json!(0.25)),
            (Value::Money(13000), json!(130), json!(130)),
            (Value::Money(1250), json!(12.5), json!(12.5)),
            (Value::Duration(1_500_000_000), json!(1.5), json!(1.5)),
            (Value::Size(420_000), json!(420_000), json!(420_000)),
            (Value::Symbol("credit_card".into()), json!("credit_card"), json!("credit_card")),
            (pii.clone(), json!("X12345678"), json!("[pii]")),
            (Value::list(vec![pii]), json!(["X12345678"]), json!(["[pii]"])),
            (
                Value::File(FileSpec { name: "photo.jpg".into(), size: 3 }),
                json!({ "name": "photo.jpg", "size": 3 }),
                json!({ "name": "photo.jpg", "size": 3 }),
            ),
        ] {
            assert_eq!(value.to_json(), wire);
            assert_eq!(value.to_redacted_json(), shown);
        }
    }

    #[test]
    fn what_is_serialised_is_redacted() {
        let text = |labels| Value::Text(Text { value: "Ada".into(), labels });
        let value = Value::list(vec![text(Labels::PII), text(Labels::SECRET), text(Labels::NONE)]);
        let mut serialised = serde_json::to_value(value).expect("JSON");
        redact(&mut serialised);
        let shown = serialised.to_string();
        assert!(shown.contains("[pii]") && shown.contains("[secret]"), "{shown}");
        assert_eq!(shown.matches("Ada").count(), 1, "{shown}");
    }

    #[test]
    fn json_reads_back() {
        let json = json!({ "amount": 12.5, "items": [1, null, true, "x"], "huge": 1e300 });
        assert_eq!(Value::from_json(&json).to_json(), json);
    }
}
