//! What a process says, line by line, and the last of it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// How many of its last lines are kept for whoever asks why it ended.
const LAST: usize = 12;

/// The longest line, in bytes; a longer one is cut there.
const LONGEST: usize = 8192;

/// Told of each line.
pub(super) type OnLine = Arc<dyn Fn(&str) + Send + Sync>;

/// The last lines that a process said.
#[derive(Clone, Default)]
pub(super) struct Last(Arc<Mutex<VecDeque<String>>>);

impl Last {
    pub(super) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn add(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LAST {
            lines.pop_front();
        }
        lines.push_back(line);
    }
}

/// Hands on what comes, until nobody can say anything any more.
pub(super) async fn follow(mut from: impl AsyncBufRead + Unpin, last: Last, on_line: OnLine) {
    while let Some(line) = line(&mut from).await {
        on_line(&line);
        last.add(line);
    }
}

/// The next line without its end; none at the end.
pub(super) async fn line(from: &mut (impl AsyncBufRead + Unpin)) -> Option<String> {
    let mut kept: Vec<u8> = Vec::new();
    let mut begun = false;
    loop {
        let chunk = from.fill_buf().await.ok()?;
        if chunk.is_empty() {
            return begun.then(|| text(&kept));
        }
        begun = true;
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let own = &chunk[..end.unwrap_or(chunk.len())];
        kept.extend_from_slice(&own[..own.len().min(LONGEST.saturating_sub(kept.len()))]);
        let used = end.map_or(chunk.len(), |end| end + 1);
        from.consume(used);
        if end.is_some() {
            return Some(text(&kept));
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\r').to_owned()
}
