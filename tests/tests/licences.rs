//! Every crate that ESR is built from may be passed on: its licence, an SPDX expression, is among those below.

use std::process::Command;

use esr_tests::root;
use serde_json::Value;

/// Licences that ask for no more than to be passed on with the work; MPL-2.0 asks for its own files' sources only.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "IJG",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Zlib",
];

/// Whether an SPDX expression can be met with what is allowed; older manifests write `/` for `OR`.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace(" / ", " OR ").replace('/', " OR ");
    // The one level of brackets in use holds alternatives among things that all apply.
    expression.replace(") AND ", ")#").replace(" AND (", "#(").split('#').all(|part| {
        let part = part.trim_start_matches('(').trim_end_matches(')');
        part.split(" OR ").any(|choice| choice.split(" AND ").all(|licence| ALLOWED.contains(&licence.trim())))
    })
}

#[test]
fn every_crate_may_be_passed_on() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata in JSON");
    let refused: Vec<String> = metadata["packages"]
        .as_array()
        .expect("a list of packages")
        .iter()
        .filter(|package| !package["license"].as_str().is_some_and(is_allowed))
        .map(|package| format!("{} {}: {}", package["name"], package["version"], package["license"]))
        .collect();
    assert_eq!(refused, Vec::<String>::new());
}

#[test]
fn expressions_are_read_as_they_are_meant() {
    for allowed in ["MIT", "MIT/GPL-3.0", "GPL-3.0 OR Zlib", "(MIT OR Apache-2.0) AND Unicode-3.0", "MIT AND ISC"] {
        assert!(is_allowed(allowed), "{allowed}");
    }
    for refused in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Apache-2.0) AND GPL-3.0", ""] {
        assert!(!is_allowed(refused), "{refused}");
    }
}
