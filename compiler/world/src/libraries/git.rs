//! The `git` program.

use std::{
    fs, io,
    path::Path,
    process::{Command, Stdio},
};

use scn_analysis::LibraryError;

use super::{error, lock::is_commit};

/// What a hook of git's leaves in the environment, which would point git to the repository that the hook is for.
const LEFT_BY_HOOKS: [&str; 5] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX"];

/// Puts the files of a revision into `folder`, which is empty, and yields the commit's id.
pub(super) fn check_out(name: &str, from: &str, rev: &str, folder: &Path) -> Result<String, LibraryError> {
    let there = folder.to_string_lossy().into_owned();
    run(name, &["clone", "--quiet", "--no-checkout", "--", from, &there]).map_err(|why| {
        let mut failed = error(format!("the library `{name}` cannot be fetched from {from}: {why}"), []);
        failed.help.push(
            "the commit that `esr.lock` names is taken from the cache without fetching, once it has been fetched"
                .to_owned(),
        );
        failed
    })?;
    let commit = commit(name, &there, rev).ok_or_else(|| {
        error(
            format!("{from} has no revision `{rev}`, which the library `{name}` is pinned to"),
            ["name a commit id, a tag or a branch that is there".to_owned()],
        )
    })?;
    // A link in a library could lead anywhere; it becomes a file that says where.
    run(name, &["-C", &there, "-c", "core.symlinks=false", "checkout", "--quiet", "--detach", &commit])
        .and_then(|_| fs::remove_dir_all(folder.join(".git")).map_err(|why| why.to_string()))
        .map_err(|why| error(format!("the library `{name}` cannot be unpacked: {why}"), []))?;
    Ok(commit)
}

/// The commit that a revision stands for: a tag, a branch or a commit.
fn commit(name: &str, there: &str, rev: &str) -> Option<String> {
    let spellings = [format!("refs/tags/{rev}"), format!("refs/remotes/origin/{rev}"), rev.to_owned()];
    spellings.iter().find_map(|spelling| {
        let asked = format!("{spelling}^{{commit}}");
        let found = run(name, &["-C", there, "rev-parse", "--quiet", "--verify", "--end-of-options", &asked]).ok()?;
        Some(found.trim().to_owned()).filter(|commit| is_commit(commit))
    })
}

/// Runs git and yields what it says, or why it failed.
fn run(name: &str, arguments: &[&str]) -> Result<String, String> {
    let mut git = Command::new("git");
    git.args(["-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", "-c", "protocol.ext.allow=never"])
        .args(arguments)
        // Nobody is there to type a password.
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    if std::env::var_os("GIT_SSH_COMMAND").is_none() {
        git.env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes");
    }
    for variable in LEFT_BY_HOOKS {
        git.env_remove(variable);
    }
    let output = git.output().map_err(|why| match why.kind() {
        io::ErrorKind::NotFound => format!("there is no program `git`, which fetches `{name}`"),
        _ => format!("git cannot be run: {why}"),
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let fatal = lines.iter().find(|line| line.starts_with("fatal:")).or(lines.last());
    Err(fatal.map_or_else(|| "git failed".to_owned(), |line| line.trim_start_matches("fatal: ").to_owned()))
}
