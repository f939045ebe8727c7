//! Shapes, and the text of the SVG that they become.

use std::fmt::Write as _;

/// Colours, in light and dark. Renderers that know no media queries show the light ones.
const STYLE: &str = "\
.bg{fill:#fff}\
text{font-family:sans-serif;fill:#1c2430}\
.title{font-size:18px;font-weight:bold}\
.name{font-size:13px;font-weight:bold}\
.small{font-size:12px}\
.code{font-size:11.5px;font-family:monospace}\
.mid{text-anchor:middle}\
text.muted{fill:#5a6577}\
.step{fill:#f4f6fa;stroke:#8793a6}\
.fail{fill:#fdecea;stroke:#c0392b}\
.stop{fill:#eef0f3;stroke:#6b7686}\
.given{fill:#fff;stroke:#b4bdca}\
.if{fill:#fff5dc;stroke:#b98a1d}\
.choose{fill:#f0eafe;stroke:#7a5fc7}\
.pill{fill:#fff;stroke:#b4bdca}\
.soft{stroke-dasharray:5 3}\
.frame{fill:#7f8ea3;fill-opacity:.07;stroke:#8793a6}\
.flow{fill:#2f6fc4;fill-opacity:.06;stroke:#2f6fc4}\
.loop{fill:#1f8a7b;fill-opacity:.06;stroke:#1f8a7b}\
.retry{fill:#c0562b;fill-opacity:.06;stroke:#c0562b}\
.line{fill:none;stroke:#5a6577;stroke-width:1.3}\
.line.loop{stroke:#1f8a7b;fill-opacity:0}\
.line.retry{stroke:#c0562b;fill-opacity:0;stroke-dasharray:5 3}\
.head{fill:#5a6577}.head.loop{fill:#1f8a7b;fill-opacity:1}.head.retry{fill:#c0562b;fill-opacity:1}\
@media (prefers-color-scheme:dark){\
.bg{fill:#12161d}\
text{fill:#e4e9f1}\
text.muted{fill:#9aa7ba}\
.step{fill:#1d2430;stroke:#67748a}\
.fail{fill:#3a1d1b;stroke:#e0705f}\
.stop{fill:#232833;stroke:#8b97a9}\
.given{fill:#171c25;stroke:#4b5669}\
.if{fill:#352a10;stroke:#d3a63c}\
.choose{fill:#2a2342;stroke:#a58df0}\
.pill{fill:#12161d;stroke:#4b5669}\
.frame{stroke:#67748a}\
.flow{stroke:#6ba3ee}.loop{stroke:#49bcab}.retry{stroke:#e58b62}\
.line{stroke:#9aa7ba}.line.loop{stroke:#49bcab}.line.retry{stroke:#e58b62}\
.head{fill:#9aa7ba}.head.loop{fill:#49bcab}.head.retry{fill:#e58b62}\
}";

/// A piece of the picture.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// A box with rounded corners.
    Box { x: f64, y: f64, width: f64, height: f64, radius: f64, class: String },
    /// A box that points to both sides.
    Hexagon { x: f64, y: f64, width: f64, height: f64, class: String },
    /// A line through points, with rounded corners, and an arrow's head at its end.
    Line { points: Vec<(f64, f64)>, class: &'static str, arrow: bool },
    /// Where a journey ends early.
    Stop { x: f64, y: f64 },
    /// Words.
    Text { x: f64, y: f64, class: String, text: String },
    /// Begins shapes that belong together, and says what they are to whoever points at them.
    Begin(Option<String>),
    /// Ends them.
    End,
}

impl Shape {
    /// The same, elsewhere.
    pub fn moved(mut self, dx: f64, dy: f64) -> Shape {
        match &mut self {
            Shape::Box { x, y, .. } | Shape::Hexagon { x, y, .. } | Shape::Stop { x, y } | Shape::Text { x, y, .. } => {
                *x += dx;
                *y += dy;
            }
            Shape::Line { points, .. } => points.iter_mut().for_each(|point| *point = (point.0 + dx, point.1 + dy)),
            Shape::Begin(_) | Shape::End => {}
        }
        self
    }
}

/// A picture while it grows.
#[derive(Default)]
pub(super) struct Canvas {
    shapes: Vec<Shape>,
}

impl Canvas {
    /// Writes a text whose line begins at `x`, `y`.
    pub fn text(&mut self, x: f64, y: f64, class: &str, text: String) {
        self.shapes.push(Shape::Text { x, y, class: class.to_owned(), text });
    }

    /// Begins shapes that belong together.
    pub fn begin(&mut self, title: Option<&str>) {
        self.shapes.push(Shape::Begin(title.map(str::to_owned)));
    }

    /// Ends them.
    pub fn end(&mut self) {
        self.shapes.push(Shape::End);
    }

    /// Adds shapes, moved.
    pub fn extend(&mut self, shapes: Vec<Shape>, dx: f64, dy: f64) {
        self.shapes.extend(shapes.into_iter().map(|shape| shape.moved(dx, dy)));
    }

    /// The picture.
    pub fn finish(self, title: &str, width: f64, height: f64) -> String {
        let (width, height) = (width.ceil(), height.ceil());
        let title = escaped(title);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}\">\n\
             <style>{STYLE}</style>\n<rect class=\"bg\" width=\"100%\" height=\"100%\"/>\n"
        );
        for shape in &self.shapes {
            shape.write(&mut out);
        }
        out.push_str("</svg>\n");
        out
    }
}

impl Shape {
    fn write(&self, out: &mut String) {
        // Writing to a String cannot fail.
        let _ = match self {
            Shape::Box { x, y, width, height, radius, class } => writeln!(
                out,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{radius}\"/>"
            ),
            Shape::Hexagon { x, y, width, height, class } => {
                let point = height.min(28.0) / 2.0;
                let (right, bottom, middle) = (x + width, y + height, y + height / 2.0);
                let (from, to) = (x + point, right - point);
                writeln!(
                    out,
                    "<polygon class=\"{class}\" points=\"{from:.1},{y:.1} {to:.1},{y:.1} {right:.1},{middle:.1} \
                     {to:.1},{bottom:.1} {from:.1},{bottom:.1} {x:.1},{middle:.1}\"/>"
                )
            }
            Shape::Line { points, class, arrow } => {
                let mut path = bent(points);
                let head = arrow.then(|| head(points, class)).flatten();
                path = format!("<path class=\"line {class}\" d=\"{path}\"/>");
                writeln!(out, "{path}{}", head.unwrap_or_default())
            }
            Shape::Stop { x, y } => writeln!(
                out,
                "<circle class=\"line\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"6\"/><circle class=\"head\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>"
            ),
            Shape::Text { x, y, class, text } => {
                writeln!(out, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(text))
            }
            Shape::Begin(title) => match title {
                Some(title) => writeln!(out, "<g><title>{}</title>", escaped(title)),
                None => writeln!(out, "<g>"),
            },
            Shape::End => writeln!(out, "</g>"),
        };
    }
}

/// A path through `points`, whose corners are rounded.
fn bent(points: &[(f64, f64)]) -> String {
    const RADIUS: f64 = 7.0;
    let mut path = String::new();
    let toward = |from: (f64, f64), to: (f64, f64)| {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy).max(f64::EPSILON);
        let step = RADIUS.min(length / 2.0) / length;
        (from.0 + dx * step, from.1 + dy * step)
    };
    for (index, point) in points.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| points.get(index));
        let _ = match (before, points.get(index + 1)) {
            (None, _) => write!(path, "M{:.1} {:.1}", point.0, point.1),
            (Some(_), None) => write!(path, "L{:.1} {:.1}", point.0, point.1),
            (Some(before), Some(after)) => {
                let (from, to) = (toward(*point, *before), toward(*point, *after));
                write!(path, "L{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}", from.0, from.1, point.0, point.1, to.0, to.1)
            }
        };
    }
    path
}

/// The head of an arrow along the last two of `points`.
fn head(points: &[(f64, f64)], class: &str) -> Option<String> {
    let [.., from, to] = points else { return None };
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy).max(f64::EPSILON);
    let (dx, dy) = (dx / length, dy / length);
    let (back, side) = (7.0, 3.6);
    let (x, y) = (to.0 - dx * back, to.1 - dy * back);
    Some(format!(
        "<path class=\"head {class}\" d=\"M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}Z\"/>",
        to.0,
        to.1,
        x - dy * side,
        y + dx * side,
        x + dy * side,
        y - dx * side
    ))
}

/// `text` as XML takes it.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(character),
            // XML has no way to write these.
            _ if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
    out
}
