//! Regular expressions, compiled once.

use crate::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use regex::Regex;

/// Sources come from plans and blueprints, so there are few; the bound guards against a text used as a regex.
const KEPT: usize = 1024;

static COMPILED: LazyLock<RwLock<HashMap<String, Regex>>> = LazyLock::new(RwLock::default);

/// Whether `regex` is found anywhere in `text`.
pub(crate) fn is_found(regex: &str, text: &str) -> Result<bool, String> {
    with_compiled(regex, |regex| regex.is_match(text))
}

/// Whether the whole of `text` is a match of `regex`.
pub(crate) fn is_whole(regex: &str, text: &str) -> Result<bool, String> {
    with_compiled(&format!(r"\A(?:{regex})\z"), |regex| regex.is_match(text))
}

/// Whether `source` is a regular expression.
///
/// # Errors
///
/// What is wrong in it.
pub fn check_regex(source: &str) -> Result<(), regex::Error> {
    compiled(source).map(drop)
}

fn with_compiled<T>(source: &str, use_it: impl FnOnce(&Regex) -> T) -> Result<T, String> {
    let regex = compiled(source).map_err(|error| format!("`{source}` is no regular expression: {error}"))?;
    Ok(use_it(&regex))
}

fn compiled(source: &str) -> Result<Regex, regex::Error> {
    // A regex is cheap to clone, so that matching holds no lock.
    let known = COMPILED.read().unwrap_or_else(PoisonError::into_inner).get(source).cloned();
    let regex = match known {
        Some(regex) => regex,
        None => {
            let regex = Regex::new(source)?;
            let mut compiled = COMPILED.write().unwrap_or_else(PoisonError::into_inner);
            if compiled.len() >= KEPT {
                compiled.clear();
            }
            compiled.insert(source.to_owned(), regex.clone());
            regex
        }
    };
    Ok(regex)
}
