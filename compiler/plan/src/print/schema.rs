//! The JSON Schema of a plan, from the types and their documentation.

use schemars::{JsonSchema, Schema, generate::SchemaSettings, transform::transform_subschemas};
use serde_json::Value;

use crate::{
    Plan,
    plan::{Edge, Node, VERSION},
};

/// The graph as it is stored: nodes are named by their place among all of them, from 0.
#[derive(JsonSchema)]
#[schemars(rename = "Graph")]
#[allow(dead_code, reason = "its shape is what is wanted")]
pub(crate) struct StoredGraph {
    /// What a journey does.
    nodes: Vec<Node>,
    /// Always empty: nodes are never removed.
    node_holes: [u32; 0],
    /// Edges have a direction.
    edge_property: EdgeProperty,
    /// What follows what: the number of the node that is left, that of the one that is reached, and why.
    edges: Vec<(u32, u32, Edge)>,
}

/// Whether edges have a direction.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[allow(dead_code, reason = "its shape is what is wanted")]
enum EdgeProperty {
    /// They do.
    Directed,
}

/// The [JSON Schema](https://json-schema.org/draft/2020-12) that plans of this version meet.
pub fn schema() -> Result<String, serde_json::Error> {
    let settings = SchemaSettings::draft2020_12().with_transform(for_readers);
    let mut schema = settings.into_generator().into_root_schema_for::<Plan>();
    schema.insert("title".to_owned(), Value::from(format!("Plan, version {VERSION}")));
    serde_json::to_string_pretty(&schema)
}

/// Descriptions without the links of the code's own documentation.
fn for_readers(schema: &mut Schema) {
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = unlinked(description);
    }
    transform_subschemas(&mut for_readers, schema);
}

/// ``[`X`](crate::X)`` and ``[`X`]`` are `` `X` ``.
fn unlinked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[`") {
        let Some((name, after)) = after.split_once("`]") else { break };
        out.push_str(&format!("{before}`{name}`"));
        rest = match after.strip_prefix('(').and_then(|link| link.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
    }
    out + rest
}
