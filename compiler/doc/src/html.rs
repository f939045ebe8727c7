//! Modules as HTML: pages that need nothing but themselves.

use askama::Template;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::{
    Links,
    links::Anchors,
    markdown,
    model::{Kind, Module},
};

/// A page around a text.
#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    title: &'a str,
    /// The pages beside it: title, address, and whether it is this one.
    pages: Vec<(String, String, bool)>,
    /// The places on it: title and anchor.
    places: Vec<(String, String)>,
    body: &'a str,
}

/// The page of a module, beside those of `modules`.
pub fn html(module: &Module, modules: &[Module], links: &Links) -> Result<String, std::fmt::Error> {
    let text = markdown(module, links);
    let mut anchors = Anchors::default();
    let mut places = Vec::new();
    anchors.next(&module.name);
    for kind in Kind::ALL {
        let mut entries = module.of(kind).peekable();
        if entries.peek().is_some() {
            anchors.next(kind.plural());
        }
        places.extend(entries.map(|entry| (entry.name.clone(), anchors.next(&entry.name))));
    }
    page(&module.name, &text, modules, links, places)
}

/// A page with the Markdown `text`, beside those of `modules`.
pub fn page(
    title: &str,
    text: &str,
    modules: &[Module],
    links: &Links,
    places: Vec<(String, String)>,
) -> Result<String, std::fmt::Error> {
    let mut pages = Vec::new();
    if modules.len() > 1 {
        pages.push(("Overview".to_owned(), "index.html".to_owned(), modules.iter().all(|module| module.name != title)));
    }
    for module in modules {
        let address = format!("{}.html", links.page(&module.name).unwrap_or_default());
        pages.push((module.name.clone(), address, module.name == title));
    }
    Page { title, pages, places, body: &body(text) }.render().map_err(|_| std::fmt::Error)
}

/// Markdown as HTML. What is HTML in it is shown, not obeyed; links lead to pages and to the web alone, and pictures, which
/// would have to be fetched, are shown by their words.
fn body(text: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut anchors = Anchors::default();
    let mut events: Vec<Event<'_>> = Vec::new();
    let mut heading: Option<usize> = None;
    let mut words = String::new();
    for event in Parser::new_ext(text, options) {
        let event = match event {
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
            Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
            Event::Start(Tag::Image { .. }) => Event::Start(Tag::Emphasis),
            Event::End(TagEnd::Image) => Event::End(TagEnd::Emphasis),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                Event::Start(Tag::Link { link_type, dest_url: address(dest_url), title, id })
            }
            Event::Start(Tag::Heading { level, .. }) => {
                heading = Some(events.len());
                words.clear();
                Event::Start(Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() })
            }
            Event::End(TagEnd::Heading(level)) => {
                let anchor = anchors.next(&words);
                if let Some(Event::Start(Tag::Heading { id, .. })) = heading.take().and_then(|at| events.get_mut(at))
                    && level <= HeadingLevel::H3
                {
                    *id = Some(anchor.into());
                }
                Event::End(TagEnd::Heading(level))
            }
            Event::Start(Tag::CodeBlock(_)) => Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)),
            Event::Start(Tag::Table(columns)) => {
                events.push(Event::Html("<div class=\"wide\">".into()));
                Event::Start(Tag::Table(columns))
            }
            Event::End(TagEnd::Table) => {
                events.push(Event::End(TagEnd::Table));
                Event::Html("</div>".into())
            }
            other => other,
        };
        if heading.is_some()
            && let Event::Text(text) | Event::Code(text) = &event
        {
            words.push_str(text);
        }
        events.push(event);
    }
    let mut out = String::with_capacity(text.len() * 2);
    pulldown_cmark::html::push_html(&mut out, events.into_iter());
    out
}

/// An address that is safe to follow.
fn address(address: CowStr<'_>) -> CowStr<'_> {
    let (path, anchor) = match address.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (address.as_ref(), None),
    };
    // Before the first `/` a colon ends a scheme.
    let scheme = path.split(['/', '?']).next().and_then(|first| first.split_once(':')).map(|(scheme, _)| scheme);
    match scheme {
        Some(scheme) if !["http", "https", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) => {
            "#".into()
        }
        Some(_) => address.clone(),
        None => match (path.strip_suffix(".md"), anchor) {
            (Some(path), Some(anchor)) => format!("{path}.html#{anchor}").into(),
            (Some(path), None) => format!("{path}.html").into(),
            (None, _) => address.clone(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_comment_becomes_markup_of_its_own() {
        let shown = body(
            "<script>alert(1)</script>\n\nA <b onclick=\"x()\">word</b>, [a](javascript:alert(1)), [b](JaVaScRiPt:x), \
             [c](data:text/html,x), ![picture](https://example.org/x.png), [d](https://example.org), [e](other.md#x).",
        );
        for bad in ["<script", "<b", "javascript:", "JaVaScRiPt:", "data:", "<img"] {
            assert!(!shown.contains(bad), "{bad} is in {shown}");
        }
        for good in ["&lt;script&gt;", "picture", "href=\"https://example.org\"", "href=\"other.html#x\""] {
            assert!(shown.contains(good), "{good} is not in {shown}");
        }
    }

    #[test]
    fn headings_can_be_led_to() {
        let shown = body("# `std.people`\n\n### `Citizen`\n\n### `Citizen`\n");
        for anchor in ["<h1 id=\"stdpeople\">", "<h3 id=\"citizen\">", "<h3 id=\"citizen-1\">"] {
            assert!(shown.contains(anchor), "{anchor} is not in {shown}");
        }
    }
}
