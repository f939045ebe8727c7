//! What is nested or chained too deep gets a diagnostic, never a stack overflow.

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use scn_analysis::{Options, World, WorldError, compile};

/// Longer than any stack could follow.
const LONG: usize = 3000;

/// A persona has hardly as many fields.
const MANY: usize = 500;

/// Deeper than the language allows.
const DEEP: usize = 300;

struct Texts(BTreeMap<String, String>);

impl World for Texts {
    fn read(&self, path: &str) -> Result<Arc<str>, WorldError> {
        self.0.get(path).map(|text| text.as_str().into()).ok_or(WorldError::NotFound)
    }

    fn settings(&self, _: &str) -> Option<String> {
        None
    }

    fn siblings(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

/// The codes of the errors in the file `0.scn` of `files`, each once.
fn errors(files: BTreeMap<String, String>) -> Vec<&'static str> {
    let found = compile(&Texts(files), "0.scn", &Options::default()).diagnostics;
    let mut codes: Vec<&str> = found.iter().map(|found| found.code.id).filter(|code| code.starts_with('E')).collect();
    codes.dedup();
    codes
}

fn one(text: String) -> Vec<&'static str> {
    errors(BTreeMap::from([("0.scn".to_owned(), text)]))
}

const SCENARIO: &str = "scenario long:\n  tags: [test]\n  steps:\n    - visit: \"/\"\n";

#[test]
fn chains_of_flows() {
    let mut text = String::new();
    for at in 0..LONG {
        writeln!(text, "flow f{at}():\n  - do: f{}()", at + 1).unwrap();
    }
    writeln!(text, "flow f{LONG}():\n  - visit: \"/\"\n{SCENARIO}    - do: f0()").unwrap();
    assert_eq!(one(text), ["E0008"]);
}

#[test]
fn chains_of_probes() {
    let mut text = String::new();
    for at in 0..LONG {
        writeln!(text, "probe p{at}():\n  - p{}:", at + 1).unwrap();
    }
    writeln!(text, "probe p{LONG}():\n  - slow_service: a latency: 1s").unwrap();
    text.push_str(&SCENARIO.replace("  steps:", "  probes:\n    - p0:\n  steps:"));
    assert_eq!(one(text), ["E0008"]);
}

#[test]
fn chains_of_templates() {
    let mut text = "persona P0:\n  a: 1\n".to_owned();
    for at in 1..LONG {
        writeln!(text, "persona P{at} extends P{}:\n  a: 1", at - 1).unwrap();
    }
    text.push_str(SCENARIO);
    assert_eq!(one(text), ["E0008"]);
}

#[test]
fn chains_of_constants_and_fields() {
    let mut text = String::new();
    for at in 0..LONG {
        writeln!(text, "const c{at} = c{} + 1", at + 1).unwrap();
    }
    writeln!(text, "const c{LONG} = 1\npersona P:").unwrap();
    for at in 0..MANY {
        writeln!(text, "  f{at}: persona.f{} + 1", at + 1).unwrap();
    }
    writeln!(text, "  f{MANY}: 1\n{SCENARIO}").unwrap();
    assert_eq!(one(text), [""; 0]);
}

#[test]
fn chains_of_files() {
    let files = (0..LONG).map(|at| (format!("{at}.scn"), format!("use \"./{}.scn\"\nconst c{at} = 1\n", at + 1)));
    let mut files: BTreeMap<String, String> = files.collect();
    files.insert(format!("{LONG}.scn"), "const c = 1\n".to_owned());
    let Some(first) = files.get_mut("0.scn") else { unreachable!("it was put there") };
    first.push_str(SCENARIO);
    assert_eq!(errors(files), [""; 0]);
}

#[test]
fn nested_steps() {
    let mut text = SCENARIO.to_owned();
    for at in 0..DEEP {
        let indent = 4 + 4 * at;
        writeln!(text, "{:indent$}- if: true\n{:indent$}  then:", "", "").unwrap();
    }
    writeln!(text, "{:indent$}- visit: \"/\"", "", indent = 4 + 4 * DEEP).unwrap();
    assert_eq!(one(text), ["E0008"]);
}
