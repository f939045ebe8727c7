//! The library that the scenarios of two agencies share, and others that a project names in its settings.

use std::fs;

use esr_tests::{Ended, copy, git, program, project::Project, root, run, run_with};

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

/// A repository with the library in a folder of it, at the tag `v1`, and a project that pins that.
fn project_by_git(rev: &str) -> (Project, Project) {
    let (origin, project) = (Project::empty(), Project::with(&[("elsewhere.scn", ELSEWHERE)]));
    copy(&root().join("scenarios/gov"), &origin.path().join("shared/gov"));
    git(origin.path(), &["init", "--quiet", "--initial-branch", "main"]);
    git(origin.path(), &["add", "."]);
    git(origin.path(), &["commit", "--quiet", "-m", "one"]);
    git(origin.path(), &["tag", "v1"]);
    pin(&project, &origin, rev);
    (origin, project)
}

fn pin(project: &Project, origin: &Project, rev: &str) {
    let git = origin.path().display();
    let settings = format!("[libraries]\ngov = {{ git = \"{git}\", rev = \"{rev}\", path = \"shared/gov\" }}\n");
    project.write("esr.toml", &settings);
}

/// `esrc` with a cache of the project's own.
fn esrc(project: &Project, line: &str) -> Ended {
    let cache = project.path().join("cache");
    let arguments: Vec<&str> = line.split(' ').collect();
    run_with(&program("esrc"), project.path(), &arguments, &[("ESR_CACHE", &cache.to_string_lossy())])
}

#[track_caller]
fn says(ended: &Ended, code: i32, words: &[&str]) {
    let all = format!("{}{}", ended.stdout, ended.stderr);
    assert_eq!(ended.code, Some(code), "{all}");
    // Lines are broken where the terminal ends.
    let flat = all.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    words.iter().for_each(|words| assert!(flat.contains(words), "{words:?} is not in\n{all}"));
}

#[test]
fn a_project_elsewhere_uses_the_library_by_git() {
    let (origin, project) = project_by_git("v1");
    says(
        &esrc(&project, "check --locked elsewhere.scn"),
        1,
        &["E0216", "esr.lock does not say which commit the library `gov` is"],
    );
    says(&esrc(&project, "check elsewhere.scn"), 0, &["1 file checked: nothing found"]);
    let lock = fs::read_to_string(project.path().join("esr.lock")).expect("a lock file");
    assert!(lock.contains("rev = \"v1\"") && lock.contains("checksum = \"sha256:"), "{lock}");

    // It runs, and what is locked stays, whatever becomes of the origin.
    let cache = project.path().join("cache");
    let cache = [("ESR_CACHE", &*cache.to_string_lossy())];
    let ended = run_with(&program("esr"), project.path(), &["rehearse", "elsewhere.scn"], &cache);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    git(origin.path(), &["tag", "--delete", "v1"]);
    says(&esrc(&project, "check --locked elsewhere.scn"), 0, &["nothing found"]);
    drop(origin);
    says(&esrc(&project, "check --locked elsewhere.scn"), 0, &["nothing found"]);
    says(&esrc(&project, "update"), 2, &["the library `gov` cannot be fetched", "does not exist"]);
    assert_eq!(fs::read_to_string(project.path().join("esr.lock")).ok(), Some(lock));
}

#[test]
fn a_library_is_updated_when_that_is_asked_for() {
    let (origin, project) = project_by_git("main");
    says(&esrc(&project, "check elsewhere.scn"), 0, &["nothing found"]);
    let people = origin.path().join("shared/gov/people.scn");
    let text = fs::read_to_string(&people).expect("a module");
    fs::write(&people, text.replace("Guardian", "Parent")).expect("a file");
    git(origin.path(), &["commit", "--quiet", "--all", "-m", "two"]);
    says(&esrc(&project, "check elsewhere.scn"), 0, &["nothing found"]);
    says(&esrc(&project, "update nobody"), 2, &["names no library `nobody`", "it names gov"]);
    says(&esrc(&project, "update gov"), 0, &["instead of", "esr.lock written"]);
    says(&esrc(&project, "check elsewhere.scn"), 1, &["there is no persona template `Guardian`"]);
    says(&esrc(&project, "update"), 0, &["as before"]);
    // A revision that is changed in the settings is looked up, whatever the lock file says of another.
    pin(&project, &origin, "v1");
    says(&esrc(&project, "check elsewhere.scn"), 0, &["nothing found"]);
}

#[test]
fn what_is_wrong_with_a_library_is_told() {
    let (origin, project) = project_by_git("v2");
    says(&esrc(&project, "check elsewhere.scn"), 1, &["E0216", "has no revision `v2`", "esr.toml:2:1"]);
    assert!(!project.path().join("esr.lock").exists());

    pin(&project, &origin, "v1");
    says(&esrc(&project, "check elsewhere.scn"), 0, &[]);
    let lock = fs::read_to_string(project.path().join("esr.lock")).expect("a lock file");
    for (broken, words) in [
        (lock.get(..lock.len() / 2).expect("ASCII").to_owned(), "esr.lock:"),
        (lock.replace("version = 1", "version = 7"), "has the version 7 of its format"),
        (lock.replace("version = 1", "version = \"1\""), "esr.lock:2: this lock file cannot be read"),
        (lock.replace("commit = \"", "commit = \"../"), "the commit of `gov` is no commit's id"),
        (lock.replace("sha256:", "sha256:0"), "are not those that esr.lock tells of"),
    ] {
        project.write("esr.lock", &broken);
        says(&esrc(&project, "check elsewhere.scn"), 1, &["E0216", words]);
    }
    says(&esrc(&project, "update"), 0, &["written"]);
    says(&esrc(&project, "check elsewhere.scn"), 0, &[]);

    // Somebody tampers with the cache.
    let mut folder = project.path().join("cache");
    for _ in 0..2 {
        folder = fs::read_dir(folder).expect("a folder").next().expect("an entry").expect("an entry").path();
    }
    let module = folder.join("shared/gov/faults.scn");
    let text = fs::read_to_string(&module).expect("a module");
    fs::write(&module, text + "# More.\n").expect("a file");
    says(
        &esrc(&project, "check elsewhere.scn"),
        1,
        &["are not those that esr.lock tells of", "so that they are fetched again"],
    );
    // Asking for the revision anew does not make what they did part of it.
    says(&esrc(&project, "update"), 0, &["as before"]);
    assert_eq!(fs::read_to_string(project.path().join("esr.lock")).ok(), Some(lock));
    says(&esrc(&project, "check elsewhere.scn"), 0, &["nothing found"]);
    fs::remove_dir_all(folder).expect("a folder");
    says(&esrc(&project, "check elsewhere.scn"), 0, &["nothing found"]);

    // The cache cannot be made, for a file is in its place.
    fs::remove_dir_all(project.path().join("cache")).expect("a folder");
    project.write("cache", "");
    says(&esrc(&project, "check elsewhere.scn"), 1, &["libraries cannot be kept in", "set ESR_CACHE"]);
}
