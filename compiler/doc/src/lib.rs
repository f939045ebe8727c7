//! Documentation of what `.scn` files declare: their declarations, and what the `##` comments above them say.
//!
//! A file is read into a [`Module`] of plain data; [`markdown`] and [`html`] write modules as pages that refer to one
//! another. What `esrc doc` prints of a library and the reference of the language itself are made by the same means.
//!
//! **Architecture invariant:** no I/O here.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice))]

mod collect;
mod comment;
mod html;
mod links;
mod markdown;
mod model;

pub use collect::{module, prelude};
pub use html::{html, page as html_page};
pub use links::Links;
pub use markdown::{index, markdown, section};
pub use model::{Block, Entry, Kind, Module, Piece};
