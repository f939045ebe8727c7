//! What a block takes, by the word that opens it.

use super::line::first_word;
use crate::{blueprint::words, scenario::ENTRIES};

/// The settings that can begin a line of the block, and the declarations. At the top of a file it is opened by nothing: the file may
/// itself be a scenario.
pub(super) fn words(opened_by: &str) -> (Vec<&'static str>, &'static [&'static str]) {
    match opened_by {
        "" => (ENTRIES.iter().copied().chain(["scenario"]).collect(), &[]),
        "scenario" => (ENTRIES.to_vec(), &[]),
        "sandbox" => (words::SANDBOX.to_vec(), &["frontend", "service", "partner", "agent", "queue"]),
        "frontend" => (words::part(true), &["store", "page", "branch"]),
        "service" => (words::part(false), &["store", "route"]),
        "partner" => (words::part(false), &["store", "on envelope"]),
        "agent" => (words::AGENT.to_vec(), &["store"]),
        "queue" => (words::QUEUE.to_vec(), &["store", "on decided"]),
        "page" => (words::PAGE.to_vec(), &["form", "on submit", "on view"]),
        "branch" => (Vec::new(), &["page"]),
        _ => (Vec::new(), &[]),
    }
}

/// What expressions of a block can read besides constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// Nothing else.
    Constants,
    /// The persona, the page and the last response, and what was captured.
    Journey,
    /// What was sent, and what was set.
    Handler,
    /// The fields beside it.
    Fields,
}

/// What an expression can read in the innermost of these blocks that says so.
pub(super) fn reads(parents: &[&str]) -> Reads {
    for parent in parents {
        match first_word(parent) {
            "steps" | "flow" => return Reads::Journey,
            "on" | "route" | "agent" => return Reads::Handler,
            "persona" => return Reads::Fields,
            "goals" | "slo" | "probes" | "probe" | "load" | "personas" | "scenario" | "sandbox" | "const" | "data"
            | "form" => {
                return Reads::Constants;
            }
            _ => {}
        }
    }
    // A file that is itself a scenario has its steps at the top; its other entries are opened by words of above.
    Reads::Constants
}
