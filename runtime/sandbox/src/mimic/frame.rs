//! What surrounds the expressions of a handler while it runs.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU32, Ordering},
};

use scn_plan::{Call, Env, EvalError, Member, Record, Root, SlotId, Value, blueprint::Handler};
use smol_str::SmolStr;

use super::exchange::Exchange;

/// A running handler: its variables, and what `form`, `body` and the others are.
pub(crate) struct Frame<'a> {
    pub(crate) exchange: &'a Exchange<'a>,
    slots: Vec<Value>,
    pub(crate) form: Value,
    pub(crate) body: Value,
    pub(crate) path: Value,
    /// The query where it is not the request's own.
    pub(crate) query: Option<Value>,
    pub(crate) session: Value,
    pub(crate) show: Value,
    pub(crate) response: Value,
    /// Whether a call has failed since this was last cleared.
    pub(crate) call_failed: bool,
    /// How often each step has run, by its ordinal.
    executions: HashMap<u32, u32>,
    /// The step that runs, and how often it ran before.
    now: (u32, u32),
    /// Draws of the step that runs.
    draws: AtomicU32,
}

impl<'a> Frame<'a> {
    /// Before the first step of `handler`.
    pub(crate) fn new(exchange: &'a Exchange<'a>, handler: Option<&Handler>) -> Self {
        Self {
            exchange,
            slots: vec![Value::None; handler.map_or(0, |handler| handler.slots.len())],
            form: Value::None,
            body: Value::None,
            path: Value::None,
            query: None,
            session: Value::None,
            show: Value::None,
            response: Value::None,
            call_failed: false,
            executions: HashMap::new(),
            now: (0, 0),
            draws: AtomicU32::new(0),
        }
    }

    /// Begins the step of this ordinal.
    pub(crate) fn begin(&mut self, ordinal: u32) {
        let executions = self.executions.entry(ordinal).or_default();
        self.now = (ordinal, *executions);
        *executions += 1;
        self.draws = AtomicU32::new(0);
    }

    /// Names the running step among all executions of all steps of the handler.
    pub(crate) fn step(&self) -> String {
        format!("{}.{}", self.now.0, self.now.1)
    }

    pub(crate) fn set(&mut self, slot: SlotId, value: Value) {
        let index = slot.0 as usize;
        if index >= self.slots.len() {
            self.slots.resize(index + 1, Value::None);
        }
        if let Some(place) = self.slots.get_mut(index) {
            *place = value;
        }
    }
}

impl Env for Frame<'_> {
    fn slot(&self, slot: SlotId) -> Value {
        self.slots.get(slot.0 as usize).cloned().unwrap_or_default()
    }

    fn root(&self, root: Root) -> Value {
        match root {
            Root::Form => self.form.clone(),
            Root::Body => self.body.clone(),
            Root::Path => self.path.clone(),
            Root::Query => self.query.clone().unwrap_or_else(|| self.exchange.query()),
            Root::Session => self.session.clone(),
            Root::Show => self.show.clone(),
            Root::Response => self.response.clone(),
            Root::Branch => Value::text(self.exchange.mimic.branch.clone()),
            Root::Run => self.run(),
            Root::Persona => Value::None,
        }
    }

    fn member(&self, member: Member, argument: Option<&Value>) -> Value {
        esr_engine::variable(esr_engine::environment(), member, argument)
    }

    fn generate(&self, call: &Call, args: &Record) -> Result<Value, EvalError> {
        let draw = self.draws.fetch_add(1, Ordering::Relaxed);
        let part = &self.exchange.mimic.part.name;
        let mut rng = self.exchange.trace.rng(&format!("handler/{part}/{}/{draw}", self.step()));
        esr_engine::generate(call, args, &mut rng)
    }
}

impl Frame<'_> {
    fn run(&self) -> Value {
        let key = &self.exchange.trace.key;
        let id = self.exchange.trace.run.clone().map_or(Value::None, Value::text);
        let number = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
        let fields = [
            ("id", id),
            ("seed", number(key.seed)),
            ("persona", number(key.persona.into())),
            ("iteration", number(key.iteration.into())),
        ];
        Value::record(fields.into_iter().map(|(name, value)| (SmolStr::from(name), value)).collect())
    }
}
