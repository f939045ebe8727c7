//! What a person does with pages.

use scn_plan::{Expr, FileSpec, Value};
use url::Url;

use super::{Failure, Halt, Journey, exchange::Outgoing};
use crate::{
    bind::{Press, Step},
    files,
    page::{Page, Pressed, Problem},
};

impl Journey {
    /// The address of a path, and what stands for it where it is sensitive.
    pub(super) fn address(&self, path: &scn_plan::Text) -> Result<Outgoing, Failure> {
        let joined = self.shared.options.entry.join(&path.value);
        let url =
            joined.map_err(|error| Failure::new("bad path", format!("`{}` is no path: {error}", path.redacted())))?;
        let shown_path = path.labels.is_sensitive().then(|| path.redacted().into());
        Ok(Outgoing { shown_path, ..Outgoing::get(url) })
    }

    pub(super) async fn visit(&mut self, at: usize, step: &Step, path: &Expr) -> Result<(), Halt> {
        let key = &self.executions[at].key;
        let outgoing = self.address(&self.text(key, "path", path)?)?;
        self.browser.discard_input();
        self.open_page(at, step, outgoing).await
    }

    async fn open_page(&mut self, at: usize, step: &Step, outgoing: Outgoing) -> Result<(), Halt> {
        let errand = self.errand(at, step.timeout);
        let (status, path) = self.navigate(&errand, outgoing).await?;
        Ok(self.check_status(&step.admits, status, &path)?)
    }

    pub(super) async fn fill(&mut self, at: usize, target: &Expr, value: &Expr) -> Result<(), Halt> {
        let key = &self.executions[at].key;
        let (target, value) = (self.text(key, "target", target)?, self.value(key, "value", value)?);
        // What a page said comes with the labels that it has there.
        let value = self.redactor.labelled(value);
        if let Value::File(file) = &value {
            make_sure(file)?;
        }
        let form = self.on_page(at, |page, near| page.fill(near, &target.value, &value)).await?;
        self.touched(at, form);
        Ok(())
    }

    pub(super) async fn select(&mut self, at: usize, target: &Expr, value: &Expr) -> Result<(), Halt> {
        let key = &self.executions[at].key;
        let (target, value) = (self.text(key, "target", target)?, self.text(key, "value", value)?);
        let form = self.on_page(at, |page, near| page.choose(near, &target.value, value.clone())).await?;
        self.touched(at, form);
        Ok(())
    }

    pub(super) async fn tick(&mut self, at: usize, target: &Expr, on: bool) -> Result<(), Halt> {
        let target = self.text(&self.executions[at].key, "target", target)?;
        let form = self.on_page(at, |page, near| page.tick(near, &target.value, on)).await?;
        self.touched(at, form);
        Ok(())
    }

    pub(super) async fn upload(
        &mut self,
        at: usize,
        file: &Expr,
        size: &Expr,
        field: &Option<Expr>,
    ) -> Result<(), Halt> {
        let key = &self.executions[at].key;
        let field = self.optional(key, "field", field)?.map(|field| field.to_text());
        let file = match self.value(key, "file", file)? {
            Value::File(file) => file,
            name => match self.value(key, "size", size)? {
                Value::Size(size) => FileSpec { name: name.to_text().value, size },
                other => return Err(Failure::new("expression", format!("a file's size is no {}", other.kind())).into()),
            },
        };
        make_sure(&file)?;
        let field = field.as_ref().map(|field| field.value.as_str());
        let form = self.on_page(at, |page, near| page.upload(near, field, file.clone())).await?;
        self.touched(at, form);
        Ok(())
    }

    fn touched(&mut self, at: usize, form: Option<usize>) {
        if let Some(form) = form {
            self.browser.touch(form, at);
        }
    }

    pub(super) async fn press(&mut self, at: usize, step: &Step, press: &Press) -> Result<(), Halt> {
        let key = &self.executions[at].key;
        let pressed = match press {
            Press::Text(target) => {
                let target = self.text(key, "target", target)?;
                self.on_page(at, |page, _| page.press(&target.value)).await?
            }
            Press::Form(form) => {
                let form = self.optional(key, "form", form)?.map(|form| form.to_text());
                let form = form.as_ref().map(|form| form.value.as_str());
                self.on_page(at, |page, near| page.press_form(near, form)).await?
            }
        };
        match pressed {
            Pressed::Link { node, .. } | Pressed::Reset { node, .. } | Pressed::Inert { node }
                if self.window.is_some() =>
            {
                let errand = self.errand(at, step.timeout);
                match self.click_in_window(&errand, node).await? {
                    Some((status, path)) => Ok(self.check_status(&step.admits, status, &path)?),
                    None => Ok(()),
                }
            }
            Pressed::Inert { .. } => Ok(()),
            Pressed::Reset { form, .. } => {
                if let Some(page) = &mut self.browser.page {
                    page.reset(form);
                }
                Ok(())
            }
            Pressed::Link { href, .. } => match self.follow(&href)? {
                Some(url) => self.open_page(at, step, Outgoing::get(url)).await,
                None => Ok(()),
            },
            Pressed::Submit { form, button } => self.submit_explicitly(at, step, form, button).await,
        }
    }

    /// Submits `form`, charged to the execution `at` itself.
    pub(super) async fn submit_explicitly(
        &mut self,
        at: usize,
        step: &Step,
        form: usize,
        button: Option<usize>,
    ) -> Result<(), Halt> {
        let errand = self.errand(at, step.timeout);
        let (status, path) = self.submit(&errand, form, button).await?;
        Ok(self.check_status(&step.admits, status, &path)?)
    }

    /// The address that a link leads to; none if it is a place on the page that is shown.
    fn follow(&self, href: &str) -> Result<Option<Url>, Failure> {
        let page = self.browser.page.as_ref();
        let target = page.and_then(|page| page.resolve(href));
        let target = target.filter(|url| matches!(url.scheme(), "http" | "https"));
        let target = target.ok_or_else(|| Failure::new("no page", format!("the link to `{href}` leads to no page")))?;
        let without_fragment = |url: &Url| {
            let mut url = url.clone();
            url.set_fragment(None);
            url
        };
        let stays = target.fragment().is_some()
            && page.is_some_and(|page| without_fragment(&page.url) == without_fragment(&target));
        Ok((!stays).then_some(target))
    }

    /// Submits what was entered, then checks page, status, text and title.
    pub(super) async fn expect(
        &mut self,
        at: usize,
        [page, status, text, title]: [&Option<Expr>; 4],
    ) -> Result<(), Halt> {
        let key = self.executions[at].key.clone();
        let status = match self.optional(&key, "status", status)? {
            Some(Value::Int(status)) => u16::try_from(status).ok(),
            _ => None,
        };
        if let Some(form) = self.browser.pending() {
            self.submit_implicitly(at, form, status).await?;
        }
        // Evaluated after the submission, since they may read the page.
        let page = self.optional(&key, "page", page)?.map(|page| page.to_text());
        let text = self.optional(&key, "text", text)?.map(|text| text.to_text());
        let title = self.optional(&key, "title", title)?.map(|title| title.to_text());

        let (Some(last), shown) = (&self.browser.last, self.browser.page.as_ref()) else {
            return Err(Failure::new("no page", "nothing has been requested that could be checked").into());
        };
        let mut wrong = Vec::new();
        if let Some(status) = status.filter(|status| *status != last.status) {
            wrong.push((
                format!("HTTP {}", last.status),
                format!("expected status {status}, but {} answered {}", last.shown_path, last.status),
            ));
        }
        if let Some(wanted) = page {
            let expected = self.address(&wanted)?.url;
            let there = |page: &&Page| {
                page.url.path() == expected.path()
                    && (expected.query().is_none() || expected.query() == page.url.query())
            };
            if shown.filter(there).is_none() {
                let (cause, found) = match shown {
                    Some(page) => (format!("page {}", page.shown_path), page.describe()),
                    None => ("no page".to_owned(), "no page".to_owned()),
                };
                wrong.push((cause, format!("expected the page {}, but the browser shows {found}", wanted.redacted())));
            }
        }
        if let Some(wanted) = text {
            let seen = if last.is_page { shown.and_then(|page| page.text(None)) } else { Some(last.text.clone()) };
            if !seen.is_some_and(|seen| seen.contains(wanted.value.as_str())) {
                wrong.push((
                    "text".to_owned(),
                    format!("expected the text \"{}\", which {} does not show", wanted.redacted(), last.shown_path),
                ));
            }
        }
        if let Some(wanted) = title {
            let found = shown.map_or("", |page| page.title.as_str());
            if found != wanted.value {
                let found = shown.map_or("", |page| page.shown_title.as_str());
                wrong.push((
                    "title".to_owned(),
                    format!("expected the title \"{}\", but it is \"{found}\"", wanted.redacted()),
                ));
            }
        }
        let Some((cause, _)) = wrong.first() else { return Ok(()) };
        let cause = cause.clone();
        let reason = wrong.into_iter().map(|(_, reason)| reason).collect::<Vec<_>>().join("; ");
        Err(Failure::new(cause, reason).into())
    }
}

/// Fails where `file` cannot be made, while it is clear whose fault that is.
fn make_sure(file: &FileSpec) -> Result<(), Failure> {
    files::make(file).map(|_| ()).map_err(|reason| Failure::new("bad file", reason))
}

impl Page {
    /// Submits the form named `name`, else the form `near`, else the only one.
    fn press_form(&self, near: Option<usize>, name: Option<&str>) -> Result<Pressed, Problem> {
        let form = match name {
            Some(name) => {
                let found = self.forms.iter().position(|form| form.name == name);
                found.ok_or_else(|| Problem::Missing(format!("to submit a form \"{name}\"")))?
            }
            None => near.or((self.forms.len() == 1).then_some(0)).ok_or_else(|| Problem::Refused {
                cause: "no form".to_owned(),
                reason: format!(
                    "{} has {} forms, none of which was filled: name one",
                    self.describe(),
                    self.forms.len()
                ),
            })?,
        };
        Ok(Pressed::Submit { form, button: self.default_button(form) })
    }
}
