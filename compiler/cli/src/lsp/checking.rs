//! Checks the open documents on a thread of its own.

use std::{
    collections::{HashMap, HashSet},
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread::JoinHandle,
};

use gen_lsp_types::{
    Diagnostic, LogMessageNotification, LogMessageParams, MessageType, Notification, PublishDiagnosticsNotification,
    PublishDiagnosticsParams, Uri,
};
use lsp_server::{ErrorCode, Message, RequestId, Response};
use scn_analysis::{Findings, Memory, Survey, Used};

use super::{
    capabilities::Client,
    documents::Document,
    names::{self, Names},
    render::Renderer,
    requests::{Known, Refusal, Waiting, taken_back},
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
    /// Set to true by the next edit.
    pub cancelled: Arc<AtomicBool>,
    /// What is wrong with the documents and with what they use.
    pub findings: Arc<Findings>,
    survey: Arc<Survey>,
    names: OnceLock<Arc<Names>>,
    workspace: OnceLock<Names>,
}

impl Checked {
    /// What is wrong with the documents; nothing if nobody waits any longer.
    fn of(documents: &[Arc<Document>], memory: Memory, cancelled: Arc<AtomicBool>) -> Option<Self> {
        let paths = names::paths(documents);
        let (findings, survey) = names::survey(&names::world(documents), &paths, Some(memory), &cancelled)?;
        let (documents, findings, survey) = (documents.to_vec(), Arc::new(findings), Arc::new(survey));
        Some(Self { documents, cancelled, findings, survey, names: OnceLock::new(), workspace: OnceLock::new() })
    }

    /// The document at `uri`, as it was checked.
    pub fn document(&self, uri: &Uri) -> Option<&Arc<Document>> {
        self.documents.iter().find(|document| document.uri == *uri)
    }

    /// What the file at `path` uses.
    pub fn uses(&self, path: &str) -> Vec<Used> {
        self.survey.uses(&self.findings, path)
    }

    /// What has a name in the open documents and in what they use.
    pub fn names(&self) -> Result<&Arc<Names>, Refusal> {
        if let Some(known) = self.names.get() {
            return Ok(known);
        }
        let names = Names::of(self.findings.clone(), self.survey.clone(), &self.cancelled).ok_or(Refusal::Outdated)?;
        Ok(self.names.get_or_init(|| Arc::new(names)))
    }

    /// What has a name anywhere in the workspace, unless `stop` becomes true before it is known.
    pub fn workspace(&self, client: &Client, stop: &Arc<AtomicBool>) -> Result<&Names, Refusal> {
        if let Some(known) = self.workspace.get() {
            return Ok(known);
        }
        let (paths, _) = names::workspace(&self.documents, client);
        let names = Names::read(&names::world(&self.documents), &paths, stop).ok_or(Refusal::Outdated)?;
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

/// A request that waits.
struct Asked {
    id: RequestId,
    request: Waiting,
    /// That of its job: no job before knows the text that it is about.
    generation: u64,
}

#[derive(Default)]
struct Shared {
    /// The generation of the newest job with changes.
    changed: AtomicU64,
    /// What stops the check that is under way.
    cancelled: Mutex<Arc<AtomicBool>>,
    /// Requests that are answered when the newest job is done, in the order in which they came.
    waiting: Mutex<Vec<Asked>>,
    /// The request that is being answered.
    running: Mutex<Option<Running>>,
    /// The names as they were last known.
    names: Mutex<Option<Arc<Names>>>,
}

/// A request that is being answered.
struct Running {
    id: RequestId,
    /// Set to true by the next edit, or when the editor takes it back.
    stop: Arc<AtomicBool>,
    is_taken_back: bool,
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Vec<Asked>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn names(&self) -> MutexGuard<'_, Option<Arc<Names>>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cancelled(&self) -> MutexGuard<'_, Arc<AtomicBool>> {
        self.cancelled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops what is under way.
    fn stop(&self) {
        self.cancelled().store(true, Ordering::SeqCst);
        if let Some(running) = self.running().as_ref() {
            running.stop.store(true, Ordering::SeqCst);
        }
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
        self.shared.stop();
        self.send(true, documents);
    }

    /// Whether there is somebody to do it.
    fn send(&mut self, changed: bool, documents: Vec<Arc<Document>>) -> bool {
        self.generation += 1;
        let job = Job { generation: self.generation, changed, documents };
        self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok())
    }

    /// Has a request answered by what the newest check finds. False if nobody checks, so that it never is.
    pub fn ask(&mut self, id: RequestId, request: Waiting, documents: Vec<Arc<Document>>) -> bool {
        self.shared.waiting().push(Asked { id: id.clone(), request, generation: self.generation + 1 });
        self.send(false, documents) || !self.forget(&id)
    }

    /// Whether a request was waiting, which it is no longer. One that is being answered is stopped.
    pub fn forget(&self, id: &RequestId) -> bool {
        if let Some(running) = self.shared.running().as_mut().filter(|running| running.id == *id) {
            running.is_taken_back = true;
            running.stop.store(true, Ordering::SeqCst);
        }
        let mut waiting = self.shared.waiting();
        let before = waiting.len();
        waiting.retain(|asked| asked.id != *id);
        waiting.len() < before
    }

    /// The names as they were last known, perhaps before the last edits.
    pub fn last_names(&self) -> Option<Arc<Names>> {
        self.shared.names().clone()
    }

    /// Ends the thread when it is done with what it is at.
    pub fn stop(&mut self) {
        self.shared.stop();
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
        let memory = Memory::default();
        // Whether something has changed since diagnostics were published.
        let mut pending = false;
        while let Ok(mut job) = jobs.recv() {
            // Only the newest counts.
            while let Ok(newer) = jobs.try_recv() {
                job = Job { changed: job.changed || newer.changed, ..newer };
            }
            // A request may come before any document.
            pending |= job.changed || last.is_none();
            let cancelled = Arc::new(AtomicBool::new(false));
            if pending {
                *self.shared.cancelled() = cancelled.clone();
            }
            // What is about an older text would only flicker.
            if self.shared.is_outdated(job.generation) {
                continue;
            }
            // What was found before is given back when nobody waits for it.
            let mut before = None;
            if pending {
                before = last.take();
                let found = self.guarded(|| {
                    let checked = Checked::of(&job.documents, memory.clone(), cancelled)?;
                    let told = Renderer::of(&checked, self.client.encoding).by_file();
                    Some((checked, told))
                });
                if self.shared.is_outdated(job.generation) {
                    continue;
                }
                last = found.map(|(checked, told)| {
                    self.publish(&checked, told);
                    checked
                });
            }
            pending = false;
            self.answer(last.as_ref(), job.generation);
            drop(before);
            // Nobody waits; what completion knows is made ready.
            if let Some(checked) = &last {
                self.guarded(|| checked.names().ok());
                self.remember(checked);
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
    fn publish(&mut self, checked: &Checked, mut found: HashMap<Uri, Vec<Diagnostic>>) {
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

    fn say(&self, uri: Uri, version: Option<i32>, diagnostics: Vec<Diagnostic>) {
        self.notify::<PublishDiagnosticsNotification>(PublishDiagnosticsParams { uri, version, diagnostics });
    }

    /// Answers what was asked before the job of this generation, unless an edit has come in between, after which it waits on.
    fn answer(&self, checked: Option<&Checked>, generation: u64) {
        let due: Vec<Asked> = self.shared.waiting().extract_if(.., |asked| asked.generation <= generation).collect();
        for Asked { id, request, generation: asked } in due {
            let stop = Arc::new(AtomicBool::new(false));
            *self.shared.running() = Some(Running { id: id.clone(), stop: stop.clone(), is_taken_back: false });
            if self.shared.is_outdated(generation) {
                stop.store(true, Ordering::SeqCst);
            }
            let answer = || checked.map(|checked| request(&Known { checked, client: &self.client, stop: &stop }));
            let failed = |code: ErrorCode, why: String| Response::new_err(id.clone(), code as i32, why);
            let answer = panic::catch_unwind(AssertUnwindSafe(answer));
            let is_taken_back = self.shared.running().take().is_some_and(|running| running.is_taken_back);
            let response = match answer {
                Ok(Some(Ok(result))) => Response::new_ok(id.clone(), result),
                _ if is_taken_back => taken_back(id),
                Ok(Some(Err(Refusal::Outdated))) if self.shared.is_outdated(generation) => {
                    self.shared.waiting().push(Asked { id, request, generation: asked });
                    continue;
                }
                Ok(Some(Err(Refusal::Outdated))) => {
                    failed(ErrorCode::ContentModified, "the text has changed".to_owned())
                }
                Ok(Some(Err(Refusal::Because(why)))) => failed(ErrorCode::RequestFailed, why),
                Ok(None) | Err(_) => failed(ErrorCode::InternalError, "nothing could be checked".to_owned()),
            };
            checked.into_iter().for_each(|checked| self.remember(checked));
            (self.out)(Message::Response(response));
        }
    }

    /// Keeps the names that have become known, for completion.
    fn remember(&self, checked: &Checked) {
        if let Some(names) = checked.names.get() {
            *self.shared.names() = Some(names.clone());
        }
    }
}
