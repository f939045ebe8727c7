//! Writes a run as it happens.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
    },
    thread::JoinHandle,
};

use serde::Serialize;

use super::{
    NewRun, RunPlan, StoreError,
    blocks::Blocks,
    layout::{self, JOURNEYS, METRICS, TRACE},
};
use crate::{
    Attachment, Block, Event, JourneyRecord, ProbeEvent, Recorder, RunRecord, Span, StepSample, Timestamp,
    metrics::PendingMetrics,
};

/// Messages that may wait for the writer. Beyond that they are counted as lost, so that a slow disk cannot slow the run.
const BACKLOG: usize = 1 << 16;

/// How often late spans and metrics are written at the latest, in nanoseconds of the run's clock.
const WRITE_EVERY: u64 = 1_000_000_000;

enum Message {
    Span(Box<Span>),
    Probe(ProbeEvent),
    CloseBlock(Block),
    Sample(StepSample),
    Journey(Box<JourneyRecord>),
    Attachment(Attachment),
    Finish,
}

/// Records a run in the store. A thread of its own writes; [`FileRecorder::finish`] waits for it.
pub struct FileRecorder {
    directory: PathBuf,
    record: RunRecord,
    sender: SyncSender<Message>,
    overflow: AtomicU64,
    writer: Mutex<Option<JoinHandle<Losses>>>,
}

impl FileRecorder {
    /// Makes the store of a new run below the directory `runs`.
    pub fn create(runs: &Path, new: NewRun, plan: &RunPlan) -> Result<Self, StoreError> {
        let (directory, record) = layout::create(runs, new, plan)?;
        let writer = Writer {
            directory: directory.clone(),
            run_start: record.started,
            blocks: Blocks::default(),
            metrics: PendingMetrics::default(),
            written: record.started,
            trace: Lines::create(&directory, TRACE)?.locked(),
            metric_lines: Lines::create(&directory, METRICS)?,
            journeys: Lines::create(&directory, JOURNEYS)?,
            losses: Losses::default(),
        };
        let (sender, receiver) = sync_channel(BACKLOG);
        let thread = std::thread::Builder::new()
            .name("run-store".to_owned())
            .spawn(move || writer.run(&receiver))
            .map_err(StoreError::io("start the writer of", &directory))?;
        Ok(Self { directory, record, sender, overflow: AtomicU64::new(0), writer: Mutex::new(Some(thread)) })
    }

    /// The run's directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The run's record as it was at the start.
    pub fn record(&self) -> &RunRecord {
        &self.record
    }

    /// Writes whatever is still held and waits until it is on its way to the disk. Everything recorded later is lost.
    ///
    /// # Errors
    ///
    /// If anything could not be kept: how much, and the first reason with its path.
    pub fn finish(&self) -> Result<(), StoreError> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(writer) = writer else { return Ok(()) };
        // Fails only if the writer is gone, which joining it tells.
        let _ = self.sender.send(Message::Finish);
        let mut losses = writer
            .join()
            .unwrap_or_else(|_| Losses { count: 1, first: Some("the writer of the run store broke down".to_owned()) });
        let overflow = self.overflow.load(Ordering::Relaxed);
        if overflow > 0 {
            losses.add(overflow, || "the disk did not keep up with the run".to_owned());
        }
        match losses.first {
            None => Ok(()),
            Some(reason) => Err(StoreError::Lost { path: self.directory.clone(), count: losses.count, reason }),
        }
    }

    fn send(&self, message: Message) {
        if self.sender.try_send(message).is_err() {
            self.overflow.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Recorder for FileRecorder {
    fn span(&self, span: Span) {
        self.send(Message::Span(Box::new(span)));
    }

    fn probe(&self, event: ProbeEvent) {
        self.send(Message::Probe(event));
    }

    fn close_block(&self, block: &Block) {
        self.send(Message::CloseBlock(block.clone()));
    }

    fn attach(&self, attachment: Attachment) {
        self.send(Message::Attachment(attachment));
    }

    fn sample(&self, sample: StepSample) {
        self.send(Message::Sample(sample));
    }

    fn journey(&self, record: JourneyRecord) {
        self.send(Message::Journey(Box::new(record)));
    }
}

impl Drop for FileRecorder {
    fn drop(&mut self) {
        // A run that is given up keeps what it has; who wants to know of losses calls `finish`.
        let _ = self.finish();
    }
}

#[derive(Debug, Default)]
struct Losses {
    count: u64,
    first: Option<String>,
}

impl Losses {
    fn add(&mut self, count: u64, reason: impl FnOnce() -> String) {
        self.count += count;
        self.first.get_or_insert_with(reason);
    }
}

struct Writer {
    directory: PathBuf,
    run_start: Timestamp,
    blocks: Blocks,
    metrics: PendingMetrics,
    written: Timestamp,
    trace: Lines,
    metric_lines: Lines,
    journeys: Lines,
    losses: Losses,
}

impl Writer {
    fn run(mut self, messages: &Receiver<Message>) -> Losses {
        while let Some(message) = self.next(messages) {
            match message {
                Message::Span(span) => {
                    let now = span.end_time_unix_nano;
                    self.blocks.add(*span);
                    self.write_now_and_then(now);
                }
                Message::Probe(event) => self.trace.append(&[Event::Probe(event)], &mut self.losses),
                Message::CloseBlock(block) => {
                    let spans = self.blocks.close(&block);
                    self.append_spans(spans);
                }
                Message::Sample(sample) => self.metrics.add(self.run_start, &sample),
                Message::Journey(record) => {
                    self.blocks.journey_over(record.persona, record.iteration, record.end);
                    self.journeys.append(&[&*record], &mut self.losses);
                    self.write_now_and_then(record.end);
                }
                Message::Attachment(attachment) => self.keep(&attachment),
                Message::Finish => break,
            }
        }
        for spans in self.blocks.take_all() {
            self.append_spans(spans);
        }
        self.append_metrics();
        self.losses
    }

    /// The next message; none when the recorder is gone. Before the writer waits for one, it writes what it can: a kill
    /// during a long pause must cost nothing that was known.
    fn next(&mut self, messages: &Receiver<Message>) -> Option<Message> {
        match messages.try_recv() {
            Ok(message) => Some(message),
            Err(TryRecvError::Empty) => {
                self.write_pending();
                messages.recv().ok()
            }
            Err(TryRecvError::Disconnected) => None,
        }
    }

    /// Writes late spans and metrics if a second of the run has passed since the last time: a writer that never has to
    /// wait must not hold them for ever.
    fn write_now_and_then(&mut self, now: Timestamp) {
        if now.since(self.written) >= WRITE_EVERY {
            self.written = now;
            self.write_pending();
        }
    }

    fn write_pending(&mut self) {
        for spans in self.blocks.take_late() {
            self.append_spans(spans);
        }
        self.append_metrics();
    }

    fn keep(&mut self, attachment: &Attachment) {
        let path = self.directory.join(attachment.path());
        let parent = self.directory.join(Attachment::DIRECTORY);
        if let Err(error) = fs::create_dir_all(parent).and_then(|()| fs::write(&path, &attachment.content)) {
            self.losses.add(1, || format!("cannot write `{}`: {error}", path.display()));
        }
    }

    fn append_spans(&mut self, spans: Vec<Span>) {
        let events: Vec<_> = spans.into_iter().map(Event::Span).collect();
        self.trace.append(&events, &mut self.losses);
    }

    fn append_metrics(&mut self) {
        for line in self.metrics.take() {
            match line {
                Ok(line) => self.metric_lines.append(&[line], &mut self.losses),
                Err(error) => self.losses.add(1, || format!("cannot encode a histogram: {error}")),
            }
        }
    }
}

/// A file of lines that only grows.
struct Lines {
    path: PathBuf,
    file: File,
    /// Its length in bytes without a torn end.
    length: u64,
    broken: bool,
}

impl Lines {
    fn create(directory: &Path, name: &str) -> Result<Self, StoreError> {
        let path = directory.join(name);
        let file =
            OpenOptions::new().create_new(true).append(true).open(&path).map_err(StoreError::io("create", &path))?;
        Ok(Self { path, file, length: 0, broken: false })
    }

    /// Holds a lock as long as the file is written, by which a reader tells a run under way from one that was killed.
    /// Where locks are not to be had, the reader cannot tell.
    fn locked(self) -> Self {
        let _ = self.file.try_lock();
        self
    }

    /// Appends a line for each record, in one write, so that a kill tears at most the last of them.
    fn append<T: Serialize>(&mut self, records: &[T], losses: &mut Losses) {
        if records.is_empty() {
            return;
        }
        let result =
            if self.broken { Err(io::Error::other("an earlier write failed")) } else { self.try_append(records) };
        if let Err(error) = result {
            losses.add(records.len() as u64, || format!("cannot write `{}`: {error}", self.path.display()));
            if !self.broken {
                self.broken = true;
                // Best effort: a reader passes over a torn end, too.
                let _ = self.file.set_len(self.length);
            }
        }
    }

    fn try_append<T: Serialize>(&mut self, records: &[T]) -> io::Result<()> {
        let mut text = Vec::new();
        for record in records {
            serde_json::to_writer(&mut text, record)?;
            text.push(b'\n');
        }
        self.file.write_all(&text)?;
        self.length += text.len() as u64;
        Ok(())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_with_its_path() {
        let path = PathBuf::from("/dev/full");
        let file = OpenOptions::new().append(true).open(&path).unwrap();
        let mut lines = Lines { path, file, length: 0, broken: false };
        let mut losses = Losses::default();
        lines.append(&[1, 2], &mut losses);
        lines.append(&[3], &mut losses);
        assert_eq!(losses.count, 3);
        let reason = losses.first.unwrap();
        assert!(reason.starts_with("cannot write `/dev/full`: No space left"), "{reason}");
    }
}
