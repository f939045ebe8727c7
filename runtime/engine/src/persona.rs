//! Personas: synthetic people made from a template, the same for the same seed.

use std::{cell::RefCell, sync::Arc};

use rand_chacha::ChaCha8Rng;
use scn_plan::{Call, Env, EvalError, Member, Record, Root, Value, eval, plan::Template};
use smol_str::SmolStr;

use crate::{
    Environment, Key,
    environment::variable,
    generate::{Place, generate_at},
};

/// So many personas of `template` as records, named by `fields` (the plan's or blueprint's `persona_fields`).
///
/// A draw is keyed by the seed, the template, the persona's number among those of its template, and the field. So the
/// seed data `with: 500 of Citizen` of a sandbox begins with the very citizens that a run of the same seed sends.
pub fn personas(
    template: &Template,
    fields: &[SmolStr],
    population: u32,
    seed: u64,
    environment: &Environment,
) -> Result<Vec<Value>, EvalError> {
    (0..population)
        .map(|number| {
            let values = persona(template, fields, number, seed, environment)?;
            Ok(Value::Record(Arc::new(record(template, fields, &values))))
        })
        .collect()
}

/// The fields of one persona, by their index into `fields`; none where its template has no such field.
pub(crate) fn persona(
    template: &Template,
    fields: &[SmolStr],
    number: u32,
    seed: u64,
    environment: &Environment,
) -> Result<Vec<Value>, EvalError> {
    let mut values = vec![Value::None; fields.len()];
    let key = Key { seed, persona: number, iteration: 0, node: 0, attempt: 0, implicit: false };
    for (field, expr) in &template.fields {
        let Some(name) = fields.get(*field as usize) else { continue };
        let rng = RefCell::new(key.rng(&format!("persona {}.{name}", template.name)));
        let place = Place { seed, of: template.name.clone(), field: name.clone(), number: u64::from(number) };
        let value = eval(expr, &Making { template, fields, values: &values, rng, place, environment })?;
        values[*field as usize] = value;
    }
    Ok(values)
}

/// A persona's fields by name, in the order that its template makes them.
pub(crate) fn record(template: &Template, fields: &[SmolStr], values: &[Value]) -> Record {
    let named = template.fields.iter().filter_map(|(field, _)| {
        let field = *field as usize;
        Some((fields.get(field)?.clone(), values.get(field)?.clone()))
    });
    named.collect()
}

/// What surrounds a field's expression: the fields made so far, and the field's own draws.
struct Making<'a> {
    template: &'a Template,
    fields: &'a [SmolStr],
    values: &'a [Value],
    rng: RefCell<ChaCha8Rng>,
    place: Place,
    environment: &'a Environment,
}

impl Env for Making<'_> {
    fn persona_field(&self, field: u32) -> Value {
        self.values.get(field as usize).cloned().unwrap_or_default()
    }

    fn persona_is(&self, template: &str) -> bool {
        self.template.lineage.iter().any(|name| name == template)
    }

    fn root(&self, root: Root) -> Value {
        match root {
            Root::Persona => Value::Record(Arc::new(record(self.template, self.fields, self.values))),
            _ => Value::None,
        }
    }

    fn member(&self, member: Member, argument: Option<&Value>) -> Value {
        variable(self.environment, member, argument)
    }

    fn generate(&self, call: &Call, args: &Record) -> Result<Value, EvalError> {
        generate_at(call, args, self, &self.rng, &self.place)
    }
}
