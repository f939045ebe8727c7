//! Spans, the source map, the [`Diagnostic`] model and its emitters.
//!
//! Every tool of the language (the compiler, the formatter, the language server, the runtime when it shows the line of a
//! scenario that failed) reports through one [`Diagnostic`] value; what a terminal, a CI log or an editor shows is
//! rendered from that value by an emitter.
//!
//! **Architecture invariant:** no type of a rendering library appears outside [`emit`].

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice)]

pub mod codes;
mod diagnostic;
pub mod emit;
pub mod fixes;
mod source;

pub use codes::Code;
pub use diagnostic::{Applicability, Diagnostic, Edit, Fix, Label, Severity};
pub use source::{LineColumn, Source, SourceId, SourceMap, Span};
