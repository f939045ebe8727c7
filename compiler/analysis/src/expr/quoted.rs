//! A quoted text where another type is expected is read as that type's literal, name or expression.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, TextPart};
use scn_plan::{Expr, Value};
use smol_str::SmolStr;

use super::{ExprChecker, nothing};
use crate::types::Type;

/// The characters of a quoted text without interpolation, and where they stand.
pub(crate) fn quoted_text(expr: &ast::Expr) -> Option<(SmolStr, Span)> {
    match &expr.kind {
        ast::ExprKind::Text { parts, .. } => match parts.as_slice() {
            [] => Some((SmolStr::default(), expr.span)),
            [TextPart::Literal(text, span)] => Some((text.clone(), *span)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether no quote ends the text, whose characters stand at `span`. That has been reported, and what they were to be is unknown.
fn is_open(expr: &ast::Expr, span: Span) -> bool {
    let is_block = matches!(expr.kind, ast::ExprKind::Text { quote: ast::Quote::Block, .. });
    !is_block && expr.span.start < span.start && span.end == expr.span.end
}

/// Moves all of `expr` to `span`.
fn respan(expr: &mut ast::Expr, span: Span) {
    use ast::ExprKind as Ast;
    expr.span = span;
    match &mut expr.kind {
        Ast::Field(base, name) => {
            name.span = span;
            respan(base, span);
        }
        Ast::Unary(operator, operand) => {
            operator.span = span;
            respan(operand, span);
        }
        Ast::Binary(operator, left, right) => {
            operator.span = span;
            respan(left, span);
            respan(right, span);
        }
        Ast::Index(left, right) | Ast::Range(left, right) | Ast::Phrase(_, left, right) => {
            respan(left, span);
            respan(right, span);
        }
        Ast::Call(callee, args) => {
            respan(callee, span);
            for arg in args {
                arg.name.iter_mut().for_each(|name| name.span = span);
                respan(&mut arg.value, span);
            }
        }
        Ast::List(items) => items.iter_mut().for_each(|item| respan(item, span)),
        Ast::Record(fields) => {
            for (name, value) in fields {
                name.span = span;
                respan(value, span);
            }
        }
        Ast::Text { parts, .. } => {
            for part in parts {
                match part {
                    TextPart::Literal(_, own) => *own = span,
                    TextPart::Value(value) => respan(value, span),
                }
            }
        }
        Ast::Type(ty) => ty.span = span,
        Ast::Bool(_)
        | Ast::None
        | Ast::Number { .. }
        | Ast::Date(_)
        | Ast::Regex(_)
        | Ast::Path(_)
        | Ast::Name(_)
        | Ast::Error => {}
    }
}

impl ExprChecker<'_> {
    /// Reads `expr` as a value of type `expected`, if it is a quoted text and that type is no text.
    pub(super) fn read_quoted(&mut self, expr: &ast::Expr, expected: &Type) -> Option<(Expr, Type)> {
        let wanted = expected.some();
        if let Type::Text(_) | Type::Any = wanted {
            return None;
        }
        let (text, span) = quoted_text(expr)?;
        if is_open(expr, span) {
            return Some(nothing(span, Type::Error));
        }
        let value = match wanted.base() {
            Type::Error | Type::None => return None,
            Type::Path => Value::Path(text),
            Type::Name => return Some(self.new_name(&text, span)),
            Type::Regex => {
                if !self.valid_regex(&text, span) {
                    return Some(nothing(span, Type::Error));
                }
                Value::Regex(text)
            }
            Type::Nominal(kind) => return Some(self.symbol(&text, span, *kind)),
            Type::Choice(names) => return Some(self.member_of(&text, span, names)),
            // A file is named by its name.
            Type::File => return None,
            _ => {
                if text.trim().is_empty() {
                    let diagnostic = Diagnostic::new(
                        codes::TYPE_MISMATCH,
                        expr.span,
                        format!("{wanted} expected, found an empty text"),
                    );
                    return Some(self.fail(match wanted.example() {
                        Some(example) => diagnostic.help(format!("write {example}")),
                        None => diagnostic,
                    }));
                }
                // Where escapes were resolved, offsets inside the quotes are no longer those of the source.
                let verbatim = span.len() == text.len();
                let at = span.start as usize;
                let (mut inner, found) = scn_grammar::parse_expr(expr.span.source, &text, at);
                if !verbatim {
                    respan(&mut inner, expr.span);
                }
                let broken = !found.is_empty();
                self.diagnostics.extend(found.into_iter().map(|mut diagnostic| {
                    if !verbatim {
                        diagnostic.primary.span = expr.span;
                        diagnostic.secondary.clear();
                        diagnostic.fixes.clear();
                    }
                    diagnostic
                }));
                if broken {
                    return Some(nothing(span, Type::Error));
                }
                let before = self.diagnostics.len();
                let (compiled, found) = self.infer(&inner, expected);
                // A draft rule's expressions stand without quotes.
                if expr.span.start < span.start
                    && let ast::ExprKind::Name(name) = &inner.kind
                {
                    self.no_name_in_quotes(before, name, wanted);
                }
                let read = self.coerce(compiled, found, expected);
                // An edit would replace the whole text, for its parts have no place of their own.
                for diagnostic in self.diagnostics.iter_mut().skip(before).filter(|_| !verbatim) {
                    diagnostic.fixes.clear();
                }
                return Some(read);
            }
        };
        Some((Expr::value(value, expr.span), wanted.clone()))
    }

    /// A text that is no more than a word which names nothing was probably meant as data, of which there is none here.
    fn no_name_in_quotes(&mut self, before: usize, name: &str, wanted: &Type) {
        let Some([only]) = self.diagnostics.get_mut(before..) else { return };
        if only.code == codes::UNKNOWN_NAME && !only.help.iter().any(|help| help.starts_with("did you mean")) {
            let mut diagnostic = Diagnostic::new(
                codes::TYPE_MISMATCH,
                only.primary.span,
                format!("{wanted} expected, found the text `{name}`"),
            );
            if let Some(example) = wanted.example() {
                diagnostic = diagnostic.help(format!("write {example}"));
            }
            *only = diagnostic.note("in quotes, too, a name or an expression can stand here; this names nothing");
        }
    }

    /// A name that is given here, as in `set: NAME`.
    pub(super) fn new_name(&mut self, text: &str, span: Span) -> (Expr, Type) {
        let mut chars = text.chars();
        let well_formed = chars.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
            && chars.all(|char| char.is_ascii_alphanumeric() || char == '_' || char == '-');
        if !well_formed {
            return self.fail(
                Diagnostic::new(codes::TYPE_MISMATCH, span, format!("`{text}` is no name"))
                    .help("a name begins with a letter and holds letters, digits, `_` and `-`"),
            );
        }
        (Expr::value(Value::Symbol(text.into()), span), Type::Name)
    }
}
