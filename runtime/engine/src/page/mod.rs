//! A page as a person sees it: its title, text, links, forms and controls.
//!
//! The parsed document is not kept, since it cannot move between threads: what a journey acts on is extracted once,
//! and the seldom CSS query parses again.

mod control;
mod entry;
mod extract;
mod submission;
#[cfg(test)]
mod tests;
mod text;

use scn_plan::{Shape, Text, Value};
use scraper::{ElementRef, Html, Selector};
use smol_str::SmolStr;
use url::Url;

pub(crate) use control::{Button, Choice, Control, Kind};
pub(crate) use entry::{Pressed, Problem};
pub(crate) use submission::{Part, multipart};

/// A page that a response brought.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// Where it came from, after redirects.
    pub(crate) url: Url,
    /// That address's path as it may be shown.
    pub(crate) shown_path: SmolStr,
    /// What relative addresses resolve at: the first `<base>`, else `url`.
    base: Url,
    /// The status that it came with.
    pub(crate) status: u16,
    /// Its `<title>`, white space collapsed; empty without one.
    pub(crate) title: String,
    /// Its title as it may be shown.
    pub(crate) shown_title: String,
    /// Its source; for a page that is no HTML, its text.
    source: String,
    is_html: bool,
    /// Its forms in document order.
    pub(crate) forms: Vec<Form>,
    /// Its controls in document order.
    pub(crate) controls: Vec<Control>,
    /// Its links in document order.
    pub(crate) links: Vec<Link>,
    /// Texts that it marks as sensitive, and what has been entered where it does.
    pub(crate) labelled: Vec<Text>,
}

/// A form.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    /// What a browser knows it by.
    pub(crate) node: Option<u32>,
    /// Its `name`, else its `id`; empty without both.
    pub(crate) name: String,
    id: String,
    action: Option<String>,
    method: Option<String>,
    enctype: Option<String>,
}

/// A link.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// What a browser knows it by.
    pub(crate) node: Option<u32>,
    /// Its visible text, white space collapsed.
    pub(crate) text: String,
    /// Its `href` as written.
    pub(crate) href: String,
}

impl Page {
    /// The page of an HTML document.
    pub(crate) fn html(url: Url, status: u16, source: String) -> Self {
        extract::page(url, status, source)
    }

    /// The page of a text that is no HTML.
    pub(crate) fn plain(url: Url, status: u16, source: String) -> Self {
        let base = url.clone();
        Self {
            shown_path: url.path().into(),
            url,
            base,
            status,
            title: String::new(),
            shown_title: String::new(),
            source,
            is_html: false,
            forms: Vec::new(),
            controls: Vec::new(),
            links: Vec::new(),
            labelled: Vec::new(),
        }
    }

    /// Whether it is HTML.
    pub(crate) fn is_html(&self) -> bool {
        self.is_html
    }

    /// Its source.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// The address `href` on this page; none if it is no address.
    pub(crate) fn resolve(&self, href: &str) -> Option<Url> {
        self.base.join(href).ok()
    }

    /// The visible text of the first element that matches `css`, or of the whole page; none if nothing matches.
    pub(crate) fn text(&self, css: Option<&str>) -> Option<String> {
        if !self.is_html {
            return css.is_none().then(|| self.source.clone());
        }
        match css {
            Some(css) => self.first(css, text::visible),
            None => Some(text::visible(Html::parse_document(&self.source).root_element())),
        }
    }

    /// Whether an element matches `css`.
    pub(crate) fn has(&self, css: &str) -> bool {
        self.first(css, |_| ()).is_some()
    }

    /// The visible texts of all elements that match `css`.
    pub(crate) fn css(&self, css: &str) -> Vec<String> {
        let Ok(selector) = Selector::parse(css) else { return Vec::new() };
        if !self.is_html {
            return Vec::new();
        }
        Html::parse_document(&self.source).select(&selector).map(text::visible).collect()
    }

    /// The amount that the page asks for: of the element named `amount`, else of the one with that id.
    pub(crate) fn amount(&self) -> Option<Value> {
        let shown = |element: ElementRef<'_>| match element.value().name() {
            "input" | "data" | "meter" => element.attr("value").unwrap_or_default().to_owned(),
            _ => text::visible(element),
        };
        let shown = self.first("[name=amount]", shown).or_else(|| self.first("#amount", shown))?;
        let plain: String = shown.chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
        Shape::Money.read(&plain).ok()
    }

    fn first<T>(&self, css: &str, read: impl Fn(ElementRef<'_>) -> T) -> Option<T> {
        let selector = Selector::parse(css).ok()?;
        if !self.is_html {
            return None;
        }
        Html::parse_document(&self.source).select(&selector).next().map(read)
    }

    /// What a person would call the page: its path and title, as they may be shown.
    pub(crate) fn describe(&self) -> String {
        match self.shown_title.as_str() {
            "" => format!("the page {}", self.shown_path),
            title => format!("the page {} \"{title}\"", self.shown_path),
        }
    }

    /// The controls that a person can act on, for messages.
    pub(crate) fn describe_controls(&self) -> String {
        let mut shown: Vec<String> = self.controls.iter().filter_map(Control::describe).collect();
        shown.dedup();
        if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
    }
}
