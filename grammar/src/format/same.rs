//! What a tree says, whichever spelling its author chose.

use std::fmt::Write;

use crate::{
    ast::{Attr, Head, Node, Tree},
    outline,
};

/// Entries that are no attributes though they stand below a verb: their order counts, or lines are nested under them.
const STRUCTURE: [&str; 4] = ["then", "elif", "else", "steps"];

/// Whether an entry below a verb could as well stand on the verb's line.
pub(super) fn is_attribute(node: &Node) -> bool {
    let plain = !node.dash && node.doc.is_none() && node.children.is_empty() && have_values(&node.attrs);
    match &node.head {
        // Only a name can be an attribute's key on a line; one in quotes is longer in the source.
        Head::Entry { key, values } => {
            plain
                && !values.is_empty()
                && !STRUCTURE.contains(&key.text.as_str())
                && key.span.range().len() == key.text.len()
        }
        _ => false,
    }
}

/// Whether no attribute is without a value, which would own the lines below.
pub(super) fn have_values(attrs: &[Attr]) -> bool {
    attrs.iter().all(|attr| !attr.values.is_empty())
}

/// How many of the first lines below `node` could as well stand on its line.
pub(super) fn attributes_below(node: &Node) -> usize {
    if !node.dash || !matches!(node.head, Head::Entry { .. }) || !have_values(&node.attrs) {
        return 0;
    }
    node.children.iter().take_while(|child| is_attribute(child)).count()
}

/// The outline of a tree without the spellings that the formatter chooses between.
pub(super) fn shape(tree: &Tree) -> String {
    let mut out = String::new();
    for node in &tree.nodes {
        // Writing to a String cannot fail.
        let _ = write(&mut out, node, 0);
    }
    out
}

fn write(out: &mut String, node: &Node, depth: usize) -> std::fmt::Result {
    outline::write_head(out, node, depth)?;
    node.attrs.iter().try_for_each(|attr| outline::write_attr(out, &attr.key, &attr.values, ":"))?;
    let below = attributes_below(node);
    for child in node.children.iter().take(below) {
        if let Head::Entry { key, values } = &child.head {
            outline::write_attr(out, key, values, ":")?;
        }
        child.attrs.iter().try_for_each(|attr| outline::write_attr(out, &attr.key, &attr.values, ":"))?;
    }
    out.write_char('\n')?;
    node.children.iter().skip(below).try_for_each(|child| write(out, child, depth + 1))
}
