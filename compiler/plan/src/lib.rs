//! What compiling yields: the [`Plan`] of a scenario and the [`Blueprint`] of its sandbox, both plain data that keep the
//! spans of their source; and the [`Value`] model with the evaluator of compiled [`Expr`]essions.
//!
//! **Architecture invariant:** no I/O here; the evaluator reads its surroundings only through [`Env`].

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice))]

pub mod blueprint;
pub mod collections;
mod display;
mod dist;
mod eval;
mod expr;
mod json;
pub mod load;
mod marks;
mod normal;
mod pattern;
pub mod plan;
pub mod print;
mod shape;
mod value;

pub use blueprint::Blueprint;
pub use dist::Dist;
pub use eval::{Env, EvalError, apply, eval, eval_args, eval_bool};
pub use expr::{Arg, BinaryOp, Call, Expr, ExprKind, Member, Root, SlotId, TextPart, UnaryOp};
pub use json::redact;
pub use marks::Marks;
pub use pattern::check_regex;
pub use plan::Plan;
pub use scn_diagnostics::{LineColumn, Source, SourceId, SourceMap, Span};
pub use value::{FileSpec, Labels, Record, Shape, ShapeField, Text, Value, nanos};
