//! A request that a part works on, with what has come with it.

use std::sync::Arc;

use bytes::Bytes;
use esr_engine::{Request, labels};
use http::{HeaderMap, HeaderValue, StatusCode};
use scn_plan::{FileSpec, Record, Value};
use smol_str::SmolStr;

use super::{
    Mimic,
    answer::Reply,
    body::{self, Received, Refused},
};
use crate::trace::Trace;

/// A request that a part works on.
pub(crate) struct Exchange<'a> {
    pub(crate) mimic: &'a Arc<Mimic>,
    /// The request's place; its parent is the part's own span.
    pub(crate) trace: Trace,
    pub(crate) request: Request,
    /// Files that came with the request, and what they hold.
    pub(crate) uploads: Vec<(FileSpec, Bytes)>,
}

impl<'a> Exchange<'a> {
    pub(crate) fn new(mimic: &'a Arc<Mimic>, trace: Trace, request: Request) -> Self {
        Self { mimic, trace, request, uploads: Vec::new() }
    }

    /// The query's parameters; the last of equal names counts.
    pub(crate) fn query(&self) -> Value {
        let pairs = self.request.url.query_pairs();
        let query = pairs.map(|(name, value)| (SmolStr::from(name), Value::text(value))).collect::<Record>();
        self.labelled("query", Value::record(query))
    }

    /// The request's body; files are kept aside. The refusal says what is wrong with it.
    pub(crate) async fn receive(&mut self) -> Result<Received, Refused> {
        let (received, uploads) = body::read(&self.request.headers, self.request.body.clone()).await?;
        self.uploads = uploads;
        Ok(match received {
            Received::Nothing => Received::Nothing,
            Received::Document(document) => Received::Document(self.labelled("body", document)),
            Received::Fields(fields) => {
                let labelled = |(name, value): (SmolStr, Value)| {
                    let one = self.labelled("body", Value::record(Record::from_iter([(name.clone(), value)])));
                    let value = match one {
                        Value::Record(one) => one.get(&name).cloned().unwrap_or_default(),
                        other => other,
                    };
                    (name, value)
                };
                Received::Fields(fields.into_iter().map(labelled).collect())
            }
        })
    }

    /// A part of the request, with the labels that its sender gave to the texts in it.
    pub(crate) fn labelled(&self, part: &str, value: Value) -> Value {
        labels::marks(&self.request.headers).on(part, value)
    }

    /// What a file holds that came with this request. A file that did not, from a store for instance, is made anew.
    pub(crate) fn content(&self, file: &FileSpec) -> Result<Bytes, String> {
        match self.uploads.iter().find(|(upload, _)| upload == file) {
            Some((_, content)) => Ok(content.clone()),
            None => esr_engine::make_file(file),
        }
    }

    /// Adds the headers of a reply, and what is sensitive of it.
    pub(crate) fn finish_reply(headers: &mut HeaderMap, reply: &Reply) -> Result<(), String> {
        Self::add_headers(headers, &reply.headers)?;
        // As its reader finds them.
        let added = reply.headers.iter().map(|(name, value)| (name.replace('_', "-").into(), value.clone()));
        let added = Value::record(added.collect());
        // A page says itself what is sensitive of it.
        labels::mark(headers, [("body", &reply.body), ("headers", &added)]);
        Ok(())
    }

    /// Adds headers to a message; those that are no headers make it fail.
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
