//! The words that the blocks of a sandbox take: what the checker knows, and what an editor proposes.

use super::process::{ELSEWHERE, PROCESS};

/// Methods that a route can have.
pub(crate) const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// Settings of a sandbox.
pub(crate) const SANDBOX: [&str; 2] = ["entry", "data"];
/// Settings that frontends, services and partners have of their own.
pub(crate) const PART: [&str; 2] = ["workers", "latency"];
/// Settings of an agent.
pub(crate) const AGENT: [&str; 3] = ["watches", "workers", "latency"];
/// Settings of a queue.
pub(crate) const QUEUE: [&str; 4] = ["reviewers", "after", "decides", "item"];
/// Settings of a page.
pub(crate) const PAGE: [&str; 2] = ["show", "text"];
/// What is said of a field of a form, behind its type.
pub(crate) const FIELD: [&str; 5] = ["label", "pattern", "max", "pii", "secret"];
/// Steps of handlers that are no calls; the language has them, not the prelude.
pub(crate) const CONTROL: [&str; 4] = ["if", "for", "retry", "set"];
/// Attributes of every step of a handler.
pub(crate) const COMMON: [&str; 2] = ["as", "if"];

/// Settings of a frontend, a service or a partner, also of one that is a process.
pub(crate) fn part(is_frontend: bool) -> Vec<&'static str> {
    let port: &[&str] = if is_frontend { &["port"] } else { &[] };
    let of_process = PROCESS.iter().filter(|name| **name != "port" || port.is_empty());
    PART.iter().chain(port).chain(of_process).chain(&ELSEWHERE).copied().collect()
}
