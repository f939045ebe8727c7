//! The generators of the prelude: synthetic data from keyed draws.

mod numbers;
mod pattern;
mod people;
#[cfg(test)]
mod tests;

use rand_chacha::ChaCha8Rng;
use scn_plan::{Call, EvalError, Labels, Record, Value};

pub(crate) use numbers::weighted;

/// A generator that the engine knows, as the prelude declares it.
pub struct Generator {
    /// Its name in the prelude.
    pub name: &'static str,
    /// Names of its parameters, in order.
    pub parameters: &'static [&'static str],
    /// What the texts that it makes are labelled with.
    pub labels: Labels,
    make: fn(&Record, &mut ChaCha8Rng) -> Result<Value, String>,
}

/// Every generator of the prelude. `choice` also takes `weights`, a list beside `values`, for its `weight` phrases.
pub const GENERATORS: &[Generator] = &[
    plain("pattern", &["regex"], pattern::pattern),
    plain("int", &["range"], numbers::int),
    plain("decimal", &["range"], numbers::decimal),
    plain("money", &["range"], numbers::money),
    plain("date", &["range"], numbers::date),
    plain("chance", &["probability"], numbers::chance),
    plain("choice", &["values"], numbers::choice),
    plain("maybe", &["probability", "value"], numbers::maybe),
    plain("image", &["size"], numbers::image),
    personal("full_name", people::full_name),
    personal("first_name", people::first_name),
    personal("last_name", people::last_name),
    personal("email", people::email),
    personal("phone", people::phone),
    personal("street", people::street),
    plain("city", &[], people::city),
    plain("postcode", &[], people::postcode),
    plain("lognormal", &["p50", "p99"], numbers::lognormal),
    plain("exponential", &["mean"], numbers::exponential),
];

type Make = fn(&Record, &mut ChaCha8Rng) -> Result<Value, String>;

const fn plain(name: &'static str, parameters: &'static [&'static str], make: Make) -> Generator {
    Generator { name, parameters, labels: Labels::NONE, make }
}

const fn personal(name: &'static str, make: Make) -> Generator {
    Generator { name, parameters: &[], labels: Labels::PII, make }
}

/// The value that the generator `call` makes of `args` and the next draws of `rng`; for implementors of
/// [`Env::generate`](scn_plan::Env::generate).
pub fn generate(call: &Call, args: &Record, rng: &mut ChaCha8Rng) -> Result<Value, EvalError> {
    let fail = |message| EvalError { message, span: call.span };
    let generator = GENERATORS.iter().find(|generator| generator.name == call.name);
    let generator = generator.ok_or_else(|| fail(format!("there is no generator `{}`", call.name)))?;
    let made = (generator.make)(args, rng).map_err(|why| fail(format!("`{}` {why}", call.name)))?;
    Ok(made.labelled(generator.labels))
}

/// The argument `name`, or what is missing.
fn argument<'a>(args: &'a Record, name: &str) -> Result<&'a Value, String> {
    args.get(name).ok_or_else(|| format!("needs `{name}`"))
}

/// A draw from the open interval between 0 and 1.
fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    use rand::distr::{Distribution, Open01};
    Open01.sample(rng)
}
