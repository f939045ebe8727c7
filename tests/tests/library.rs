//! The library that the scenarios of two agencies share, and others that a project names in its settings.

use std::fs;

use esr_tests::{copy, program, project::Project, root, run};

const SHARING: [&str; 3] = ["benefits_claim.scn", "benefits_tax_outage.scn", "passport_first_of_month.scn"];

/// A scenario of a project elsewhere, with a sandbox of its own.
const ELSEWHERE: &str = "use gov.people\nuse gov.journeys\nuse gov.faults\n\nscenario elsewhere:\n  sandbox: desk\n  tags: [test]\n  \
    goals:\n    - success >= 99%\n  personas:\n    - 2 of Guardian\n  probes:\n    - crowded: clerk by: 20ms\n  steps:\n    \
    - do: identify(\"/\", \"document\", persona.document)\n    - expect: { page: \"/done\", status: 200 }\n\n\
    sandbox desk:\n  entry: counter\n  frontend counter:\n    page \"/\" \"Start\":\n      form start -> \"/done\":\n        \
    document: Text\n      on submit:\n        - get: clerk \"/\"\n    page \"/done\" \"Done\":\n      text: \"Done\"\n  \
    service clerk:\n    route GET \"/\":\n      - reply: 200\n";

#[test]
fn every_scenario_that_shares_the_library_is_a_go() {
    let project = Project::library();
    for name in SHARING {
        let text = fs::read_to_string(project.path().join(name)).expect("a scenario");
        assert!(text.contains("use gov."), "{name} uses the library");
        project.ends(&format!("rehearse {name}"), 0);
    }
}

#[test]
fn a_project_elsewhere_uses_the_library_by_path() {
    let project = Project::with(&[("elsewhere.scn", ELSEWHERE)]);
    copy(&root().join("scenarios/gov"), &project.path().join("shared/gov"));
    project.write("esr.toml", "[libraries]\ngov = { path = \"shared/gov\" }\n");
    let checked = run(&program("esrc"), project.path(), &["check", "elsewhere.scn"]);
    assert_eq!(
        (checked.code, checked.stdout.as_str()),
        (Some(0), "1 file checked: nothing found\n"),
        "{}",
        checked.stderr
    );
    project.ends("rehearse elsewhere.scn", 0);
}
