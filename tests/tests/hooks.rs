//! The commit hooks, run by pre-commit itself, and the pipelines that are ready to copy.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use esr_tests::{git, program, root, tool};

const GOOD: &str = "scenario: renewal\nsteps:\n  - visit: \"/start\"\n";
const BAD: &str = "scenario: renewal\nsteps:\n  - vist: \"/start\"\n";
const UNTIDY: &str = "scenario:   renewal\nsteps:\n    -   visit: \"/start\"\n";

/// A repository with these files and both hooks, from a repository of hooks as this one is.
fn repository(folder: &Path, files: &[(&str, &str)]) -> PathBuf {
    let (hooks, project) = (folder.join("hooks"), folder.join("project"));
    for directory in [&hooks, &project] {
        fs::create_dir_all(directory).expect("a directory");
        git(directory, &["init", "--quiet"]);
    }
    fs::copy(root().join(".pre-commit-hooks.yaml"), hooks.join(".pre-commit-hooks.yaml")).expect("the hooks");
    git(&hooks, &["add", "."]);
    git(&hooks, &["commit", "--quiet", "-m", "hooks"]);
    git(&hooks, &["tag", "v1"]);
    let config = format!(
        "repos:\n  - repo: {}\n    rev: v1\n    hooks:\n      - id: esrc-fmt\n      - id: esrc-check\n",
        hooks.display()
    );
    fs::write(project.join(".pre-commit-config.yaml"), config).expect("a configuration");
    for (name, text) in files {
        fs::write(project.join(name), text).expect("a file");
    }
    git(&project, &["add", "."]);
    project
}

fn run(folder: &Path, project: &Path) -> (bool, String) {
    let path = env::var_os("PATH").unwrap_or_default();
    let programs = program("esrc").parent().expect("a directory").to_owned();
    let path = env::join_paths([programs].into_iter().chain(env::split_paths(&path))).expect("a path");
    let Output { status, stdout, stderr } = Command::new(tool("bin/pre-commit"))
        .args(["run", "--color", "never"])
        .current_dir(project)
        .env("PATH", path)
        .env("PRE_COMMIT_HOME", folder.join("cache"))
        .output()
        .expect("pre-commit");
    (status.success(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

#[test]
fn a_commit_with_an_error_is_refused_and_one_without_passes() {
    let folder = tempfile::tempdir().expect("a directory");
    let project = repository(folder.path(), &[("good.scn", GOOD), ("bad.scn.yaml", BAD), ("notes.yaml", "vist: 5\n")]);
    let (passed, said) = run(folder.path(), &project);
    assert!(!passed, "{said}");
    assert!(said.contains("there is no step `vist`") && said.contains("bad.scn.yaml:3:5"), "{said}");
    assert!(!said.contains("notes.yaml"), "{said}");
    fs::write(project.join("bad.scn.yaml"), GOOD).expect("mended");
    git(&project, &["add", "."]);
    let (passed, said) = run(folder.path(), &project);
    assert!(passed, "{said}");
}

#[test]
fn what_is_untidy_is_formatted_and_the_commit_is_refused_once() {
    let folder = tempfile::tempdir().expect("a directory");
    let project = repository(folder.path(), &[("untidy.scn", UNTIDY)]);
    let (passed, said) = run(folder.path(), &project);
    assert!(!passed && said.contains("files were modified by this hook"), "{said}");
    assert_eq!(fs::read_to_string(project.join("untidy.scn")).expect("a file"), GOOD);
    git(&project, &["add", "."]);
    let (passed, said) = run(folder.path(), &project);
    assert!(passed, "{said}");
}

#[test]
fn the_pipelines_that_are_ready_to_copy_are_yaml() {
    for name in ["github-actions.yml", "gitlab-ci.yml"] {
        let read = "import sys, yaml; assert isinstance(yaml.safe_load(open(sys.argv[1])), dict)";
        let file = root().join("docs/ci").join(name);
        let output = Command::new(tool("bin/python3")).args(["-c", read]).arg(file).output().expect("python3");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
