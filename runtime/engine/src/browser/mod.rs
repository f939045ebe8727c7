//! What a person's browser holds between steps: cookies, the page, and who entered what into its forms.

mod cookies;

use std::collections::HashMap;

use http::HeaderMap;
use smol_str::SmolStr;
use url::Url;

pub(crate) use crate::browser::cookies::Jar;
use crate::page::Page;

/// A browser session.
#[derive(Debug, Default)]
pub(crate) struct Browser {
    /// Its cookies.
    pub(crate) cookies: Jar,
    /// The page that it shows.
    pub(crate) page: Option<Page>,
    /// The last response, of a page or of an HTTP step.
    pub(crate) last: Option<Last>,
    /// Forms of the page that hold input, each with the number of the step execution that last filled it.
    touched: HashMap<usize, usize>,
    /// The form that was filled last.
    last_touched: Option<usize>,
}

/// The last response.
#[derive(Clone, Debug)]
pub(crate) struct Last {
    /// Where it came from, after redirects.
    pub(crate) url: Url,
    /// That address's path as it may be shown.
    pub(crate) shown_path: SmolStr,
    /// Its status.
    pub(crate) status: u16,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body as text.
    pub(crate) text: String,
    /// Nanoseconds from the first request to the end of the response, over redirects.
    pub(crate) time: u64,
    /// Whether it is the page that the browser shows.
    pub(crate) is_page: bool,
}

impl Browser {
    /// Shows `page`; what was entered on the page before is gone.
    pub(crate) fn show(&mut self, page: Page) {
        self.page = Some(page);
        self.discard_input();
    }

    /// Shows the same page as it has become; what was entered stays with its form, if that is still there.
    pub(crate) fn refresh(&mut self, page: Page) {
        let Some(before) = self.page.replace(page) else { return };
        let forms = self.page.as_ref().map(|page| page.forms.as_slice()).unwrap_or_default();
        let place = |form: usize| {
            let node = before.forms.get(form)?.node?;
            forms.iter().position(|form| form.node == Some(node))
        };
        self.touched = self.touched.drain().filter_map(|(form, by)| Some((place(form)?, by))).collect();
        self.last_touched = self.last_touched.and_then(place);
    }

    /// Forgets that something was entered.
    pub(crate) fn discard_input(&mut self) {
        self.touched.clear();
        self.last_touched = None;
    }

    /// Notes that the step execution `by` filled `form`.
    pub(crate) fn touch(&mut self, form: usize, by: usize) {
        self.touched.insert(form, by);
        self.last_touched = Some(form);
    }

    /// The form last touched, whose input waits to be submitted.
    pub(crate) fn pending(&self) -> Option<usize> {
        self.last_touched
    }

    /// The form that a person would submit to go on: the one last touched, else the page's only one.
    pub(crate) fn form_to_continue(&self) -> Option<usize> {
        let only = self.page.as_ref().filter(|page| page.forms.len() == 1).map(|_| 0);
        self.last_touched.or(only)
    }

    /// The step execution that last filled `form`.
    pub(crate) fn filled_by(&self, form: usize) -> Option<usize> {
        self.touched.get(&form).copied()
    }

    /// Whether a form holds input that the step execution `by` entered last.
    pub(crate) fn awaits(&self, by: usize) -> bool {
        self.touched.values().any(|filler| *filler == by)
    }
}
