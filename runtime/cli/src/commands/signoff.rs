//! `esr signoff`: a person approves or rejects a run whose goals are met.

use std::process::ExitCode;

use esr_debrief::goals::standing;
use esr_engine::{Clock, WallClock};
use esr_tap::{SignOffRecord, sign_off};

use crate::{
    arguments::SignOff,
    console::Console,
    exit::{CommandError, Failure},
    output, stored,
};

/// Runs the command.
pub fn run(arguments: &SignOff) -> Result<ExitCode, CommandError> {
    let console = Console::new(arguments.json);
    let refused = |message: String| CommandError::new(Failure::Usage, message);
    let reason = arguments.reason.trim();
    if reason.is_empty() {
        return Err(
            refused("a decision needs a reason".to_owned()).help("say why, as in `--reason \"rehearsed twice\"`")
        );
    }
    let store = stored::open(&arguments.run)?;
    let record = store.record();
    let id = &record.id;
    let Some(required) = &store.plan().signoff else {
        return Err(refused(format!("{id} asks for no sign-off"))
            .help("`signoff: required by: RELEASE.BOARD` in the scenario asks for one, from the next run on"));
    };
    match &record.verdict {
        Some(verdict) if verdict.exit_code == 106 => {}
        Some(verdict) => {
            return Err(refused(format!("{id} awaits no sign-off: {}", verdict.reason))
                .help("only a run whose goals are met can be approved or rejected"));
        }
        None => {
            let what = if store.is_under_way() { "is still under way" } else { "never came to an end" };
            return Err(refused(format!("{id} {what}")).help("a decision is on a run that has ended"));
        }
    }
    let by = match arguments.by.as_deref().map(str::trim).filter(|by| !by.is_empty()) {
        Some(by) => by.to_owned(),
        None => {
            user().ok_or_else(|| refused("it is not known who decides".to_owned()).help("say so with `--by NAME`"))?
        }
    };
    let decision = SignOffRecord {
        time_unix_nano: WallClock::new().now(),
        approved: arguments.approve,
        by: by.into(),
        required_by: required.by.clone(),
        reason: reason.to_owned(),
    };
    sign_off(store.directory(), &decision).map_err(|error| CommandError::new(Failure::Internal, error.to_string()))?;
    let verdict = record.verdict.as_ref().map(|verdict| standing(verdict, Some(&decision)));
    let (mark, word) = if decision.approved { ("✅", "approved") } else { ("⛔", "rejected") };
    let instead = decision.required_by.as_ref().filter(|board| **board != decision.by);
    let instead = instead.map(|board| format!(" for {board}")).unwrap_or_default();
    console.line(format!("{mark} {id} is {word} by {}{instead}: {}", decision.by, decision.reason));
    if arguments.json {
        let value = serde_json::json!({
            "exit_code": 0,
            "run": id,
            "state": word,
            "by": decision.by,
            "required_by": decision.required_by,
            "reason": decision.reason,
            "verdict": verdict.map(|(verdict, word)| serde_json::json!({
                "exit_code": verdict.exit_code,
                "word": word,
                "reason": verdict.reason,
            })),
        });
        output::print(|out| writeln!(out, "{value}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Who is logged in, as the environment says.
fn user() -> Option<String> {
    ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()))
}
