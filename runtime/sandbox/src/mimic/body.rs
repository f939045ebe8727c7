//! Bodies of requests and responses as values, and back.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyDataStream, Full};
use scn_plan::{FileSpec, Record, Shape, Value};
use smol_str::SmolStr;
use url::form_urlencoded;

/// A body that came in.
#[derive(Clone, Debug)]
pub(crate) enum Received {
    /// None at all.
    Nothing,
    /// A JSON document.
    Document(Value),
    /// Fields of a form in the order that they came; each is a text or a file.
    Fields(Vec<(SmolStr, Value)>),
}

/// A body that cannot be read.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) why: String,
}

impl Refused {
    fn malformed(why: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, why: why.into() }
    }
}

impl Received {
    /// The values under `name`.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> {
        let fields = match self {
            Received::Fields(fields) => fields.as_slice(),
            _ => &[],
        };
        fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value)
    }

    /// The body held against `shape`; the error says what is wrong with which field.
    pub(crate) fn check(self, shape: Option<&Shape>) -> Result<Value, String> {
        match (self, shape) {
            (Received::Nothing, None) => Ok(Value::None),
            (Received::Document(value), None) => Ok(value),
            (Received::Fields(fields), None) => Ok(Value::record(fields.into_iter().collect::<Record>())),
            (Received::Nothing, Some(Shape::Any)) => Ok(Value::None),
            (Received::Nothing, Some(_)) => Err("the body is missing".to_owned()),
            (Received::Document(value), Some(shape)) => shape.check(value).map_err(|why| format!("body: {why}")),
            (Received::Fields(fields), Some(Shape::Record(shapes))) => {
                let mut fields: Record = fields.into_iter().collect();
                let (mut checked, mut wrong) = (Record::default(), Vec::new());
                for (name, shape) in shapes {
                    match shape.read_form(fields.swap_remove(name)) {
                        Ok(value) => {
                            checked.insert(name.clone(), value);
                        }
                        Err(why) => wrong.push(format!("{name} {why}")),
                    }
                }
                if wrong.is_empty() { Ok(Value::record(checked)) } else { Err(format!("body: {}", wrong.join("; "))) }
            }
            (Received::Fields(fields), Some(shape)) => {
                let fields = Value::record(fields.into_iter().collect::<Record>());
                shape.check(fields).map_err(|why| format!("body: {why}"))
            }
        }
    }
}

/// Reads a request's body by its content type, and what its files hold.
pub(crate) async fn read(headers: &HeaderMap, body: Bytes) -> Result<(Received, Vec<(FileSpec, Bytes)>), Refused> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    match content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase().as_str() {
        "multipart/form-data" => {
            let boundary = multer::parse_boundary(content_type)
                .map_err(|_| Refused::malformed("multipart/form-data without a boundary"))?;
            read_multipart(body, boundary).await
        }
        "application/x-www-form-urlencoded" => {
            let pairs = form_urlencoded::parse(&body);
            let fields = pairs.map(|(name, value)| (SmolStr::from(name), Value::text(value))).collect();
            Ok((Received::Fields(fields), Vec::new()))
        }
        _ if body.is_empty() => Ok((Received::Nothing, Vec::new())),
        essence if essence.is_empty() || is_json(essence) => match serde_json::from_slice(&body) {
            Ok(document) => Ok((Received::Document(Value::from_json(&document)), Vec::new())),
            Err(error) => Err(Refused::malformed(format!(
                "the body is no JSON document: line {}, column {}",
                error.line(),
                error.column()
            ))),
        },
        _ => Err(Refused {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            why: "a body is JSON, a form, or multipart/form-data".to_owned(),
        }),
    }
}

async fn read_multipart(body: Bytes, boundary: String) -> Result<(Received, Vec<(FileSpec, Bytes)>), Refused> {
    let malformed = |_: multer::Error| Refused::malformed("the multipart/form-data body is malformed");
    let mut multipart = multer::Multipart::new(BodyDataStream::new(Full::new(body)), boundary);
    let (mut fields, mut uploads) = (Vec::new(), Vec::new());
    while let Some(field) = multipart.next_field().await.map_err(malformed)? {
        let name = SmolStr::from(field.name().unwrap_or(""));
        let file_name = field.file_name().map(SmolStr::from);
        let content = field.bytes().await.map_err(malformed)?;
        let value = match file_name {
            Some(file_name) => {
                let file = FileSpec { name: file_name, size: content.len() as u64 };
                uploads.push((file.clone(), content));
                Value::File(file)
            }
            None => Value::text(String::from_utf8_lossy(&content)),
        };
        fields.push((name, value));
    }
    Ok((Received::Fields(fields), uploads))
}

/// The body of a response as a value: JSON, else text; none if it is empty.
pub(crate) fn of_response(headers: &HeaderMap, body: &Bytes) -> Value {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let document = match content_type.split(';').next().map(str::trim) {
        Some(essence) if is_json(&essence.to_ascii_lowercase()) => serde_json::from_slice(body).ok(),
        _ => None,
    };
    match document {
        Some(document) => Value::from_json(&document),
        None if body.is_empty() => Value::None,
        None => Value::text(String::from_utf8_lossy(body)),
    }
}

fn is_json(essence: &str) -> bool {
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// A value as a request's body with its content type: multipart where it holds a file, else JSON. `content` knows what
/// files hold; its error is the only one.
pub(crate) fn encode(
    value: &Value,
    boundary: &str,
    content: impl Fn(&FileSpec) -> Result<Bytes, String>,
) -> Result<Option<(String, Bytes)>, String> {
    match value {
        Value::None => Ok(None),
        Value::Record(fields) if fields.values().any(|field| matches!(field, Value::File(_))) => {
            let mut body = Vec::new();
            for (name, field) in fields.iter() {
                encode_field(&mut body, name, field, boundary, &content)?;
            }
            body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
            Ok(Some((format!("multipart/form-data; boundary={boundary}"), body.into())))
        }
        other => Ok(Some(("application/json".to_owned(), other.to_json().to_string().into()))),
    }
}

fn encode_field(
    body: &mut Vec<u8>,
    name: &str,
    field: &Value,
    boundary: &str,
    content: &impl Fn(&FileSpec) -> Result<Bytes, String>,
) -> Result<(), String> {
    let mut part = |more: &str, content: &[u8]| {
        let name = quotable(name);
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    };
    match field {
        Value::None => {}
        Value::File(file) => {
            let more = format!("; filename=\"{}\"\r\nContent-Type: application/octet-stream", quotable(&file.name));
            part(&more, &content(file)?);
        }
        Value::List(_) | Value::Record(_) => part("", field.to_json().to_string().as_bytes()),
        // As JSON has it, without the quotes of a text: an amount is a number of dollars.
        other => match other.to_json() {
            serde_json::Value::String(text) => part("", text.as_bytes()),
            json => part("", json.to_string().as_bytes()),
        },
    }
    Ok(())
}

/// A name within quotes in a header, as browsers escape it (HTML Standard, «multipart/form-data encoding algorithm»).
fn quotable(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;
    use scn_plan::Text;

    use super::*;

    fn read_now(content_type: &str, body: Bytes) -> Result<(Received, Vec<(FileSpec, Bytes)>), Refused> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::try_from(content_type).expect("a content type"));
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(read(&headers, body))
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300), kind in 0..3usize) {
            let (content_type, frame) = [
                ("application/json", ""),
                ("application/x-www-form-urlencoded", "a=b&"),
                ("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n"),
            ][kind];
            let _ = read_now(content_type, bytes.clone().into());
            let _ = read_now(content_type, [frame.as_bytes(), &bytes].concat().into());
        }

        #[test]
        fn multipart_brings_over_what_was_sent(text in "\\PC{0,20}", name in "[a-z\"]{1,8}", content in "[a-z\r\n-]{0,40}") {
            let file = FileSpec { name: "a.txt".into(), size: content.len() as u64 };
            let sent = Record::from_iter([
                ("photo".into(), Value::File(file.clone())),
                (SmolStr::from(&name), Value::Text(Text::plain(&text))),
            ]);
            let encoded = encode(&Value::record(sent), "esr-0123", |_| Ok(content.clone().into()));
            let (content_type, body) = encoded.expect("encodable").expect("a body");
            let (received, uploads) = read_now(&content_type, body).expect("readable");
            prop_assert_eq!(uploads, [(file.clone(), Bytes::from(content))]);
            let photo: Vec<_> = received.values("photo").collect();
            prop_assert_eq!(photo, [&Value::File(file)]);
            // Browsers escape quotes in names, and nobody unescapes them.
            let name = name.replace('"', "%22");
            let texts: Vec<_> = received.values(&name).collect();
            prop_assert_eq!(texts, [&Value::text(text)]);
        }
    }
}
