//! Seed data: what the stores hold before the first request.

use std::sync::Mutex;

use esr_engine::Key;
use rand_chacha::ChaCha8Rng;
use scn_plan::{
    Blueprint, Call, Env, EvalError, Record, Value,
    blueprint::{Seed, SeedRecords},
    eval,
};

use crate::{UpError, mimic::Stores};

/// Puts the records of `seed` into `stores`, the stores of its part.
pub(crate) fn plant(
    blueprint: &Blueprint,
    seed: &Seed,
    number: usize,
    draws: u64,
    stores: &Stores,
) -> Result<(), UpError> {
    let wrong = |what: String, span| UpError::Blueprint { what, place: blueprint.sources.place(span) };
    let records = match &seed.records {
        SeedRecords::Listed(listed) => {
            let key = Key { seed: draws, persona: 0, iteration: 0, node: 0, attempt: 0, implicit: false };
            let env = Drawing { rng: Mutex::new(key.rng(&format!("seed/{}.{}/{number}", seed.part, seed.store))) };
            listed.iter().map(|expr| eval(expr, &env)).collect()
        }
        SeedRecords::Personas { count, template } => {
            esr_engine::personas(template, &blueprint.persona_fields, *count, draws)
        }
    };
    for record in records.map_err(|error: EvalError| wrong(error.message, error.span))? {
        let key = match &record {
            Value::Record(fields) => fields.get(&seed.key).cloned().unwrap_or_default(),
            _ => Value::None,
        };
        if key == Value::None {
            return Err(wrong(format!("a record for `{}.{}` has no `{}`", seed.part, seed.store, seed.key), seed.span));
        }
        stores.store(&seed.store, &key, record).map_err(|why| wrong(format!("the seed {why}"), seed.span))?;
    }
    Ok(())
}

/// Records may be drawn, by the sandbox's seed and their place in the blueprint.
struct Drawing {
    rng: Mutex<ChaCha8Rng>,
}

impl Env for Drawing {
    fn generate(&self, call: &Call, args: &Record) -> Result<Value, EvalError> {
        let mut rng = self.rng.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        esr_engine::generate(call, args, &mut rng)
    }
}
