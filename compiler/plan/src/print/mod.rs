//! Plans for people and for other programs: a listing, a Mermaid flowchart, a DOT graph, JSON.

mod dot;
mod json;
mod label;
mod mermaid;
#[cfg(test)]
mod tests;
mod text;

pub use dot::dot;
pub use json::{ReadError, from_json, json};
pub use mermaid::mermaid;
pub use text::text;
