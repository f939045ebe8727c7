//! Plans as versioned JSON, which loses nothing but somebody's data.

use std::fmt;

use serde::Deserialize;

use crate::{Plan, plan::VERSION};

/// Why a text is no plan that this version reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// It is no plan at all.
    Malformed(String),
    /// Another version of the compiler made it.
    Version(u32),
}

impl fmt::Display for ReadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Malformed(why) => write!(out, "this is no plan: {why}"),
            ReadError::Version(found) => {
                write!(out, "this plan has version {found}, and this program reads version {VERSION}")
            }
        }
    }
}

impl std::error::Error for ReadError {}

/// `plan` as JSON, indented; texts that are labelled as somebody's data or as secret are redacted.
pub fn json(plan: &Plan) -> Result<String, serde_json::Error> {
    let mut written = serde_json::to_value(plan)?;
    crate::redact(&mut written);
    serde_json::to_string_pretty(&written)
}

/// The plan that `json` holds.
pub fn from_json(json: &str) -> Result<Plan, ReadError> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let malformed = |error: serde_json::Error| ReadError::Malformed(error.to_string());
    // The version first: what else a plan of another version holds is unknown.
    let Versioned { version } = serde_json::from_str(json).map_err(malformed)?;
    if version != VERSION {
        return Err(ReadError::Version(version));
    }
    serde_json::from_str(json).map_err(malformed)
}
