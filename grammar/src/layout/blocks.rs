//! Nests lines by their indentation.

use scn_diagnostics::{Diagnostic, Span, codes};
use smol_str::SmolStr;

use super::{Context, Logical, MAX_INDENT, lines};
use crate::ast::{Head, Node};

/// Columns at which siblings begin; the first is right, one that differs is reported once.
#[derive(Default)]
struct Columns {
    first: Option<usize>,
    more: Vec<usize>,
}

impl Columns {
    fn contains(&self, column: usize) -> bool {
        self.first == Some(column) || self.more.contains(&column)
    }

    fn add(&mut self, column: usize) {
        match self.first {
            None => self.first = Some(column),
            Some(_) => self.more.push(column),
        }
    }
}

/// A node whose children are still to come.
struct Open {
    /// Its place among the nodes.
    place: usize,
    indent: usize,
    /// Columns at which its children begin.
    columns: Columns,
    /// Indentation that its children need at least, if it is an item.
    body_indent: usize,
    /// The column of its siblings, if it stands shallower than they do: an item there is a sibling, no child.
    siblings: Option<usize>,
    dash: bool,
    /// Whether the line can be read.
    sound: bool,
    span: Span,
}

/// Nests the nodes of lines, which have no children yet, into a tree.
#[derive(Default)]
pub(crate) struct Nest {
    /// The nodes that are no child of one before yet: roots, and each open node behind its siblings and before its children.
    nodes: Vec<Node>,
    open: Vec<Open>,
    /// Columns at which the roots begin.
    roots: Columns,
    too_deep: bool,
}

impl Nest {
    /// Adds the next line and its node.
    #[inline]
    pub fn push(&mut self, context: &mut Context<'_>, line: &Logical, mut node: Node) {
        while self.open.last().is_some_and(|top| !self.is_parent(top, line)) {
            self.close();
        }
        let mut siblings = None;
        if self.open.len() < MAX_INDENT {
            siblings = self.check_indent(context, line).filter(|column| *column > line.indent);
        } else {
            if !self.too_deep {
                let diagnostic = Diagnostic::new(
                    codes::NESTED_TOO_DEEP,
                    node.span,
                    format!("lines are nested more than {MAX_INDENT} deep"),
                )
                .label("this line is one level too deep")
                .help("move the inner steps to a `flow`");
                context.report(diagnostic);
            }
            self.too_deep = true;
            // It becomes a sibling of the deepest line, so its column is not that of its siblings, and whatever it says is in
            // the wrong place.
            self.close();
            node.head = Head::Error;
            node.attrs.clear();
        }
        self.open.push(Open {
            place: self.nodes.len(),
            indent: line.indent,
            columns: Columns::default(),
            body_indent: line.body_indent,
            siblings,
            dash: node.dash,
            sound: !matches!(node.head, Head::Error),
            span: node.span,
        });
        self.nodes.push(node);
    }

    /// The tree of all lines.
    pub fn finish(mut self) -> Vec<Node> {
        while !self.open.is_empty() {
            self.close();
        }
        // Trees of many files are held at once.
        self.nodes.shrink_to_fit();
        self.nodes
    }

    /// The children that the open node has by now, but for an open one.
    fn children(&self, of: &Open, end: usize) -> &[Node] {
        self.nodes.get(of.place + 1..end).unwrap_or(&[])
    }

    /// Whether the innermost open line stands beside items, so that it is one that lacks its dash.
    fn is_among_items(&self) -> bool {
        matches!(self.open.as_slice(), [.., parent, top] if parent.columns.contains(top.indent)
            && self.children(parent, top.place).iter().any(|child| child.dash))
    }

    /// Whether `line` belongs under `top`, the innermost open line: it is deeper, or an item at the same column as a key. What
    /// cannot be read, or stands among items, has none at its own column.
    fn is_parent(&self, top: &Open, line: &Logical) -> bool {
        if line.indent < top.indent {
            return false;
        }
        if line.dash {
            // An item that is a little too deep is meant as the next one.
            if top.dash && line.indent < top.body_indent {
                return false;
            }
            let sibling = top.siblings == Some(line.indent);
            let takes_items = || !top.dash && top.sound && !self.is_among_items();
            return if line.indent > top.indent { !sibling } else { takes_items() };
        }
        if line.indent == top.indent {
            return false;
        }
        // Nor does a line without a dash, in no column of theirs, belong to items.
        let children = self.children(top, self.nodes.len());
        let stray = !top.dash && !children.is_empty() && !top.columns.contains(line.indent);
        !(stray && children.iter().all(|child| child.dash))
    }

    /// Ends the innermost open node.
    fn close(&mut self) {
        let Some(done) = self.open.pop() else { return };
        if self.nodes.len() > done.place + 1 {
            let children = self.nodes.split_off(done.place + 1);
            if let Some(node) = self.nodes.last_mut() {
                node.children = children;
            }
        }
    }

    /// Reports a line that does not stand in the column of its siblings, and returns that column.
    fn check_indent(&mut self, context: &mut Context<'_>, line: &Logical) -> Option<usize> {
        let (columns, least, parent) = match self.open.last_mut() {
            Some(parent) if parent.dash => (&mut parent.columns, parent.body_indent, Some(parent.span)),
            Some(parent) => (&mut parent.columns, 0, Some(parent.span)),
            None => (&mut self.roots, 0, None),
        };
        // An attribute at the verb's column may follow a body that is indented deeper.
        if least > 0 && line.indent == least {
            return None;
        }
        let expected = match columns.first {
            Some(first) if !columns.contains(line.indent) => Some(first),
            None if line.indent < least => Some(least),
            _ => None,
        };
        if !columns.contains(line.indent) {
            columns.add(line.indent);
        }
        let siblings = columns.first;
        let Some(expected) = expected else { return siblings };
        let end = (line.start + 1).min(line.end);
        let mut diagnostic = Diagnostic::new(
            codes::UNEVEN_INDENT,
            context.span(line.start..end),
            format!(
                "this line stands in column {}, but the lines beside it in column {}",
                line.indent + 1,
                expected + 1
            ),
        )
        .label(format!("expected in column {}", expected + 1));
        if let Some(parent) = parent {
            diagnostic = diagnostic.also(parent, "the line that it belongs to");
        }
        let begin = context.slice(0..line.start).rfind('\n').map_or(0, |newline| newline + 1);
        let fix_span = context.span(begin..line.start);
        context.report(diagnostic.fix(
            format!("indent it by {expected} spaces"),
            fix_span,
            " ".repeat(expected),
            scn_diagnostics::Applicability::Suggested,
        ));
        siblings
    }
}

/// Joins a dash that stands alone with the line below it, as YAML does. A dash without one is reported.
pub(super) fn join_dashes(context: &mut Context<'_>, lines: Vec<Logical>) -> Vec<Logical> {
    if !lines.iter().any(is_lone_dash) {
        return lines;
    }
    let mut joined: Vec<Logical> = Vec::with_capacity(lines.len());
    for mut line in lines {
        if let Some(dash) = joined.last().filter(|last| is_lone_dash(last) && !line.dash && line.indent > last.indent) {
            line.dash = true;
            line.body_indent = line.indent;
            line.indent = dash.indent;
            line.start = dash.start;
            // What documents an item may stand above its dash and below it.
            let mut doc = dash.doc.clone().map(String::from);
            for comment in context.slice(dash.start + 1..line.body).lines() {
                lines::document(&mut doc, comment.trim_ascii());
            }
            line.doc = doc.map(SmolStr::from);
            joined.pop();
        }
        joined.push(line);
    }
    for line in joined.iter_mut().filter(|line| is_lone_dash(line)) {
        let diagnostic =
            Diagnostic::new(codes::EMPTY_ITEM, context.span(line.start..line.start + 1), "nothing follows this dash")
                .label("an item begins here and is empty")
                .help("write the item after the dash: `- visit: \"/start\"`");
        context.report(diagnostic);
        line.broken = true;
    }
    joined
}

fn is_lone_dash(line: &Logical) -> bool {
    line.dash && line.end == line.start + 1
}

/// The node of a line that is not parsed.
pub(crate) fn broken(context: &Context<'_>, line: &Logical) -> Node {
    Node {
        head: Head::Error,
        dash: line.dash,
        attrs: Vec::new(),
        children: Vec::new(),
        doc: line.doc.clone(),
        span: context.span(line.start..line.end),
    }
}
