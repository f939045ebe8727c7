//! Blueprints in few words, a recorder that keeps spans, and a browser of the simplest kind.

#![allow(dead_code, reason = "each test uses its part of it")]

mod build;
mod client;

pub use build::*;
pub use client::*;
