//! From text to tree: layout, grammar and syntax tree of the `.scn` language.
//!
//! A small layout pass that cannot fail turns text into a tree of logical lines; [pest](https://pest.rs) parses each
//! logical line by itself. A line that does not parse becomes an error node that keeps its children, so a file yields a
//! [`ast::Tree`] and all of its diagnostics, never one instead of the other.
//!
//! **Architecture invariant:** nothing here knows a step, a type or any other meaning.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice))]

pub mod ast;
mod build;
mod format;
mod keyword;
mod layout;
mod nearest;
mod outline;
mod words;

pub use format::{Formatted, WIDTH, format};
pub use outline::outline;

use ast::{Expr, Tree, TypeExpr};
use scn_diagnostics::{Diagnostic, SourceId, Span};

/// Parses a file. Every text yields a tree; the diagnostics, in the order of their places, say what is wrong in it.
pub fn parse(source: SourceId, text: &str) -> (Tree, Vec<Diagnostic>) {
    let mut context = layout::Context { source, text, base: 0, diagnostics: Vec::new() };
    let layout::Lines { lines, masks } = layout::lines(&mut context);
    let mut nest = layout::Nest::default();
    let mut rest = lines.iter().peekable();
    while let Some(line) = rest.next() {
        let parent = rest.peek().is_some_and(|next| next.indent > line.indent);
        let node = if line.broken {
            layout::broken(&context, line)
        } else {
            build::line(
                source,
                text,
                line,
                masks.get(line.mask.clone()).unwrap_or(""),
                parent,
                &mut context.diagnostics,
            )
        };
        nest.push(&mut context, line, node);
    }
    let nodes = nest.finish();
    let mut diagnostics = context.diagnostics;
    Diagnostic::sort(&mut diagnostics);
    if !diagnostics.is_empty() {
        let breaks: Vec<usize> =
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
        Diagnostic::thin(&mut diagnostics, |span| breaks.partition_point(|at| *at < span.start as usize));
    }
    (Tree { source, nodes }, diagnostics)
}

/// Where the comments of a file are, in their order: from the `#` to the last character.
pub fn comments(source: SourceId, text: &str) -> Vec<Span> {
    format::trivia::comments(text).into_iter().map(|range| Span::new(source, range)).collect()
}

/// Parses the expression that is the whole of `text`, such as the inside of a quoted `failIf: "amount>200"`. Spans are
/// offsets in `source`, where `text` begins at byte `base_offset`.
pub fn parse_expr(source: SourceId, text: &str, base_offset: usize) -> (Expr, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let expr = build::expression(source, text, base_offset, 0, &mut diagnostics);
    Diagnostic::sort(&mut diagnostics);
    (expr, diagnostics)
}

/// Parses the type that is the whole of `text`, with spans as in [`parse_expr`]. A type that does not parse is the
/// empty name.
pub fn parse_type(source: SourceId, text: &str, base_offset: usize) -> (TypeExpr, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let ty = build::type_expression(source, text, base_offset, &mut diagnostics);
    Diagnostic::sort(&mut diagnostics);
    (ty, diagnostics)
}
