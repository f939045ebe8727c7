//! Submissions of forms: explicit ones, and those that a person makes by pressing Continue when the next step's control
//! is not on the page.

use esr_tap::{
    SpanKind,
    attributes::{ESR_IMPLICIT, ESR_STEP},
};
use http::header;
use scn_plan::{Value, plan::Admits};
use smol_str::SmolStr;

use super::{
    Failure, Halt, Journey,
    exchange::{Errand, Outgoing},
};
use crate::{
    Key,
    bind::Kind,
    labels,
    page::{Page, Problem},
};

/// As many characters of what a page says is wrong are kept.
const MOST_SAID: usize = 200;

impl Journey {
    /// Tries `act` on the page, with the form last touched as a hint. Where a control is missing, submits that form (else
    /// the page's only one), once, and tries again.
    pub(super) async fn on_page<T: Send>(
        &mut self,
        at: usize,
        act: impl Fn(&mut Page, Option<usize>) -> Result<T, Problem> + Send,
    ) -> Result<T, Halt> {
        let mut submitted = false;
        loop {
            let near = self.browser.pending();
            let in_browser = self.window.is_some();
            let Some(page) = &mut self.browser.page else {
                return Err(Failure::new("no page", "no page is open: a journey begins with `visit`").into());
            };
            let before = if in_browser { page.controls.clone() } else { Vec::new() };
            let done = act(page, near);
            page.labelled.drain(..).for_each(|text| self.redactor.learn(&Value::Text(text)));
            let missing = match done {
                Ok(done) => {
                    self.mirror(at, &before).await?;
                    return Ok(done);
                }
                Err(Problem::Refused { cause, reason }) => return Err(Failure::new(cause, reason).into()),
                Err(Problem::Missing(what)) => what,
            };
            let failure = Failure::new(
                format!("no control {missing}"),
                format!("{} has no control {missing}; its controls: {}", page.describe(), page.describe_controls()),
            );
            match self.browser.form_to_continue() {
                Some(form) if !submitted => self.submit_implicitly(at, form, None).await?,
                _ => return Err(failure.into()),
            }
            submitted = true;
        }
    }

    /// Submits `form` on behalf of the step that filled it last, or of the execution `at` if none did. `expected` is the
    /// final status of 400 and above that does not fail it, where the step that needs the submission expects one.
    pub(super) async fn submit_implicitly(
        &mut self,
        at: usize,
        form: usize,
        expected: Option<u16>,
    ) -> Result<(), Halt> {
        let charged = self.browser.filled_by(form).unwrap_or(at);
        let execution = &self.executions[charged];
        let key = Key { implicit: true, ..execution.key.clone() };
        let shared = self.shared.clone();
        let node = &shared.bound.nodes[execution.node];
        let Kind::Step(step, _) = &node.kind else { return Ok(()) };

        let (start, parent) = (self.now(), self.journey_span());
        let span = self.open_span(&key, "submit".into(), SpanKind::Internal, parent, start);
        span.set(ESR_IMPLICIT, true);
        span.set(ESR_STEP, node.name.clone());
        let errand = Errand { charged, timeout: step.timeout, key: key.clone(), parent: span.span_id };

        let default = self.browser.page.as_ref().and_then(|page| page.default_button(form));
        let sent = self.submit(&errand, form, default).await;
        let checked = sent.and_then(|(status, path)| match expected {
            Some(expected) if expected == status => Ok(()),
            _ => self.check_status(&step.admits, status, &path),
        });
        let block = key.block();
        let failure = checked.err().map(|failure| Failure { block: Some(block.clone()), ..failure });
        self.close_span(failure.as_ref());
        shared.deps.recorder.close_block(&block);
        let execution = &mut self.executions[charged];
        if !execution.blocks.contains(&block) {
            execution.blocks.push(block);
        }
        match failure {
            Some(failure) if charged == at => Err(failure.into()),
            Some(failure) => {
                execution.error = Some(failure.cause.clone());
                if !step.soft {
                    return Err(Halt::Charged(charged, failure));
                }
                self.begin_again(at);
                Ok(())
            }
            None => {
                if charged != at {
                    self.begin_again(at);
                }
                Ok(())
            }
        }
    }

    /// Submits `form` with the button `submitter`. Yields the final status and the path as it may be shown.
    pub(super) async fn submit(
        &mut self,
        errand: &Errand,
        form: usize,
        submitter: Option<usize>,
    ) -> Result<(u16, SmolStr), Failure> {
        if self.window.is_some() {
            return self.submit_in_window(errand, form, submitter).await;
        }
        let Some(page) = &self.browser.page else {
            return Err(Failure::new("no page", "no page is open: a journey begins with `visit`"));
        };
        let boundary = boundary(&errand.key);
        let submission =
            page.submission(form, submitter, &boundary).map_err(|reason| Failure::new("bad form", reason))?;
        let mut outgoing =
            Outgoing { method: submission.method, body: submission.body, ..Outgoing::get(submission.url) };
        if let Some(content_type) = &submission.content_type {
            outgoing.header(header::CONTENT_TYPE, content_type);
        }
        let (part, sensitive) = &submission.sensitive;
        labels::mark(&mut outgoing.headers, [(*part, sensitive)]);
        self.navigate(errand, outgoing).await
    }

    /// Fails a human step whose final status is 400 or above, unless it is admitted.
    pub(super) fn check_status(&self, admits: &Admits, status: u16, path: &str) -> Result<(), Failure> {
        let admitted = match admits {
            Admits::Nothing => false,
            Admits::Status(expected) => *expected == status,
            Admits::Anything => true,
        };
        if status < 400 || admitted {
            return Ok(());
        }
        let failure = Failure::status(status, path);
        let said = self.alert();
        let reason = if said.is_empty() { failure.reason } else { format!("{}: {said}", failure.reason) };
        Err(Failure { reason, ..failure })
    }

    /// What the page says is wrong, as it may be shown.
    fn alert(&self) -> String {
        let alert = |page: &Page| page.css("[role=alert] p, [role=alert] li").join("; ");
        let text = self.browser.page.as_ref().map(alert).unwrap_or_default();
        self.redactor.shown_word_by_word(&text).chars().take(MOST_SAID).collect()
    }

    /// What requests of the execution `at` are sent with.
    pub(super) fn errand(&self, at: usize, timeout: u64) -> Errand {
        let key = self.executions[at].key.clone();
        // The step's span is the one that is open.
        let parent = self.open.last().map_or_else(|| self.journey_span(), |span| span.span_id);
        Errand { charged: at, timeout, key, parent }
    }
}

/// The separator of multipart bodies: keyed, so that the same run sends the same bytes.
pub(super) fn boundary(key: &Key) -> String {
    format!("----esr{}", key.span_id("boundary"))
}
