//! Plans for people and for other programs: a listing, a Mermaid flowchart, a DOT graph, an SVG picture, JSON.

mod dot;
mod frames;
mod json;
mod label;
mod members;
mod mermaid;
mod outline;
mod schema;
mod svg;
#[cfg(test)]
mod tests;
mod text;

pub use dot::dot;
pub use json::{ReadError, from_json, json};
pub use mermaid::mermaid;
pub(crate) use schema::StoredGraph;
pub use schema::schema;
pub use svg::svg;
pub use text::text;
