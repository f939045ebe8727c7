//! Text as it is seen.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Node, node::Element};

/// Elements whose text runs on with what surrounds them; all others begin and end a line.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font", "i", "ins", "kbd",
    "mark", "output", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var",
    "wbr",
];

/// Elements whose text is never seen.
const UNSEEN: &[&str] = &["head", "script", "style", "template", "noscript", "datalist"];

/// What a browser's snapshot says of an element that is not shown.
pub(super) const UNSEEN_BY_BROWSER: &str = "data-esr-unseen";

fn is_unseen(element: &Element) -> bool {
    UNSEEN.contains(&element.name()) || element.attr("hidden").is_some() || element.attr(UNSEEN_BY_BROWSER).is_some()
}

/// The text of `element` without what is never seen; white space is collapsed.
pub(super) fn visible(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    let mut unseen = 0usize;
    // The element itself is asked for by name, so it is read even where it would be skipped inside another.
    let own = element.id();
    for edge in element.traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(part) if unseen == 0 => text.push_str(part),
                Node::Element(inner) if node.id() != own => {
                    if is_unseen(inner) {
                        unseen += 1;
                    } else if !INLINE.contains(&inner.name()) {
                        text.push(' ');
                    }
                }
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(inner) = node.value()
                    && node.id() != own
                {
                    if is_unseen(inner) {
                        unseen -= 1;
                    } else if !INLINE.contains(&inner.name()) {
                        text.push(' ');
                    }
                }
            }
        }
    }
    collapse(&text)
}

/// `text` with every run of white space as one space, and none at the ends.
pub(super) fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
