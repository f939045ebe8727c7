//! The verbs of handlers, as the prelude declares them, and those that end where they begin: everything but calls.

use http::StatusCode;
use scn_plan::{Call, Record, Span, Value, eval_args};

use super::{
    answer::{Halt, Reply},
    exchange::final_status,
    frame::Frame,
};
use crate::Signature;

/// The handler steps that this crate executes, with the parameters that it reads.
pub const HANDLER_VERBS: &[Signature] = &[
    Signature { name: "reply", parameters: &["status", "body", "page", "error", "headers"] },
    Signature { name: "find", parameters: &["store", "key"] },
    Signature { name: "store", parameters: &["store", "key", "value"] },
    Signature { name: "update", parameters: &["store", "key", "value"] },
    Signature { name: "remove", parameters: &["store", "key"] },
    Signature { name: "enqueue", parameters: &["queue", "key", "item", "timeout"] },
    Signature { name: "get", parameters: &["service", "path", "query", "headers", "timeout"] },
    Signature { name: "post", parameters: &["service", "path", "body", "query", "headers", "timeout"] },
    Signature { name: "put", parameters: &["service", "path", "body", "query", "headers", "timeout"] },
    Signature { name: "patch", parameters: &["service", "path", "body", "query", "headers", "timeout"] },
    Signature { name: "delete", parameters: &["service", "path", "query", "headers", "timeout"] },
    Signature { name: "send", parameters: &["what", "to", "schema", "payload", "timeout"] },
    Signature { name: "think", parameters: &["time"] },
];

/// A verb of [`HANDLER_VERBS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Reply,
    Find,
    Store,
    Update,
    Remove,
    /// Puts an item into a queue.
    Enqueue,
    /// A call with this method, in capitals.
    Call(&'static str),
    Send,
    Think,
}

impl Verb {
    /// The verb of this name.
    pub(crate) fn named(name: &str) -> Option<Verb> {
        Some(match name {
            "reply" => Verb::Reply,
            "find" => Verb::Find,
            "store" => Verb::Store,
            "update" => Verb::Update,
            "remove" => Verb::Remove,
            "enqueue" => Verb::Enqueue,
            "get" => Verb::Call("GET"),
            "post" => Verb::Call("POST"),
            "put" => Verb::Call("PUT"),
            "patch" => Verb::Call("PATCH"),
            "delete" => Verb::Call("DELETE"),
            "send" => Verb::Send,
            "think" => Verb::Think,
            _ => return None,
        })
    }
}

/// A call's arguments, evaluated.
pub(crate) struct Arguments {
    values: Record,
    verb: smol_str::SmolStr,
    span: Span,
}

impl Arguments {
    pub(crate) fn of(call: &Call, frame: &Frame) -> Result<Self, Halt> {
        Ok(Self { values: eval_args(call, frame)?, verb: call.name.clone(), span: call.span })
    }

    /// The argument; none where it was left out.
    pub(crate) fn get(&self, name: &str) -> Value {
        self.values.get(name).cloned().unwrap_or_default()
    }

    /// The argument as a name or a path.
    pub(crate) fn name(&self, name: &str) -> Result<smol_str::SmolStr, Halt> {
        match self.values.get(name).and_then(Value::as_str) {
            Some(text) => Ok(text.into()),
            None => Err(self.impossible(format!("needs `{name}`"))),
        }
    }

    /// What something is found again by.
    pub(crate) fn key(&self) -> Result<Value, Halt> {
        match self.get("key") {
            Value::None => Err(self.impossible("needs a `key`, not none")),
            key => Ok(Value::Text(key.to_text())),
        }
    }

    /// The argument as a record; empty where it was left out.
    pub(crate) fn record(&self, name: &str) -> Result<Record, Halt> {
        match self.values.get(name) {
            Some(Value::Record(fields)) => Ok((**fields).clone()),
            Some(Value::None) | None => Ok(Record::default()),
            Some(other) => Err(self.impossible(format!("needs a record as `{name}`, not {}", other.kind()))),
        }
    }

    /// The argument as nanoseconds that are not negative.
    pub(crate) fn nanos(&self, name: &str) -> Result<u64, Halt> {
        match self.values.get(name) {
            Some(Value::Duration(nanos)) if *nanos >= 0 => Ok(nanos.unsigned_abs()),
            _ => Err(self.impossible(format!("needs a duration as `{name}` that is not negative"))),
        }
    }

    /// The verb cannot be done, and why: `needs …`.
    pub(crate) fn impossible(&self, why: impl std::fmt::Display) -> Halt {
        Halt::Impossible { why: format!("`{}` {why}", self.verb), span: self.span }
    }

    /// `reply`.
    pub(crate) fn reply(&self) -> Result<Reply, Halt> {
        let status = match self.values.get("status") {
            Some(Value::Int(number)) => {
                final_status(*number).ok_or_else(|| self.impossible("needs a status from 200 to 599"))?
            }
            Some(Value::None) | None => StatusCode::OK,
            Some(other) => return Err(self.impossible(format!("needs a status, not {}", other.kind()))),
        };
        Ok(Reply {
            status,
            body: self.get("body"),
            page: self.values.get("page").filter(|page| page.as_str().is_some()).map(Value::to_text),
            error: self.values.get("error").filter(|error| **error != Value::None).map(|error| error.to_text()),
            headers: self.record("headers")?,
        })
    }

    /// `find`, `store`, `update` and `remove`.
    pub(crate) fn on_store(&self, verb: Verb, frame: &Frame) -> Result<Value, Halt> {
        let (store, key) = (self.name("store")?, self.get("key"));
        let stores = &frame.exchange.mimic.stores;
        let done = match verb {
            Verb::Find => stores.find(&store, &key),
            Verb::Store => stores.store(&store, &key, self.get("value")).map(|()| Value::None),
            Verb::Update => stores.update(&store, &key, self.record("value")?).map(|()| Value::None),
            _ => stores.remove(&store, &key).map(|()| Value::None),
        };
        done.map_err(|why| self.impossible(why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_that_is_listed_is_executed() {
        for signature in HANDLER_VERBS {
            assert!(Verb::named(signature.name).is_some(), "{}", signature.name);
        }
    }
}
