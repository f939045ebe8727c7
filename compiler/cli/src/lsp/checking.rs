//! Checks the open documents on a thread of its own.

use std::{
    collections::{HashMap, HashSet},
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
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
use scn_world::FileWorld;

use super::{capabilities::Client, documents::Document, render, requests::Waiting};

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
}

impl Checked {
    /// The document at `uri`, as it was checked.
    pub fn document(&self, uri: &Uri) -> Option<&Arc<Document>> {
        self.documents.iter().find(|document| document.uri == *uri)
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
    /// The generation of the newest job.
    newest: AtomicU64,
    /// Requests that are answered when the newest job is done.
    waiting: Mutex<HashMap<RequestId, Waiting>>,
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, HashMap<RequestId, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.send(true, documents);
    }

    fn send(&mut self, changed: bool, documents: Vec<Arc<Document>>) {
        self.generation += 1;
        self.shared.newest.store(self.generation, Ordering::SeqCst);
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(Job { generation: self.generation, changed, documents });
        }
    }

    /// Has a request answered by what the newest check finds.
    pub fn ask(&mut self, id: RequestId, request: Waiting, documents: Vec<Arc<Document>>) {
        self.shared.waiting().insert(id, request);
        self.send(false, documents);
    }

    /// Whether a request was waiting, which it is no longer.
    pub fn forget(&self, id: &RequestId) -> bool {
        self.shared.waiting().remove(id).is_some()
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
            if pending {
                last = self.check(&job.documents);
            }
            // What is about an older text would only flicker.
            if job.generation < self.shared.newest.load(Ordering::SeqCst) {
                continue;
            }
            if let Some(checked) = last.as_ref().filter(|_| pending) {
                self.publish(checked);
            }
            pending = false;
            self.answer(last.as_ref());
        }
        self.answer(None);
    }

    /// What is wrong with the documents; none if the compiler itself failed, which is logged.
    fn check(&self, documents: &[Arc<Document>]) -> Option<Checked> {
        let texts = documents.iter().map(|document| (document.path.clone(), document.text.clone()));
        let world = FileWorld::over(texts);
        let paths: Vec<String> = documents.iter().map(|document| document.path.clone()).collect();
        let findings =
            panic::catch_unwind(AssertUnwindSafe(|| scn_analysis::check(&world, &paths, &Options::default())));
        match findings {
            Ok(findings) => Some(Checked { documents: documents.to_vec(), findings }),
            Err(_) => {
                let message = "esrc failed on what is written now; this is a defect of esrc itself".to_owned();
                self.notify::<LogMessageNotification>(LogMessageParams { kind: MessageType::Error, message });
                None
            }
        }
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

    fn answer(&self, checked: Option<&Checked>) {
        let waiting: Vec<(RequestId, Waiting)> = self.shared.waiting().drain().collect();
        for (id, request) in waiting {
            let answer = || checked.map(|checked| request.answer(checked, self.client));
            let response = match panic::catch_unwind(AssertUnwindSafe(answer)) {
                Ok(Some(result)) => Response::new_ok(id, result),
                _ => Response::new_err(id, ErrorCode::InternalError as i32, "nothing could be checked".to_owned()),
            };
            (self.out)(Message::Response(response));
        }
    }
}
