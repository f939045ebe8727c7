//! From a type as it is written to a [`Type`].

use indexmap::IndexMap;
use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, ExprKind, TypeExpr, TypeExprKind};

use crate::{
    expr::ExprChecker,
    range::Bounds,
    scope::{Scope, Symbols},
    signatures::{Signatures, suggest},
    types::Type,
};

/// The type that `ty` says.
pub(crate) fn of_type(ty: &TypeExpr, diagnostics: &mut Vec<Diagnostic>) -> Type {
    match &ty.kind {
        TypeExprKind::Name(name) => named(name, ty.span, diagnostics),
        TypeExprKind::Apply(name, operands) => {
            let mut inner = operands.iter().map(|operand| of_type(operand, diagnostics));
            match (name.as_str(), inner.next(), inner.next()) {
                ("Maybe", Some(inner), None) => Type::Maybe(Box::new(inner)),
                ("List", Some(inner), None) => Type::List(Box::new(inner)),
                ("Range", Some(inner), None) => Type::Range(Box::new(inner)),
                ("Maybe" | "List" | "Range", ..) => {
                    diagnostics.push(
                        Diagnostic::new(codes::UNKNOWN_TYPE, ty.span, format!("`{name}` takes one type"))
                            .help(format!("write `{name}[Text]`")),
                    );
                    Type::Error
                }
                _ => unknown(name, ty.span, diagnostics),
            }
        }
        TypeExprKind::Record(fields) => {
            let mut record = IndexMap::with_capacity(fields.len());
            for (name, ty) in fields {
                let ty = of_type(ty, diagnostics);
                if record.insert(name.text.clone(), ty).is_some() {
                    diagnostics.push(Diagnostic::new(
                        codes::DUPLICATE_NAME,
                        name.span,
                        format!("the field `{}` is declared twice", name.text),
                    ));
                }
            }
            Type::Record(record)
        }
        TypeExprKind::Choice(names) => Type::Choice(names.iter().map(|name| name.text.clone()).collect()),
        TypeExprKind::Range(low, high) => between(low, high, ty.span, diagnostics),
    }
}

/// The type that stands where an expression could.
pub(crate) fn of_expr(expr: &ast::Expr, diagnostics: &mut Vec<Diagnostic>) -> Type {
    match &expr.kind {
        ExprKind::Type(ty) => of_type(ty, diagnostics),
        ExprKind::Name(name) => named(name, expr.span, diagnostics),
        ExprKind::Range(low, high) => between(low, high, expr.span, diagnostics),
        ExprKind::Error => Type::Error,
        _ => {
            diagnostics.push(
                Diagnostic::new(codes::UNKNOWN_TYPE, expr.span, "a type is expected here")
                    .help("write a type such as `Text`, `Maybe[Text]` or `Choice{a, b}`"),
            );
            Type::Error
        }
    }
}

/// `18..90`: the numbers of the ends' unit that lie between them.
fn between(low: &ast::Expr, high: &ast::Expr, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Type {
    let (signatures, symbols) = (Signatures::default(), Symbols::default());
    let errors = diagnostics.len();
    let mut checker = ExprChecker::new(&signatures, &symbols, Scope::default(), diagnostics);
    let (low, ty) = checker.infer(low, &Type::Any);
    let (high, _) = checker.check(high, &ty);
    if diagnostics.len() > errors {
        return Type::Error;
    }
    let ends = low.as_value().cloned().zip(high.as_value().cloned());
    let bounds = ends.and_then(|(low, high)| Bounds::new(low, high));
    match bounds {
        Some(bounds) if ty.is_quantity() || ty == Type::Date => ty.within(Some(bounds.declared_at(span))),
        _ => {
            diagnostics.push(
                Diagnostic::new(codes::UNKNOWN_TYPE, span, "this is no range of values")
                    .help("write the smaller end first, such as `18..90` or `$1..$5`"),
            );
            Type::Error
        }
    }
}

fn named(name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Type {
    Type::named(name).unwrap_or_else(|| unknown(name, span, diagnostics))
}

fn unknown(name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Type {
    let diagnostic = Diagnostic::new(codes::UNKNOWN_TYPE, span, format!("there is no type `{name}`"));
    diagnostics.push(suggest(diagnostic, name, span, "type", Type::NAMES.iter().copied()));
    Type::Error
}
