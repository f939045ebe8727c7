//! What is sent, held against what its receiver takes.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast;
use scn_plan::{Expr, ExprKind, Value};
use smol_str::SmolStr;

use crate::{
    expr::{dotted, quoted_text},
    line::Line,
    signatures::{Signature, list, suggest},
    types::Type,
};

/// The value that a verb's line gives for a parameter, by position or by name.
pub(crate) fn given<'l>(line: &'l Line<'_>, position: usize, name: &str) -> Option<&'l ast::Expr> {
    line.values.get(position).or_else(|| line.attrs.iter().find(|attr| attr.is(name))?.values.first())
}

/// A name that may be dotted or quoted.
pub(crate) fn written(expr: &ast::Expr) -> Option<(SmolStr, Span)> {
    dotted(expr).map(|name| (name, expr.span)).or_else(|| quoted_text(expr))
}

/// Makes the parameter `name` ask for what the receiver wants. What is sent is held against its receiver's shape when it
/// arrives, so what may be none may be sent; the receiver refuses it where it is none.
pub(crate) fn expect(signature: &mut Signature, name: &str, wanted: &Type) {
    if let Some(param) = signature.params.iter_mut().find(|param| param.name == name) {
        param.ty = match wanted {
            Type::Record(fields) => Type::record(fields.iter().map(|(name, ty)| (name.clone(), ty.clone().maybe()))),
            other => other.clone(),
        };
    }
}

/// What `content` must have and has not: every field that its receiver requires.
pub(crate) fn lacking(content: &Expr, wanted: &Type) -> Option<Diagnostic> {
    let Type::Record(wanted) = wanted else { return None };
    let given = fields_of(content)?;
    let lacking: Vec<&str> = wanted
        .iter()
        .filter(|(_, ty)| !matches!(ty, Type::Maybe(_)))
        .map(|(name, _)| name.as_str())
        .filter(|name| !given.contains(name))
        .collect();
    let headline = format!("what is sent here lacks {}", list(&lacking));
    let found =
        || Diagnostic::new(codes::MISSING_ARGUMENT, content.span, headline).note("its receiver refuses it with 422");
    (!lacking.is_empty()).then(found)
}

/// The names of the fields that `record` has for certain; `None` if it is known only in a run.
pub(crate) fn fields_of(record: &Expr) -> Option<Vec<&str>> {
    match &record.kind {
        ExprKind::Record(fields) => {
            let given = fields.iter().filter(|(_, value)| value.as_value() != Some(&Value::None));
            Some(given.map(|(name, _)| name.as_str()).collect())
        }
        ExprKind::Value(Value::Record(fields)) => {
            let given = fields.iter().filter(|(_, value)| **value != Value::None);
            Some(given.map(|(name, _)| name.as_str()).collect())
        }
        _ => None,
    }
}

/// `partner`, which is declared at `declared`, takes no envelope of `schema`.
pub(crate) fn unknown_schema<'s>(
    partner: &str,
    declared: Span,
    (schema, span): (&str, Span),
    schemas: impl IntoIterator<Item = &'s str>,
) -> Diagnostic {
    let headline = format!("`{partner}` takes no envelope of the schema `{schema}`");
    let diagnostic = Diagnostic::new(codes::UNDECLARED_ENVELOPE, span, headline).also(declared, "it is declared here");
    suggest(diagnostic, schema, span, "schema", schemas)
}
