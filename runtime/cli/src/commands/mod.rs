//! One module a command.

pub mod down;
pub mod exit_codes;
pub mod host;
pub mod logs;
pub mod rehearse;
pub mod report;
pub mod run;
pub mod runs;
pub mod signoff;
pub mod status;
pub mod trace;
pub mod up;

use std::path::{Path, PathBuf};

use crate::exit::{CommandError, Failure};

/// What a command's tasks run on.
fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::new(Failure::Internal, format!("no runtime: {error}")))
}

/// The folder that a file lies in.
fn folder(file: &Path) -> PathBuf {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}
