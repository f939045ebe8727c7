//! Journeys and runs over an in-memory transport, in virtual time: each sentence of the language's «Steps, and what a
//! journey means» that the engine answers for.

mod charging;
mod control;
mod forms;
mod http_steps;
mod load;
mod pages;
mod payment;
mod privacy;
mod rounds;
mod runs;
mod support;
