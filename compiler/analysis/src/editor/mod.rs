//! What an editor asks about a file, as plain data: places are spans, and nothing here knows of any protocol.
//!
//! **Architecture invariant:** these read one file's tree and never wait for types.

mod arguments;
mod blocks;
mod completion;
mod declared;
mod enclosing;
mod explained;
mod folds;
mod journey;
mod line;
mod symbols;
mod tokens;
mod words;

pub use arguments::fields;
pub use completion::{Completion, Names, Proposal, Wanted, completion};
pub use declared::{Declared, declared, prelude};
pub use enclosing::enclosing;
pub use explained::explained;
pub use folds::{Fold, folds};
pub use journey::{Journey, journey, page, sandbox};
pub use line::{Argument, Call};
pub use symbols::{Symbol, SymbolKind, symbols};
pub use tokens::{Token, TokenKind, tokens};
pub use words::{Role, Word, doc, word};

use scn_diagnostics::Span;
use scn_grammar::ast::Node;

/// The call that the byte `offset` is in, or the item whose attributes are written there.
pub fn call(text: &str, offset: usize) -> Option<Call> {
    line::Line::at(text, offset)?.call()
}

/// A node's line and all the lines nested under it.
pub fn extent(node: &Node) -> Span {
    let mut last = node;
    while let Some(child) = last.children.last() {
        last = child;
    }
    node.span.to(last.span)
}
