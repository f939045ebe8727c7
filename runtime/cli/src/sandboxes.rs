//! The sandboxes that stand in this directory, and what is left of those that stand no more.

use std::path::{Path, PathBuf};

use esr_sandbox::standing::{Sandboxes, Standing};

use crate::{
    console::harmless,
    exit::{CommandError, Failure},
    output,
};

/// Where everything is kept that outlives a command: `.esr` in the working directory.
pub const STATE: &str = ".esr";

/// The sandboxes of the working directory.
pub fn here() -> Sandboxes {
    Sandboxes::of(Path::new(STATE))
}

/// Where the runs of the working directory are kept.
pub fn runs() -> PathBuf {
    esr_tap::runs_dir(Path::new("."))
}

/// Takes away what sandboxes left behind that ended without being taken down, and says so.
pub fn mend() {
    let (remains, outcome) = here().mend();
    // One that never stood is nobody's loss.
    for record in remains.into_iter().flatten() {
        let said = format!(
            "esr: the sandbox {} ended without being taken down (process {}); what it left behind is removed, and its logs \
             are in {}\n",
            record.name,
            record.pid,
            here().logs(&record.name).display(),
        );
        output::say(harmless(&said));
    }
    if let Err(error) = outcome {
        output::say(format_args!(
            "esr: what a sandbox left behind in {STATE}/sandboxes cannot be removed: {error}\n     remove it by hand, or make \
             it writable\n"
        ));
    }
}

/// The sandboxes that stand.
///
/// # Errors
///
/// If their directory cannot be read.
pub fn standing() -> Result<Vec<Standing>, CommandError> {
    here().standing().map_err(|error| {
        CommandError::new(Failure::Usage, format!("the sandboxes in {STATE}/sandboxes cannot be read: {error}"))
    })
}

/// The names of sandboxes in a sentence.
pub fn names(standing: &[Standing]) -> String {
    standing.iter().map(|one| one.record.name.as_str()).collect::<Vec<_>>().join(", ")
}
