//! A part's stores: records in memory, each under a key.

use std::sync::{Mutex, PoisonError};

use scn_plan::collections::IndexMap;
use scn_plan::{Record, Shape, Value};
use smol_str::SmolStr;

/// The stores of a part, by name.
pub(crate) struct Stores {
    stores: IndexMap<SmolStr, Store>,
}

struct Store {
    shape: Shape,
    /// A key counts by its characters, so that the text of a path or query finds what a number is kept under.
    records: Mutex<IndexMap<SmolStr, Value>>,
}

impl Stores {
    /// Empty stores of these shapes.
    pub(crate) fn new(shapes: &IndexMap<SmolStr, Shape>) -> Self {
        let store = |shape: &Shape| Store { shape: shape.clone(), records: Mutex::default() };
        Self { stores: shapes.iter().map(|(name, shape)| (name.clone(), store(shape))).collect() }
    }

    /// The record under `key`; none without one.
    pub(crate) fn find(&self, store: &str, key: &Value) -> Result<Value, String> {
        let store = self.named(store)?;
        Ok(key_text(key).and_then(|key| store.lock().get(&key).cloned()).unwrap_or_default())
    }

    /// Keeps `value` under `key`, in place of what is there.
    pub(crate) fn store(&self, name: &str, key: &Value, value: Value) -> Result<(), String> {
        let store = self.named(name)?;
        let key = key_text(key).ok_or("needs a `key`, not none")?;
        let value = store.shape.check(value).map_err(|why| format!("cannot keep this in `{name}`: {why}"))?;
        store.lock().insert(key, value);
        Ok(())
    }

    /// Changes the given fields of the record under `key`; without one, does nothing.
    pub(crate) fn update(&self, name: &str, key: &Value, changes: Record) -> Result<(), String> {
        let store = self.named(name)?;
        let Some(key) = key_text(key) else { return Ok(()) };
        let mut records = store.lock();
        let Some(Value::Record(fields)) = records.get(&key) else { return Ok(()) };
        let mut fields = (**fields).clone();
        fields.extend(changes);
        let changed = store.shape.check(Value::record(fields));
        let changed = changed.map_err(|why| format!("cannot keep this in `{name}`: {why}"))?;
        records.insert(key, changed);
        Ok(())
    }

    /// Forgets the record under `key`, if there is one.
    pub(crate) fn remove(&self, store: &str, key: &Value) -> Result<(), String> {
        let store = self.named(store)?;
        if let Some(key) = key_text(key) {
            store.lock().shift_remove(&key);
        }
        Ok(())
    }

    fn named(&self, name: &str) -> Result<&Store, String> {
        self.stores.get(name).ok_or_else(|| format!("names a store `{name}` that this part does not have"))
    }
}

impl Store {
    fn lock(&self) -> std::sync::MutexGuard<'_, IndexMap<SmolStr, Value>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key_text(key: &Value) -> Option<SmolStr> {
    (*key != Value::None).then(|| key.to_text().value)
}
