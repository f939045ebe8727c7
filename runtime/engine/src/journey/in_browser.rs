//! What a journey does in the browser of a persona that has one: it acts there, answers what the browser asks for, waits
//! until the page is settled, and reads the page anew.

use std::{collections::HashSet, future::Future, pin::pin};

use bytes::Bytes;
use esr_tap::Timestamp;
use http::{HeaderMap, StatusCode, header};
use scn_plan::{Value, nanos::SECOND};
use smol_str::SmolStr;
use tokio::{
    sync::{mpsc, oneshot},
    task::{JoinError, JoinSet},
};

use super::{
    Failure, Journey,
    exchange::{Errand, MAX_REDIRECTS, Outgoing, redirect},
    wire::{Flight, Lane, TakeOff},
};
use crate::{
    bind::Kind as NodeKind,
    browser::Last,
    clock::{Elapsed, timeout},
    labels,
    page::{Control, Kind, Page},
    transport::{Request, Response, TransportError},
    webdriver::{Asked, Change, Hand, Shown, Trouble, Window},
};

/// A page is settled though something that it asks for is not answered within so many nanoseconds: 5 s. So long polls hold
/// nobody up.
const PATIENCE: u64 = 5 * SECOND.unsigned_abs();

/// How long a browser may take over what its requests are given, in nanoseconds: 10 s.
const SLACK: u64 = 10 * SECOND.unsigned_abs();

/// What passes between a browser and the network.
pub(super) struct Traffic {
    asked: mpsc::UnboundedReceiver<Asked>,
    flights: JoinSet<Landed>,
    /// How many requests have been made.
    begun: u64,
    /// Those under way that a settled page has been answered.
    awaited: HashSet<u64>,
    /// How many documents are under way.
    documents: usize,
    /// Nanoseconds of the redirects to the document that is under way, and how many there were.
    redirected: (u64, usize),
    /// What its path is to be shown as.
    shown_path: Option<SmolStr>,
    /// What of the form that is being submitted is sensitive.
    sensitive: Option<(&'static str, Value)>,
    /// The document that came last, until it is looked at.
    document: Option<Last>,
    /// Why the document that was asked for last did not come.
    failed: Option<Failure>,
    /// The browser did not come back from what it was last told to do.
    stuck: bool,
}

/// A request that is over.
struct Landed {
    number: u64,
    flight: Flight,
    lane: Lane,
    outgoing: Outgoing,
    sent: Result<Result<Response, TransportError>, Elapsed>,
    answer: oneshot::Sender<Response>,
}

impl Traffic {
    pub(super) fn of(window: &mut Window) -> Option<Self> {
        Some(Self {
            asked: window.asked.take()?,
            flights: JoinSet::new(),
            begun: 0,
            awaited: HashSet::new(),
            documents: 0,
            redirected: (0, 0),
            shown_path: None,
            sensitive: None,
            document: None,
            failed: None,
            stuck: false,
        })
    }
}

impl Journey {
    /// Opens the address of `outgoing` in the browser.
    pub(super) async fn go(&mut self, errand: &Errand, outgoing: Outgoing) -> Result<(u16, SmolStr), Failure> {
        if let Some(traffic) = &mut self.traffic {
            traffic.shown_path = outgoing.shown_path;
        }
        let url = outgoing.url;
        let shown = self.shown_path(&Outgoing::get(url.clone()));
        match self.in_window(errand, |hand| hand.go(url)).await? {
            Some(came) => Ok(came),
            None if self.browser.page.is_some() => Ok(self.shown()),
            None => Err(Failure::new("no page", format!("the browser shows nothing of {shown}"))),
        }
    }

    /// The status and the path of the page that is shown.
    fn shown(&self) -> (u16, SmolStr) {
        self.browser.page.as_ref().map_or((200, "/".into()), |page| (page.status, page.shown_path.clone()))
    }

    /// Clicks the element `node`. Yields the status and the path of the page that came, if one came.
    pub(super) async fn click_in_window(
        &mut self,
        errand: &Errand,
        node: Option<u32>,
    ) -> Result<Option<(u16, SmolStr)>, Failure> {
        let Some(node) = node else { return Ok(None) };
        self.in_window(errand, |hand| hand.click(node)).await
    }

    /// Submits `form` as a person does: presses `button`, or the key that does without.
    pub(super) async fn submit_in_window(
        &mut self,
        errand: &Errand,
        form: usize,
        button: Option<usize>,
    ) -> Result<(u16, SmolStr), Failure> {
        let Some(page) = &self.browser.page else { return Ok(self.shown()) };
        let pressed = button.and_then(|at| page.controls.get(at)).and_then(|control| control.node);
        let Some(form_node) = page.forms.get(form).and_then(|form| form.node) else {
            return Err(Failure::new("bad form", "the form is not on the page"));
        };
        if let Some(traffic) = &mut self.traffic {
            traffic.sensitive = Some(page.sensitive_entries(form, button));
        }
        let came = match pressed {
            Some(button) => self.in_window(errand, |hand| hand.click(button)).await?,
            None => self.in_window(errand, |hand| hand.submit(form_node)).await?,
        };
        if let Some(traffic) = &mut self.traffic {
            traffic.sensitive = None;
        }
        if let Some(came) = came {
            return Ok(came);
        }
        // Nothing was sent, or a script sent it.
        let invalid = self.hand(errand, |hand| hand.invalid(form_node)).await?.unwrap_or_default();
        let told: Vec<String> = invalid.into_iter().map(|(name, said)| format!("\"{name}\": {said}")).collect();
        if told.is_empty() {
            self.browser.discard_input();
            return Ok(self.shown());
        }
        Err(Failure::new("invalid input", format!("the browser does not submit the form: {}", told.join("; "))))
    }

    /// Does in the browser what has been done to the controls of the page since they were `before`.
    pub(super) async fn mirror(&mut self, at: usize, before: &[Control]) -> Result<(), Failure> {
        let Some(page) = self.browser.page.as_ref().filter(|_| self.window.is_some()) else { return Ok(()) };
        let changes: Vec<(u32, Change)> = before
            .iter()
            .zip(&page.controls)
            .filter_map(|(before, after)| Some((after.node?, change(&before.kind, &after.kind)?)))
            .collect();
        let NodeKind::Step(step, _) = &self.shared.clone().bound.nodes[self.executions[at].node].kind else {
            return Ok(());
        };
        let errand = self.errand(at, step.timeout);
        for (node, change) in changes {
            let mut files = Vec::new();
            if let (Change::Give(given), Some(window)) = (&change, &mut self.window) {
                for file in given {
                    files.push(window.write(file).map_err(|reason| Failure::new("bad file", reason))?);
                }
            }
            self.in_window(&errand, |hand| hand.change(node, change, files)).await?;
        }
        Ok(())
    }

    /// Reads the page as it is now, since scripts may have changed it.
    pub(super) async fn look_again(&mut self) -> Result<(), Failure> {
        if self.window.is_none() || self.browser.page.is_none() {
            return Ok(());
        }
        let Some(last) = self.executions.len().checked_sub(1) else { return Ok(()) };
        let errand = self.errand(last, scn_plan::plan::DEFAULT_STEP_TIMEOUT.unsigned_abs());
        self.see(&errand).await.map(|_| ())
    }

    /// An image of the window, without anybody's data.
    pub(super) async fn picture(&mut self, errand: &Errand) -> Result<Option<Vec<u8>>, Failure> {
        let redactor = self.redactor.clone();
        self.hand(errand, |hand| hand.screenshot(move |text| redactor.shown(text))).await
    }

    /// Acts in the window, waits until the page is settled, and reads it. Yields the status and the path of the page that
    /// came, if one came.
    async fn in_window<F>(
        &mut self,
        errand: &Errand,
        act: impl FnOnce(Hand) -> F,
    ) -> Result<Option<(u16, SmolStr)>, Failure>
    where
        F: Future<Output = Result<(), Trouble>> + Send,
    {
        if let Some(traffic) = &mut self.traffic {
            (traffic.document, traffic.failed, traffic.redirected) = (None, None, (0, 0));
        }
        let acted = self.hand(errand, act).await;
        if !self.is_stuck() {
            self.settle_page(errand).await?;
        }
        if let Some(failure) = self.traffic.as_mut().and_then(|traffic| traffic.failed.take()) {
            return Err(failure);
        }
        acted?;
        self.see(errand).await
    }

    /// Does something with the window while the browser's requests are answered; yields nothing if the page was left
    /// meanwhile.
    async fn hand<T, F>(&mut self, errand: &Errand, act: impl FnOnce(Hand) -> F) -> Result<Option<T>, Failure>
    where
        F: Future<Output = Result<T, Trouble>> + Send,
        T: Send,
    {
        let Some(hand) = self.window.as_ref().map(Window::hand) else { return Ok(None) };
        if self.is_stuck() {
            return Err(Failure::new("browser busy", "a page before keeps the browser busy"));
        }
        let clock = self.shared.deps.clock.clone();
        let bound = errand.timeout.saturating_add(SLACK);
        let done = self.attending(errand, timeout(&*clock, bound, act(hand))).await;
        match done {
            Ok(Ok(done)) => Ok(Some(done)),
            Ok(Err(Trouble::Moving)) => Ok(None),
            Ok(Err(Trouble::Refused(why))) => Err(Failure::new("not interactable", why)),
            Ok(Err(Trouble::Broken(why))) => {
                if let Some(browsers) = &self.shared.deps.browsers {
                    browsers.broke(&why);
                }
                Err(Failure::new("browser", format!("the browser broke down: {why}")))
            }
            Err(Elapsed) => {
                if let Some(traffic) = &mut self.traffic {
                    traffic.stuck = true;
                }
                let bound = Value::Duration(i64::try_from(bound).unwrap_or(i64::MAX));
                Err(Failure::new("browser busy", format!("the page keeps the browser busy, for more than {bound}")))
            }
        }
    }

    fn is_stuck(&self) -> bool {
        self.traffic.as_ref().is_some_and(|traffic| traffic.stuck)
    }

    /// Waits until the page is loaded and drawn, and what it asked for is answered.
    async fn settle_page(&mut self, errand: &Errand) -> Result<(), Failure> {
        let end = self.now().plus(PATIENCE);
        loop {
            let before = self.traffic.as_ref().map(|traffic| traffic.begun);
            let settled = self.hand(errand, Hand::settle).await?;
            self.until_quiet(errand, end).await;
            let after = self.traffic.as_ref().map(|traffic| traffic.begun);
            if (settled.is_some() && before == after) || self.now() >= end {
                return Ok(());
            }
        }
    }

    /// Reads the page. Yields the status and the path of the page that came since it was last read, if one came.
    async fn see(&mut self, errand: &Errand) -> Result<Option<(u16, SmolStr)>, Failure> {
        let end = self.now().plus(PATIENCE);
        let Shown { url, html } = loop {
            if let Some(shown) = self.hand(errand, Hand::look).await? {
                break shown;
            }
            if self.now() >= end {
                return Err(Failure::new("page moves", "the page does not stand still, so it cannot be read"));
            }
            self.settle_page(errand).await?;
        };
        match self.traffic.as_mut().and_then(|traffic| traffic.document.take()) {
            Some(last) => Ok(Some(self.arrive(last, url, html))),
            None => {
                if let Some(page) = self.browser.page.as_ref().filter(|page| page.is_html()) {
                    let path = if page.url.path() == url.path() {
                        page.shown_path.clone()
                    } else {
                        self.redactor.shown(url.path()).into()
                    };
                    let page = self.acquainted(Page::html(url, page.status, html), path);
                    self.browser.refresh(page);
                }
                Ok(None)
            }
        }
    }

    /// Lets time pass until `until`, while the browser's requests are answered.
    pub(super) async fn sleep_until(&mut self, until: Timestamp) {
        let sleep = self.shared.deps.clock.sleep_until(until);
        match self.executions.len().checked_sub(1) {
            Some(last) if self.traffic.is_some() => {
                let errand = self.errand(last, scn_plan::plan::DEFAULT_STEP_TIMEOUT.unsigned_abs());
                self.attending(&errand, sleep).await;
            }
            _ => sleep.await,
        }
    }

    /// What `work` yields; the browser's requests are answered meanwhile, on behalf of `errand`.
    async fn attending<T>(&mut self, errand: &Errand, work: impl Future<Output = T> + Send) -> T {
        let Some(mut traffic) = self.traffic.take() else { return work.await };
        let mut work = pin!(work);
        let done = loop {
            tokio::select! {
                biased;
                Some(landed) = traffic.flights.join_next() => self.answer(&mut traffic, landed),
                Some(asked) = traffic.asked.recv() => self.forward(&mut traffic, errand, asked),
                done = &mut work => break done,
            }
        };
        self.traffic = Some(traffic);
        done
    }

    /// Answers requests until none is under way, but no longer than `end` unless one is for a document.
    async fn until_quiet(&mut self, errand: &Errand, end: Timestamp) {
        let Some(mut traffic) = self.traffic.take() else { return };
        let clock = self.shared.deps.clock.clone();
        while !traffic.awaited.is_empty() {
            tokio::select! {
                biased;
                Some(landed) = traffic.flights.join_next() => self.answer(&mut traffic, landed),
                Some(asked) = traffic.asked.recv() => self.forward(&mut traffic, errand, asked),
                () = clock.sleep_until(end), if traffic.documents == 0 => traffic.awaited.clear(),
            }
        }
        self.traffic = Some(traffic);
    }

    /// Sends on what the browser asks for.
    fn forward(&mut self, traffic: &mut Traffic, errand: &Errand, asked: Asked) {
        let Asked { request: Request { method, url, headers, body }, answer } = asked;
        // A browser asks for it by itself, and nobody sees it.
        if url.path() == "/favicon.ico" {
            let _ =
                answer.send(Response { status: StatusCode::NOT_FOUND, headers: HeaderMap::new(), body: Bytes::new() });
            return;
        }
        let lane = if is_document(&headers) { Lane::Document } else { Lane::Subresource };
        let is_stream = headers.get(header::ACCEPT).is_some_and(|accept| accept == "text/event-stream");
        let shown_path = if lane == Lane::Document { traffic.shown_path.take() } else { None };
        let mut outgoing = Outgoing { method, url, shown_path, headers, body };
        if lane == Lane::Document
            && let Some((part, sensitive)) = &traffic.sensitive
        {
            labels::mark(&mut outgoing.headers, [(*part, sensitive)]);
        }
        match self.take_off(errand, &outgoing, lane) {
            Ok(TakeOff { flight, request, left }) => {
                let deps = self.shared.deps.clone();
                let number = traffic.begun;
                traffic.begun += 1;
                traffic.documents += usize::from(lane == Lane::Document);
                if !is_stream {
                    traffic.awaited.insert(number);
                }
                traffic.flights.spawn(async move {
                    let sent = timeout(&*deps.clock, left, deps.transport.send(request)).await;
                    Landed { number, flight, lane, outgoing, sent, answer }
                });
            }
            Err(failure) => {
                if lane == Lane::Document {
                    traffic.failed = Some(failure);
                }
                // A browser that has hung up needs no answer.
                let _ = answer.send(nothing(lane));
            }
        }
    }

    /// Takes note of an answer and hands it to the browser.
    fn answer(&mut self, traffic: &mut Traffic, landed: Result<Landed, JoinError>) {
        // A transport that panics leaves the browser without an answer, which says so.
        let Ok(Landed { number, flight, lane, outgoing, sent, answer }) = landed else { return };
        traffic.awaited.remove(&number);
        traffic.documents -= usize::from(lane == Lane::Document);
        let answered = match self.land(flight, sent) {
            Ok((response, took)) => {
                self.learn_from(&response);
                if lane == Lane::Document {
                    self.note_document(traffic, &outgoing, &response, took);
                }
                // A redirect that leads nowhere is not shown to the browser, which would leave its page for it.
                let is_shown = lane != Lane::Document || traffic.failed.is_none();
                if is_shown { response } else { nothing(lane) }
            }
            Err(failure) => {
                if lane == Lane::Document {
                    traffic.failed = Some(failure);
                }
                nothing(lane)
            }
        };
        let _ = answer.send(answered);
    }

    fn note_document(&self, traffic: &mut Traffic, outgoing: &Outgoing, response: &Response, took: u64) {
        let (time, redirects) = std::mem::take(&mut traffic.redirected);
        let time = time + took;
        match redirect(response, &outgoing.url) {
            // Browsers follow as many.
            Ok(Some(_)) if redirects + 1 >= MAX_REDIRECTS => {
                traffic.failed = Some(self.too_many_redirects(outgoing));
            }
            Ok(Some(target)) => {
                traffic.redirected = (time, redirects + 1);
                if target.path() == outgoing.url.path() {
                    traffic.shown_path.clone_from(&outgoing.shown_path);
                }
                traffic.sensitive = None;
            }
            Ok(None) => {
                traffic.document = Some(Last {
                    shown_path: self.shown_path(outgoing),
                    text: String::from_utf8_lossy(&response.body).into_owned(),
                    status: response.status.as_u16(),
                    headers: response.headers.clone(),
                    url: outgoing.url.clone(),
                    time,
                    is_page: true,
                });
            }
            Err(failure) => traffic.failed = Some(failure),
        }
    }
}

/// What has to be done to a control that was `before` and is to be `after`.
fn change(before: &Kind, after: &Kind) -> Option<Change> {
    if before == after {
        return None;
    }
    match after {
        Kind::Line(text) | Kind::Lines(text) => Some(Change::Type(text.clone())),
        Kind::Checkbox { .. } | Kind::Radio { checked: true, .. } => Some(Change::Click),
        Kind::Select { options, .. } => {
            let chosen = options.iter().enumerate().filter(|(_, option)| option.selected);
            Some(Change::Choose(chosen.map(|(at, _)| at).collect()))
        }
        Kind::File(files) => Some(Change::Give(files.clone())),
        _ => None,
    }
}

/// Whether a request is for what a window is to show. Source: Fetch Metadata Request Headers; browsers leave them out
/// where an origin is not trustworthy.
fn is_document(headers: &HeaderMap) -> bool {
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
    says("sec-fetch-dest", "document")
        || (!headers.contains_key("sec-fetch-dest") && says("upgrade-insecure-requests", "1"))
}

/// What a browser is told where there is no answer. A window stays where it is, as a person sees it who waits in vain.
fn nothing(lane: Lane) -> Response {
    let status = if lane == Lane::Document { StatusCode::NO_CONTENT } else { StatusCode::BAD_GATEWAY };
    Response { status, headers: HeaderMap::new(), body: Bytes::new() }
}
