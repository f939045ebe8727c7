//! Requests without a page.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, header};
use scn_plan::{Expr, Record, Value};

use super::{Failure, Halt, Journey, exchange::Outgoing, implicit::boundary};
use crate::{
    bind::Step,
    labels,
    page::{Part, multipart},
};

impl Journey {
    /// Sends a request; yields the response as the language sees it.
    pub(super) async fn http(
        &mut self,
        at: usize,
        step: &Step,
        method: &Method,
        path: &Expr,
        [body, headers, query]: [&Option<Expr>; 3],
    ) -> Result<Value, Halt> {
        let key = self.executions[at].key.clone();
        let mut outgoing = self.address(&self.text(&key, "path", path)?)?;
        outgoing.method = method.clone();
        let mut sent = Vec::new();
        if let Some(Value::Record(fields)) = self.optional(&key, "query", query)? {
            sent.push(("query", Value::Record(fields.clone())));
            let mut pairs = outgoing.url.query_pairs_mut();
            for (name, value) in fields.iter() {
                let values = match value {
                    Value::None => &[],
                    Value::List(items) => items.as_slice(),
                    single => std::slice::from_ref(single),
                };
                for value in values {
                    pairs.append_pair(name, &value.to_text().value);
                }
            }
        }
        outgoing.header(header::ACCEPT, "application/json, */*;q=0.8");
        if let Some(Value::Record(fields)) = self.optional(&key, "headers", headers)? {
            set_headers(&mut outgoing, &fields)?;
        }
        if let Some(body) = self.optional(&key, "body", body)? {
            let wanted = outgoing.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let wanted = wanted.map(|value| value.trim().to_ascii_lowercase());
            let (content_type, bytes) =
                encode(&body, wanted.as_deref(), &boundary(&key)).map_err(|reason| Failure::new("bad body", reason))?;
            // A multipart body names its own boundary.
            if wanted.as_deref().is_none_or(|wanted| wanted == MULTIPART) {
                outgoing.header(header::CONTENT_TYPE, &content_type);
            }
            outgoing.body = bytes;
            sent.push(("body", body));
        }
        let sent: Vec<_> = sent.into_iter().map(|(name, value)| (name, self.redactor.labelled(value))).collect();
        labels::mark(&mut outgoing.headers, sent.iter().map(|(name, value)| (*name, value)));
        let errand = self.errand(at, step.timeout);
        let last = self.exchange(&errand, outgoing).await?;
        let response = response(&last.headers, last.status, &last.text, last.time);
        self.browser.last = Some(last);
        Ok(response)
    }
}

fn set_headers(outgoing: &mut Outgoing, fields: &Record) -> Result<(), Failure> {
    for (name, value) in fields {
        let bad = || Failure::new("bad header", format!("`{name}` or its value is no header"));
        let header = HeaderName::from_bytes(name.replace('_', "-").as_bytes()).map_err(|_| bad())?;
        let text = value.to_text();
        let mut value = HeaderValue::from_str(&text.value).map_err(|_| bad())?;
        value.set_sensitive(text.labels.is_sensitive());
        outgoing.headers.insert(header, value);
    }
    Ok(())
}

const URLENCODED: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// A body and its media type: as the header `Content-Type` wants it; without one, multipart where a record holds a file, text
/// as it is, else JSON.
fn encode(body: &Value, wanted: Option<&str>, boundary: &str) -> Result<(String, Bytes), String> {
    match body {
        Value::Record(fields) if wanted.is_some_and(|wanted| wanted.starts_with(URLENCODED)) => {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in fields.iter() {
                let values = match value {
                    Value::None => &[],
                    Value::List(items) => items.as_slice(),
                    single => std::slice::from_ref(single),
                };
                values.iter().for_each(|value| {
                    form.append_pair(name, &value.to_text().value);
                });
            }
            Ok((URLENCODED.to_owned(), form.finish().into()))
        }
        Value::Record(fields)
            if wanted == Some(MULTIPART)
                || (wanted.is_none() && fields.values().any(|value| matches!(value, Value::File(_)))) =>
        {
            let part = |value: &Value| match value {
                Value::File(file) => Part::File(Some(file.clone())),
                Value::Record(_) | Value::List(_) => Part::Text(value.to_json().to_string()),
                other => Part::Text(other.to_text().value.to_string()),
            };
            let entries: Vec<_> = fields.iter().map(|(name, value)| (name.to_string(), part(value))).collect();
            Ok((format!("{MULTIPART}; boundary={boundary}"), multipart(&entries, boundary)?))
        }
        Value::Text(text) => {
            Ok(("text/plain; charset=utf-8".to_owned(), Bytes::copy_from_slice(text.value.as_bytes())))
        }
        other => Ok(("application/json".to_owned(), other.to_json().to_string().into())),
    }
}

/// The record of a response: `status headers body text time`. The body is what its JSON holds, else its text.
pub(super) fn response(headers: &http::HeaderMap, status: u16, text: &str, time: u64) -> Value {
    let body = serde_json::from_str(text).map_or_else(|_| Value::text(text), |json| Value::from_json(&json));
    let named = headers.iter().map(|(name, value)| {
        let value = Value::text(String::from_utf8_lossy(value.as_bytes()).into_owned());
        (name.as_str().into(), value)
    });
    let fields = [
        ("status", Value::Int(i64::from(status))),
        ("headers", Value::record(named.collect())),
        ("body", body),
        ("text", Value::text(text)),
        ("time", Value::Duration(i64::try_from(time).unwrap_or(i64::MAX))),
    ];
    Value::record(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
}
