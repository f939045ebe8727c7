//! Time as a parameter.

use std::{future::Future, pin::Pin};

use esr_tap::Timestamp;

/// A future without a name.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The only source of time of the engine and of the mimic parts.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Ends when it is `until`, at once if it is past.
    fn sleep_until(&self, until: Timestamp) -> BoxFuture<'static, ()>;
}
