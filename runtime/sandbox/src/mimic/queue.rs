//! Queues: items that people decide on. An item is put in at `POST /items`, and `GET /items/<key>` says where it stands.
//!
//! What a reviewer decides, and how long that takes, is drawn by the place of the `enqueue` in its journey, so it repeats
//! whatever the threads do. An item waits until one of the reviewers is free; who came first is served first.

use std::sync::{Arc, Mutex, PoisonError};

use esr_tap::{Attributes, Span, SpanKind, SpanStatus, attributes as names};
use http::{Method, StatusCode};
use indexmap::IndexMap;
use percent_encoding::percent_decode_str;
use rand::RngExt;
use scn_plan::{
    Record, Text, Value,
    blueprint::{PartKind, Queue},
};
use smol_str::{SmolStr, format_smolstr};
use tokio::sync::Semaphore;

use super::{
    Mimic,
    answer::{Served, document, problem},
    call::ITEMS_PATH,
    exchange::Exchange,
    frame::Frame,
    handler,
};
use crate::{trace::Trace, wire::Stage};

/// The items of a queue, and who reviews them.
#[derive(Default)]
pub(crate) struct Reviews {
    items: Mutex<IndexMap<SmolStr, Item>>,
    /// A fair queue: who came first is served first. Without it, everybody is at once.
    reviewers: Option<Arc<Semaphore>>,
}

/// An item.
#[derive(Clone, Debug)]
struct Item {
    item: Value,
    /// What was decided; none while it waits.
    decision: Option<SmolStr>,
}

impl Item {
    fn ticket(&self) -> Value {
        let status = if self.decision.is_some() { "decided" } else { "waiting" };
        let decision = self.decision.clone().map_or(Value::None, Value::Symbol);
        let fields = [("status", Value::Symbol(status.into())), ("decision", decision), ("item", self.item.clone())];
        Value::record(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

impl Reviews {
    /// No items yet, and the reviewers of `kind` if that is a queue.
    pub(crate) fn of(kind: &PartKind) -> Self {
        let reviewers = match kind {
            PartKind::Queue(queue) => queue.reviewers,
            _ => None,
        };
        Self {
            items: Mutex::default(),
            reviewers: reviewers.map(|reviewers| Arc::new(Semaphore::new(reviewers as usize))),
        }
    }

    fn ticket(&self, key: &str) -> Option<Value> {
        self.lock().get(key).map(Item::ticket)
    }

    /// Puts an item in; whether it is to be reviewed, or waits already.
    fn put(&self, key: &SmolStr, item: Value) -> bool {
        let mut items = self.lock();
        if items.get(key).is_some_and(|known| known.decision.is_none()) {
            return false;
        }
        items.insert(key.clone(), Item { item, decision: None });
        true
    }

    fn decide(&self, key: &str, decision: &SmolStr) {
        if let Some(item) = self.lock().get_mut(key) {
            item.decision = Some(decision.clone());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, IndexMap<SmolStr, Item>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Exchange<'_> {
    /// Answers as a queue does.
    pub(crate) async fn queue(mut self, queue: &Queue) -> Served {
        let path = self.request.url.path().to_owned();
        if path == ITEMS_PATH && self.request.method == Method::POST {
            return self.put_in(queue).await.by(ITEMS_PATH);
        }
        let key = path.strip_prefix(ITEMS_PATH).and_then(|rest| rest.strip_prefix('/'));
        let Some(key) = key.and_then(|key| percent_decode_str(key).decode_utf8().ok()) else {
            let detail = format!("{} is a queue, and has {ITEMS_PATH} alone", self.mimic.part.name);
            return Served::of(problem(StatusCode::NOT_FOUND, &detail));
        };
        if self.request.method != Method::GET {
            return Served::of(problem(StatusCode::METHOD_NOT_ALLOWED, "an item can be looked at with GET"));
        }
        let served = match self.mimic.reviews.ticket(&key) {
            Some(ticket) => document(StatusCode::OK, &ticket),
            None => problem(StatusCode::NOT_FOUND, "there is no item under this key"),
        };
        Served::of(served).by(&format!("{ITEMS_PATH}/{{key}}"))
    }

    async fn put_in(&mut self, queue: &Queue) -> Served {
        let received = match self.receive().await {
            Ok(received) => received.check(None),
            Err(refused) => return Served::of(problem(refused.status, &refused.why)),
        };
        let refused = |why: &str| Served::of(problem(StatusCode::UNPROCESSABLE_ENTITY, why));
        let Ok(Value::Record(fields)) = received else { return refused("an item comes with its key") };
        let Some(key) = fields.get("key").filter(|key| !matches!(key, Value::None)).map(Value::to_text) else {
            return refused("an item comes with its key");
        };
        let mut item = fields.get("item").cloned().unwrap_or_default();
        if let Some(shape) = &queue.item {
            item = match shape.check(item) {
                Ok(item) => item,
                Err(why) => return refused(&format!("item: {why}")),
            };
        }
        if self.mimic.reviews.put(&key.value, item.clone()) {
            self.begin_review(queue, key.clone(), item);
        }
        let ticket = self.mimic.reviews.ticket(&key.value).unwrap_or_default();
        Served::of(document(StatusCode::ACCEPTED, &ticket))
    }

    /// Somebody is going to review the item, once they have the time.
    fn begin_review(&self, queue: &Queue, key: Text, item: Value) {
        let mimic = self.mimic.clone();
        let name = &mimic.part.name;
        let mut rng = self.trace.rng(&format!("review/{name}"));
        let time = u64::try_from(queue.after.sample(rng.random::<f64>())).unwrap_or(0);
        let decision = draw(&queue.decides, rng.random::<f64>());
        let review = Review {
            trace: self.trace.further(&format!("review/{name}")),
            request: self.request.clone(),
            mimic,
            key,
            item,
            time,
            decision,
        };
        self.mimic.tasks.listen(review.run());
    }

    /// Whether `name` is a queue of the sandbox, and no store of the part.
    pub(crate) fn is_queue(&self, name: &str) -> bool {
        let queue = || self.mimic.blueprint.part(name).is_some_and(|part| matches!(part.kind, PartKind::Queue(_)));
        !self.mimic.part.stores.contains_key(name) && queue()
    }

    /// What a queue says of an item, with names as names.
    pub(crate) fn ticket(&self, told: Value) -> Value {
        let Value::Record(fields) = told else { return Value::None };
        let mut fields: Record = (*fields).clone();
        for name in ["status", "decision"] {
            if let Some(Value::Text(text)) = fields.get(name) {
                let symbol = Value::Symbol(text.value.clone());
                fields.insert(name.into(), symbol);
            }
        }
        Value::record(fields)
    }
}

/// One of several, by their weights.
fn draw(decides: &[(SmolStr, f64)], share: f64) -> SmolStr {
    let total: f64 = decides.iter().map(|(_, weight)| weight).sum();
    let mut left = share * total;
    for (name, weight) in decides {
        if left < *weight {
            return name.clone();
        }
        left -= weight;
    }
    // Rounding may leave a little over.
    decides.last().map(|(name, _)| name.clone()).unwrap_or_default()
}

/// A review, from the moment that its item is put in.
struct Review {
    mimic: Arc<Mimic>,
    trace: Trace,
    request: esr_engine::Request,
    key: Text,
    item: Value,
    /// How long it takes, in nanoseconds.
    time: u64,
    decision: SmolStr,
}

impl Review {
    async fn run(self) {
        let (mimic, clock) = (&self.mimic, &*self.mimic.clock);
        let arrived = clock.now();
        let mut span = self.span("review");
        span.set(names::ESR_DECISION, "waiting");
        let (id, entry) = (span.span_id, mimic.ledger.begin_in_background(&self.trace, span));
        let reviewed = async {
            let reviewer = match &mimic.reviews.reviewers {
                // It is never closed.
                Some(reviewers) => reviewers.clone().acquire_owned().await.ok(),
                None => None,
            };
            let waited = clock.now().since(arrived);
            mimic.ledger.amend(&entry, |span| {
                span.set(names::ESR_QUEUE_WAIT, i64::try_from(waited).unwrap_or(i64::MAX));
            });
            clock.sleep_until(clock.now().plus(self.time)).await;
            drop(reviewer);
        };
        tokio::select! {
            () = reviewed => {}
            // Nobody reviews in a sandbox that goes down.
            () = mimic.tasks.reached(Stage::Draining) => return,
        }
        mimic.reviews.decide(&self.key.value, &self.decision);
        mimic.ledger.end(entry, |span| span.set(names::ESR_DECISION, self.decision.clone()));
        self.tell(id).await;
    }

    /// Runs `on decided`.
    async fn tell(&self, cause: esr_tap::SpanId) {
        let PartKind::Queue(Queue { on_decided: Some(on_decided), .. }) = &self.mimic.part.kind else { return };
        let trace = self.trace.below(cause);
        let mut span = self.span("on decided");
        span.parent_span_id = Some(cause);
        let (id, entry) = (span.span_id, self.mimic.ledger.begin(&trace, span));
        let exchange = Exchange::new(&self.mimic, trace.below(id), self.request.clone());
        let mut frame = Frame::new(&exchange, Some(on_decided));
        let fields = [
            ("key", Value::Text(self.key.clone())),
            ("item", self.item.clone()),
            ("decision", Value::Symbol(self.decision.clone())),
        ];
        frame.body = Value::record(fields.into_iter().map(|(name, value)| (name.into(), value)).collect());
        let outcome = handler::run(&on_decided.steps, &mut frame).await;
        self.mimic.ledger.end(entry, |span| {
            if let Err(halt) = outcome {
                let (status, why) = halt.answer(&self.mimic.blueprint.sources);
                span.set(names::ERROR_TYPE, status.as_u16().to_string());
                span.status = SpanStatus::Error(why);
            }
        });
    }

    fn span(&self, name: &str) -> Span {
        let now = self.mimic.clock.now();
        Span {
            trace_id: self.trace.trace_id,
            span_id: self.trace.span_id(&format!("{name}/{}", self.mimic.part.name)),
            parent_span_id: self.trace.parent,
            block: self.trace.block(),
            name: format_smolstr!("{name}"),
            kind: SpanKind::Internal,
            service: self.mimic.part.name.clone(),
            start_time_unix_nano: now,
            end_time_unix_nano: now,
            status: SpanStatus::Unset,
            attributes: Attributes::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_drawn_by_their_weights() {
        let decides = [("approve".into(), 9.0), ("reject".into(), 1.0)];
        for (share, expected) in [(0.0, "approve"), (0.899, "approve"), (0.9, "reject"), (0.999, "reject")] {
            assert_eq!(draw(&decides, share), expected, "{share}");
        }
    }
}
