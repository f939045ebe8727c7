//! A verb's line and its attributes, however they are spelt: on the line, below it, or as a record.

use std::borrow::Cow;

use scn_diagnostics::Span;
use scn_grammar::ast::{self, Head, Node};
use smallvec::SmallVec;
use smol_str::SmolStr;

/// A verb, its values and its attributes in the order of the source.
#[derive(Clone, Debug)]
pub(crate) struct Line<'a> {
    /// The verb.
    pub verb: &'a ast::Name,
    /// Values by position.
    pub values: &'a [ast::Expr],
    /// `name: value` pairs.
    pub attrs: SmallVec<[Attribute<'a>; 3]>,
    /// Nested lines that are no attribute: items and arms.
    pub rest: Vec<&'a Node>,
    /// The verb's logical line.
    pub span: Span,
}

/// An attribute of a verb.
#[derive(Clone, Debug)]
pub(crate) struct Attribute<'a> {
    /// Its name as it is written.
    pub key: &'a ast::Name,
    /// Its values; usually one, none where a block is nested under it.
    pub values: &'a [ast::Expr],
    /// The block nested under it.
    pub children: &'a [Node],
    /// All of it on its line.
    pub span: Span,
}

impl<'a> Attribute<'a> {
    /// Its value: the one on the line, or the block under it read as a record or a list.
    pub fn value(&self) -> Option<Cow<'a, ast::Expr>> {
        match self.values.first() {
            Some(value) => Some(Cow::Borrowed(value)),
            None => block(self.children, self.span).map(Cow::Owned),
        }
    }

    /// Whether it is called `name`, in any of the spellings of attributes.
    #[inline]
    pub fn is(&self, name: &str) -> bool {
        let key = self.key.text.as_str();
        // Most names differ at once.
        match (key.as_bytes(), name.as_bytes()) {
            ([b'-', ..], _) => is_called(key, name),
            ([first, ..], [other, ..]) if first.eq_ignore_ascii_case(other) => is_called(key, name),
            _ => false,
        }
    }
}

impl<'a> Line<'a> {
    /// The line of an entry; `None` for other nodes. `is_attribute` says of a record's keys whether they can be
    /// attributes of this verb, so that `expect: { page: "/x" }` gives attributes and `set: r to: { a: 1 }` a record.
    pub fn of(node: &'a Node, is_attribute: impl Fn(&str) -> bool) -> Option<Self> {
        let Head::Entry { key, values } = &node.head else { return None };
        let mut line = Self { verb: key, values, attrs: SmallVec::new(), rest: Vec::new(), span: node.span };
        if let [ast::Expr { kind: ast::ExprKind::Record(fields), .. }] = values.as_slice()
            && !fields.is_empty()
            && fields.iter().all(|(name, _)| is_attribute(&name.text))
        {
            line.values = &[];
            for (name, value) in fields {
                let span = name.span.to(value.span);
                line.attrs.push(Attribute { key: name, values: std::slice::from_ref(value), children: &[], span });
            }
        }
        line.add_attrs(&node.attrs, Some(&node.children));
        // `- if: c then:` and a block: the block is the attribute's.
        if !node.attrs.last().is_some_and(|last| last.values.is_empty()) {
            line.add_children(&node.children);
        }
        Some(line)
    }

    /// The first attribute called `name`, taken out.
    #[inline]
    pub fn take(&mut self, name: &str) -> Option<Attribute<'a>> {
        let at = self.attrs.iter().position(|attr| attr.is(name))?;
        Some(self.attrs.remove(at))
    }

    /// The attributes on one line; the last of them owns the block below.
    fn add_attrs(&mut self, attrs: &'a [ast::Attr], below: Option<&'a [Node]>) {
        for (index, attr) in attrs.iter().enumerate() {
            let children = match below {
                Some(children) if index + 1 == attrs.len() && attr.values.is_empty() => children,
                _ => &[],
            };
            self.attrs.push(Attribute { key: &attr.key, values: &attr.values, children, span: attr.span });
        }
    }

    fn add_children(&mut self, children: &'a [Node]) {
        for child in children {
            match &child.head {
                Head::Entry { key, values } if !child.dash => {
                    let own = if child.attrs.is_empty() { child.children.as_slice() } else { &[] };
                    self.attrs.push(Attribute { key, values, children: own, span: child.span });
                    self.add_attrs(&child.attrs, Some(&child.children));
                }
                Head::Error => {}
                _ => self.rest.push(child),
            }
        }
    }
}

/// A nested block as a value: entries are a record, items a list.
pub(crate) fn block(children: &[Node], span: Span) -> Option<ast::Expr> {
    let first = children.first()?;
    let last = children.last()?;
    let whole = first.span.to(last.span);
    let kind = if first.dash {
        let items = children.iter().filter_map(|child| match &child.head {
            Head::Expr { expr, .. } => Some(expr.clone()),
            _ => None,
        });
        ast::ExprKind::List(items.collect())
    } else {
        let fields = children.iter().filter_map(|child| match &child.head {
            Head::Entry { key, values } => {
                let value = values.first().cloned().or_else(|| block(&child.children, child.span))?;
                Some((key.clone(), value))
            }
            _ => None,
        });
        ast::ExprKind::Record(fields.collect())
    };
    let span = if whole.is_empty() { span } else { whole };
    Some(ast::Expr { kind, span })
}

/// Whether an attribute that is written as `key` is the one called `name`.
fn is_called(key: &str, name: &str) -> bool {
    // Most are written as they are declared.
    key == name || (!is_snake_case(key) && snake_case(key) == name)
}

fn is_snake_case(name: &str) -> bool {
    !name.bytes().any(|byte| byte == b'-' || byte.is_ascii_uppercase())
}

/// `failIf` and `fail-if` as `fail_if`.
pub(crate) fn snake_case(name: &str) -> SmolStr {
    // Most names are written as they are declared.
    if is_snake_case(name) {
        return name.into();
    }
    let mut snake = String::with_capacity(name.len() + 2);
    let mut lower_before = false;
    for char in name.chars() {
        if char.is_ascii_uppercase() && lower_before {
            snake.push('_');
        }
        lower_before = char.is_ascii_lowercase() || char.is_ascii_digit();
        match char {
            '-' => snake.push('_'),
            other => snake.push(other.to_ascii_lowercase()),
        }
    }
    snake.into()
}
