//! Calls from one part to another.

use esr_engine::{
    Request, TransportError,
    clock::timeout,
    envelopes::{self, SEGMENT},
    labels,
};
use esr_tap::{Attributes, Span as TraceSpan, SpanKind, SpanStatus, attributes as names};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use percent_encoding::utf8_percent_encode;
use scn_plan::{Record, Span, Value};
use smol_str::{SmolStr, format_smolstr};
use url::Url;

use super::{
    answer::Halt,
    body,
    exchange::Exchange,
    route::{self, PublicPaths},
    verbs::{Arguments, Verb},
};

/// The path at a queue that items are put in at.
pub(crate) const ITEMS_PATH: &str = "/items";

/// How long a queue may take to say where an item stands, in nanoseconds: 30 s, as any call.
const FIND_TIMEOUT: u64 = 30 * scn_plan::nanos::SECOND as u64;

/// The path at a queue of the item under `key`.
fn item_path(key: &Value) -> SmolStr {
    format_smolstr!("{ITEMS_PATH}/{}", utf8_percent_encode(&key.to_text().value, SEGMENT))
}

/// A call that is over.
pub(crate) struct Called {
    /// The response as the handler sees it: `status body text headers time`.
    pub(crate) response: Value,
    /// How the handler ends if it does not look at the status: set at a status of 400 and above.
    pub(crate) failure: Option<Halt>,
}

/// What came of a request.
struct Outcome {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
    /// Its characters.
    text: Value,
    /// Why no response came.
    error: Option<&'static str>,
}

impl Outcome {
    fn without_response(status: StatusCode, error: &'static str) -> Self {
        Self { status, headers: HeaderMap::new(), body: Value::None, text: Value::text(""), error: Some(error) }
    }
}

impl Exchange<'_> {
    /// Makes the call; `step` names it among the handler's, `span` is where it stands.
    pub(crate) async fn call(&self, verb: Verb, arguments: &Arguments, step: &str, span: Span) -> Result<Called, Halt> {
        let (callee, method, path, sent) = match verb {
            Verb::Call(method) => {
                let callee = arguments.name("service")?;
                (callee, method, arguments.name("path")?, arguments.get("body"))
            }
            Verb::Enqueue => {
                let fields = [("key", arguments.key()?), ("item", Value::record(arguments.record("item")?))];
                let body = Value::record(fields.into_iter().map(|(name, value)| (name.into(), value)).collect());
                (arguments.name("queue")?, "POST", ITEMS_PATH.into(), body)
            }
            Verb::Find => (arguments.name("store")?, "GET", item_path(&arguments.key()?), Value::None),
            _ => {
                // An envelope without a payload is an empty one.
                let payload = Value::record(arguments.record("payload")?);
                (arguments.name("to")?, "POST", envelopes::path(&arguments.name("schema")?).into(), payload)
            }
        };
        let method = Method::try_from(method).map_err(|_| arguments.impossible("has no such method"))?;
        let url =
            self.peer_url(&callee, &path, &arguments.record("query")?).map_err(|why| arguments.impossible(why))?;
        let limit = match verb {
            Verb::Find => FIND_TIMEOUT,
            _ => arguments.nanos("timeout")?,
        };

        let span_id = self.trace.span_id(&format!("client/{callee}/{step}"));
        let mut headers = HeaderMap::new();
        Exchange::add_headers(&mut headers, &arguments.record("headers")?).map_err(|why| arguments.impossible(why))?;
        let boundary = format!("esr-{span_id}");
        let encoded = body::encode(&sent, &boundary, |file| self.content(file));
        let body = match encoded.map_err(|why| arguments.impossible(format!("cannot send this: {why}")))? {
            Some((content_type, body)) => {
                if let Ok(content_type) = HeaderValue::try_from(content_type) {
                    headers.insert(header::CONTENT_TYPE, content_type);
                }
                body
            }
            None => bytes::Bytes::new(),
        };
        // The path to an item of a queue holds the item's key.
        let path_label = arguments.get(if matches!(verb, Verb::Find) { "key" } else { "path" }).to_text();
        let (path_label, query) = (Value::Text(path_label), Value::record(arguments.record("query")?));
        labels::mark(&mut headers, [("body", &sent), ("path", &path_label), ("query", &query)]);
        self.trace.further(&format!("{callee}/{step}")).below(span_id).write(&mut headers);

        let clock = &*self.mimic.clock;
        let start = clock.now();
        let shown_path = self.shown_path(&callee, &method, url.path());
        let request = Request { method: method.clone(), url, headers, body };
        let mut started = TraceSpan {
            trace_id: self.trace.trace_id,
            span_id,
            parent_span_id: self.trace.parent,
            block: self.trace.block(),
            name: method.as_str().into(),
            kind: SpanKind::Client,
            service: self.mimic.part.name.clone(),
            start_time_unix_nano: start,
            end_time_unix_nano: start,
            status: SpanStatus::Unset,
            attributes: Attributes::new(),
        };
        started.set(names::ESR_CALLER, self.mimic.part.name.clone());
        started.set(names::ESR_CALLEE, callee.clone());
        started.set(names::HTTP_REQUEST_METHOD, method.as_str());
        started.set(names::URL_PATH, shown_path.clone());
        started.set(names::ESR_TIMEOUT, i64::try_from(limit).unwrap_or(i64::MAX));
        if let Some((file, line)) = self.mimic.blueprint.sources.line_of(span) {
            started.set(names::ESR_TIMEOUT_PLACE, format!("{file}:{line}"));
        }
        let entry = self.mimic.ledger.begin(&self.trace, started);
        let outcome = match timeout(clock, limit, self.mimic.transport.send(request)).await {
            Ok(Ok(response)) => {
                let marks = labels::marks(&response.headers);
                let body = marks.on("body", body::of_response(&response.headers, &response.body));
                let text = marks.on("body", Value::text(String::from_utf8_lossy(&response.body)));
                Outcome { status: response.status, headers: response.headers, body, text, error: None }
            }
            Ok(Err(TransportError::Refused(_))) => {
                Outcome::without_response(StatusCode::BAD_GATEWAY, "connection refused")
            }
            Ok(Err(TransportError::Broken(_))) => {
                Outcome::without_response(StatusCode::BAD_GATEWAY, "connection broken")
            }
            Err(_elapsed) => Outcome::without_response(StatusCode::GATEWAY_TIMEOUT, "timeout"),
        };
        let end = clock.now();

        let number = outcome.status.as_u16();
        let failed = number >= 400;
        let reason: SmolStr = match outcome.error {
            Some("timeout") => format_smolstr!("{callee} did not answer within {}", nanos_in_words(limit)),
            Some(_) => format_smolstr!("{callee} cannot be reached"),
            None => format_smolstr!("{callee} answered {method} {shown_path} with {number}"),
        };
        self.mimic.ledger.end(entry, |span| {
            match outcome.error {
                Some(error) => span.set(names::ERROR_TYPE, error),
                None => {
                    if failed {
                        span.set(names::ERROR_TYPE, number.to_string());
                    }
                    span.set(names::HTTP_RESPONSE_STATUS_CODE, i64::from(number));
                }
            }
            if failed {
                span.status = SpanStatus::Error(reason.to_string());
            }
        });

        let failure = failed.then(|| Halt::CallFailed {
            status: if number == 504 { StatusCode::GATEWAY_TIMEOUT } else { StatusCode::BAD_GATEWAY },
            why: reason.to_string(),
        });
        Ok(Called { response: as_value(outcome, end.since(start)), failure })
    }

    fn peer_url(&self, callee: &str, path: &str, query: &Record) -> Result<Url, String> {
        let root = self.mimic.peers.get(callee).ok_or_else(|| format!("calls `{callee}`, to which no edge leads"))?;
        let (path, own_query) = path.split_once('?').unwrap_or((path, ""));
        let mut url = root.clone();
        url.set_path(path);
        url.set_query(Some(own_query).filter(|query| !query.is_empty()));
        let given: Vec<_> = query.iter().filter(|(_, value)| **value != Value::None).collect();
        if !given.is_empty() {
            let mut pairs = url.query_pairs_mut();
            for (name, value) in given {
                pairs.append_pair(name, &value.to_text().value);
            }
        }
        Ok(url)
    }

    fn shown_path(&self, callee: &str, method: &Method, path: &str) -> SmolStr {
        match self.mimic.blueprint.part(callee) {
            Some(part) => PublicPaths::of(part).shown(method, path),
            None => route::UNKNOWN_PATH,
        }
    }
}

fn nanos_in_words(nanos: u64) -> Value {
    Value::Duration(i64::try_from(nanos).unwrap_or(i64::MAX))
}

fn as_value(outcome: Outcome, time: u64) -> Value {
    let headers = outcome
        .headers
        .iter()
        .filter_map(|(name, value)| Some((SmolStr::from(name.as_str()), Value::text(value.to_str().ok()?))));
    let headers = match labels::marks(&outcome.headers).on("headers", Value::record(headers.collect())) {
        Value::Record(headers) => headers,
        _ => Default::default(),
    };
    let headers = headers.iter().map(|(name, value)| (SmolStr::from(name.replace('-', "_")), value.clone()));
    let fields = [
        ("status", Value::Int(outcome.status.as_u16().into())),
        ("body", outcome.body),
        ("text", outcome.text),
        ("headers", Value::record(headers.collect())),
        ("time", nanos_in_words(time)),
    ];
    Value::record(fields.into_iter().map(|(name, value)| (SmolStr::from(name), value)).collect())
}
