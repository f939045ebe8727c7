//! Checks the open documents on a thread of its own.

use std::{
    collections::HashSet,
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread::JoinHandle,
};

use gen_lsp_types::{
    LogMessageNotification, LogMessageParams, MessageType, Notification, PublishDiagnosticsNotification,
    PublishDiagnosticsParams, Uri,
};
use lsp_server::{ErrorCode, Message, RequestId, Response};
use scn_analysis::{Findings, Options};

use super::{
    capabilities::Client,
    documents::Document,
    names::{self, Names},
    render,
    requests::{Refusal, Waiting},
};

/// What is to be checked.
struct Job {
    /// Larger than that of every job before.
    generation: u64,
    /// Whether something may have changed, also on disk; else a request waits for what is known.
    changed: bool,
    documents: Vec<Arc<Document>>,
}

/// What was found in the open documents.
pub(super) struct Checked {
    /// The documents as they were.
    pub documents: Vec<Arc<Document>>,
    /// What is wrong with them and what they use.
    pub findings: Findings,
    /// Set to true by the next edit.
    pub cancelled: Arc<AtomicBool>,
    names: OnceLock<Arc<Names>>,
    workspace: OnceLock<Names>,
}

impl Checked {
    /// What is wrong with the documents; nothing if nobody waits any longer.
    fn of(documents: &[Arc<Document>], cancelled: Arc<AtomicBool>) -> Option<Self> {
        let paths: Vec<String> = documents.iter().map(|document| document.path.clone()).collect();
        let options = Options { cancelled: cancelled.clone(), ..Options::default() };
        let findings = scn_analysis::check(&names::world(documents), &paths, &options);
        let documents = documents.to_vec();
        let is_whole = !cancelled.load(Ordering::Relaxed);
        let checked = Self { documents, findings, cancelled, names: OnceLock::new(), workspace: OnceLock::new() };
        is_whole.then_some(checked)
    }

    /// The document at `uri`, as it was checked.
    pub fn document(&self, uri: &Uri) -> Option<&Arc<Document>> {
        self.documents.iter().find(|document| document.uri == *uri)
    }

    /// What has a name in the open documents and in what they use.
    pub fn names(&self) -> Result<&Arc<Names>, Refusal> {
        if let Some(known) = self.names.get() {
            return Ok(known);
        }
        let paths: Vec<String> = self.documents.iter().map(|document| document.path.clone()).collect();
        let names = Names::of(&names::world(&self.documents), &paths, &self.cancelled).ok_or(Refusal::Outdated)?;
        Ok(self.names.get_or_init(|| Arc::new(names)))
    }

    /// What has a name anywhere in the workspace.
    pub fn workspace(&self, client: &Client) -> Result<&Names, Refusal> {
        if let Some(known) = self.workspace.get() {
            return Ok(known);
        }
        let paths = names::workspace(&self.documents, client);
        let names = Names::of(&names::world(&self.documents), &paths, &self.cancelled).ok_or(Refusal::Outdated)?;
        Ok(self.workspace.get_or_init(|| names))
    }
}

/// The thread that checks, and what it shares with the one that listens.
pub(super) struct Checker {
    jobs: Option<Sender<Job>>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    generation: u64,
}

#[derive(Default)]
struct Shared {
    /// The generation of the newest job with changes.
    changed: AtomicU64,
    /// What stops the check that is under way.
    cancelled: Mutex<Arc<AtomicBool>>,
    /// Requests that are answered when the newest job is done, in the order in which they came.
    waiting: Mutex<Vec<(RequestId, Waiting)>>,
    /// The names as they were last known.
    names: Mutex<Option<Arc<Names>>>,
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Vec<(RequestId, Waiting)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn names(&self) -> MutexGuard<'_, Option<Arc<Names>>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cancelled(&self) -> MutexGuard<'_, Arc<AtomicBool>> {
        self.cancelled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether something has changed since the job of this generation.
    fn is_outdated(&self, generation: u64) -> bool {
        generation < self.changed.load(Ordering::SeqCst)
    }
}

impl Checker {
    /// Starts the thread. What it has to say goes to `out`.
    pub fn start(out: impl Fn(Message) + Send + 'static, client: Client) -> Self {
        let (jobs, receiver) = mpsc::channel();
        let shared = Arc::new(Shared::default());
        let worker = Worker { shared: shared.clone(), out: Box::new(out), client, published: HashSet::new() };
        // Where no thread can be had, nothing is checked; the syntax is answered all the same.
        let thread = std::thread::Builder::new().name("check".into()).spawn(move || worker.work(&receiver)).ok();
        Self { jobs: Some(jobs), shared, thread, generation: 0 }
    }

    /// Has the documents checked as they are now, in place of what was to be checked before.
    pub fn check(&mut self, documents: Vec<Arc<Document>>) {
        self.shared.changed.store(self.generation + 1, Ordering::SeqCst);
        self.shared.cancelled().store(true, Ordering::SeqCst);
        self.send(true, documents);
    }

    fn send(&mut self, changed: bool, documents: Vec<Arc<Document>>) {
        self.generation += 1;
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(Job { generation: self.generation, changed, documents });
        }
    }

    /// Has a request answered by what the newest check finds.
    pub fn ask(&mut self, id: RequestId, request: Waiting, documents: Vec<Arc<Document>>) {
        self.shared.waiting().push((id, request));
        self.send(false, documents);
    }

    /// Whether a request was waiting, which it is no longer.
    pub fn forget(&self, id: &RequestId) -> bool {
        let mut waiting = self.shared.waiting();
        let before = waiting.len();
        waiting.retain(|(waiting, _)| waiting != id);
        waiting.len() < before
    }

    /// The names as they were last known, perhaps before the last edits.
    pub fn last_names(&self) -> Option<Arc<Names>> {
        self.shared.names().clone()
    }

    /// Ends the thread when it is done with what it is at.
    pub fn stop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What runs on the thread.
struct Worker {
    shared: Arc<Shared>,
    out: Box<dyn Fn(Message) + Send>,
    client: Client,
    /// Files that diagnostics were published for, which have to be taken back when they are gone.
    published: HashSet<Uri>,
}

impl Worker {
    fn work(mut self, jobs: &Receiver<Job>) {
        let mut last: Option<Checked> = None;
        // Whether something has changed since diagnostics were published.
        let mut pending = false;
        while let Ok(mut job) = jobs.recv() {
            // Only the newest counts.
            while let Ok(newer) = jobs.try_recv() {
                job = Job { changed: job.changed || newer.changed, ..newer };
            }
            pending |= job.changed;
            let cancelled = Arc::new(AtomicBool::new(false));
            if pending {
                *self.shared.cancelled() = cancelled.clone();
            }
            // What is about an older text would only flicker.
            if self.shared.is_outdated(job.generation) {
                continue;
            }
            if pending {
                last = self.guarded(|| Checked::of(&job.documents, cancelled));
                if self.shared.is_outdated(job.generation) {
                    continue;
                }
                if let Some(checked) = &last {
                    self.publish(checked);
                }
            }
            pending = false;
            self.answer(last.as_ref(), job.generation);
            // Nobody waits; what completion knows is made ready.
            let names = last.as_ref().and_then(|checked| self.guarded(|| checked.names().ok().cloned()));
            if let Some(names) = names {
                *self.shared.names() = Some(names);
            }
        }
        self.answer(None, u64::MAX);
    }

    /// What `find` finds; nothing if the compiler itself failed, which is logged.
    fn guarded<T>(&self, find: impl FnOnce() -> Option<T>) -> Option<T> {
        panic::catch_unwind(AssertUnwindSafe(find)).unwrap_or_else(|_| {
            let message = "esrc failed on what is written now; this is a defect of esrc itself".to_owned();
            self.notify::<LogMessageNotification>(LogMessageParams { kind: MessageType::Error, message });
            None
        })
    }

    fn notify<N: Notification>(&self, params: N::Params) {
        (self.out)(Message::Notification(lsp_server::Notification::new(N::METHOD.into(), params)));
    }

    /// Says what is wrong: in the open documents, unless the editor asks by itself, and in the files that they use.
    fn publish(&mut self, checked: &Checked) {
        let mut found = render::by_file(&checked.findings, self.client.encoding);
        let mut published = HashSet::new();
        for document in &checked.documents {
            let diagnostics = found.remove(&document.uri).unwrap_or_default();
            if !self.client.pulls {
                self.say(document.uri.clone(), Some(document.version), diagnostics);
                published.insert(document.uri.clone());
            }
        }
        for (uri, diagnostics) in found {
            self.say(uri.clone(), None, diagnostics);
            published.insert(uri);
        }
        for gone in self.published.difference(&published) {
            self.say(gone.clone(), None, Vec::new());
        }
        self.published = published;
    }

    fn say(&self, uri: Uri, version: Option<i32>, diagnostics: Vec<gen_lsp_types::Diagnostic>) {
        self.notify::<PublishDiagnosticsNotification>(PublishDiagnosticsParams { uri, version, diagnostics });
    }

    /// Answers all that waits, unless an edit has come in between, after which it waits on.
    fn answer(&self, checked: Option<&Checked>, generation: u64) {
        let waiting = std::mem::take(&mut *self.shared.waiting());
        for (id, request) in waiting {
            let answer = || checked.map(|checked| request(checked, &self.client));
            let failed = |code: ErrorCode, why: String| Response::new_err(id.clone(), code as i32, why);
            let response = match panic::catch_unwind(AssertUnwindSafe(answer)) {
                Ok(Some(Ok(result))) => Response::new_ok(id.clone(), result),
                Ok(Some(Err(Refusal::Outdated))) if self.shared.is_outdated(generation) => {
                    self.shared.waiting().push((id, request));
                    continue;
                }
                Ok(Some(Err(Refusal::Outdated))) => {
                    failed(ErrorCode::ContentModified, "the text has changed".to_owned())
                }
                Ok(Some(Err(Refusal::Because(why)))) => failed(ErrorCode::RequestFailed, why),
                Ok(None) | Err(_) => failed(ErrorCode::InternalError, "nothing could be checked".to_owned()),
            };
            (self.out)(Message::Response(response));
        }
    }
}
