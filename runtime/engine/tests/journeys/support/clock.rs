//! Virtual time: it passes when nothing else can happen.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, Weak},
    task::{Poll, Waker},
};

use esr_engine::{Clock, clock::BoxFuture};
use esr_tap::Timestamp;

/// When virtual time begins.
pub const EPOCH: u64 = 1_000_000_000_000;

/// Rounds of the scheduler after which everything that could run has run: longer than any chain of wake-ups here.
const ROUNDS: usize = 200;

#[derive(Default)]
struct State {
    passed: u64,
    sleepers: Vec<Weak<Sleeper>>,
}

struct Sleeper {
    until: u64,
    waker: Mutex<Option<Waker>>,
}

/// A clock that only [`VirtualClock::pass`] advances.
#[derive(Clone, Default)]
pub struct VirtualClock(Arc<Mutex<State>>);

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        Timestamp(EPOCH + self.0.lock().expect("unpoisoned").passed)
    }

    fn sleep_until(&self, until: Timestamp) -> BoxFuture<'static, ()> {
        let sleeper = Arc::new(Sleeper { until: until.0, waker: Mutex::new(None) });
        self.0.lock().expect("unpoisoned").sleepers.push(Arc::downgrade(&sleeper));
        let clock = self.clone();
        Box::pin(poll_fn(move |context| {
            if clock.now().0 >= sleeper.until {
                return Poll::Ready(());
            }
            *sleeper.waker.lock().expect("unpoisoned") = Some(context.waker().clone());
            Poll::Pending
        }))
    }
}

impl VirtualClock {
    /// Advances to the next sleeper's end whenever all is quiet; never ends.
    pub async fn pass(self) {
        loop {
            for _ in 0..ROUNDS {
                tokio::task::yield_now().await;
            }
            let mut state = self.0.lock().expect("unpoisoned");
            let now = EPOCH + state.passed;
            let sleepers: Vec<_> =
                state.sleepers.iter().filter_map(Weak::upgrade).filter(|one| one.until > now).collect();
            let Some(next) = sleepers.iter().map(|sleeper| sleeper.until).min() else { continue };
            state.passed = next - EPOCH;
            state.sleepers = sleepers.iter().map(Arc::downgrade).collect();
            drop(state);
            for sleeper in sleepers.iter().filter(|sleeper| sleeper.until == next) {
                if let Some(waker) = sleeper.waker.lock().expect("unpoisoned").take() {
                    waker.wake();
                }
            }
        }
    }
}
