//! From text to tree: layout, grammar and syntax tree of the `.scn` language.
//!
//! A small layout pass that cannot fail turns text into a tree of logical lines; [pest](https://pest.rs) parses each
//! logical line by itself. A line that does not parse becomes an error node that keeps its children, so a file yields a
//! [`ast::Tree`] and all of its diagnostics, never one instead of the other.
//!
//! **Architecture invariant:** nothing here knows a step, a type or any other meaning.

pub mod ast;
