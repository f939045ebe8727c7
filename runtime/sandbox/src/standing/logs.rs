//! Logs of a standing sandbox: a line for each request that a part has served, in a file for each part. They outlive the
//! sandbox, so that it can be seen what it did last.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
};

use esr_tap::{
    Attachment, Block, JourneyRecord, ProbeEvent, Recorder, Span, SpanKind, SpanStatus, StepSample, Timestamp,
    attributes,
};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Extension of the files.
const EXTENSION: &str = "jsonl";

/// When a part's log is longer than this, in bytes, it becomes the older one, and the older one before it is dropped.
const LONGEST: u64 = 16 << 20;

/// Lines that may wait to be written. Beyond that they are dropped: a log must not slow the sandbox down.
const BACKLOG: usize = 1 << 14;

/// A request that a part has served, or a line that it said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When it came.
    pub time: Timestamp,
    /// The part.
    pub part: SmolStr,
    /// Its method and the route or page that served it; empty where the part said something.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub request: SmolStr,
    /// What the part said, where it is a process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// The status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long it took, in nanoseconds.
    pub duration: u64,
    /// How long it waited for a worker, in nanoseconds.
    pub waited: u64,
    /// The run that it belongs to; none for people who use the sandbox by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<SmolStr>,
    /// Why it failed, without anybody's data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl LogLine {
    fn of(span: &Span, run: Option<&SmolStr>) -> Self {
        let error = match &span.status {
            SpanStatus::Error(why) => Some(why.clone()),
            _ => None,
        };
        Self {
            time: span.start_time_unix_nano,
            part: span.service.clone(),
            request: span.name.clone(),
            said: None,
            status: span.int(attributes::HTTP_RESPONSE_STATUS_CODE).and_then(|status| u16::try_from(status).ok()),
            duration: span.duration(),
            waited: span.int(attributes::ESR_QUEUE_WAIT).map_or(0, i64::unsigned_abs),
            run: run.cloned(),
            error,
        }
    }
}

/// Takes lines for the logs.
#[derive(Clone)]
pub(super) struct Logs(SyncSender<Message>);

/// The thread that writes the logs.
pub(super) struct LogWriter {
    sender: SyncSender<Message>,
    thread: JoinHandle<()>,
}

enum Message {
    Line(LogLine),
    Finish,
}

impl Logs {
    /// New logs in `directory`, a file for each part; what an earlier sandbox wrote there becomes the older ones.
    pub(super) fn begin(directory: &Path, parts: impl Iterator<Item = SmolStr>) -> io::Result<(Self, LogWriter)> {
        fs::create_dir_all(directory)?;
        let mut files = HashMap::new();
        for part in parts {
            let mut file = LogFile::open(path(directory, &part))?;
            if file.length > 0 {
                file.turn()?;
            }
            files.insert(part, file);
        }
        let (sender, receiver) = sync_channel(BACKLOG);
        let thread = std::thread::Builder::new().name("logs".to_owned()).spawn(move || write(&receiver, files))?;
        Ok((Self(sender.clone()), LogWriter { sender, thread }))
    }

    /// Logs what a process said.
    pub(super) fn said(&self, part: &SmolStr, line: &str, time: Timestamp) {
        self.add(LogLine {
            time,
            part: part.clone(),
            request: SmolStr::default(),
            said: Some(line.to_owned()),
            status: None,
            duration: 0,
            waited: 0,
            run: None,
            error: None,
        });
    }

    fn add(&self, line: LogLine) {
        // Dropped where the disk does not keep up.
        let _ = self.0.try_send(Message::Line(line));
    }
}

impl LogWriter {
    /// Writes what has been logged until now, and ends.
    pub(super) fn finish(self) {
        // Fails only if the thread has ended.
        let _ = self.sender.send(Message::Finish);
        let _ = self.thread.join();
    }
}

fn write(lines: &Receiver<Message>, mut files: HashMap<SmolStr, LogFile>) {
    while let Ok(Message::Line(line)) = lines.recv() {
        if let Some(file) = files.get_mut(&line.part) {
            // A full disk costs lines, not the sandbox.
            let _ = file.add(&line);
        }
    }
}

struct LogFile {
    path: PathBuf,
    file: File,
    length: u64,
}

impl LogFile {
    fn open(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let length = file.metadata()?.len();
        Ok(Self { path, file, length })
    }

    fn add(&mut self, line: &LogLine) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        if self.length > LONGEST {
            self.turn()?;
        }
        self.file.write_all(&text).inspect_err(|_| {
            // Half a line would spoil the next one.
            let _ = self.file.set_len(self.length);
        })?;
        self.length += text.len() as u64;
        Ok(())
    }

    /// What has been written becomes the older log.
    fn turn(&mut self) -> io::Result<()> {
        fs::rename(&self.path, older(&self.path))?;
        *self = Self::open(self.path.clone())?;
        Ok(())
    }
}

fn path(directory: &Path, part: &str) -> PathBuf {
    directory.join(format!("{part}.{EXTENSION}"))
}

fn older(path: &Path) -> PathBuf {
    path.with_extension(format!("older.{EXTENSION}"))
}

/// Reads the log of a part.
#[derive(Debug)]
pub struct LogReader {
    path: PathBuf,
    reader: BufReader<File>,
    /// What has been read of a line whose end is not written yet.
    begun: Vec<u8>,
}

impl LogReader {
    /// The log of `part` in `directory`, from the beginning of the older one.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn open(directory: &Path, part: &str) -> io::Result<Self> {
        let path = path(directory, part);
        let first = File::open(older(&path)).or_else(|_| File::open(&path))?;
        Ok(Self { reader: BufReader::new(first), path, begun: Vec::new() })
    }

    /// The parts that have a log in `directory`, by name.
    pub fn parts(directory: &Path) -> Vec<String> {
        let files = fs::read_dir(directory).into_iter().flatten().flatten();
        let names = files.filter_map(|entry| Some(entry.file_name().to_str()?.to_owned()));
        let mut parts: Vec<String> = names
            .filter_map(|name| Some(name.strip_suffix(EXTENSION)?.strip_suffix('.')?.to_owned()))
            .filter(|part| !part.ends_with(".older"))
            .collect();
        parts.sort();
        parts
    }

    /// The lines that have been written since the last call. Lines that cannot be read are passed over.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn read(&mut self) -> io::Result<Vec<LogLine>> {
        let mut lines = Vec::new();
        loop {
            let read = self.reader.read_until(b'\n', &mut self.begun)?;
            if self.begun.ends_with(b"\n") {
                lines.extend(serde_json::from_slice::<LogLine>(&self.begun).ok());
                self.begun.clear();
            } else if read == 0 {
                // The end, unless another file has taken the place of this one. Nothing is added to this one any more once
                // that is so; what was added just before is read first.
                if !self.has_been_replaced() {
                    return Ok(lines);
                }
                if self.reader.fill_buf()?.is_empty() {
                    self.reader = BufReader::new(File::open(&self.path)?);
                    self.begun.clear();
                }
            }
        }
    }

    fn has_been_replaced(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        let inode = |metadata: io::Result<fs::Metadata>| metadata.map(|metadata| (metadata.dev(), metadata.ino()));
        match (inode(fs::metadata(&self.path)), inode(self.reader.get_ref().metadata())) {
            (Ok(there), Ok(here)) => there != here,
            _ => false,
        }
    }
}

/// Records the spans of a run, or of people who use the sandbox by hand, and logs what parts served.
pub(super) struct Logged {
    pub(super) logs: Logs,
    pub(super) run: Option<SmolStr>,
    /// Who records the run; nobody records people.
    pub(super) inner: Option<Arc<dyn Recorder>>,
}

impl Recorder for Logged {
    fn span(&self, span: Span) {
        if span.kind == SpanKind::Server {
            self.logs.add(LogLine::of(&span, self.run.as_ref()));
        }
        if let Some(inner) = &self.inner {
            inner.span(span);
        }
    }

    fn probe(&self, event: ProbeEvent) {
        if let Some(inner) = &self.inner {
            inner.probe(event);
        }
    }

    fn close_block(&self, block: &Block) {
        if let Some(inner) = &self.inner {
            inner.close_block(block);
        }
    }

    fn sample(&self, sample: StepSample) {
        if let Some(inner) = &self.inner {
            inner.sample(sample);
        }
    }

    fn attach(&self, attachment: Attachment) {
        if let Some(inner) = &self.inner {
            inner.attach(attachment);
        }
    }

    fn journey(&self, record: JourneyRecord) {
        if let Some(inner) = &self.inner {
            inner.journey(record);
        }
    }
}
