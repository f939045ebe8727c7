//! The samples in the prelude: behind each example of a generator stands what it makes.
//!
//! `UPDATE_SAMPLES=1 cargo test -p esr-tests --test samples` writes them anew.

use std::fs;

use esr_engine::{Environment, personas};
use esr_tests::root;
use scn_analysis::{Options, compile};
use scn_plan::Value;
use scn_world::FileWorld;

/// What stands between an example and its sample.
const ARROW: &str = "  # ";

/// A longer sample is cut off after so many characters.
const MOST_SHOWN: usize = 60;

/// A value as the language writes it; nobody's data is in it.
fn written(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("{:?}", text.value),
        Value::List(values) => format!("[{}]", values.iter().map(written).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// What the field of an example is in the first persona of its template.
fn sample(example: &str) -> String {
    let (field, _) = example.split_once(':').expect("a field");
    let text = format!(
        "persona Somebody:\n  locale: locale(de)\n  name: \"Ada Lovelace\"\n  age: 36\n\n\
         persona Sample extends Somebody:\n  {example}\n\n\
         sandbox empty:\n  entry: desk\n  frontend desk:\n    page \"/\" \"Desk\":\n      text: \"Hello\"\n\n\
         scenario sample:\n  sandbox: empty\n  personas:\n    - 1 of Sample\n  steps:\n    - visit: \"/\"\n"
    );
    let compilation = compile(&FileWorld::with("sample.scn", text), "sample.scn", &Options::default());
    assert!(!compilation.has_errors(), "{example}: {:#?}", compilation.diagnostics);
    let plan = compilation.scenario("sample").expect("a plan");
    let group = plan.personas.first().expect("personas");
    let made = personas(&group.template, &plan.persona_fields, 1, 7, &Environment::default()).expect("a persona");
    let Some(Value::Record(record)) = made.first() else { panic!("{example}: no record") };
    let value = record.get(field).expect("the field");
    let shown = written(value);
    match shown.char_indices().nth(MOST_SHOWN) {
        Some((at, _)) => format!("{}…", &shown[..at]),
        None => shown,
    }
}

#[test]
fn every_example_of_a_generator_says_what_it_makes() {
    let mut is_generator = true;
    let mut written: Vec<String> = Vec::new();
    // From the end, where the declaration tells what the comment above it is about.
    for line in scn_stdlib::PRELUDE.lines().rev() {
        let example = line.strip_prefix("##     ");
        if !line.starts_with('#') && !line.is_empty() {
            is_generator = line.starts_with("generator ");
        }
        written.push(match example.filter(|_| is_generator) {
            Some(example) => {
                let example = example.split(ARROW).next().expect("an example");
                format!("##     {example}{ARROW}{}", sample(example))
            }
            None => line.to_owned(),
        });
    }
    written.reverse();
    let text = written.join("\n") + "\n";
    if std::env::var_os("UPDATE_SAMPLES").is_some() {
        fs::write(root().join("stdlib/prelude.scn"), &text).expect("the prelude can be written");
    }
    let is_current = fs::read_to_string(root().join("stdlib/prelude.scn")).expect("the prelude") == text;
    assert!(is_current, "the samples in stdlib/prelude.scn are stale: UPDATE_SAMPLES=1 writes them anew");
}
