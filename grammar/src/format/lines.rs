//! Sets the nodes of a tree, line by line.

use std::collections::HashMap;

use super::{
    WIDTH, comments,
    groups::{Piece, are_forced, pieces, width},
    render::{Line, Setter},
    roles::Roles,
    same::{attributes_below, have_values},
    tokens::tokens,
    trivia::{self, Gap},
};
use crate::{
    ast::{Head, Node, Tree},
    layout::{Block, Lines, Logical},
};

/// Columns of one level.
const STEP: usize = 2;
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The formatted text of `tree`, whose logical lines are `logical`. Line breaks are those of the first line.
pub(super) fn set<'t>(text: &'t str, tree: &Tree, logical: &'t Lines) -> String {
    let lines = logical.lines.iter().map(|line| (line.start, line)).collect();
    let mark = text.strip_prefix(BYTE_ORDER_MARK).map_or(0, |_| BYTE_ORDER_MARK.len_utf8());
    let mut printer = Printer {
        text,
        logical,
        lines,
        roles: Roles::of(tree),
        out: Vec::new(),
        at: mark,
        blank: false,
        levels: Vec::new(),
    };
    for node in &tree.nodes {
        printer.node(node, 0);
    }
    printer.gap(text.len(), 0, 0);
    let first_line = text.split_inclusive('\n').next().unwrap_or("");
    let line_break = if first_line.ends_with("\r\n") { "\r\n" } else { "\n" };
    let mut formatted = comments::text(&printer.out, line_break);
    if mark > 0 {
        formatted.insert(0, BYTE_ORDER_MARK);
    }
    formatted
}

/// Columns of a line, before and after.
#[derive(Clone, Copy, Debug)]
struct Level {
    before: usize,
    after: usize,
    /// Whether what is indented deeper than this would be taken for part of a block text.
    block: bool,
}

struct Printer<'t> {
    text: &'t str,
    logical: &'t Lines,
    /// The logical lines, by their offsets.
    lines: HashMap<usize, &'t Logical>,
    roles: Roles,
    out: Vec<Line>,
    /// Where the next line of the source begins.
    at: usize,
    /// Whether a blank line is due.
    blank: bool,
    /// The last line and those that it is nested in.
    levels: Vec<Level>,
}

/// What of the lines below a verb is set with it.
struct Joined {
    /// How many lines.
    count: usize,
    /// Where the last of them ends.
    end: usize,
    /// The block text that the last of them ends with.
    block: Option<Block>,
}

/// An attribute, or what stands before the first one, as pieces.
type Segment<'t> = Vec<Piece<'t>>;

impl<'t> Printer<'t> {
    fn node(&mut self, node: &Node, indent: usize) {
        let start = node.span.start as usize;
        // Every node comes from a logical line.
        let Some(line) = self.lines.remove(&start) else { return };
        self.gap(start, line.indent, indent);
        let mut blank = std::mem::take(&mut self.blank);
        if line.dash {
            // Comments between a dash and its item stand before the item.
            for comment in trivia::gap(self.text.get(start + 1..line.body).unwrap_or("")) {
                if let Gap::Comment(comment, _) = comment {
                    let blank = std::mem::take(&mut blank);
                    self.out.push(Line { blank, indent, code: comment.to_owned(), comment: None });
                }
            }
        }
        let first = self.out.len();
        self.at = trivia::end(self.text, line);
        let below = self.head(node, line, indent);
        if let Some(first) = self.out.get_mut(first) {
            first.blank = blank;
        }
        // Behind one in the verb's column none stands deeper, lest it be taken for a line of that one.
        let mut is_beside = false;
        let mut column = |child| {
            is_beside |= !self.is_deeper(line, child);
            indent + if is_beside { STEP } else { 2 * STEP }
        };
        let children = node.children.iter().skip(below).map(|child| (child, column(child)));
        let children: Vec<(&Node, usize)> = children.collect();
        for (child, indent) in children {
            self.node(child, indent);
        }
    }

    /// Whether a line nested in `line` stands deeper than an attribute below its verb would.
    fn is_deeper(&self, line: &Logical, child: &Node) -> bool {
        let inner = self.lines.get(&(child.span.start as usize));
        line.dash && line.block.is_none() && inner.is_some_and(|inner| inner.indent > line.body_indent)
    }

    /// Sets the line of a node; returns how many of the lines below it are set as well.
    fn head(&mut self, node: &Node, line: &Logical, indent: usize) -> usize {
        let base = if line.dash { indent + STEP } else { indent };
        let mut segments = self.segments(node, line);
        let inline = segments.len();
        let Joined { count: below, end, block } = self.joined(node, line, &mut segments);
        let forced = |segments: &[Segment<'_>]| segments.iter().any(|segment| are_forced(code(segment)));
        let fits = |segments: &[Segment<'_>]| {
            base + segments.iter().map(|segment| width(code(segment)) + 1).sum::<usize>() <= WIDTH + 1
        };
        if !forced(&segments) && fits(&segments) {
            self.lay(&segments, indent, line.dash, base);
        } else {
            let rest = segments.split_off(inline);
            // An attribute of its own line would take what stands deeper than it for its own.
            let splits = node.dash
                && matches!(node.head, Head::Entry { .. })
                && have_values(&node.attrs)
                && !node.children.iter().skip(below).any(|child| self.is_deeper(line, child));
            let whole = self.set(&segments, indent, line.dash, base);
            // What its author broke within brackets may stay on the verb's line; what is only too wide goes below it.
            let stays = if forced(&segments) || forced(&rest) {
                whole.iter().all(|line| line.end() <= WIDTH)
            } else {
                fits(&segments) && rest.is_empty()
            };
            if splits && !stays {
                self.split(segments, indent, base);
            } else {
                self.out.extend(whole);
            }
            for segment in &rest {
                self.lay(std::slice::from_ref(segment), base, false, base);
            }
        }
        self.at = end;
        self.level(line.indent, indent);
        if line.dash {
            self.level(line.body_indent, base);
        }
        if let Some(block) = line.block.clone().or(block) {
            // Lines nested under it stand less deep than the text, lest they be taken for a part of it.
            let nested = !line.dash && !node.children.is_empty();
            let deeper = if nested { 2 * STEP } else { STEP };
            self.block(block, base + deeper);
        }
        below
    }

    /// The pieces of a logical line up to its first attribute, and those of each attribute.
    fn segments(&self, node: &Node, line: &Logical) -> Vec<Segment<'t>> {
        let tokens = tokens(self.text, line, self.logical.mask(line), &self.roles);
        let mut starts = node.attrs.iter().map(|attr| attr.key.span.start as usize).peekable();
        let mut segments = vec![Vec::new()];
        for piece in pieces(tokens) {
            if starts.next_if(|start| *start == piece.first().at).is_some() {
                segments.push(Vec::new());
            }
            if let Some(last) = segments.last_mut() {
                last.push(piece);
            }
        }
        segments
    }

    /// Adds the attributes that stand below `node` and may as well stand on its line.
    fn joined(&self, node: &Node, line: &Logical, segments: &mut Vec<Segment<'t>>) -> Joined {
        let mut joined = Joined { count: 0, end: self.at, block: None };
        if line.block.is_some() || segments.iter().flatten().any(Piece::is_comment) {
            return joined;
        }
        // A verb without a value may own the block below it.
        let bare = matches!(&node.head, Head::Entry { values, .. } if values.is_empty()) && node.attrs.is_empty();
        for child in node.children.iter().take(attributes_below(node)) {
            let start = child.span.start as usize;
            let Some(below) = self.lines.get(&start) else { break };
            let gap = self.text.get(joined.end..start).unwrap_or("");
            let mut found = self.segments(child, below);
            let deeper = bare && below.indent > line.body_indent;
            if deeper || gap.contains('#') || found.iter().flatten().any(Piece::is_comment) {
                break;
            }
            segments.append(&mut found);
            joined.count += 1;
            joined.end = trivia::end(self.text, below);
            joined.block = below.block.clone();
            // A block text ends its line.
            if joined.block.is_some() {
                break;
            }
        }
        joined
    }

    /// Sets segments one after the other.
    fn set(&self, segments: &[Segment<'t>], indent: usize, dash: bool, base: usize) -> Vec<Line> {
        let mut setter = Setter::new(self.text, indent, if dash { "- " } else { "" });
        let all: Vec<Piece<'t>> = segments.iter().flatten().cloned().collect();
        setter.pieces(&all, base, 0);
        setter.finish()
    }

    fn lay(&mut self, segments: &[Segment<'t>], indent: usize, dash: bool, base: usize) {
        let lines = self.set(segments, indent, dash, base);
        self.out.extend(lines);
    }

    /// Sets a verb, and its attributes one by one below it. A comment at the end stays with the verb.
    fn split(&mut self, mut segments: Vec<Segment<'t>>, indent: usize, base: usize) {
        let comment = segments.last_mut().and_then(|last| last.pop_if(|piece: &mut Piece<'_>| piece.is_comment()));
        if let (Some(comment), Some(head)) = (comment, segments.first_mut()) {
            head.push(comment);
        }
        for (index, segment) in segments.iter().enumerate() {
            let head = index == 0;
            self.lay(std::slice::from_ref(segment), if head { indent } else { base }, head, base);
        }
    }

    /// Sets the lines of a block text at `indent`; what is indented deeper than the text in the source stays so.
    fn block(&mut self, block: Block, indent: usize) {
        if let Some(level) = self.levels.last_mut() {
            level.block = true;
        }
        if block.range.is_empty() {
            return;
        }
        let body = self.text.get(block.range).unwrap_or("");
        for raw in body.split('\n') {
            let raw = raw.strip_suffix('\r').unwrap_or(raw);
            let content = within(raw, block.indent);
            let line = if content.is_empty() {
                Line::default()
            } else {
                Line { indent, code: content.to_owned(), ..Line::default() }
            };
            self.out.push(line);
        }
    }

    /// Notes the columns of a line, before and after.
    fn level(&mut self, before: usize, after: usize) {
        while self.levels.last().is_some_and(|level| level.after >= after) {
            self.levels.pop();
        }
        self.levels.push(Level { before, after, block: false });
    }

    /// Sets the comments up to `end`, where a line begins that stood in column `before` and will stand in `after`.
    fn gap(&mut self, end: usize, before: usize, after: usize) {
        let text = self.text.get(self.at..end).unwrap_or("");
        self.comments(text, before, after);
    }

    fn comments(&mut self, text: &'t str, before: usize, after: usize) {
        for line in trivia::gap(text) {
            match line {
                Gap::Blank => self.blank = true,
                Gap::Comment(comment, column) => {
                    let indent = self.comment_indent(column, before, after);
                    let blank = std::mem::take(&mut self.blank);
                    self.out.push(Line { blank, indent, code: comment.to_owned(), comment: None });
                }
            }
        }
    }

    /// Where a comment of column `column` stands: with the line below it, unless it is indented deeper; then with the
    /// line above it, or with one that that line is nested in.
    fn comment_indent(&self, column: usize, before: usize, after: usize) -> usize {
        let Some(last) = self.levels.last().filter(|_| column > before) else { return after };
        if column > last.before && last.after >= after && !last.block {
            return last.after + STEP;
        }
        let above = self.levels.iter().rev().find(|level| level.before <= column && level.after >= after);
        above.map_or(after, |level| level.after)
    }
}

/// A segment without the comment at its end.
fn code<'s, 't>(segment: &'s [Piece<'t>]) -> &'s [Piece<'t>] {
    match segment.split_last() {
        Some((last, before)) if last.is_comment() => before,
        _ => segment,
    }
}

/// A line of a block text without the first `indent` columns of its indentation.
fn within(line: &str, indent: usize) -> &str {
    let mut columns = 0;
    let mut skip = 0;
    for byte in line.bytes() {
        columns += match byte {
            b' ' => 1,
            b'\t' => 2,
            _ => break,
        };
        if columns > indent {
            break;
        }
        skip += 1;
    }
    line.get(skip..).unwrap_or("")
}
