//! Decisions of people on a run: `signoffs.jsonl`, which only grows.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{StoreError, layout::SIGNOFFS};
use crate::Timestamp;

/// A line of `signoffs.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOffRecord {
    /// When it was recorded.
    pub time_unix_nano: Timestamp,
    /// Whether it approves the run; else it rejects it.
    pub approved: bool,
    /// Who decided, as they say.
    pub by: SmolStr,
    /// Whose approval the scenario asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_by: Option<SmolStr>,
    /// Why.
    pub reason: String,
}

/// Adds a decision to the run in `directory`.
pub fn sign_off(directory: &Path, record: &SignOffRecord) -> Result<(), StoreError> {
    let path = directory.join(SIGNOFFS);
    let mut line = serde_json::to_vec(record)
        .map_err(|error| StoreError::Malformed { path: path.clone(), reason: error.to_string() })?;
    line.push(b'\n');
    let mut file = OpenOptions::new().create(true).append(true).open(&path).map_err(StoreError::io("open", &path))?;
    // One write, so that two people who decide at once leave two lines.
    file.write_all(&line).and_then(|()| file.sync_data()).map_err(StoreError::io("write", &path))
}

/// The decisions on the run in `directory`, oldest first. What cannot be read is an error: a decision must not get lost.
pub fn sign_offs(directory: &Path) -> Result<Vec<SignOffRecord>, StoreError> {
    let path = directory.join(SIGNOFFS);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StoreError::io("read", &path)(error)),
    };
    let read = |line: &str| {
        serde_json::from_str(line)
            .map_err(|error| StoreError::Malformed { path: path.clone(), reason: error.to_string() })
    };
    text.lines().map(read).collect()
}
