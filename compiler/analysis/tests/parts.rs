//! Many files are checked in parts: what is found in them is what is found in all of them as one program.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use scn_analysis::{Findings, Options, World, WorldError, check, survey};
use scn_diagnostics::{Diagnostic, Label};

/// Files in memory.
#[derive(Default)]
struct Files(BTreeMap<String, String>);

impl Files {
    fn add(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.0.insert(path.into(), text.into());
    }

    /// So many projects of so many files each, every one of which has mistakes: in itself, in what it uses and in its settings.
    fn projects(projects: usize, files: usize) -> Self {
        let mut world = Self::default();
        for project in 0..projects {
            let folder = format!("project-{project}");
            world.add(
                format!("{folder}/esr.toml"),
                "sandbox = \"shop\"\nmodules = [\"shop.scn\"]\nno_such_setting = 1\n",
            );
            let page = "    page \"/start\" \"Start\":\n      form order:\n        amount: Int label: \"How many?\"\n";
            let shop = format!("sandbox shop:\n  entry: portal\n  frontend portal:\n{page}");
            world.add(format!("{folder}/shop.scn"), shop);
            let people =
                "use std.people\n\npersona Buyer extends Citizen:\n  amount: int(1..9)\n  wrong: no_such_generator()\n";
            world.add(format!("{folder}/people.scn"), people);
            for file in 0..files {
                let steps =
                    "    - visit: \"/start\"\n    - fill: \"amuont\" value: persona.amount\n    - visti: \"/start\"\n";
                let unused = format!("flow help-{file}:\n  - visit: \"/start\"\n");
                let scenario = format!("scenario buy-{file}:\n  personas:\n    - 3 of Buyer\n  steps:\n{steps}");
                let text = format!("use \"./people.scn\"\n\n{unused}\n{scenario}");
                world.add(format!("{folder}/buy-{file:02}.scn"), text);
            }
        }
        world
    }

    fn sources(&self) -> Vec<String> {
        self.0.keys().filter(|path| path.ends_with(".scn")).cloned().collect()
    }
}

impl World for Files {
    fn read(&self, path: &str) -> Result<Arc<str>, WorldError> {
        self.0.get(path).map(|text| text.as_str().into()).ok_or(WorldError::NotFound)
    }

    fn settings(&self, path: &str) -> Option<String> {
        let mut folders = Path::new(path).ancestors().skip(1).map(|folder| folder.join("esr.toml"));
        folders.find_map(|path| self.0.contains_key(path.to_str()?).then(|| path.to_string_lossy().into_owned()))
    }
}

/// Each finding with all of its places.
fn shown(Findings { sources, diagnostics }: &Findings) -> Vec<String> {
    let shown = |found: &Diagnostic| {
        let labels = std::iter::once(&found.primary).chain(&found.secondary);
        let labels: Vec<String> =
            labels.map(|Label { span, message }| format!("{} {message}", sources.place(*span))).collect();
        let edits = found.fixes.iter().flat_map(|fix| &fix.edits);
        let edits: Vec<String> = edits.map(|edit| format!("{} {}", sources.place(edit.span), edit.text)).collect();
        format!("{} {} at {labels:?}, mended by {edits:?}", found.code.id, found.headline)
    };
    diagnostics.iter().map(shown).collect()
}

/// Holds what is found in parts against what is found in all files as one, and yields it.
#[track_caller]
fn hold(world: &Files, paths: &[String]) -> Vec<String> {
    let (apart, _) = check(world, paths, &Options::default());
    let (whole, _) = survey(world, paths, &Options::default());
    let apart = shown(&apart);
    assert_eq!(apart, shown(&whole));
    apart
}

#[test]
fn parts_find_what_the_whole_finds() {
    let world = Files::projects(3, 40);
    let found = hold(&world, &world.sources());
    let of = |code: &str| found.iter().filter(|found| found.starts_with(code)).count();
    assert_eq!(of("E0202"), 3 * 40, "steps that do not exist: {found:#?}");
    assert_eq!(of("N3007"), 3 * 40, "flows that nobody uses: {found:#?}");
}

#[test]
fn files_keep_the_order_in_which_they_are_named() {
    let world = Files::projects(3, 40);
    let mut paths = world.sources();
    // Neighbours are in different projects, and one of them does not exist.
    paths.sort_by_key(|path| path.rsplit_once('/').map(|(_, name)| name.to_owned()));
    paths.insert(7, "project-1/not-there.scn".to_owned());
    hold(&world, &paths);
}

#[test]
fn what_another_project_uses_is_used() {
    let mut world = Files::projects(3, 40);
    let before = hold(&world, &world.sources());
    for (file, from) in
        [("project-2/buy-07.scn", "../project-0/buy-03.scn"), ("project-2/buy-08.scn", "../between.scn")]
    {
        let text =
            format!("use \"{from}\" as theirs\n{}", world.0[file].replace("visti: \"/start\"", "do: theirs.help-3()"));
        world.add(file, text);
    }
    let mut paths = world.sources();
    // One file that is not named itself leads on to one that is.
    world.add("between.scn", "use \"./project-1/buy-03.scn\"\nconst one = 1\n");
    let after = hold(&world, &paths);
    let unused = |all: &[String], file: &str| {
        all.iter().filter(|found| found.contains(file) && found.contains("never used")).count()
    };
    assert_eq!(unused(&before, "project-0/buy-03.scn"), 1);
    assert_eq!(unused(&after, "project-0/buy-03.scn"), 0);
    assert_eq!(unused(&before, "project-1/buy-03.scn"), 1);
    assert_eq!(unused(&after, "project-1/buy-03.scn"), 0);
    paths.reverse();
    hold(&world, &paths);
}

#[test]
fn libraries_may_be_anywhere() {
    let mut world = Files::projects(3, 40);
    let settings = format!("{}\n[libraries]\nshared = {{ path = \"../project-0\" }}\n", world.0["project-2/esr.toml"]);
    world.add("project-2/esr.toml", settings);
    let text = format!("use shared.buy-05 as theirs\n{}", world.0["project-2/buy-05.scn"]);
    world.add("project-2/buy-05.scn", text);
    hold(&world, &world.sources());
}

#[test]
fn what_is_wrong_in_one_project_says_nothing_of_another() {
    let mut world = Files::projects(3, 40);
    let broken = "const fee = = 3\n\nflow faulty():\n  - no_such_step: 1\n";
    world.add("project-0/wrong.scn", broken);
    // The name that the broken line was to declare, and a step that comes too late.
    let steps = "    - assert: fee > 3\n    - visit: \"/start\"\n    - stop: \"x\"\n    - think: 1s\n";
    let scenario = format!("use \"./people-of-ours.scn\"\n\nscenario late:\n  personas: 3 of Ours\n  steps:\n{steps}");
    world.add("project-1/late.scn", scenario);
    let scenario = world.0["project-1/late.scn"].replace("    - assert: fee > 3\n", "");
    world.add("project-1/later.scn", scenario);
    world.add("project-1/people-of-ours.scn", "use std.people\n\npersona Ours extends Citizen:\n  two: 2\n");
    let found = hold(&world, &world.sources());
    let says = |code: &str, file: &str| found.iter().any(|found| found.starts_with(code) && found.contains(file));
    assert!(says("E0201", "project-1/late.scn"), "{found:#?}");
    assert!(says("W2002", "project-1/later.scn"), "{found:#?}");
    // Alone, and among a few, it is the same.
    for paths in [&["project-1/late.scn".to_owned()][..], &world.sources()[..30]] {
        hold(&world, paths);
    }
    let (alone, _) = check(&world, &["project-1/late.scn".to_owned()], &Options::default());
    let own: Vec<_> = found.iter().filter(|found| found.contains("at [\"project-1/late.scn:")).cloned().collect();
    let alone: Vec<_> = shown(&alone).into_iter().filter(|found| found.contains("at [\"project-1/late.scn:")).collect();
    assert_eq!(own, alone);
}

#[test]
fn a_path_with_escapes_is_followed() {
    let mut world = Files::projects(3, 40);
    let uses = format!("use \"../project-0/buy-\\u{{30}}3.scn\" as theirs\n{}", world.0["project-2/buy-05.scn"]);
    world.add("project-2/buy-05.scn", uses.replace("visti: \"/start\"", "do: theirs.help-3()"));
    let found = hold(&world, &world.sources());
    assert!(!found.iter().any(|found| found.contains("project-0/buy-03.scn") && found.contains("never used")));
}
