//! Stopping from outside.

use std::sync::Arc;

use tokio::sync::watch;

/// A request to stop, shared by all its clones; once made, it stands.
#[derive(Clone, Debug)]
pub struct Cancel(Arc<watch::Sender<bool>>);

impl Cancel {
    /// Nothing is to stop.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Asks to stop.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }

    /// Whether it has been asked.
    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    /// Ends when it is asked.
    pub async fn cancelled(&self) {
        // The sender lives in `self`, so the wait cannot end for want of one.
        let _ = self.0.subscribe().wait_for(|cancelled| *cancelled).await;
    }
}

impl Default for Cancel {
    fn default() -> Self {
        Self::new()
    }
}
