//! Golden plans and blueprints: what `esrc plan` prints of the user's scenario and of each `tests/plan/*.scn` stands
//! beside them, and so do the pages and what is derived of their sandboxes, on `main` and on every branch. `UPDATE_SNAPSHOTS=1 cargo test -p esrc` writes it anew.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use scn_analysis::{Options, compile};
use scn_plan::{
    Blueprint, Span,
    blueprint::{Frontend, HandlerStepKind, PartKind},
    print,
};
use scn_world::FileWorld;

const USERS: &str = "scenarios/passport_renewal.scn.yaml";

/// The branch that the passport agency has.
const SHIPPED: &str = "feature/passport-v2";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every source, relative to the repository, and what its golden files are called.
fn cases() -> Vec<(String, String)> {
    let mut cases = vec![(USERS.to_owned(), "passport_renewal".to_owned())];
    for entry in fs::read_dir(root().join("tests/plan")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(stem) = name.strip_suffix(".scn") {
            cases.push((format!("tests/plan/{name}"), stem.to_owned()));
        }
    }
    cases.sort();
    cases
}

fn esrc(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_esrc")).args(arguments).current_dir(root()).output().unwrap()
}

fn plan(source: &str, format: &str) -> String {
    let output = esrc(&["plan", source, "--format", format]);
    assert!(output.status.success(), "{source}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn compare(golden: &str, shown: &str) {
    let path = root().join("tests/plan").join(golden);
    if env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, shown).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == shown, "{golden} is\n{kept}\nand is now\n{shown}");
}

#[test]
fn plans_print_as_recorded() {
    let cases = cases();
    assert!(cases.len() >= 2, "the corpus is there");
    for (source, name) in cases {
        for (format, extension) in [("text", "txt"), ("mermaid", "mmd"), ("dot", "dot"), ("svg", "svg")] {
            compare(&format!("{name}.{extension}"), &plan(&source, format));
        }
    }
}

#[test]
fn json_is_the_whole_plan() {
    for (source, _) in cases() {
        let json = plan(&source, "json");
        let read = print::from_json(&json).unwrap();
        assert_eq!(print::json(&read).unwrap() + "\n", json, "{source}");
        assert_eq!(print::text(&read), plan(&source, "text"), "{source}");
    }
}

/// The schema is published; whoever reads plans reads it there.
#[test]
fn the_published_schema_is_current() {
    let shown = esrc(&["plan", "--schema"]);
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    let shown = String::from_utf8(shown.stdout).unwrap();
    let path = root().join("docs/plan.schema.json");
    if env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, &shown).unwrap();
    }
    let published = fs::read_to_string(&path).unwrap_or_default();
    assert!(published == shown, "docs/plan.schema.json is stale; UPDATE_SNAPSHOTS=1 writes it anew");
}

#[test]
fn plans_meet_the_published_schema_and_others_do_not() {
    let schema = fs::read_to_string(root().join("docs/plan.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let folders = fs::read_dir(root().join("tests/rehearse")).unwrap();
    // Some are about fields that rules add, and do not compile without those.
    let rehearsed = folders
        .map(|folder| folder.unwrap().path().join("case.scn").to_string_lossy().into_owned())
        .filter(|source| esrc(&["check", source]).status.success());
    let sources: Vec<String> = cases().into_iter().map(|(source, _)| source).chain(rehearsed).collect();
    assert!(sources.len() > 20, "{} plans", sources.len());
    for source in sources {
        let json: serde_json::Value = serde_json::from_str(&plan(&source, "json")).unwrap();
        let found: Vec<String> =
            schema.iter_errors(&json).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(found.is_empty(), "{source}: {found:#?}");
        let wrong: [(&str, serde_json::Value); 6] = [
            ("/version", 1.into()),
            ("/graph/nodes/0/name", 1.into()),
            ("/graph/nodes/0/kind", serde_json::json!({ "dance": {} })),
            ("/graph/edges/0", serde_json::json!([0, "one", "next"])),
            ("/personas/0/count", (-1).into()),
            ("/sources/0/text", serde_json::Value::Null),
        ];
        for (place, value) in wrong {
            let mut other = json.clone();
            *other.pointer_mut(place).unwrap_or_else(|| panic!("{source} has no {place}")) = value;
            assert!(!schema.is_valid(&other), "{source}: whatever stands at {place} is taken");
        }
    }
}

/// The pages of a frontend, each line as it stands in the source that it is taken from.
fn pages(blueprint: &Blueprint, part: &str, frontend: &Frontend, lines: &mut Vec<String>) {
    let mut line = |indent: usize, span: Span| {
        let (_, number) = blueprint.sources.line_of(span).unwrap();
        lines.push(format!("{:indent$}{number}: {}", "", blueprint.sources.slice(span)));
    };
    for page in frontend.pages.values() {
        line(0, page.span);
        page.on_view.iter().for_each(|handler| line(2, handler.span));
        page.show.iter().for_each(|(_, shown)| line(2, shown.span));
        page.texts.iter().for_each(|text| line(2, text.span));
        for form in page.forms.values() {
            line(2, form.span);
            form.fields.values().for_each(|field| line(4, field.span));
            form.on_submit.iter().for_each(|handler| line(4, handler.span));
        }
    }
    for page in frontend.pages.values() {
        lines.push(format!("{part} {} is \"{}\"", page.path, page.title));
    }
}

/// A blueprint's pages, and what is derived of it: who calls whom, what changes a store, which statuses are read.
fn facts(blueprint: &Blueprint) -> String {
    let mut lines = vec![format!("sandbox {} entry {}", blueprint.name, blueprint.entry)];
    if let Some(branch) = &blueprint.branch {
        lines.push(format!("branch {branch} of {}", blueprint.branches.join(", ")));
    }
    for edge in &blueprint.edges {
        lines.push(format!("{} calls {}", edge.caller, edge.callee));
    }
    for part in blueprint.parts.values() {
        let mutates = |mutating: bool| if mutating { " mutating" } else { "" };
        match &part.kind {
            PartKind::Frontend(frontend) => {
                pages(blueprint, &part.name, frontend, &mut lines);
                for page in frontend.pages.values() {
                    for form in page.forms.values() {
                        let to = form.to.as_deref().unwrap_or("itself");
                        lines.push(format!(
                            "{} {} form {} -> {to}{}",
                            part.name,
                            page.path,
                            form.name,
                            mutates(form.mutating)
                        ));
                    }
                }
            }
            PartKind::Service(service) => {
                for route in &service.routes {
                    lines.push(format!("{} {} {}{}", part.name, route.method, route.path, mutates(route.mutating)));
                }
            }
            PartKind::Partner(partner) => {
                lines.extend(partner.envelopes.keys().map(|schema| format!("{} {schema}", part.name)));
            }
            PartKind::Agent(agent) => {
                let watch = &agent.watches;
                lines.push(format!("{} watches {} {} {}", part.name, watch.part, watch.method, watch.path));
            }
            PartKind::Queue(queue) => {
                let decisions: Vec<_> = queue.decides.iter().map(|(name, weight)| format!("{name} {weight}")).collect();
                lines.push(format!("{} decides {}", part.name, decisions.join(", ")));
            }
        }
        part.kind.handlers(&mut |handler| {
            handler.for_each_step(&mut |step| {
                if let HandlerStepKind::Call { call, status_read: true, .. } = &step.kind {
                    lines.push(format!("  step {} of {} reads the status of {}", step.ordinal, part.name, call.name));
                }
            });
        });
    }
    for seed in &blueprint.seeds {
        lines.push(format!("seed {}.{} by {}", seed.part, seed.store, seed.key));
    }
    lines.join("\n") + "\n"
}

#[test]
fn blueprints_are_derived_as_recorded_and_survive_json() {
    let mut derived = 0;
    for (source, name) in cases() {
        let path = root().join(&source).to_string_lossy().into_owned();
        let mut branches = vec![None];
        while let Some(branch) = branches.pop() {
            let options = Options { branch: branch.clone(), ..Options::default() };
            let compilation = compile(&FileWorld::new(), &path, &options);
            assert!(!compilation.has_errors(), "{source} on {branch:?}: {:#?}", compilation.diagnostics);
            // A case about steps alone has no sandbox.
            let blueprint = match compilation.blueprints.as_slice() {
                [] => continue,
                [blueprint] => blueprint,
                several => panic!("{source} has {} sandboxes", several.len()),
            };
            derived += 1;
            assert_eq!(blueprint.branch, branch, "{source}");
            let golden = match &branch {
                None => format!("{name}.blueprint"),
                Some(branch) => format!("{name}.{}.blueprint", branch.replace('/', "-")),
            };
            compare(&golden, &facts(blueprint));
            let json = serde_json::to_value(blueprint).unwrap();
            let read: Blueprint = serde_json::from_value(json.clone()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), json, "{source}");
            if branch.is_none() {
                branches.extend(blueprint.branches.iter().cloned().map(Some));
            }
        }
    }
    assert!(derived >= 5, "{derived} blueprints");
}

#[test]
fn a_plan_is_checked_against_the_branch_that_is_asked_for() {
    let main = plan(USERS, "text");
    for (option, branch) in [("--mfe-branch", "main"), ("--mfe-branch", SHIPPED), ("--branch", SHIPPED)] {
        let output = esrc(&["plan", USERS, option, branch]);
        assert_eq!(String::from_utf8_lossy(&output.stdout), main, "{branch}");
    }
    for command in ["plan", "check"] {
        let output = esrc(&[command, USERS, "--mfe-branch", "feature/passport-v3"]);
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("there are `main` and `feature/passport-v2`"), "{said}");
    }
}
