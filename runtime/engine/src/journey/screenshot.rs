//! What the page looks like, kept with the run.

use esr_tap::{Attachment, attributes::ESR_SCREENSHOT};
use scn_plan::Expr;

use super::{Failure, Halt, Journey};
use crate::bind::Step;

/// Most characters of a caption that a file is named by.
const CAPTION: usize = 60;

impl Journey {
    /// Keeps an image of the page, or its HTML where no browser shows it, without anybody's data.
    pub(super) async fn screenshot(&mut self, at: usize, step: &Step, caption: &Expr) -> Result<(), Halt> {
        let key = self.key_of(at);
        let caption = self.text(&key, "caption", caption)?;
        let Some(page) = &self.browser.page else {
            return Err(
                Failure::new("no page", "no page is open that could be kept: a journey begins with `visit`").into()
            );
        };
        let html = page.source();
        let (content, extension) = if self.window.is_some() {
            let errand = self.errand(at, step.timeout);
            (self.picture(&errand).await?.unwrap_or_default(), "png")
        } else {
            (self.redactor.shown(html).into_bytes(), if page.is_html() { "html" } else { "txt" })
        };
        let caption: String = self.redactor.shown(caption.redacted()).chars().take(CAPTION).collect();
        let caption = caption.replace(|c: char| !c.is_alphanumeric() && c != '-', "-");
        // Node and attempt tell apart what is kept under the same caption.
        let name = format!(
            "{:05}-{}-{:03}-{}-{}.{extension}",
            self.traveller.persona, self.iteration, key.node, key.attempt, caption
        );
        let attachment = Attachment { name: name.into(), content };
        if let Some(span) = self.open.last_mut() {
            span.set(ESR_SCREENSHOT, attachment.path());
        }
        self.shared.deps.recorder.attach(attachment);
        Ok(())
    }
}
