//! What runs on behalf of a sandbox, so that it can be ended.

use std::{
    future::{Future, poll_fn},
    sync::{Arc, Mutex, PoisonError},
};

use esr_engine::{Clock, Saturation};
use tokio::{sync::watch, task::JoinSet};

/// How far a sandbox has been closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Everything listens.
    Open,
    /// Nothing new comes in from outside; parts still answer one another.
    Draining,
    /// Nothing listens.
    Closed,
}

/// How long answers that are ready may take to be written, in nanoseconds: 200 ms.
const FLUSH: u64 = 200_000_000;

/// Tasks of a sandbox: those that listen, and the requests under way, which outlive the connection that brought them.
pub(crate) struct Tasks {
    listening: Mutex<JoinSet<()>>,
    requests: Mutex<JoinSet<()>>,
    stage: watch::Sender<Stage>,
    clock: Arc<dyn Clock>,
    /// Whether connections could not be accepted for want of something on this machine.
    pub(crate) saturation: Saturation,
}

impl Tasks {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            listening: Mutex::default(),
            requests: Mutex::default(),
            stage: watch::Sender::new(Stage::Open),
            clock,
            saturation: Saturation::default(),
        })
    }

    /// Runs a listener or a connection.
    pub(crate) fn listen(&self, task: impl Future<Output = ()> + Send + 'static) {
        spawn(&self.listening, task);
    }

    /// Runs a request to its end.
    pub(crate) fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        spawn(&self.requests, task);
    }

    /// Ends when the sandbox is closed as far as `stage`.
    pub(crate) fn reached(&self, stage: Stage) -> impl Future<Output = ()> + Send + use<> {
        let mut stages = self.stage.subscribe();
        async move {
            // An error means that the sandbox is gone, which is as closed as can be.
            let _ = stages.wait_for(|now| *now >= stage).await;
        }
    }

    /// Does nothing for so many nanoseconds.
    pub(crate) async fn pause(&self, nanoseconds: u64) {
        self.clock.sleep_until(self.clock.now().plus(nanoseconds)).await;
    }

    /// Closes the entries, lets requests under way end for `grace` nanoseconds, then ends everything. `cut_off` is called
    /// before anything can notice that another thing has been ended.
    pub(crate) async fn close(&self, grace: u64, cut_off: impl FnOnce()) {
        self.stage.send_replace(Stage::Draining);
        tokio::select! {
            () = drain(&self.requests) => {}
            () = self.pause(grace) => {}
        }
        cut_off();
        self.stage.send_replace(Stage::Closed);
        // What still has a connection only gets its answer; one that never asked anything gets none.
        tokio::select! {
            () = drain(&self.listening) => {}
            () = self.pause(FLUSH) => {}
        }
        self.abort();
        drain(&self.requests).await;
        drain(&self.listening).await;
    }

    /// Ends everything at once.
    pub(crate) fn abort(&self) {
        self.stage.send_replace(Stage::Closed);
        for set in [&self.listening, &self.requests] {
            set.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
        }
    }
}

fn spawn(set: &Mutex<JoinSet<()>>, task: impl Future<Output = ()> + Send + 'static) {
    let mut set = set.lock().unwrap_or_else(PoisonError::into_inner);
    while set.try_join_next().is_some() {}
    set.spawn(task);
}

async fn drain(set: &Mutex<JoinSet<()>>) {
    while poll_fn(|context| set.lock().unwrap_or_else(PoisonError::into_inner).poll_join_next(context)).await.is_some()
    {
    }
}
