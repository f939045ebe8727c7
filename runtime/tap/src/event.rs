//! Events: the lines of `trace.jsonl`.

use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Nanoseconds since the Unix epoch, by the clock of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// Nanoseconds from `earlier` to this; zero if it is later.
    pub fn since(self, earlier: Timestamp) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// So many nanoseconds later.
    pub fn plus(self, nanoseconds: u64) -> Timestamp {
        Timestamp(self.0.saturating_add(nanoseconds))
    }
}

macro_rules! hex_id {
    ($(#[doc = $doc:literal])+ $name:ident($int:ty), $digits:literal) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub $int);

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, concat!("{:0", $digits, "x}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "{self}")
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                <$int>::from_str_radix(text, 16).map($name)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

hex_id! {
    /// A W3C trace id: one journey.
    TraceId(u128), 32
}
hex_id! {
    /// A W3C span id.
    SpanId(u64), 16
}

/// What a span is, in OpenTelemetry's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SpanKind {
    /// Work inside a part: a journey, a step.
    Internal,
    /// A request that a part or a persona makes.
    Client,
    /// A request that a part serves.
    Server,
}

/// How a span ended, in OpenTelemetry's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", content = "message", rename_all = "UPPERCASE")]
pub enum SpanStatus {
    /// Nothing to say.
    #[default]
    Unset,
    /// Good.
    Ok,
    /// Bad, and why.
    Error(String),
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Double(f64),
    /// A text, redacted before it gets here.
    Text(SmolStr),
}

impl From<bool> for AttributeValue {
    fn from(value: bool) -> Self {
        AttributeValue::Bool(value)
    }
}
impl From<i64> for AttributeValue {
    fn from(value: i64) -> Self {
        AttributeValue::Int(value)
    }
}
impl From<f64> for AttributeValue {
    fn from(value: f64) -> Self {
        AttributeValue::Double(value)
    }
}
impl From<&str> for AttributeValue {
    fn from(value: &str) -> Self {
        AttributeValue::Text(value.into())
    }
}
impl From<String> for AttributeValue {
    fn from(value: String) -> Self {
        AttributeValue::Text(value.into())
    }
}
impl From<SmolStr> for AttributeValue {
    fn from(value: SmolStr) -> Self {
        AttributeValue::Text(value)
    }
}

/// Attributes by name; names are those of [`crate::attributes`].
pub type Attributes = IndexMap<SmolStr, AttributeValue>;

/// Names the block of `trace.jsonl` that an event belongs to: one execution of a step in a journey, as its key in
/// `tracestate` (`esr=…`) spells it, for instance `p17.i0.n3.a0`; a submission on behalf of an earlier step is a block
/// of its own (`p17.i0.n1.a0.s`).
pub type Block = SmolStr;

/// A span: something that took time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// The journey.
    pub trace_id: TraceId,
    /// This span.
    pub span_id: SpanId,
    /// The span that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_span_id: Option<SpanId>,
    /// The block that it is written with.
    pub block: Block,
    /// What it is called.
    pub name: SmolStr,
    /// What it is.
    pub kind: SpanKind,
    /// Who recorded it (OpenTelemetry's `service.name`): a part's name, `persona` or `proxy`.
    #[serde(rename = "service.name")]
    pub service: SmolStr,
    /// When it began.
    pub start_time_unix_nano: Timestamp,
    /// When it ended.
    pub end_time_unix_nano: Timestamp,
    /// How it ended.
    #[serde(default)]
    pub status: SpanStatus,
    /// What else is known.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
}

impl Span {
    /// How long it took, in nanoseconds.
    pub fn duration(&self) -> u64 {
        self.end_time_unix_nano.since(self.start_time_unix_nano)
    }

    /// The text of an attribute.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.attributes.get(name) {
            Some(AttributeValue::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The whole number of an attribute.
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.attributes.get(name) {
            Some(AttributeValue::Int(number)) => Some(*number),
            _ => None,
        }
    }

    /// Adds an attribute.
    pub fn set(&mut self, name: &str, value: impl Into<AttributeValue>) {
        self.attributes.insert(name.into(), value.into());
    }
}

/// A fault comes into force or is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbeEvent {
    /// When.
    pub time_unix_nano: Timestamp,
    /// The probe's name in the plan.
    pub probe: SmolStr,
    /// The part that it strikes.
    pub target: SmolStr,
    /// True when it comes into force, false when it is gone.
    pub applied: bool,
    /// In words, for instance `eligibility-svc → 800 ms`.
    pub description: SmolStr,
}

/// A line of `trace.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// Something that took time.
    Span(Span),
    /// A fault comes into force or is gone.
    Probe(ProbeEvent),
}
