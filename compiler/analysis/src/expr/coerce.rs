//! Whether a value of one type can stand where another is expected.

use scn_diagnostics::{Diagnostic, codes};
use scn_plan::collections::IndexMap;
use scn_plan::{Expr, ExprKind, Text, Value};

use smol_str::SmolStr;

use super::{ExprChecker, nothing};
use crate::{range::Bounds, types::Type};

/// The constant `value` as a value of type `wanted`, where only its spelling differs.
fn respelled(value: &Value, wanted: &Type) -> Option<Value> {
    Some(match (value, wanted) {
        (Value::Int(number), Type::Money) => Value::Money(number.checked_mul(100)?),
        (Value::Decimal(number), Type::Money) => {
            let cents = (number * 100.0).round();
            if (cents / 100.0 - number).abs() > 1e-9 || cents.abs() > 9e15 {
                return None;
            }
            Value::Money(cents as i64)
        }
        (Value::Int(number), Type::Decimal) => Value::Decimal(*number as f64),
        (Value::Text(text), Type::Path) => Value::Path(text.value.clone()),
        (Value::Text(text), Type::Regex) => Value::Regex(text.value.clone()),
        (Value::Path(path), Type::Text(_)) => Value::Text(Text::plain(path.clone())),
        (Value::Symbol(name), Type::Text(_)) => Value::Text(Text::plain(name.clone())),
        _ => return None,
    })
}

/// A bare number with the units that `wanted` could have.
fn in_units(expr: &Expr, wanted: &Type) -> Option<String> {
    let number = match expr.as_value()? {
        Value::Int(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        // A unit that does not belong there.
        Value::Percent(share) if matches!(wanted, Type::Int | Type::Decimal) => {
            return Some(format!("`{}`", (share * 1e8).round() / 1e6));
        }
        _ => return None,
    };
    Some(match wanted {
        Type::Duration => format!("`{number}ms`, `{number}s` or `{number}m`"),
        Type::Size => format!("`{number}KB` or `{number}MB`"),
        // A share of one, as others write a percentage.
        Type::Percent => match expr.as_value()? {
            Value::Decimal(share) if (0.0..=1.0).contains(share) => format!("`{}%`", (share * 1e8).round() / 1e6),
            _ => format!("`{number}%`"),
        },
        Type::Rate => format!("`{number}/s`"),
        _ => return None,
    })
}

impl ExprChecker<'_> {
    /// `expr`, a value of type `found`, where one of type `expected` is needed.
    pub(super) fn coerce(&mut self, expr: Expr, found: Type, expected: &Type) -> (Expr, Type) {
        match (&found, expected) {
            (Type::Error, _) => return (expr, Type::Error),
            (_, Type::Error | Type::Any) => return (expr, found),
            (Type::Any, _) => return (expr, expected.clone()),
            (Type::None, Type::Maybe(_)) => return (expr, expected.clone()),
            (Type::Maybe(inner), Type::Maybe(wanted)) => {
                let (expr, ty) = self.coerce(expr, (**inner).clone(), wanted);
                return (expr, ty.maybe());
            }
            (_, Type::Maybe(wanted)) => return self.coerce(expr, found, wanted),
            (Type::Maybe(_), _) => {
                self.refuse_maybe(&expr, &found, &format!("where {expected} is expected"));
                return nothing(expr.span, Type::Error);
            }
            (_, Type::In(inner, bounds)) => {
                let (expr, ty) = self.coerce(expr, found, inner);
                if ty.is_error() || self.is_within(&expr, &ty, expected, bounds) {
                    return (expr, ty);
                }
                return nothing(expr.span, Type::Error);
            }
            (Type::In(inner, bounds), _) if !matches!(expected, Type::Range(_)) => {
                let (expr, ty) = self.coerce(expr, (**inner).clone(), expected);
                return (expr, if ty == **inner { ty.within(Some((**bounds).clone())) } else { ty });
            }
            _ => {}
        }
        if let Some(value) = expr.as_value()
            && let Some(value) = respelled(value, expected)
        {
            return (Expr::value(value, expr.span), expected.clone());
        }
        if let (Type::Persona | Type::Template(..) | Type::Record(_), Type::Template(name, fields)) = (&found, expected)
        {
            return self.coerce_template(expr, &found, name, fields);
        }
        if fits(&found, expected) {
            return self.in_bounds(expr, found, expected);
        }
        if let (Type::Record(have), Type::Record(want)) = (&found, expected) {
            return self.coerce_record(expr, have, want, &found);
        }
        // One value is a range whose ends are the same.
        if let Type::Range(inner) = expected
            && fits(found.base(), inner.base())
        {
            let (expr, ty) = self.coerce(expr, found.clone(), inner);
            if ty.is_error() {
                return nothing(expr.span, Type::Error);
            }
            let kind = match expr.as_value() {
                Some(value) => ExprKind::Value(Value::Range((value.clone(), value.clone()).into())),
                None => ExprKind::Range(Box::new(expr.clone()), Box::new(expr.clone())),
            };
            return (Expr { kind, span: expr.span }, expected.clone());
        }
        let mut diagnostic =
            Diagnostic::new(codes::TYPE_MISMATCH, expr.span, format!("{expected} expected, found {found}"));
        if let Some(help) = in_units(&expr, expected) {
            diagnostic = diagnostic.help(format!("write {help}"));
        } else if let Some(example) = expected.example() {
            diagnostic = diagnostic.help(format!("write something such as {example}"));
        }
        if found.is_quantity() && expected.is_quantity() {
            diagnostic = diagnostic.note(match (found.is_number(), expected.is_number()) {
                (true, true) => "a whole number has no fraction",
                (true, false) => "a number takes no unit by itself",
                (false, _) => "units never mix",
            });
        }
        self.fail(diagnostic)
    }

    /// A parameter of a template takes any persona that has the template's fields.
    fn coerce_template(
        &mut self,
        expr: Expr,
        found: &Type,
        name: &SmolStr,
        wanted: &IndexMap<SmolStr, Type>,
    ) -> (Expr, Type) {
        let expected = Type::Template(name.clone(), std::sync::Arc::new(wanted.clone()));
        let mut given: Vec<(SmolStr, IndexMap<SmolStr, Type>)> = Vec::new();
        match found {
            Type::Persona => {
                for template in self.scope.persona_may_be().filter(|template| !template.incomplete) {
                    let fields = template.fields.iter().map(|(name, (_, ty))| (name.clone(), ty.clone()));
                    given.push((template.lineage.first().cloned().unwrap_or_default(), fields.collect()));
                }
            }
            Type::Template(own, fields) => given.push((own.clone(), fields.as_ref().clone())),
            Type::Record(fields) => given.push((SmolStr::new_static("this record"), fields.as_ref().clone())),
            _ => {}
        }
        for (own, fields) in &given {
            let lacking = wanted.iter().filter(|(field, ty)| match fields.get(*field) {
                Some(have) => !fits(have, ty),
                None => !matches!(ty, Type::Maybe(_)),
            });
            let lacking: Vec<&str> = lacking.map(|(field, _)| field.as_str()).collect();
            if lacking.is_empty() {
                continue;
            }
            let diagnostic = Diagnostic::new(
                codes::TYPE_MISMATCH,
                expr.span,
                format!("a `{name}` is expected here, and `{own}` lacks {}", crate::signatures::list(&lacking)),
            );
            return self.fail(
                diagnostic
                    .note("any persona goes that has the fields of the template, of the same types")
                    .help(format!("extend `{name}` in `{own}`, or call it under `if: persona is {name}`")),
            );
        }
        (expr, expected)
    }

    /// Whether every value of `expr` lies in `bounds`, as far as is known; what does not is reported.
    fn is_within(&mut self, expr: &Expr, found: &Type, expected: &Type, bounds: &Bounds) -> bool {
        let known = match self.scope.bounds(expr) {
            Some(known) => known,
            // What comes from outside is held against the range when it comes.
            None => match found.bounds() {
                Some(known) => known.clone(),
                None => return true,
            },
        };
        if bounds.contains(&known) {
            return true;
        }
        let constant = expr.as_value();
        let diagnostic = match constant {
            Some(value) => Diagnostic::new(codes::OUT_OF_RANGE, expr.span, format!("{value} does not lie in {bounds}")),
            None if bounds.is_apart_from(&known) => Diagnostic::new(
                codes::OUT_OF_RANGE,
                expr.span,
                format!("{expected} expected, and this never lies there"),
            )
            .label(format!("this is {}", found.clone().within(Some(known)))),
            // Half of what is known may come from a condition, which says nothing of the other end.
            None if known.ends().is_none() => return true,
            None => Diagnostic::new(
                codes::OUT_OF_RANGE,
                expr.span,
                format!("{expected} expected, and this may lie outside"),
            )
            .label(format!("this is {}", found.clone().within(Some(known)))),
        };
        let mut diagnostic = match bounds.declared {
            Some(declared) => diagnostic.also(declared, "the range is declared here"),
            None => diagnostic,
        };
        if constant.is_none()
            && let Some((low, high)) = bounds.ends()
        {
            diagnostic = diagnostic.help(format!("use it only where `x in {low}..{high}` holds, or widen the range"));
        }
        self.report(diagnostic);
        false
    }

    fn coerce_record(
        &mut self,
        expr: Expr,
        have: &scn_plan::collections::IndexMap<smol_str::SmolStr, Type>,
        want: &scn_plan::collections::IndexMap<smol_str::SmolStr, Type>,
        found: &Type,
    ) -> (Expr, Type) {
        for (name, ty) in want {
            let ok = match have.get(name) {
                None => matches!(ty, Type::Maybe(_) | Type::Any | Type::Error),
                Some(own) => fits(own, ty),
            };
            if !ok {
                let (code, headline) = match have.get(name) {
                    None => (codes::MISSING_ARGUMENT, format!("this record lacks `{name}`")),
                    Some(own) => (codes::TYPE_MISMATCH, format!("`{name}` of this record must be {ty}, and is {own}")),
                };
                return self.fail(Diagnostic::new(code, expr.span, headline));
            }
        }
        (expr, found.clone())
    }

    /// A constant of a type with bounds must lie within them.
    fn in_bounds(&mut self, expr: Expr, found: Type, expected: &Type) -> (Expr, Type) {
        if let (Type::Status, Some(Value::Int(status))) = (expected, expr.as_value())
            && !(100..=599).contains(status)
        {
            return self.fail(
                Diagnostic::new(codes::BAD_VALUE, expr.span, format!("there is no HTTP status {status}"))
                    .help("a status lies between 100 and 599"),
            );
        }
        if let (Type::Regex, Some(Value::Regex(source))) = (expected, expr.as_value()) {
            let (source, span) = (source.clone(), expr.span);
            if !self.valid_regex(&source, span) {
                return nothing(span, Type::Error);
            }
        }
        let ty = if matches!(found, Type::Text(_)) { found } else { expected.clone() };
        (expr, ty)
    }

    /// Reports a value that may be none where that is not allowed.
    pub(crate) fn refuse_maybe(&mut self, expr: &Expr, found: &Type, place: &str) {
        let (Type::Maybe(_) | Type::None) = found else { return };
        let missed = self.scope.missed(expr).map(|(name, paths)| (name.clone(), paths.to_vec()));
        let Some((name, paths)) = missed else {
            self.report(
                Diagnostic::new(codes::MAYBE_NONE, expr.span, format!("this may be none, which cannot stand {place}"))
                    .label(format!("its type is {found}"))
                    .help("give a value to take instead (`x ?? \"…\"`), or use it only where `x is some` holds"),
            );
            return;
        };
        let headline = format!("`{name}` is not set on every path that leads here, so this may be none");
        let mut diagnostic = Diagnostic::new(codes::MAYBE_NONE, expr.span, headline)
            .label(format!("none cannot stand {place}"))
            .help(format!("set `{name}` on every path, or give a value to take instead (`{name} ?? …`)"));
        for path in paths {
            diagnostic = diagnostic.also(path.span, format!("`{name}` is {}", path.message));
        }
        self.report(diagnostic);
    }
}

/// Whether every value of `found` is one of `expected` as it is.
pub(crate) fn fits(found: &Type, expected: &Type) -> bool {
    match (found, expected) {
        (Type::Error | Type::Any, _) | (_, Type::Error | Type::Any) => true,
        (Type::In(found, here), Type::In(expected, there)) => fits(found, expected) && there.contains(here),
        (Type::In(inner, _), expected) => fits(inner, expected),
        (found, Type::In(inner, _)) => fits(found, inner),
        (Type::Text(_), Type::Text(_)) => true,
        (Type::Text(_), Type::Path) | (Type::Path, Type::Text(_)) => true,
        (Type::Choice(_), Type::Text(_)) => true,
        (Type::Nominal(_), Type::Text(_)) => true,
        (Type::Int, Type::Decimal | Type::Status) | (Type::Status, Type::Int | Type::Decimal) => true,
        (Type::Record(_) | Type::Response | Type::Persona, Type::AnyRecord) => true,
        (Type::AnyRecord, Type::Record(_)) => true,
        (Type::Template(..), Type::AnyRecord) => true,
        (Type::Template(_, have), Type::Record(want)) => fits_fields(have, want),
        (Type::Template(_, have), Type::Template(_, want)) => fits_fields(have, want),
        (Type::Record(have), Type::Template(_, want)) => fits_fields(have, want),
        (Type::Record(have), Type::Record(want)) => fits_fields(have, want),
        (Type::Choice(some), Type::Choice(all)) => some.iter().all(|name| all.contains(name)),
        (Type::List(found), Type::List(expected)) | (Type::Range(found), Type::Range(expected)) => {
            fits(found, expected)
        }
        (Type::None, Type::Maybe(_)) => true,
        (Type::Maybe(found), Type::Maybe(expected)) => fits(found, expected),
        (found, Type::Maybe(expected)) => fits(found, expected),
        (found, expected) => found == expected,
    }
}

/// Whether a record with the fields `have` is one with the fields `want`.
fn fits_fields(have: &IndexMap<SmolStr, Type>, want: &IndexMap<SmolStr, Type>) -> bool {
    want.iter().all(|(name, ty)| match have.get(name) {
        Some(own) => fits(own, ty),
        None => matches!(ty, Type::Maybe(_)),
    })
}
