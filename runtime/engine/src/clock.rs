//! Time as a parameter.

use std::{
    future::Future,
    pin::Pin,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

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

/// The clock on the wall, read once; from then on it advances monotonically, whatever is done to the system's time.
#[derive(Clone, Copy, Debug)]
pub struct WallClock {
    /// Nanoseconds since the Unix epoch at `origin`.
    epoch: u64,
    origin: Instant,
}

impl WallClock {
    /// A clock that agrees with the system's time now.
    pub fn new() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { epoch: u64::try_from(since.as_nanos()).unwrap_or(u64::MAX), origin: Instant::now() }
    }
}

impl Default for WallClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        let elapsed = u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX);
        Timestamp(self.epoch.saturating_add(elapsed))
    }

    fn sleep_until(&self, until: Timestamp) -> BoxFuture<'static, ()> {
        let until = self.origin + Duration::from_nanos(until.0.saturating_sub(self.epoch));
        Box::pin(tokio::time::sleep_until(until.into()))
    }
}

/// The time that something was given is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

impl std::fmt::Display for Elapsed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("timeout")
    }
}

impl std::error::Error for Elapsed {}

/// What `future` yields if it ends within `nanoseconds` by `clock`; else the future is dropped.
pub async fn timeout<F: Future>(clock: &dyn Clock, nanoseconds: u64, future: F) -> Result<F::Output, Elapsed> {
    let end = clock.sleep_until(clock.now().plus(nanoseconds));
    tokio::select! {
        biased;
        output = future => Ok(output),
        () = end => Err(Elapsed),
    }
}
