//! Sandboxes: their parts, with pages, forms, routes, stores and branches.

use scn_grammar::ast::{Head, Keyword, Node};

use super::{File, remark};
use crate::model::{Block, Piece};

/// A sandbox: every part as a list of what it has.
pub(super) fn blocks(file: &File<'_>, node: &Node) -> Vec<Block> {
    let mut items = Vec::new();
    inside(file, &node.children, 0, &mut items);
    if items.is_empty() { Vec::new() } else { vec![Block::List(items)] }
}

fn inside(file: &File<'_>, nodes: &[Node], depth: usize, items: &mut Vec<(usize, Vec<Piece>)>) {
    for node in nodes {
        let below = match &node.head {
            Head::Decl(decl) => match decl.keyword {
                Keyword::Frontend
                | Keyword::Service
                | Keyword::Partner
                | Keyword::Agent
                | Keyword::Queue
                | Keyword::Page
                | Keyword::Form
                | Keyword::Branch => true,
                Keyword::Store | Keyword::Route => false,
                // Envelopes are what a partner offers; the other handlers are how a part works inside.
                Keyword::On if decl.name.as_ref().is_some_and(|name| name.text == "envelope") => false,
                _ => continue,
            },
            // Settings of a part, and fields of a form; what a page says and shows is its own affair.
            Head::Entry { key, values } if !node.dash && !values.is_empty() => {
                if matches!(key.text.as_str(), "show" | "text") {
                    continue;
                }
                false
            }
            _ => continue,
        };
        let mut said = vec![file.code(node.span)];
        said.extend(remark(node));
        items.push((depth, said));
        if below {
            inside(file, &node.children, depth + 1, items);
        }
    }
}
