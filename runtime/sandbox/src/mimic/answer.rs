//! What a part answers.

use esr_engine::{Response, labels};
use http::StatusCode;
use scn_plan::{EvalError, Record, SourceMap, Span, Text, Value};
use serde_json::json;
use smol_str::SmolStr;

use crate::wire::{plain, typed};

/// The answer to a request, and what its span says of it.
pub(crate) struct Served {
    pub(crate) response: Response,
    /// The page or route that served it, as the blueprint declares it.
    pub(crate) route: Option<SmolStr>,
    /// Why it failed, in a sentence without anybody's data.
    pub(crate) error: Option<String>,
    /// The draft rules that refused the request.
    pub(crate) rules: Vec<Refusal>,
}

/// A draft rule that refused a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The rule's id.
    pub(crate) rule: SmolStr,
    pub(crate) demand: Demand,
}

/// What a draft rule demands in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Demand {
    /// That this field be filled in.
    Required(SmolStr),
    /// That the value of this field match a pattern.
    Pattern(SmolStr),
    /// That its decision be another one.
    Decision,
    /// Nothing: its expression has no value.
    Broken,
}

impl std::fmt::Display for Demand {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Demand::Required(field) => write!(out, "required {field}"),
            Demand::Pattern(field) => write!(out, "pattern {field}"),
            Demand::Decision => out.write_str("decision"),
            Demand::Broken => out.write_str("broken"),
        }
    }
}

impl Served {
    pub(crate) fn of(response: Response) -> Self {
        Self { response, route: None, error: None, rules: Vec::new() }
    }

    pub(crate) fn refused_by(mut self, rules: Vec<Refusal>) -> Self {
        self.rules = rules;
        self
    }

    pub(crate) fn by(mut self, route: &str) -> Self {
        self.route = Some(route.into());
        self
    }

    pub(crate) fn because(mut self, error: Option<String>) -> Self {
        self.error = error;
        self
    }
}

/// What a handler's `reply` says.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    /// A frontend's page.
    pub(crate) page: Option<Text>,
    /// An error to show on it.
    pub(crate) error: Option<Text>,
    pub(crate) headers: Record,
}

/// Why a handler ended before its end.
#[derive(Clone, Debug)]
pub(crate) enum Halt {
    /// A call failed and nothing looked at its status: 504 if it was 504, else 502.
    CallFailed {
        status: StatusCode,
        /// In a sentence.
        why: String,
    },
    /// The handler asks for what cannot be done: 500.
    Impossible {
        /// In a sentence without anybody's data.
        why: String,
        /// Where in the `.scn` file.
        span: Span,
    },
}

impl From<EvalError> for Halt {
    fn from(error: EvalError) -> Self {
        Halt::Impossible { why: error.message, span: error.span }
    }
}

impl Halt {
    /// The status and the sentence that it is answered with.
    pub(crate) fn answer(&self, sources: &SourceMap) -> (StatusCode, String) {
        match self {
            Halt::CallFailed { status, why } => (*status, why.clone()),
            Halt::Impossible { why, span } => {
                (StatusCode::INTERNAL_SERVER_ERROR, format!("{why} ({})", sources.place(*span)))
            }
        }
    }
}

/// A JSON document as an answer.
pub(crate) fn document(status: StatusCode, body: &Value) -> Response {
    match body {
        Value::None => {
            let mut response = plain(status, "");
            response.headers.clear();
            response
        }
        body => {
            let mut response = typed(status, "application/json", body.to_json().to_string());
            labels::mark(&mut response.headers, [("body", body)]);
            response
        }
    }
}

/// What is wrong with a request, or went wrong, for other parts (RFC 9457).
pub(crate) fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Problem");
    let body = json!({ "title": title, "status": status.as_u16(), "detail": detail });
    typed(status, "application/problem+json", body.to_string())
}
