//! Parts that work in the background of a sandbox: agents that watch others, and queues that people review.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::Handler;
use crate::{Dist, Shape, Span};

/// An automated agent: it watches requests to another part, and does something after each.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Agent {
    /// What it watches.
    pub watches: Watch,
    /// What the body of an answer below 400 is, where every reply of the part is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Shape>,
    /// What it does after such a request.
    pub handler: Handler,
}

/// The requests that an agent watches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// The part that serves them.
    pub part: SmolStr,
    /// Their method, in capitals.
    pub method: SmolStr,
    /// Their path; a segment `{name}` is a parameter.
    pub path: SmolStr,
    /// Where it is declared.
    pub span: Span,
}

/// A queue of items that wait for people to decide on them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Queue {
    /// How many people review; without it, as many as there are items.
    pub reviewers: Option<u32>,
    /// How long a review takes.
    pub after: Dist,
    /// What may be decided, each with its weight.
    pub decides: Vec<(SmolStr, f64)>,
    /// What an item must be; another is refused with 422.
    pub item: Option<Shape>,
    /// Runs when an item is decided; its `body` is `key`, `item` and `decision`.
    pub on_decided: Option<Handler>,
    /// Where `reviewers:` is set, for reports that suggest another value.
    pub reviewers_span: Option<Span>,
}
