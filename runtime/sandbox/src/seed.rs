//! Seed data: what the stores hold before the first request.

use std::cell::RefCell;

use esr_engine::{Key, Place, environment, variable};
use rand_chacha::ChaCha8Rng;
use scn_plan::{
    Blueprint, Call, Env, EvalError, Member, Record, Value,
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
            let of = format!("{}.{}", seed.part, seed.store);
            let rng = RefCell::new(key.rng(&format!("seed/{of}/{number}")));
            let place = Place { seed: draws, of: format!("{of}/{number}").into(), field: of.into(), number: 0 };
            let mut env = Drawing { rng, place };
            let mut records = Vec::with_capacity(listed.len());
            for (at, expr) in listed.iter().enumerate() {
                env.place.number = at as u64;
                records.push(eval(expr, &env));
            }
            records.into_iter().collect()
        }
        SeedRecords::Personas { count, template } => {
            esr_engine::personas(template, &blueprint.persona_fields, *count, draws, environment())
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
    rng: RefCell<ChaCha8Rng>,
    place: Place,
}

impl Env for Drawing {
    fn member(&self, member: Member, argument: Option<&Value>) -> Value {
        variable(environment(), member, argument)
    }

    fn generate(&self, call: &Call, args: &Record) -> Result<Value, EvalError> {
        esr_engine::generate_at(call, args, self, &self.rng, &self.place)
    }
}
