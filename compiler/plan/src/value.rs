//! Values of the language at run time, and the shapes that data from outside is held against.

use std::{fmt, sync::Arc};

use crate::collections::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Durations are kept in whole nanoseconds; these are the factors.
pub mod nanos {
    /// Nanoseconds in a millisecond.
    pub const MILLI: i64 = 1_000_000;
    /// Nanoseconds in a second.
    pub const SECOND: i64 = 1_000_000_000;
}

/// What is known of a text's sensitivity; it travels through every operation on the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Labels(pub u8);

impl Labels {
    /// Nothing sensitive.
    pub const NONE: Labels = Labels(0);
    /// Personally identifiable information.
    pub const PII: Labels = Labels(1);
    /// A credential.
    pub const SECRET: Labels = Labels(2);

    /// The labels of both.
    pub fn union(self, other: Labels) -> Labels {
        Labels(self.0 | other.0)
    }

    /// Whether no label is set.
    pub fn is_none(&self) -> bool {
        self.0 == 0
    }

    /// Whether any label is set.
    pub fn is_sensitive(self) -> bool {
        self.0 != 0
    }
}

/// A text and its labels. Its `Debug` form hides a sensitive text; its serialised form, for plans, does not.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Text {
    /// The characters; read them only to act on them, never to print them.
    pub value: SmolStr,
    /// How sensitive they are.
    #[serde(default, skip_serializing_if = "Labels::is_none")]
    pub labels: Labels,
}

impl Text {
    /// A text with no label.
    pub fn plain(value: impl Into<SmolStr>) -> Self {
        Self { value: value.into(), labels: Labels::NONE }
    }

    /// The text for an output: `[pii]` or `[secret]` where it is sensitive.
    pub fn redacted(&self) -> &str {
        if self.labels.0 & Labels::SECRET.0 != 0 {
            "[secret]"
        } else if self.labels.is_sensitive() {
            "[pii]"
        } else {
            &self.value
        }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.redacted())
    }
}

/// A file that is made when it is uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct FileSpec {
    /// Its name, whose extension says what it holds.
    pub name: SmolStr,
    /// Its size in bytes.
    pub size: u64,
}

/// Named values, in order.
pub type Record = IndexMap<SmolStr, Value>;

/// A value at run time. Units never mix: each unit is a variant of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// The absence of a `Maybe`.
    #[default]
    None,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number; a status is one too.
    Int(i64),
    /// A number with a fraction.
    Decimal(f64),
    /// `99%` is 0.99.
    Percent(f64),
    /// Nanoseconds.
    Duration(i64),
    /// Bytes.
    Size(u64),
    /// Hundredths of a dollar.
    Money(i64),
    /// Events a second.
    Rate(f64),
    /// A calendar date.
    Date(#[schemars(with = "String")] jiff::civil::Date),
    /// Characters.
    Text(Text),
    /// A path or URL without quotes: `/start`.
    Path(SmolStr),
    /// A regular expression's source.
    Regex(SmolStr),
    /// A file to upload.
    File(FileSpec),
    /// A name of the plan or the blueprint: a service, a page, a member of a choice.
    Symbol(SmolStr),
    /// Values in order.
    List(Arc<Vec<Value>>),
    /// Named values.
    Record(Arc<Record>),
    /// Both ends included.
    Range(Arc<(Value, Value)>),
}

impl Value {
    /// A text with no label.
    pub fn text(value: impl Into<SmolStr>) -> Value {
        Value::Text(Text::plain(value))
    }

    /// A list.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Arc::new(items))
    }

    /// A record.
    pub fn record(fields: Record) -> Value {
        Value::Record(Arc::new(fields))
    }
}

/// A field of a record shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShapeField {
    /// What its value must be.
    pub shape: Shape,
    /// False for a `Maybe`.
    pub required: bool,
    /// How sensitive it is.
    #[serde(default)]
    pub labels: Labels,
}

/// What data from outside (a form, a JSON body) must be; the run-time image of a type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Anything.
    Any,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Decimal,
    /// `99%`, or a fraction.
    Percent,
    /// An amount; a bare number in JSON is in dollars.
    Money,
    /// A duration; a bare number in JSON is in seconds.
    Duration,
    /// A size; a bare number in JSON is in bytes.
    Size,
    /// An ISO date.
    Date,
    /// Characters, optionally held by a regular expression.
    Text {
        /// The regular expression that the whole text must match.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pattern: Option<SmolStr>,
    },
    /// A file, optionally of bounded size in bytes.
    File {
        /// Its largest size in bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<u64>,
    },
    /// One of these names.
    Choice(Vec<SmolStr>),
    /// Such a value, between these ends.
    Within(Box<Shape>, Box<(Value, Value)>),
    /// A list of such.
    List(Box<Shape>),
    /// These fields; others are ignored.
    Record(IndexMap<SmolStr, ShapeField>),
}
