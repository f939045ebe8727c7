//! A request that a part works on, with what has come with it.

use bytes::Bytes;
use esr_engine::Request;
use http::{HeaderMap, HeaderValue, StatusCode};
use scn_plan::{FileSpec, Record, Value};
use smol_str::SmolStr;

use super::{
    Mimic,
    answer::Served,
    body::{self, Received},
};
use crate::{trace::Trace, wire::plain};

/// Names the run; kept from hop to hop.
pub(crate) const RUN_HEADER: &str = "x-esr-sim";

/// A request that a part works on.
pub(crate) struct Exchange<'a> {
    pub(crate) mimic: &'a Mimic,
    /// The request's place; its parent is the part's own span.
    pub(crate) trace: Trace,
    pub(crate) request: Request,
    /// Files that came with the request, and what they hold.
    pub(crate) uploads: Vec<(FileSpec, Bytes)>,
}

impl<'a> Exchange<'a> {
    pub(crate) fn new(mimic: &'a Mimic, trace: Trace, request: Request) -> Self {
        Self { mimic, trace, request, uploads: Vec::new() }
    }

    /// The run that the request belongs to.
    pub(crate) fn run_id(&self) -> Option<&HeaderValue> {
        self.request.headers.get(RUN_HEADER)
    }

    /// The query's parameters; the last of equal names counts.
    pub(crate) fn query(&self) -> Value {
        let pairs = self.request.url.query_pairs();
        Value::record(pairs.map(|(name, value)| (SmolStr::from(name), Value::text(value))).collect::<Record>())
    }

    /// The request's body; files are kept aside. The refusal says what is wrong with it.
    pub(crate) async fn receive(&mut self) -> Result<Received, Served> {
        let read = body::read(&self.request.headers, self.request.body.clone()).await;
        let (received, uploads) = read.map_err(|refused| Served::of(plain(refused.status, refused.why)))?;
        self.uploads = uploads;
        Ok(received)
    }

    /// What a file holds that came with this request; without one, as many zero bytes as it is long.
    pub(crate) fn content(&self, file: &FileSpec) -> Bytes {
        let upload = self.uploads.iter().find(|(upload, _)| upload == file);
        upload.map_or_else(
            || Bytes::from(vec![0; usize::try_from(file.size).unwrap_or(0).min(crate::wire::BODY_LIMIT)]),
            |(_, content)| content.clone(),
        )
    }

    /// Adds the headers of a `reply`; those that are no headers make it fail.
    pub(crate) fn add_headers(headers: &mut HeaderMap, added: &Record) -> Result<(), String> {
        for (name, value) in added {
            let text = value.to_text().value;
            match (http::HeaderName::try_from(name.replace('_', "-")), HeaderValue::try_from(text.as_str())) {
                (Ok(name), Ok(value)) => {
                    headers.insert(name, value);
                }
                _ => return Err(format!("`{name}` and its value are no HTTP header")),
            }
        }
        Ok(())
    }
}

/// A status that can end an exchange.
pub(crate) fn final_status(number: i64) -> Option<StatusCode> {
    let status = StatusCode::from_u16(u16::try_from(number).ok()?).ok()?;
    (200..600).contains(&status.as_u16()).then_some(status)
}
