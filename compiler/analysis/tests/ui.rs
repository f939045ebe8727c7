//! The corpus `tests/ui`: each `.scn` file holds the diagnostics that it provokes as annotations, and what a terminal
//! shows of them is kept beside it as a `.snap` file.
//!
//! An annotation is a comment `#~ E0301 part of the headline` on the line that the diagnostic begins in, or on a line of its
//! own below it as `#~^ E0301 …`, one more `^` for each line further up. A file whose first line is `# branch: NAME` is
//! compiled for that branch of its frontends; one whose first line is `# world: NAME` in the folder `tests/ui/NAME`, so
//! that it has settings and files beside it. A `case.rules.yaml` beside `case.scn` holds draft rules that it is compiled
//! with, and may hold annotations, too.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use petgraph::visit::EdgeRef;
use scn_analysis::{Compilation, Options, World, WorldError, compile};
use scn_diagnostics::{Severity, emit};
use scn_plan::{Plan, plan::NodeKind};

/// Files below a folder; paths are relative to it.
struct Folder(PathBuf);

impl World for Folder {
    fn read(&self, path: &str) -> Result<Arc<str>, WorldError> {
        match fs::read_to_string(self.0.join(path)) {
            Ok(text) => Ok(text.into()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(WorldError::NotFound),
            Err(error) => Err(WorldError::Unreadable(error.to_string())),
        }
    }

    fn settings(&self, path: &str) -> Option<String> {
        let mut folder = Path::new(path).parent();
        while let Some(here) = folder {
            let settings = here.join("esr.toml");
            if self.0.join(&settings).is_file() {
                return Some(settings.to_string_lossy().into_owned());
            }
            folder = here.parent();
        }
        None
    }

    fn siblings(&self, path: &str) -> Vec<String> {
        let folder = Path::new(path).parent().unwrap_or(Path::new("")).to_path_buf();
        let Ok(entries) = fs::read_dir(self.0.join(&folder)) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.flatten().map(|entry| folder.join(entry.file_name()).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/ui")
}

fn cases(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("the corpus is there").flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            cases(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "scn") {
            into.push(path);
        }
    }
}

/// An expected diagnostic: its line, from 1, its code, and part of its headline.
type Expected = (usize, String, String);

/// The draft rules of a case, if it has any.
fn rules(path: &Path) -> Option<PathBuf> {
    Some(path.with_extension("rules.yaml")).filter(|rules| rules.is_file())
}

fn annotations(text: &str) -> Vec<Expected> {
    let mut expected = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some((_, note)) = line.split_once("#~") else { continue };
        let up = note.chars().take_while(|char| *char == '^').count();
        let mut words = note[up..].trim().splitn(2, ' ');
        let code = words.next().unwrap_or_default().to_owned();
        let message = words.next().unwrap_or_default().trim().to_owned();
        expected.push((index + 1 - up, code, message));
    }
    expected
}

fn check(root: &Path, path: &Path) -> Result<(), String> {
    let name = path.strip_prefix(root).expect("below the corpus").to_string_lossy().into_owned();
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let branch = text.lines().next().and_then(|line| line.strip_prefix("# branch: ")).map(Into::into);
    let rules = rules(path);
    let relative = |path: &Path| path.strip_prefix(root).expect("below the corpus").to_string_lossy().into_owned();
    let options = Options { rules: rules.as_deref().map(relative), branch, ..Options::default() };
    let compilation = compile(&Folder(root.to_path_buf()), &name, &options);
    let mut problems = Vec::new();
    let mut expected = annotations(&text);
    let mut expected_of_rules = match &rules {
        Some(rules) => annotations(&fs::read_to_string(rules).map_err(|error| error.to_string())?),
        None => Vec::new(),
    };
    for found in &compilation.diagnostics {
        let (file, line) = compilation.sources.line_of(found.primary.span).expect("a span of the compilation");
        let expected = if options.rules.as_deref() == Some(file) { &mut expected_of_rules } else { &mut expected };
        let at = expected.iter().position(|(on, code, message)| {
            (*on == line || (file != name && options.rules.as_deref() != Some(file)))
                && code == found.code.id
                && found.headline.contains(message.as_str())
        });
        match at {
            Some(at) => drop(expected.remove(at)),
            None => problems.push(format!("  unexpected {file}:{line}: {} {}", found.code.id, found.headline)),
        }
    }
    problems.extend(
        expected
            .iter()
            .chain(&expected_of_rules)
            .map(|(line, code, message)| format!("  missing at line {line}: {code} {message}")),
    );
    if !problems.is_empty() {
        return Err(format!("{name}\n{}", problems.join("\n")));
    }
    let snapshot = path.with_extension("snap");
    let shown = shown(&compilation);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        return fs::write(&snapshot, shown).map_err(|error| error.to_string());
    }
    match fs::read_to_string(&snapshot) {
        Ok(kept) if kept == shown => Ok(()),
        Ok(kept) => Err(format!("{name}\n  shows\n{shown}\n  instead of\n{kept}")),
        Err(_) => Err(format!("{name}\n  has no snapshot; run the test with UPDATE_SNAPSHOTS=1")),
    }
}

/// What is kept of a compilation: its diagnostics as a terminal shows them, each fix with the text it leads to, and, where
/// nothing is wrong, its plans.
fn shown(compilation: &Compilation) -> String {
    let mut shown = emit::terminal(&compilation.diagnostics, &compilation.sources, emit::Options::default());
    for found in &compilation.diagnostics {
        for fix in &found.fixes {
            for edit in &fix.edits {
                let place = compilation.sources.place(edit.span);
                let old = compilation.sources.slice(edit.span);
                shown.push_str(&format!(
                    "fix {} at {place}: {}: `{old}` -> `{}`\n",
                    found.code.id, fix.title, edit.text
                ));
            }
        }
    }
    if !compilation.has_errors() {
        compilation.scenarios.iter().for_each(|plan| outline(plan, &mut shown));
    }
    shown
}

/// A plan in lines: who, what, under which faults, and what counts as good.
fn outline(plan: &Plan, out: &mut String) {
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    let (name, tags, sandbox) = (&plan.scenario, &plan.tags, &plan.sandbox);
    line(format!("plan {name} tags {tags:?} sandbox {sandbox:?} duration {} slo {:?}", plan.duration, plan.slo));
    for group in &plan.personas {
        let fields: Vec<&str> =
            group.template.fields.iter().map(|(field, _)| plan.persona_fields[*field as usize].as_str()).collect();
        line(format!("personas {} of {:?}: {}", group.count, group.template.lineage, fields.join(" ")));
    }
    for probe in &plan.probes {
        line(format!("probe {} -> {} from {:?} for {:?}", probe.name, probe.target, probe.from, probe.lasts));
    }
    for goal in &plan.goals {
        line(format!("goal {} = {:?} {:?} {:?} {:?}", goal.text, goal.metric, goal.scopes, goal.op, goal.threshold));
    }
    line(format!("slots {:?} entry {}", plan.slots, plan.entry.index()));
    for at in plan.graph.node_indices() {
        let node = &plan.graph[at];
        let kind = match &node.kind {
            NodeKind::Step(step) => format!(
                "{}({}) timeout {} soft {} guard {} exposes {:?} result {:?} admits {:?}",
                step.call.name,
                step.call.args.keys().map(|name| name.as_str()).collect::<Vec<_>>().join(" "),
                step.timeout,
                step.soft,
                step.guard.is_some(),
                step.exposes,
                step.result,
                step.admits
            ),
            NodeKind::Condition(_) => "condition".to_owned(),
            other => format!("{other:?}").to_lowercase(),
        };
        let mut edges: Vec<String> =
            plan.graph.edges(at).map(|edge| format!("{:?} {}", edge.weight(), edge.target().index())).collect();
        edges.reverse();
        line(format!("{} {}: {kind} -> {}", at.index(), node.name, edges.join(", ")));
    }
}

#[test]
fn every_case_of_the_corpus_gives_what_it_says() {
    let root = corpus();
    let mut paths = Vec::new();
    cases(&root, &mut paths);
    assert!(paths.len() > 8, "the corpus is there");
    let failures: Vec<String> = paths.iter().filter_map(|path| check(&root, path).err()).collect();
    assert!(failures.is_empty(), "{} of {} cases fail\n\n{}", failures.len(), paths.len(), failures.join("\n\n"));
}

#[test]
fn every_code_of_this_crate_has_a_case() {
    let root = corpus();
    let mut paths = Vec::new();
    cases(&root, &mut paths);
    let mut covered = BTreeSet::new();
    for path in &paths {
        for path in [Some(path.clone()), rules(path)].into_iter().flatten() {
            let text = fs::read_to_string(path).expect("a case can be read");
            covered.extend(annotations(&text).into_iter().map(|(_, code, _)| code));
        }
    }
    let missing: Vec<&str> = scn_diagnostics::codes::ALL
        .iter()
        .map(|code| code.id)
        .filter(|id| !id.starts_with("E00") && !id.starts_with("E04") && !covered.contains(*id))
        .collect();
    assert!(missing.is_empty(), "no case of the corpus provokes {missing:?}");
}

#[test]
fn the_users_file_compiles_without_errors() {
    let root = corpus().join("../..");
    let compilation = compile(&Folder(root), "scenarios/passport_renewal.scn.yaml", &Options::default());
    let errors: Vec<String> = compilation
        .diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .map(|found| format!("{} {} {}", compilation.sources.place(found.primary.span), found.code.id, found.headline))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let plan = compilation.scenario("passport-renewal-v1").expect("the scenario is there");
    assert_eq!(plan.population(), 50);
    assert_eq!(plan.sandbox.as_deref(), Some("passport-agency"));
    assert!(compilation.blueprint(plan).is_some(), "its sandbox is found by the settings");
}

#[test]
fn the_draft_rules_that_are_shipped_fit_the_passport_agency() {
    let options = Options { rules: Some("scenarios/dev-rules.yaml".to_owned()), ..Options::default() };
    let compilation = compile(&Folder(corpus().join("../..")), "scenarios/passport_renewal.scn.yaml", &options);
    let of_rules: Vec<&str> = compilation
        .diagnostics
        .iter()
        .filter(|found| compilation.sources.place(found.primary.span).starts_with("scenarios/dev-rules.yaml"))
        .map(|found| found.headline.as_str())
        .collect();
    assert!(of_rules.is_empty() && !compilation.has_errors(), "{of_rules:?}");
    let plan = compilation.scenario("passport-renewal-v1").expect("the scenario is there");
    let blueprint = compilation.blueprint(plan).expect("its sandbox is there");
    let ids: Vec<&str> = blueprint.rules.iter().map(|rule| rule.id().as_str()).collect();
    assert_eq!(ids, ["GOV-14", "GOV-15", "GOV-16", "GOV-17"]);
}

#[test]
fn a_rules_file_that_is_not_there_is_reported() {
    let options = Options { rules: Some("rules/none.yaml".to_owned()), ..Options::default() };
    let compilation = compile(&Folder(corpus()), "rules/good.scn", &options);
    let found: Vec<(&str, &str)> =
        compilation.diagnostics.iter().map(|found| (found.code.id, found.headline.as_str())).collect();
    assert_eq!(found, [("E0601", "`rules/none.yaml` cannot be read: there is no such file")]);
}

/// What the examples of codes on draft rules are rules for.
const AGENCY: &str = "sandbox agency:\n  entry: portal\n  frontend portal:\n    page \"/pay\" \"Pay\":\n      show: { amount: $130 }\n      form payment:\n        name: Text\n        age: Maybe[Int]\n";

/// Each code's examples do what they say: the wrong text provokes the code, the right one does not.
#[test]
fn the_examples_of_every_code_are_true() {
    /// A text, and the file that it is.
    struct Example(&'static str, &'static str);
    impl World for Example {
        fn read(&self, path: &str) -> Result<Arc<str>, WorldError> {
            match (path, self.1) {
                (path, file) if path == file => Ok(self.0.into()),
                ("example.scn", "esr.toml") => Ok("scenario: renewal\nsteps:\n  - visit: \"/start\"\n".into()),
                ("example.scn", "rules.yaml") => Ok(AGENCY.into()),
                ("esr.toml", _) => Ok("[libraries]\nacme = { git = \"acme\", rev = \"v1\" }\n".into()),
                ("forms.scn" | "fees.scn", _) => Ok("const fee = $30\n".into()),
                _ => Err(WorldError::NotFound),
            }
        }

        fn settings(&self, _path: &str) -> Option<String> {
            (self.1 == "esr.toml" || self.0.contains("use acme")).then(|| "esr.toml".to_owned())
        }
    }
    let mut failures = Vec::new();
    for code in scn_diagnostics::codes::ALL {
        let file = match code.id {
            _ if code.name == "bad-settings" => "esr.toml",
            id if id.starts_with("E06") => "rules.yaml",
            _ => "example.scn",
        };
        let rules = (file == "rules.yaml").then(|| "rules.yaml".to_owned());
        let branch = (code.name == "unknown-branch").then(|| "feature/new".into());
        let options = Options { branch, rules, ..Options::default() };
        let wrong = compile(&Example(code.wrong, file), "example.scn", &options);
        let ids = |compilation: &Compilation| -> Vec<&str> {
            compilation.diagnostics.iter().map(|found| found.code.id).collect()
        };
        if !wrong.diagnostics.iter().any(|found| found.code == *code) {
            failures.push(format!("{}: the wrong example gives {:?}", code.id, ids(&wrong)));
        }
        let right = compile(&Example(code.right, file), "example.scn", &options);
        // Rules are read to the end only if nothing is wrong with them.
        let must_be_clean = file == "rules.yaml" && !right.diagnostics.is_empty();
        if must_be_clean || right.diagnostics.iter().any(|found| found.code == *code) {
            failures.push(format!("{}: the right example gives {:?}", code.id, ids(&right)));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
