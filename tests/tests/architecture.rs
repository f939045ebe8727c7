//! Holds the arrows of `docs/architecture.md`: which crate may depend on which, and who may know what.

use std::{collections::BTreeMap, fs};

use esr_tests::root;

/// The crates, each depending only on crates above it.
const ORDER: &[(&str, &str)] = &[
    ("compiler/diagnostics", "scn-diagnostics"),
    ("grammar", "scn-grammar"),
    ("stdlib", "scn-stdlib"),
    ("compiler/plan", "scn-plan"),
    ("compiler/analysis", "scn-analysis"),
    ("compiler/world", "scn-world"),
    ("compiler/doc", "scn-doc"),
    ("compiler/cli", "esrc"),
    ("runtime/tap", "esr-tap"),
    ("runtime/engine", "esr-engine"),
    ("runtime/sandbox", "esr-sandbox"),
    ("runtime/debrief", "esr-debrief"),
    ("runtime/cli", "esr"),
];

/// What syntax and types live in: no crate of the runtime knows them but its command line.
const LANGUAGE: &[&str] = &["scn-grammar", "scn-stdlib", "scn-analysis", "scn-world", "scn-doc", "esrc"];

/// Heavy libraries, each with the crates that may use it directly.
const CONFINED: &[(&str, &[&str])] = &[
    ("typst", &["esr-debrief"]),
    ("typst-kit", &["esr-debrief"]),
    ("typst-layout", &["esr-debrief"]),
    ("typst-pdf", &["esr-debrief"]),
    ("lsp-server", &["esrc"]),
    ("gen-lsp-types", &["esrc"]),
    ("kube", &["esr-sandbox"]),
    ("miette", &["scn-diagnostics"]),
    ("ariadne", &["scn-diagnostics"]),
    ("pest", &["scn-grammar"]),
    ("pest_derive", &["scn-grammar"]),
    ("tokio", &["esr-tap", "esr-engine", "esr-sandbox", "esr"]),
    ("hyper", &["esr-engine", "esr-sandbox"]),
    ("reqwest", &["esr-engine"]),
];

fn dependencies(directory: &str) -> (String, Vec<String>) {
    let text = fs::read_to_string(root().join(directory).join("Cargo.toml")).expect("a readable manifest");
    let manifest: toml::Table = text.parse().expect("a manifest in TOML");
    let name = manifest["package"]["name"].as_str().expect("a name").to_owned();
    let named = |section: &str| -> Vec<String> {
        let table = manifest.get(section).and_then(|value| value.as_table());
        table.into_iter().flat_map(|table| table.keys().cloned()).collect()
    };
    (name, [named("dependencies"), named("build-dependencies")].concat())
}

#[test]
fn every_crate_of_the_workspace_has_a_place_in_the_order() {
    let text = fs::read_to_string(root().join("Cargo.toml")).expect("a readable manifest");
    let manifest: toml::Table = text.parse().expect("a manifest in TOML");
    let members = manifest["workspace"]["members"].as_array().expect("a list of members");
    let mut members: Vec<&str> = members.iter().map(|member| member.as_str().expect("a path")).collect();
    members.retain(|member| *member != "tests");
    let order: Vec<&str> = ORDER.iter().map(|(directory, _)| *directory).collect();
    assert_eq!(members, order);
}

#[test]
fn arrows_point_upwards() {
    let rank: BTreeMap<&str, usize> = ORDER.iter().enumerate().map(|(rank, (_, name))| (*name, rank)).collect();
    for (directory, name) in ORDER {
        let (declared, dependencies) = dependencies(directory);
        assert_eq!(declared, *name, "{directory}");
        for dependency in &dependencies {
            if let Some(other) = rank.get(dependency.as_str()) {
                assert!(*other < rank[name], "{name} must not depend on {dependency}");
                assert!(!matches!(dependency.as_str(), "esrc" | "esr"), "{name} must not depend on a command line");
            }
        }
    }
}

#[test]
fn the_runtime_knows_the_plan_but_not_the_language() {
    for (directory, name) in
        ORDER.iter().filter(|(directory, name)| directory.starts_with("runtime/") && *name != "esr")
    {
        let (_, dependencies) = dependencies(directory);
        for language in LANGUAGE {
            assert!(!dependencies.iter().any(|dependency| dependency == language), "{name} must not know {language}");
        }
    }
}

/// Every `.rs` file below a directory, as one text.
fn sources(directory: &std::path::Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            text.push_str(&sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(&path).expect("a readable source"));
        }
    }
    text
}

#[test]
fn every_dependency_is_used() {
    for directory in ORDER.iter().map(|(directory, _)| *directory).chain(["tests"]) {
        let manifest = fs::read_to_string(root().join(directory).join("Cargo.toml")).expect("a readable manifest");
        let manifest: toml::Table = manifest.parse().expect("a manifest in TOML");
        let of = |section: &str| manifest.get(section).and_then(|value| value.as_table()).cloned().unwrap_or_default();
        let own = sources(&root().join(directory).join("src"));
        let all = own.clone() + &sources(&root().join(directory).join("tests"));
        let unused = |dependencies: toml::Table, text: &str| -> Vec<String> {
            let is_unused = |name: &String| !text.contains(&name.replace('-', "_"));
            dependencies.keys().filter(|name| is_unused(name)).cloned().collect()
        };
        // The end-to-end tests are all that their crate is for.
        let own = if directory == "tests" { &all } else { &own };
        assert_eq!(unused(of("dependencies"), own), Vec::<String>::new(), "{directory}");
        assert_eq!(unused(of("dev-dependencies"), &all), Vec::<String>::new(), "{directory}");
    }
}

#[test]
fn heavy_libraries_stay_where_they_belong() {
    for (directory, name) in ORDER {
        let (_, dependencies) = dependencies(directory);
        for (library, owners) in CONFINED {
            let uses = dependencies.iter().any(|dependency| dependency == library);
            assert!(!uses || owners.contains(name), "{name} must not depend on {library}");
        }
    }
}
