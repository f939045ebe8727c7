//! What each word of a file is, for colours that tell a verb from a value.

use scn_diagnostics::Span;
use scn_grammar::ast::{Arg, Decl, Expr, ExprKind, Head, Keyword, Node, TextPart, Tree, TypeExpr, TypeExprKind};

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A word that begins a declaration, and words between operands.
    Keyword,
    /// What a declaration names.
    Declaration,
    /// A verb of an item, and what is called.
    Verb,
    /// A key of an entry, an attribute or a record.
    Property,
    /// A name that is read.
    Variable,
    /// A type or a persona template.
    Type,
    /// A text.
    Text,
    /// A number with its unit, a date.
    Number,
    /// A regular expression.
    Regex,
    /// `and`, `+` and the like.
    Operator,
    /// A comment.
    Comment,
}

/// A word and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: TokenKind,
}

/// The tokens of a file, in their order and apart from one another. A token of several lines is one.
pub fn tokens(text: &str, tree: &Tree) -> Vec<Token> {
    let mut found = Vec::new();
    tree.nodes.iter().for_each(|node| of_node(node, &mut found));
    let comments = scn_grammar::comments(tree.source, text).into_iter();
    found.extend(comments.map(|span| Token { span, kind: TokenKind::Comment }));
    found.retain(|token| !token.span.is_empty());
    found.sort_by_key(|token| (token.span.start, token.span.end));
    let mut end = 0;
    found.retain(|token| {
        let apart = token.span.start >= end;
        end = if apart { token.span.end } else { end };
        apart
    });
    found
}

fn of_node(node: &Node, found: &mut Vec<Token>) {
    match &node.head {
        Head::Entry { key, values } => {
            let kind = if node.dash { TokenKind::Verb } else { TokenKind::Property };
            found.push(Token { span: key.span, kind });
            values.iter().for_each(|value| of_expr(value, found));
        }
        Head::Expr { expr, .. } => of_expr(expr, found),
        Head::Decl(decl) => of_decl(decl, found),
        Head::Error => {}
    }
    for attr in &node.attrs {
        found.push(Token { span: attr.key.span, kind: TokenKind::Property });
        attr.values.iter().for_each(|value| of_expr(value, found));
    }
    node.children.iter().for_each(|child| of_node(child, found));
}

fn of_decl(decl: &Decl, found: &mut Vec<Token>) {
    found.push(Token { span: decl.keyword_span, kind: TokenKind::Keyword });
    let kind = if decl.keyword == Keyword::Use { TokenKind::Variable } else { TokenKind::Declaration };
    found.extend(decl.name.iter().map(|name| Token { span: name.span, kind }));
    found.extend(decl.extends.iter().map(|name| Token { span: name.span, kind: TokenKind::Type }));
    found.extend(decl.alias.iter().map(|name| Token { span: name.span, kind: TokenKind::Declaration }));
    decl.operands.iter().chain(&decl.arrow).chain(&decl.value).for_each(|expr| of_expr(expr, found));
    decl.ty.iter().chain(&decl.result).for_each(|ty| of_type(ty, found));
    for param in &decl.params {
        found.push(Token { span: param.name.span, kind: TokenKind::Property });
        of_type(&param.ty, found);
        param.default.iter().for_each(|expr| of_expr(expr, found));
    }
}

fn of_type(ty: &TypeExpr, found: &mut Vec<Token>) {
    match &ty.kind {
        TypeExprKind::Name(_) => found.push(Token { span: ty.span, kind: TokenKind::Type }),
        TypeExprKind::Apply(name, args) => {
            let end = ty.span.start.saturating_add(u32::try_from(name.len()).unwrap_or_default());
            found.push(Token { span: Span { end: end.min(ty.span.end), ..ty.span }, kind: TokenKind::Type });
            args.iter().for_each(|arg| of_type(arg, found));
        }
        TypeExprKind::Record(fields) => {
            for (name, ty) in fields {
                found.push(Token { span: name.span, kind: TokenKind::Property });
                of_type(ty, found);
            }
        }
        TypeExprKind::Choice(names) => {
            found.extend(names.iter().map(|name| Token { span: name.span, kind: TokenKind::Variable }));
        }
        TypeExprKind::Range(low, high) => {
            of_expr(low, found);
            of_expr(high, found);
        }
    }
}

fn of_expr(expr: &Expr, found: &mut Vec<Token>) {
    let mut push = |span, kind| found.push(Token { span, kind });
    match &expr.kind {
        ExprKind::Bool(_) | ExprKind::None => push(expr.span, TokenKind::Keyword),
        ExprKind::Number { .. } | ExprKind::Date(_) => push(expr.span, TokenKind::Number),
        ExprKind::Regex(_) => push(expr.span, TokenKind::Regex),
        ExprKind::Path(_) => push(expr.span, TokenKind::Text),
        ExprKind::Name(_) => push(expr.span, TokenKind::Variable),
        ExprKind::Text { parts, .. } => of_text(expr.span, parts, found),
        ExprKind::Field(owner, name) => {
            of_expr(owner, found);
            found.push(Token { span: name.span, kind: TokenKind::Property });
        }
        ExprKind::Index(left, right) | ExprKind::Range(left, right) | ExprKind::Phrase(_, left, right) => {
            of_expr(left, found);
            of_expr(right, found);
        }
        ExprKind::Call(callee, args) => {
            match &callee.kind {
                ExprKind::Field(owner, name) => {
                    of_expr(owner, found);
                    found.push(Token { span: name.span, kind: TokenKind::Verb });
                }
                _ => found.push(Token { span: callee.span, kind: TokenKind::Verb }),
            }
            for Arg { name, value, .. } in args {
                found.extend(name.iter().map(|name| Token { span: name.span, kind: TokenKind::Property }));
                of_expr(value, found);
            }
        }
        ExprKind::Unary(operator, inner) => {
            push(operator.span, TokenKind::Operator);
            of_expr(inner, found);
        }
        ExprKind::Binary(operator, left, right) => {
            push(operator.span, TokenKind::Operator);
            of_expr(left, found);
            of_expr(right, found);
        }
        ExprKind::List(items) => items.iter().for_each(|item| of_expr(item, found)),
        ExprKind::Record(fields) => {
            for (name, value) in fields {
                found.push(Token { span: name.span, kind: TokenKind::Property });
                of_expr(value, found);
            }
        }
        ExprKind::Type(ty) => of_type(ty, found),
        ExprKind::Error => {}
    }
}

/// A text in pieces, between which stand the values in it.
fn of_text(span: Span, parts: &[TextPart], found: &mut Vec<Token>) {
    let mut from = span.start;
    for part in parts {
        if let TextPart::Value(value) = part {
            found.push(Token { span: Span { start: from, end: value.span.start, ..span }, kind: TokenKind::Text });
            of_expr(value, found);
            from = value.span.end;
        }
    }
    found.push(Token { span: Span { start: from, end: span.end, ..span }, kind: TokenKind::Text });
}
