//! A plan as a picture: an SVG that stands alone, in light and dark, for a browser, a report or a page of a wiki.
//!
//! Steps stand below one another; ways from a condition or a choice stand side by side; loops, attempts, groups and flows
//! are frames. Nothing is placed by chance, and no line crosses another: the picture is as nested as the source is.

mod draw;
mod label;
mod layout;
mod measure;

use super::{outline::outline, text};
use crate::Plan;
use draw::Canvas;
use measure::{Face, wrap};

/// Space around the picture.
const MARGIN: f64 = 24.0;

/// How wide the words above the graph may be where the graph itself is narrow.
const HEAD_WIDTH: f64 = 560.0;

/// Where the words of a heading begin, right of its name.
const COLUMN: f64 = 92.0;

/// `plan` as an SVG picture.
pub fn svg(plan: &Plan) -> String {
    let block = layout::block(plan, &outline(plan));
    let inner = block.width.max(HEAD_WIDTH);
    let mut canvas = Canvas::default();
    let below = head(plan, inner, &mut canvas);
    // A narrow graph stands under the beginning of the words; a wide one fills the picture.
    canvas.extend(block.shapes, MARGIN + (inner - block.width) / 2.0, below);
    canvas.finish(&plan.scenario, inner + 2.0 * MARGIN, below + block.height + MARGIN)
}

/// Writes what the run is about above the graph; returns where it ends.
fn head(plan: &Plan, width: f64, canvas: &mut Canvas) -> f64 {
    let mut y = MARGIN + 18.0;
    for line in wrap(&plan.scenario, Face::TITLE, width, 2).lines {
        canvas.text(MARGIN, y, "title", line);
        y += 24.0;
    }
    let mut named = "";
    let mut about: Vec<String> = Vec::new();
    let lines = text::head(plan);
    let mut rest = lines.iter().skip(1).peekable();
    while let Some(line) = rest.next_if(|line| line.depth > 0) {
        about.push(line.text.clone());
    }
    for line in wrap(&about.join(" · "), Face::SMALL, width, 4).lines {
        canvas.text(MARGIN, y - 2.0, "small muted", line);
        y += 18.0;
    }
    y += 4.0;
    for line in rest {
        if line.depth == 0 {
            named = &line.text;
            continue;
        }
        let wrapped = wrap(&line.text, Face::CODE, width - COLUMN, 3);
        if !named.is_empty() {
            canvas.text(MARGIN, y, "small muted", std::mem::take(&mut named).to_owned());
            y += 0.0;
        }
        canvas.begin(wrapped.cut.then_some(line.text.as_str()));
        for words in wrapped.lines {
            canvas.text(MARGIN + COLUMN, y, "code", words);
            y += 17.0;
        }
        canvas.end();
    }
    y + 10.0
}
