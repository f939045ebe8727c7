//! Nests lines by their indentation.

use scn_diagnostics::{Diagnostic, codes};
use smol_str::SmolStr;

use super::{Context, Logical, MAX_INDENT, lines};
use crate::ast::{Head, Node};

/// A node whose children are still to come.
struct Open {
    indent: usize,
    /// Columns at which its children begin; the first is right, one that differs is reported once.
    columns: Vec<usize>,
    /// Indentation that its children need at least, if it is an item.
    body_indent: usize,
    /// The column of its siblings, if it stands shallower than they do: an item there is a sibling, no child.
    siblings: Option<usize>,
    node: Node,
}

/// The tree of the lines; `build` makes the node of each, without children, and is told whether lines are nested under it.
pub(crate) fn nest<'t>(
    context: &mut Context<'t>,
    lines: &[Logical],
    build: impl Fn(&mut Context<'t>, &Logical, bool) -> Node,
) -> Vec<Node> {
    let mut roots = Roots { nodes: Vec::new(), columns: Vec::new() };
    let mut open: Vec<Open> = Vec::new();
    let mut too_deep = false;
    for (at, line) in lines.iter().enumerate() {
        while open.last().is_some_and(|top| !is_parent(top, &open, line)) {
            close(&mut open, &mut roots);
        }
        let is_parent = lines.get(at + 1).is_some_and(|next| next.indent > line.indent);
        let mut node = build(context, line, is_parent);
        let mut siblings = None;
        if open.len() < MAX_INDENT {
            siblings = check_indent(context, &mut open, &mut roots, line).filter(|column| *column > line.indent);
        } else {
            if !too_deep {
                let diagnostic = Diagnostic::new(
                    codes::NESTED_TOO_DEEP,
                    node.span,
                    format!("lines are nested more than {MAX_INDENT} deep"),
                )
                .label("this line is one level too deep")
                .help("move the inner steps to a `flow`");
                context.report(diagnostic);
            }
            too_deep = true;
            // It becomes a sibling of the deepest line, so its column is not that of its siblings, and whatever it says is in
            // the wrong place.
            close(&mut open, &mut roots);
            node.head = Head::Error;
            node.attrs.clear();
        }
        open.push(Open { indent: line.indent, columns: Vec::new(), body_indent: line.body_indent, siblings, node });
    }
    while !open.is_empty() {
        close(&mut open, &mut roots);
    }
    roots.nodes
}

struct Roots {
    nodes: Vec<Node>,
    columns: Vec<usize>,
}

/// Whether the innermost open line stands beside items, so that it is one that lacks its dash.
fn is_among_items(open: &[Open]) -> bool {
    matches!(open, [.., parent, top] if parent.columns.contains(&top.indent) && parent.node.children.iter().any(|child| child.dash))
}

/// Whether `line` belongs under `top`: it is deeper, or an item at the same column as a key. What cannot be read, or stands among
/// items, has none at its own column.
fn is_parent(top: &Open, open: &[Open], line: &Logical) -> bool {
    let sibling = line.dash && top.siblings == Some(line.indent);
    // An item that is a little too deep is meant as the next one.
    if line.dash && top.node.dash && line.indent < top.body_indent {
        return false;
    }
    // Nor does a line without a dash, in no column of theirs, belong to items.
    let stray =
        |line: &Logical| !line.dash && !top.node.dash && !top.columns.is_empty() && !top.columns.contains(&line.indent);
    if stray(line) && top.node.children.iter().all(|child| child.dash) && !top.node.children.is_empty() {
        return false;
    }
    let takes_items = || !top.node.dash && !matches!(top.node.head, Head::Error) && !is_among_items(open);
    (line.indent > top.indent && !sibling) || (line.indent == top.indent && line.dash && takes_items())
}

/// Ends the innermost open node.
fn close(open: &mut Vec<Open>, roots: &mut Roots) {
    if let Some(mut done) = open.pop() {
        // Trees of many files are held at once.
        done.node.children.shrink_to_fit();
        match open.last_mut() {
            Some(parent) => parent.node.children.push(done.node),
            None => roots.nodes.push(done.node),
        }
    }
}

/// Reports a line that does not stand in the column of its siblings, and returns that column.
fn check_indent(context: &mut Context<'_>, open: &mut [Open], roots: &mut Roots, line: &Logical) -> Option<usize> {
    let (columns, least, parent) = match open.last_mut() {
        Some(parent) if parent.node.dash => (&mut parent.columns, parent.body_indent, Some(parent.node.span)),
        Some(parent) => (&mut parent.columns, 0, Some(parent.node.span)),
        None => (&mut roots.columns, 0, None),
    };
    // An attribute at the verb's column may follow a body that is indented deeper.
    if least > 0 && line.indent == least {
        return None;
    }
    let expected = match columns.first() {
        Some(first) if !columns.contains(&line.indent) => Some(*first),
        None if line.indent < least => Some(least),
        _ => None,
    };
    if !columns.contains(&line.indent) {
        columns.push(line.indent);
    }
    let siblings = columns.first().copied();
    let Some(expected) = expected else { return siblings };
    let end = (line.start + 1).min(line.end);
    let mut diagnostic = Diagnostic::new(
        codes::UNEVEN_INDENT,
        context.span(line.start..end),
        format!("this line stands in column {}, but the lines beside it in column {}", line.indent + 1, expected + 1),
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

/// Joins a dash that stands alone with the line below it, as YAML does. A dash without one is reported.
pub(crate) fn join_dashes(context: &mut Context<'_>, lines: Vec<Logical>) -> Vec<Logical> {
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
