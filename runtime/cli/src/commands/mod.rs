//! One module a command.

pub mod exit_codes;
pub mod rehearse;
pub mod report;
pub mod runs;
pub mod trace;
