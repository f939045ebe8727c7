//! Drives a [`Plan`](scn_plan::Plan): the scheduler, the journey interpreter, the clock, keyed randomness, and the
//! [`Transport`] that requests go through.
//!
//! **Architecture invariant:** outside [`clock`] and [`transport`] nothing reads the wall clock, sleeps, times out,
//! draws or opens a socket except through the [`Clock`], the [`Key`] and the [`Transport`] that it is handed. Browsers, whose
//! processes and sockets `webdriver` keeps, have their own time and send nothing but through the journey.

mod bind;
mod browser;
mod cancel;
pub mod clock;
pub mod envelopes;
mod environment;
mod faults;
mod files;
mod generate;
mod journey;
pub mod key;
pub mod labels;
mod page;
mod persona;
mod redact;
mod run;
mod trace;
pub mod transport;
mod webdriver;

pub use bind::{VERBS, Verb};
pub use cancel::Cancel;
pub use clock::{Clock, WallClock};
pub use environment::{Environment, environment, variable};
pub use faults::{FaultError, Faults};
pub use files::make as make_file;
pub use generate::{GENERATORS, Generator, Place, generate, generate_at};
pub use key::Key;
pub use persona::personas;
pub use run::{Deps, Interruption, LATE, Options, Outcome, Progress, RunError, run};
pub use transport::{HttpTransport, Request, Response, Saturation, Transport, TransportError};
pub use webdriver::{BrowserError, Browsers};
