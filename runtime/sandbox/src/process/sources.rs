//! Where the sources of a process are: a directory, or what `git` clones.

use std::{fs, path::PathBuf};

use super::{Launch, supervised::Order};
use crate::UpError;

/// The directory that the process runs in.
pub(super) async fn fetch(launch: &Launch<'_>) -> Result<PathBuf, UpError> {
    let home = launch.home();
    let Some(repo) = &launch.process.repo else { return Ok(home) };
    let repo = launch.text(repo)?;
    let branch = launch.process.branch.as_ref().map(|branch| launch.text(branch)).transpose()?;
    let local = home.join(&repo);
    let is_remote = repo.contains("://") || is_of_a_host(&repo);
    if !is_remote && branch.is_none() {
        return match local.is_dir() {
            true => Ok(local),
            false => Err(launch.failed(
                format!(
                    "there is no directory {}: `repo:` is what git can clone, or a directory, relative to the file that \
                     names it",
                    local.display()
                ),
                Vec::new(),
            )),
        };
    }
    let work = std::path::absolute(&launch.options.work).unwrap_or_else(|_| launch.options.work.clone());
    let target = work.join(launch.part.name.as_str());
    let unwritable = |error: std::io::Error| {
        launch.failed(format!("its sources cannot be kept in {}: {error}", target.display()), Vec::new())
    };
    // Cloned anew each time: what an earlier build left there is not what the repository holds.
    if target.exists() {
        fs::remove_dir_all(&target).map_err(unwritable)?;
    }
    fs::create_dir_all(&work).map_err(unwritable)?;
    let mut words = vec!["git".to_owned(), "clone".to_owned(), "--quiet".to_owned()];
    if is_remote {
        words.extend(["--depth".to_owned(), "1".to_owned()]);
    }
    if let Some(branch) = branch {
        words.extend(["--branch".to_owned(), branch]);
    }
    let from = if is_remote { repo } else { local.to_string_lossy().into_owned() };
    words.extend(["--".to_owned(), from, target.to_string_lossy().into_owned()]);
    let from_here = std::path::absolute(".").unwrap_or_else(|_| PathBuf::from("."));
    // Nobody is there to type a password.
    let environment = vec![("GIT_TERMINAL_PROMPT".to_owned(), "0".to_owned())];
    launch.run_to_end(Order { words, directory: from_here, environment }).await?;
    Ok(target)
}

/// Whether it is written as `git@host:path`.
fn is_of_a_host(repo: &str) -> bool {
    match (repo.find('@'), repo.find(':'), repo.find('/')) {
        (Some(at), Some(colon), slash) => at < colon && slash.is_none_or(|slash| at < slash),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_of_a_host;

    #[test]
    fn the_short_spelling_of_a_host_is_no_directory() {
        for (repo, expected) in [("git@example.gov:payments.git", true), ("../payments", false), ("a/b@c:d", false)] {
            assert_eq!(is_of_a_host(repo), expected, "{repo}");
        }
    }
}
