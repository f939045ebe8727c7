//! Files that a file names.

use scn_diagnostics::Span;
use scn_grammar::ast::{ExprKind, Keyword, Node, TextPart, Tree};

use crate::world::join;

/// A place that names a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The text with the path.
    pub span: Span,
    /// The file's path, as the world has it.
    pub path: String,
}

/// The files that the file at `path` uses by a path of its own; those of libraries are named by their settings.
pub fn links(path: &str, tree: &Tree) -> Vec<Link> {
    let uses = tree.nodes.iter().filter_map(Node::decl).filter(|decl| decl.keyword == Keyword::Use);
    let operands = uses.flat_map(|decl| &decl.operands);
    let written = operands.filter_map(|operand| match &operand.kind {
        ExprKind::Text { parts, .. } => match parts.as_slice() {
            [TextPart::Literal(text, _)] if text.starts_with(['.', '/']) => Some((operand.span, text)),
            _ => None,
        },
        _ => None,
    });
    written.map(|(span, text)| Link { span, path: join(path, text) }).collect()
}
