//! The generators of the prelude: synthetic data from keyed draws.

mod addresses;
mod dates;
mod identities;
mod internet;
mod locale;
mod numbers;
mod pattern;
mod people;
mod place;
#[cfg(test)]
mod tests;
mod words;

use std::cell::RefCell;

use rand_chacha::ChaCha8Rng;
use scn_plan::{Call, Env, EvalError, Labels, Record, Value, eval};

pub(crate) use numbers::weighted;
use place::Draw;
pub use place::Place;

/// A generator that the engine knows, as the prelude declares it.
pub struct Generator {
    /// Its name in the prelude.
    pub name: &'static str,
    /// Names of its parameters, in order.
    pub parameters: &'static [&'static str],
    /// What the texts that it makes are labelled with.
    pub labels: Labels,
    make: Make,
}

/// Every generator of the prelude. `choice` and `locale` also take `weights`, a list beside `values`, for their `weight`
/// phrases.
pub const GENERATORS: &[Generator] = &[
    plain("pattern", &["regex", "unique"], pattern::pattern),
    plain("int", &["range", "unique"], numbers::int),
    plain("decimal", &["range"], numbers::decimal),
    plain("percent", &["range"], numbers::percent),
    plain("money", &["range"], numbers::money),
    plain("size", &["range"], numbers::size),
    plain("duration", &["range"], numbers::duration),
    plain("sequence", &["from", "step"], numbers::sequence),
    plain("chance", &["probability"], numbers::chance),
    plain("choice", &["values"], numbers::choice),
    plain("maybe", &["probability", "value"], numbers::maybe),
    plain(LIST_OF, &["count", "value"], numbers::list_of),
    plain("lognormal", &["p50", "p99"], numbers::lognormal),
    plain("exponential", &["mean"], numbers::exponential),
    plain("date", &["range"], dates::date),
    plain("birth_date", &["age", "on"], dates::birth_date),
    plain("datetime", &["range", "offset"], dates::datetime),
    plain("time_of_day", &[], dates::time_of_day),
    plain("time_zone", &[], dates::time_zone),
    plain("word", &["locale"], words::word),
    plain("sentence", &["words", "locale"], words::sentence),
    plain("paragraph", &["sentences", "locale"], words::paragraph),
    plain("text", &["length", "locale"], words::text),
    plain("image", &["size"], numbers::image),
    plain("file", &["name", "size"], numbers::file),
    plain("locale", &["values"], numbers::choice),
    personal("full_name", &["locale"], people::full_name),
    personal("first_name", &["locale"], people::first_name),
    personal("last_name", &["locale"], people::last_name),
    plain("honorific", &["locale"], people::honorific),
    personal("email", &["name", "unique"], people::email),
    personal("username", &["name", "unique"], people::username),
    personal("phone", &[], people::phone),
    plain("job", &["locale"], people::job),
    plain("company", &["locale"], people::company),
    personal("pii", &["value"], people::pii),
    personal("street", &["locale"], addresses::street),
    personal("apartment", &["locale"], addresses::apartment),
    plain("city", &["locale"], addresses::city),
    plain("postcode", &["locale"], addresses::postcode),
    plain("state", &["locale"], addresses::state),
    plain("country", &["locale"], addresses::country),
    plain("country_code", &[], addresses::country_code),
    plain("uuid", &[], identities::uuid),
    plain("card_number", &["network"], identities::card_number),
    plain("iban", &[], identities::iban),
    Generator { name: "password", parameters: &["length"], labels: Labels::SECRET, make: internet::password },
    plain("domain", &[], internet::domain),
    plain("url", &[], internet::url),
    plain("ip", &["version"], internet::ip),
    plain("user_agent", &[], internet::user_agent),
];

/// The one generator whose argument is made anew for each item.
const LIST_OF: &str = "list_of";

type Make = fn(&Record, &mut Draw<'_>) -> Result<Value, String>;

const fn plain(name: &'static str, parameters: &'static [&'static str], make: Make) -> Generator {
    Generator { name, parameters, labels: Labels::NONE, make }
}

const fn personal(name: &'static str, parameters: &'static [&'static str], make: Make) -> Generator {
    Generator { name, parameters, labels: Labels::PII, make }
}

/// The value that the generator `call` makes of `args` and the next draws of `rng`; for implementors of
/// [`Env::generate`] whose data is nobody's.
pub fn generate(call: &Call, args: &Record, rng: &mut ChaCha8Rng) -> Result<Value, EvalError> {
    make(call, args, &mut Draw { rng, place: None })
}

/// The value that the generator `call` makes of `args` and the next draws of `rng` for the one at `place`; `env` is what
/// surrounds the expression.
pub fn generate_at(
    call: &Call,
    args: &Record,
    env: &dyn Env,
    rng: &RefCell<ChaCha8Rng>,
    place: &Place,
) -> Result<Value, EvalError> {
    let made = make(call, args, &mut Draw { rng: &mut rng.borrow_mut(), place: Some(place) })?;
    match (&made, call.arg("value")) {
        (Value::Int(count), Some(value)) if call.name == LIST_OF => {
            Ok(Value::list((0..*count).map(|_| eval(value, env)).collect::<Result<_, _>>()?))
        }
        _ => Ok(made),
    }
}

fn make(call: &Call, args: &Record, draw: &mut Draw<'_>) -> Result<Value, EvalError> {
    let fail = |message| EvalError { message, span: call.span };
    let generator = GENERATORS.iter().find(|generator| generator.name == call.name);
    let generator = generator.ok_or_else(|| fail(format!("there is no generator `{}`", call.name)))?;
    let made = (generator.make)(args, draw).map_err(|why| fail(format!("`{}` {why}", call.name)))?;
    Ok(made.labelled(generator.labels))
}

/// The argument `name`, or what is missing.
fn argument<'a>(args: &'a Record, name: &str) -> Result<&'a Value, String> {
    args.get(name).ok_or_else(|| format!("needs `{name}`"))
}

/// The flag `name`.
fn flag(args: &Record, name: &str) -> bool {
    args.get(name) == Some(&Value::Bool(true))
}

/// One of `items`, each as likely.
fn one<'a, T>(items: &'a [T], draw: &mut Draw<'_>) -> Result<&'a T, String> {
    use rand::RngExt;
    match items.len() {
        0 => Err("has nothing to choose from".to_owned()),
        count => items.get(draw.random_range(0..count)).ok_or_else(|| "has nothing to choose from".to_owned()),
    }
}

/// A draw from the open interval between 0 and 1.
fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    use rand::distr::{Distribution, Open01};
    Open01.sample(rng)
}
