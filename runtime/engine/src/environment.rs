//! What `env("NAME")` and `secret("NAME")` read.

use std::{collections::BTreeMap, sync::LazyLock};

use scn_plan::{Labels, Member, Text, Value};

/// Variables by name.
pub type Environment = BTreeMap<String, String>;

/// The variables of this process, those that are no text left out, as they were when it was asked for them first.
pub fn environment() -> &'static Environment {
    static OWN: LazyLock<Environment> = LazyLock::new(|| {
        let texts =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        texts.collect()
    });
    &OWN
}

/// The value of `env(…)` or `secret(…)` in `environment`; none of a variable that is not set, and of any other member.
pub fn variable(environment: &Environment, member: Member, argument: Option<&Value>) -> Value {
    let labels = match member {
        Member::EnvVar => Labels::NONE,
        Member::Secret => Labels::SECRET,
        _ => return Value::None,
    };
    let value = argument.and_then(Value::as_str).and_then(|name| environment.get(name));
    value.map_or(Value::None, |value| Value::Text(Text { value: value.into(), labels }))
}
