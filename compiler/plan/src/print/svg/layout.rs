//! Where everything stands. A block is laid out by itself, from its inside out, and then put below or beside others; lines
//! enter it at the top of its middle and leave it at the bottom.

use petgraph::graph::NodeIndex;

use super::{
    super::{
        label as words,
        outline::{Arm, Item, leaves},
    },
    draw::Shape,
    label,
    measure::{Face, wrap},
};
use crate::{
    Plan,
    plan::{Edge, GroupOf, Node, NodeKind},
};

/// How long the line between two steps is.
const GAP: f64 = 26.0;

/// Space between two ways.
const BESIDE: f64 = 28.0;

/// How wide the words in a box may be.
const WIDEST: f64 = 250.0;

/// Space between a box's edge and its words.
const PADDING: f64 = 12.0;

/// A part of the picture.
#[derive(Default)]
pub(super) struct Block {
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// What it consists of, from its upper left corner.
    pub shapes: Vec<Shape>,
    /// Where lines enter and leave it, from its left.
    middle: f64,
    /// Whether something follows it.
    open: bool,
}

impl Block {
    /// The same with `left` and `right` at its sides.
    fn widened(mut self, left: f64, right: f64) -> Block {
        self.shapes = self.shapes.into_iter().map(|shape| shape.moved(left, 0.0)).collect();
        Block { width: self.width + left + right, middle: self.middle + left, ..self }
    }

    /// Puts `other` below, so that their middles are in line.
    fn below(self, other: Block, gap: f64) -> Block {
        let middle = self.middle.max(other.middle);
        let right = (self.width - self.middle).max(other.width - other.middle);
        let (dx, dy) = (middle - other.middle, self.height + gap);
        let width_of_self = self.width;
        let mut block = {
            let (left, far) = (middle - self.middle, right - (width_of_self - self.middle));
            self.widened(left, far)
        };
        block.shapes.extend(other.shapes.into_iter().map(|shape| shape.moved(dx, dy)));
        Block { width: middle + right, height: dy + other.height, middle, open: other.open, ..block }
    }
}

/// The whole graph.
pub(super) fn block(plan: &Plan, items: &[Item]) -> Block {
    let start = Block {
        width: 14.0,
        height: 14.0,
        middle: 7.0,
        open: true,
        shapes: vec![Shape::Box { x: 0.0, y: 0.0, width: 14.0, height: 14.0, radius: 7.0, class: "head".to_owned() }],
    };
    joined(start, sequence(plan, items, true))
}

/// `next` under `block`, with an arrow from one to the other.
fn joined(block: Block, next: Block) -> Block {
    if next.height == 0.0 {
        return block;
    }
    let (from, open) = (block.height, block.open);
    let mut block = block.below(next, if open { GAP } else { 8.0 });
    if open {
        let points = vec![(block.middle, from), (block.middle, from + GAP)];
        block.shapes.push(Shape::Line { points, class: "", arrow: true });
    }
    block
}

/// Items below one another.
fn sequence(plan: &Plan, items: &[Item], whole: bool) -> Block {
    let mut all = Block { open: true, ..Block::default() };
    for item in items {
        if !all.open && all.height > 0.0 {
            break;
        }
        let next = match item {
            Item::Node(at) => plan.node(*at).map(|node| single(plan, *at, node)),
            Item::Jump(at) => Some(Block { open: false, ..pill(&[words::jump(plan, *at)], "pill") }),
            Item::Frame { at, body, fails } => plan.node(*at).map(|node| frame(plan, *at, node, body, fails.is_some())),
            Item::Fork { at, arms } => plan.node(*at).map(|node| fork(plan, *at, node, arms)),
        };
        let Some(next) = next else { continue };
        all = if all.height == 0.0 { next } else { joined(all, next) };
    }
    // What leaves from within something leaves here, rather than by a line across the picture.
    if all.open && !whole && leaves(plan, items) {
        const RADIUS: f64 = 7.0;
        let stop = Block {
            width: 2.0 * RADIUS,
            height: 2.0 * RADIUS,
            middle: RADIUS,
            open: false,
            shapes: vec![Shape::Stop { x: RADIUS, y: RADIUS }],
        };
        all = joined(all, stop);
    }
    all
}

/// A step, values that are given, or the end.
fn single(plan: &Plan, at: NodeIndex, node: &Node) -> Block {
    match &node.kind {
        NodeKind::Step(step) => {
            let said = label::step(plan, node, step);
            let class = match step.call.name.as_str() {
                "fail" => "fail",
                "stop" => "stop",
                _ if step.soft => "step soft",
                _ => "step",
            };
            let rows = [
                rows(&said.name, Face::NAME, "name", 2),
                rows(&said.code.join(", "), Face::CODE, "code", 3),
                said.remarks.iter().flat_map(|remark| rows(remark, Face::SMALL, "small muted", 2)).collect(),
            ];
            boxed(&rows.concat(), class, 6.0, label::full(plan, at, node))
        }
        NodeKind::End => Block { open: false, ..pill(&["end".to_owned()], "stop") },
        _ => {
            let said = words::node(plan, at, node);
            boxed(&rows(&said, Face::CODE, "code", 2), "given", 6.0, label::full(plan, at, node))
        }
    }
}

/// A line of words in a box: the words, their letters and their class.
type Row = (String, Face, &'static str);

fn rows(text: &str, face: Face, class: &'static str, most: usize) -> Vec<Row> {
    wrap(text, face, WIDEST, most).lines.into_iter().map(|line| (line, face, class)).collect()
}

fn widest(rows: &[Row]) -> f64 {
    rows.iter().map(|(text, face, _)| face.width(text)).fold(0.0, f64::max)
}

/// Distance of a line's foot from that of the line above it.
fn leading(face: Face) -> f64 {
    (face.size * 1.4).round()
}

fn height(rows: &[Row]) -> f64 {
    rows.iter().map(|(_, face, _)| leading(*face)).sum()
}

/// Writes `rows` from `top` on, around `middle` if given, else from `left`.
fn write(shapes: &mut Vec<Shape>, rows: &[Row], left: f64, middle: Option<f64>, top: f64) {
    let mut y = top;
    for (text, face, class) in rows {
        y += leading(*face);
        let (x, class) = match middle {
            Some(middle) => (middle, format!("{class} mid")),
            None => (left, (*class).to_owned()),
        };
        shapes.push(Shape::Text { x, y: y - face.size * 0.36, class, text: text.clone() });
    }
}

fn boxed(rows: &[Row], class: &str, radius: f64, title: String) -> Block {
    let (width, height) = ((widest(rows) + 2.0 * PADDING).max(110.0), height(rows) + 14.0);
    let mut shapes =
        vec![Shape::Begin(Some(title)), Shape::Box { x: 0.0, y: 0.0, width, height, radius, class: class.to_owned() }];
    write(&mut shapes, rows, PADDING, None, 7.0);
    shapes.push(Shape::End);
    Block { width, height, middle: width / 2.0, open: true, shapes }
}

/// A label at a line.
fn pill(lines: &[String], class: &str) -> Block {
    let rows: Vec<Row> = lines.iter().map(|line| (line.clone(), Face::SMALL, "small")).collect();
    let (width, height) = (widest(&rows) + 18.0, height(&rows) + 6.0);
    let radius = if rows.len() == 1 { height / 2.0 } else { 8.0 };
    let mut shapes = vec![Shape::Box { x: 0.0, y: 0.0, width, height, radius, class: class.to_owned() }];
    write(&mut shapes, &rows, 0.0, Some(width / 2.0), 3.0);
    Block { width, height, middle: width / 2.0, open: true, shapes }
}

/// A condition or a choice, with its ways side by side.
fn fork(plan: &Plan, at: NodeIndex, node: &Node, arms: &[Arm]) -> Block {
    // Where there is an `elif`, each condition stands at its own way.
    let chain = arms.iter().any(|arm| arm.from != at);
    let class = if matches!(node.kind, NodeKind::Choice) { "choose" } else { "if" };
    let said = if chain { "the first that holds".to_owned() } else { words::node(plan, at, node) };
    let said = rows(&said, if chain { Face::SMALL } else { Face::CODE }, if chain { "small" } else { "code" }, 4);
    let (wide, high) = (widest(&said) + 2.0 * PADDING + 24.0, height(&said) + 12.0);
    let mut shapes = vec![
        Shape::Begin(Some(label::full(plan, at, node))),
        Shape::Hexagon { x: 0.0, y: 0.0, width: wide, height: high, class: class.to_owned() },
    ];
    write(&mut shapes, &said, 0.0, Some(wide / 2.0), 6.0);
    shapes.push(Shape::End);
    let head = Block { width: wide, height: high, middle: wide / 2.0, open: true, shapes };
    if arms.is_empty() {
        return head;
    }
    let columns: Vec<Block> = arms.iter().map(|arm| way(plan, arm, chain)).collect();
    under(head, columns)
}

/// One way from a fork, with why it is taken on top.
fn way(plan: &Plan, arm: &Arm, chain: bool) -> Block {
    let condition = plan.node(arm.from).filter(|_| chain && arm.edge == Edge::Then);
    let (said, full) = match condition {
        Some(node) => {
            let said = words::node(plan, arm.from, node);
            (wrap(&said, Face::SMALL, WIDEST * 0.8, 3).lines, Some(label::full(plan, arm.from, node)))
        }
        None => (vec![words::edge(&arm.edge)], None),
    };
    let mut label = pill(&said, "pill");
    label.shapes.insert(0, Shape::Begin(full));
    label.shapes.push(Shape::End);
    let body = sequence(plan, &arm.body, false);
    if body.height == 0.0 { label } else { joined(label, body) }
}

/// `columns` side by side under `head`, and together again where they go on.
fn under(head: Block, columns: Vec<Block>) -> Block {
    /// From the head to the line across, from there to the labels, and the same below.
    const DROP: f64 = 14.0;
    const ENTER: f64 = 14.0;
    let mut x = 0.0;
    let mut placed = Vec::with_capacity(columns.len());
    for column in columns {
        let left = x;
        x += column.width + BESIDE;
        placed.push((left, column));
    }
    let across = (x - BESIDE).max(0.0);
    let middles: Vec<f64> = placed.iter().map(|(left, column)| left + column.middle).collect();
    let (first, last) = (middles.first().copied().unwrap_or(0.0), middles.last().copied().unwrap_or(0.0));
    let middle = (first + last) / 2.0;
    // The head may be wider than all ways together.
    let left = (head.middle - middle).max(0.0);
    let right = (head.width - head.middle - (across - middle)).max(0.0);
    let middle = middle + left;
    let bus = head.height + DROP;
    let top = bus + ENTER;
    let bottom = top + placed.iter().map(|(_, column)| column.height).fold(0.0, f64::max);
    let open = placed.iter().any(|(_, column)| column.open);
    let meet = bottom + ENTER;
    let mut shapes: Vec<Shape> = head.shapes.into_iter().map(|shape| shape.moved(middle - head.middle, 0.0)).collect();
    for (from, column) in placed {
        let x = left + from + column.middle;
        let points = if (x - middle).abs() < 1.0 {
            vec![(middle, head.height), (x, top)]
        } else {
            vec![(middle, head.height), (middle, bus), (x, bus), (x, top)]
        };
        shapes.push(Shape::Line { points, class: "", arrow: false });
        if column.open {
            let from = top + column.height;
            let points = if (x - middle).abs() < 1.0 {
                vec![(x, from), (middle, meet + DROP)]
            } else {
                vec![(x, from), (x, meet), (middle, meet), (middle, meet + DROP)]
            };
            shapes.push(Shape::Line { points, class: "", arrow: false });
        }
        shapes.extend(column.shapes.into_iter().map(|shape| shape.moved(left + from, top)));
    }
    let height = if open { meet + DROP } else { bottom };
    Block { width: left + across + right, height, middle, open, shapes }
}

/// Rounds, attempts, a group or a flow: a frame with a title, and a line back where there is a way back.
fn frame(plan: &Plan, at: NodeIndex, node: &Node, body: &[Item], fails: bool) -> Block {
    /// Between the frame and what it holds; at the left where a line leads back.
    const SIDE: f64 = 18.0;
    const BACK: f64 = 40.0;
    let class = match &node.kind {
        NodeKind::Loop(_) => "loop",
        NodeKind::Retry(_) => "retry",
        NodeKind::Group(group) if matches!(group.of, GroupOf::Flow(_)) => "flow",
        _ => "frame",
    };
    let soft = matches!(&node.kind, NodeKind::Group(group) if group.soft);
    let back = matches!(class, "loop" | "retry");
    let mut title = rows(&words::node(plan, at, node), Face::NAME, "name", 4);
    if fails {
        title.extend(rows("fails if that does not hold after the last round", Face::SMALL, "small muted", 2));
    }
    let inside = sequence(plan, body, false);
    let top = height(&title) + 10.0;
    let (enter, leave) = (22.0, 22.0);
    let left = if back { BACK } else { SIDE };
    let needed = widest(&title) + 2.0 * PADDING;
    let inside = if inside.height == 0.0 { pill(&["nothing".to_owned()], "pill") } else { inside };
    let spare = (needed - (left + inside.width + SIDE)).max(0.0);
    let inside = inside.widened(left + spare / 2.0, SIDE + spare / 2.0);
    let (width, middle) = (inside.width, inside.middle);
    let first = top + enter;
    let last = first + inside.height;
    let height = last + leave;
    let mut shapes = vec![
        Shape::Begin(Some(label::full(plan, at, node))),
        Shape::Box {
            x: 0.0,
            y: 0.0,
            width,
            height,
            radius: 10.0,
            class: format!("{class}{}", if soft { " soft" } else { "" }),
        },
    ];
    write(&mut shapes, &title, PADDING, None, 6.0);
    shapes.push(Shape::End);
    // The line in passes the title by, or begins below it.
    let from = if PADDING + widest(&title) + 8.0 < middle { 0.0 } else { top };
    shapes.push(Shape::Line { points: vec![(middle, from), (middle, first)], class: "", arrow: true });
    if inside.open {
        shapes.push(Shape::Line { points: vec![(middle, last), (middle, height)], class: "", arrow: false });
    }
    // Back from the end of a round; a failed attempt leads back from wherever it failed.
    if back && (inside.open || class == "retry") {
        const AT: f64 = 16.0;
        let from = if inside.open { last + 9.0 } else { last };
        let points = vec![(middle, from), (AT, from), (AT, top + 7.0), (middle, top + 7.0)];
        shapes.push(Shape::Line { points, class, arrow: true });
    }
    shapes.extend(inside.shapes.into_iter().map(|shape| shape.moved(0.0, first)));
    Block { width, height, middle, open: inside.open, shapes }
}
