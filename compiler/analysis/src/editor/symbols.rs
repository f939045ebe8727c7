//! What a file declares, nested as it is written.

use scn_diagnostics::Span;
use scn_grammar::ast::{Decl, Expr, Head, Keyword, Name, Node, Tree};

use super::extent;

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// A declaration.
    Declared(Keyword),
    /// A file that is a scenario.
    Scenario,
    /// An entry with others below it, such as `steps:`.
    Section,
    /// An item: a step, a goal, a group of personas.
    Item,
    /// An entry with a value.
    Field,
}

/// Something that has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name, or what its line says.
    pub name: String,
    /// More about it, such as the title of a page; empty where there is no more.
    pub detail: String,
    /// What it is.
    pub kind: SymbolKind,
    /// All of it, with what is nested in it.
    pub span: Span,
    /// Its name.
    pub name_span: Span,
    /// What is nested in it.
    pub children: Vec<Symbol>,
}

/// The symbols of a file.
pub fn symbols(text: &str, tree: &Tree) -> Vec<Symbol> {
    let all = nested(text, &tree.nodes);
    // `scenario: NAME` names the file.
    let is_name = |symbol: &Symbol| symbol.kind == SymbolKind::Field && symbol.name == "scenario";
    let named = tree.nodes.iter().find_map(|node| match &node.head {
        Head::Entry { key, values } if key.text == "scenario" && !node.dash => values.first(),
        _ => None,
    });
    // A file that is a scenario is one symbol, with its entries in it.
    let (Some(name), Some(first), Some(last)) = (named, all.first(), all.last()) else { return all };
    let span = first.span.to(last.span);
    let (name, name_span) = (slice(text, name.span), name.span);
    let children = all.into_iter().filter(|symbol| !is_name(symbol)).collect();
    vec![Symbol { name, detail: String::new(), kind: SymbolKind::Scenario, span, name_span, children }]
}

fn nested(text: &str, nodes: &[Node]) -> Vec<Symbol> {
    nodes.iter().filter_map(|node| symbol(text, node)).collect()
}

fn symbol(text: &str, node: &Node) -> Option<Symbol> {
    let (name, detail, kind, name_span) = match &node.head {
        Head::Decl(decl) => declared(text, decl)?,
        Head::Entry { key, values } if node.dash => {
            let first = values.first().map_or_else(String::new, |value| slice(text, value.span));
            (format!("{} {first}", key.text).trim_end().to_owned(), String::new(), SymbolKind::Item, key.span)
        }
        Head::Entry { key, values } => {
            let kind = if node.children.is_empty() { SymbolKind::Field } else { SymbolKind::Section };
            (key.text.to_string(), written(text, values), kind, key.span)
        }
        Head::Expr { expr, .. } => (slice(text, expr.span), String::new(), SymbolKind::Item, expr.span),
        Head::Error => return None,
    };
    // Editors refuse a symbol without a name.
    let name = if name.is_empty() { "…".to_owned() } else { name };
    Some(Symbol { name, detail, kind, span: extent(node), name_span, children: nested(text, &node.children) })
}

fn declared(text: &str, decl: &Decl) -> Option<(String, String, SymbolKind, Span)> {
    if decl.keyword == Keyword::Use {
        return None;
    }
    let kind = SymbolKind::Declared(decl.keyword);
    let detail = written(text, &decl.operands);
    Some(match &decl.name {
        Some(Name { text: name, span }) => {
            let name = match decl.keyword {
                Keyword::On => format!("on {name}"),
                _ => name.to_string(),
            };
            (name, detail, kind, *span)
        }
        None => match decl.operands.split_first() {
            Some((path, rest)) => (slice(text, path.span), written(text, rest), kind, path.span),
            None => (decl.keyword.as_str().to_owned(), String::new(), kind, decl.keyword_span),
        },
    })
}

fn written(text: &str, values: &[Expr]) -> String {
    values.iter().map(|value| slice(text, value.span)).collect::<Vec<_>>().join(" ")
}

/// The first line of what is written at `span`.
fn slice(text: &str, span: Span) -> String {
    text.get(span.range()).and_then(|text| text.lines().next()).unwrap_or_default().trim().to_owned()
}
