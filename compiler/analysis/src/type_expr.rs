//! From a type as it is written to a [`Type`].

use std::sync::Arc;

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, ExprKind, TypeExpr, TypeExprKind};
use scn_plan::collections::IndexMap;

use smol_str::SmolStr;

use crate::{
    expr::ExprChecker,
    persona::Personas,
    range::Bounds,
    scope::{Scope, Symbols},
    signatures::{Signatures, suggest},
    types::Type,
};

/// The persona templates that a type can name.
#[derive(Clone, Copy, Default)]
pub(crate) struct Templates<'a> {
    /// All templates, and the module whose sight counts.
    pub personas: Option<(&'a Personas, usize)>,
}

impl Templates<'_> {
    fn named(&self, name: &str) -> Option<Type> {
        let (personas, module) = self.personas?;
        let info = personas.visible(module, name)?;
        // A template that extends it may draw a field from another range.
        let fields = info.fields.iter().map(|(field, (_, ty))| (field.clone(), ty.wide()));
        Some(Type::Template(name.into(), Arc::new(fields.collect())))
    }

    fn names(&self) -> Vec<SmolStr> {
        self.personas.map(|(personas, module)| personas.names(module)).unwrap_or_default()
    }

    /// The type that `ty` says.
    pub fn of_type(&self, ty: &TypeExpr, diagnostics: &mut Vec<Diagnostic>) -> Type {
        match &ty.kind {
            TypeExprKind::Name(name) => self.resolve(name, ty.span, diagnostics),
            TypeExprKind::Apply(name, operands) => {
                let mut inner = operands.iter().map(|operand| self.of_type(operand, diagnostics));
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
                    _ => self.unknown(name, ty.span, diagnostics),
                }
            }
            TypeExprKind::Record(fields) => {
                let mut record = IndexMap::with_capacity_and_hasher(fields.len(), Default::default());
                for (name, ty) in fields {
                    let ty = self.of_type(ty, diagnostics);
                    if record.insert(name.text.clone(), ty).is_some() {
                        diagnostics.push(Diagnostic::new(
                            codes::DUPLICATE_NAME,
                            name.span,
                            format!("the field `{}` is declared twice", name.text),
                        ));
                    }
                }
                Type::Record(record.into())
            }
            TypeExprKind::Choice(names) => Type::Choice(names.iter().map(|name| name.text.clone()).collect()),
            TypeExprKind::Range(low, high) => between(low, high, ty.span, diagnostics),
        }
    }

    fn resolve(&self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Type {
        match self.named(name).or_else(|| Type::named(name)) {
            Some(ty) => ty,
            None => self.unknown(name, span, diagnostics),
        }
    }

    fn unknown(&self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Type {
        let diagnostic = Diagnostic::new(codes::UNKNOWN_TYPE, span, format!("there is no type `{name}`"));
        let templates = self.names();
        let names = templates.iter().map(SmolStr::as_str).chain(Type::NAMES.iter().copied());
        let mut diagnostic = suggest(diagnostic, name, span, "type", names);
        if self.personas.is_some() && name == "Citizen" && diagnostic.fixes.is_empty() {
            diagnostic = diagnostic.help("add `use std.people` at the top of the file");
        }
        diagnostics.push(diagnostic);
        Type::Error
    }
}

/// The type that `ty` says.
pub(crate) fn of_type(ty: &TypeExpr, diagnostics: &mut Vec<Diagnostic>) -> Type {
    Templates::default().of_type(ty, diagnostics)
}

/// The type that stands where an expression could.
pub(crate) fn of_expr(expr: &ast::Expr, diagnostics: &mut Vec<Diagnostic>) -> Type {
    match &expr.kind {
        ExprKind::Type(ty) => of_type(ty, diagnostics),
        ExprKind::Name(name) => Templates::default().resolve(name, expr.span, diagnostics),
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
    let mut scope = Scope::default();
    let mut checker = ExprChecker::new(&signatures, &symbols, &mut scope, diagnostics);
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
