//! What can be folded away.

use scn_diagnostics::Span;
use scn_grammar::ast::{Node, Tree};

use super::extent;

/// A stretch of several lines that can be folded into its first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// From the first line's first character to the last line's last.
    pub span: Span,
    /// Whether it is comments, one a line.
    pub comment: bool,
}

/// The folds of a file: lines with others nested under them, values of several lines, and comments of several lines.
pub fn folds(text: &str, tree: &Tree) -> Vec<Fold> {
    let mut found = Vec::new();
    tree.nodes.iter().for_each(|node| of_node(text, node, &mut found));
    comments(text, tree, &mut found);
    found.sort_by_key(|fold| (fold.span.start, fold.span.end));
    found
}

fn of_node(text: &str, node: &Node, found: &mut Vec<Fold>) {
    let span = extent(node);
    if text.get(span.range()).is_some_and(|lines| lines.contains('\n')) {
        found.push(Fold { span, comment: false });
    }
    node.children.iter().for_each(|child| of_node(text, child, found));
}

fn comments(text: &str, tree: &Tree, found: &mut Vec<Fold>) {
    let mut run: Option<Span> = None;
    let mut close = |run: Option<Span>| {
        let several = |span: &Span| text.get(span.range()).is_some_and(|lines| lines.contains('\n'));
        found.extend(run.filter(several).map(|span| Fold { span, comment: true }));
    };
    for comment in scn_grammar::comments(tree.source, text) {
        let before = text.get(..comment.start as usize).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let alone = before.get(line..).is_some_and(|indent| indent.trim().is_empty());
        let follows = |run: Span| {
            let between = text.get(run.end as usize..comment.start as usize).unwrap_or_default();
            between.trim().is_empty() && between.matches('\n').count() == 1
        };
        run = match run {
            Some(open) if alone && follows(open) => Some(open.to(comment)),
            open => {
                close(open);
                alone.then_some(comment)
            }
        };
    }
    close(run);
}
