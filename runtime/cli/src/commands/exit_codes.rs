//! `esr help exit-codes`

use std::process::ExitCode;

use serde_json::json;

use crate::{exit::CommandError, output};

/// Every exit code and what it means, as `docs/exit-codes.md` has it.
const CODES: &[(u8, &str)] = &[
    (0, "cleared: every goal was met, and the run approved where that is required"),
    (2, "usage: unknown option, missing file, unknown name or run, or an output that cannot be written"),
    (70, "internal error"),
    (99, "a goal was missed"),
    (
        100,
        "the sandbox, or the browsers that personas need, failed to come up; or the sandbox is not up, or was lost during the run",
    ),
    (104, "the scenario does not compile, or names a sandbox that does not exist"),
    (105, "interrupted, after everything was restored"),
    (106, "awaiting sign-off, or rejected: every goal was met, and a person has to approve the run"),
    (108, "a goal with `abort: true` was missed and stopped the run"),
    (109, "a probe could not be applied or removed"),
    (
        110,
        "inconclusive: a probe's window was never reached, arrivals were dropped, this machine did not keep up, or a browser broke down",
    ),
];

/// Prints the exit codes.
pub fn run(json: bool) -> Result<ExitCode, CommandError> {
    output::print(|out| {
        if json {
            let mut objects = CODES.iter().map(|(code, meaning)| json!({ "exit_code": code, "meaning": meaning }));
            return objects.try_for_each(|object| writeln!(out, "{object}"));
        }
        writeln!(
            out,
            "Exit codes of esr; of a run that ended, the first that applies of 105, 70, 109, 100, 110, 108, 99, 106, 0:\n"
        )?;
        CODES.iter().try_for_each(|(code, meaning)| writeln!(out, "{code:>5}  {meaning}"))
    })?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn the_page_in_the_book_lists_the_same_codes() {
        let page = include_str!("../../../../docs/exit-codes.md");
        let (esr, _) = page.split_once("## `esrc`").expect("a section for each program");
        let listed: Vec<&str> = esr.lines().filter(|line| line.starts_with("| ") && !line.contains("code")).collect();
        let printed: Vec<String> = CODES.iter().map(|(code, meaning)| format!("| {code} | {meaning} |")).collect();
        assert_eq!(listed, printed);
    }
}
