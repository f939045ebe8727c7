//! Names, types, checks and lowering of the .scn language: from source texts to [`Plan`](scn_plan::Plan)s and
//! [`Blueprint`](scn_plan::Blueprint)s.
//!
//! **Architecture invariant:** no I/O here but through [`World`]; no signature of a step, probe, generator or metric in
//! Rust, all of them are read from the prelude.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice))]

mod blueprint;
mod bodies;
mod cascades;
mod checks;
mod constants;
mod content;
mod context;
mod declared;
pub mod editor;
mod expr;
mod index;
mod known;
mod line;
mod lints;
mod masked;
mod memory;
mod modules;
mod nesting;
mod persona;
mod program;
mod range;
mod rules;
mod scenario;
mod scope;
mod settings;
mod signatures;
mod type_expr;
mod types;
mod world;

pub use declared::{Declared, FieldType};
pub use index::{Index, Kind, Occurrence, Survey, Symbol, SymbolId, Used};
pub use masked::masked_text;
pub use memory::Memory;
pub use program::{Compilation, Findings, Options, Rest, check, compile, scenario_names, survey};
pub use settings::{GitLibrary, git_libraries};
pub use world::{LibraryError, Over, World, WorldError};
