//! Arguments meet parameters: of a verb's line, or of a call.

use std::borrow::Cow;

use scn_diagnostics::{Applicability, Diagnostic, Span, codes};
use scn_grammar::ast::{self, Unit};
use scn_plan::collections::VecMap;
use scn_plan::{BinaryOp, Call, Expr, ExprKind, SlotId};
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::{ExprChecker, literal};
use crate::{
    line::{Line, snake_case},
    signatures::{Param, Signature, list, suggest},
    types::Type,
};

/// An argument that is given by name.
pub(crate) struct Argument<'a> {
    /// The name as it is written.
    pub name: &'a ast::Name,
    /// Its value; `None` if it is missing.
    pub value: Option<Cow<'a, ast::Expr>>,
    /// A value too many.
    pub surplus: Option<&'a ast::Expr>,
}

impl<'a> Argument<'a> {
    /// `name: value`
    pub fn of(name: &'a ast::Name, value: &'a ast::Expr) -> Self {
        Self { name, value: Some(Cow::Borrowed(value)), surplus: None }
    }
}

/// A use of a signature whose arguments are checked.
#[derive(Debug)]
pub(crate) struct Bound {
    /// What an executor gets.
    pub call: Call,
    /// Variables that its arguments can read besides what every expression can.
    pub exposes: Vec<(SmolStr, SlotId)>,
    /// The type of what was passed for parameters of type `Any`, joined.
    pub any: Option<Type>,
    /// The types of the arguments that were given.
    pub types: ArgumentTypes,
}

/// The types of the arguments that were given, by parameter.
#[derive(Debug, Default)]
pub(crate) struct ArgumentTypes(Vec<(SmolStr, Type)>);

impl ArgumentTypes {
    /// The type of what was given for `parameter`.
    pub fn get(&self, parameter: &str) -> Option<&Type> {
        self.0.iter().find(|(name, _)| name == parameter).map(|(_, ty)| ty)
    }
}

/// What was given for a parameter: its value, the type of that, and where it stands.
type Given = Option<(Expr, Type, Span)>;

/// What a call has few of.
pub(super) type Few<T> = SmallVec<[T; 4]>;

/// Words that people put between what a verb takes.
const CONNECTING: [&str; 8] = ["with", "to", "from", "into", "as", "by", "using", "equals"];

/// The parameter that an attribute's name means, and the unit that the name carries.
pub(crate) fn parameter<'s>(signature: &'s Signature, name: &str) -> Option<(&'s Param, Option<Unit>)> {
    let (at, unit) = place(signature, name)?;
    Some((signature.params.get(at)?, unit))
}

/// Where the parameter stands that an attribute's name means, and the unit that the name carries.
fn place(signature: &Signature, name: &str) -> Option<(usize, Option<Unit>)> {
    let named = |name: &str| signature.params.iter().position(|param| param.name == name);
    if let Some(at) = named(name).or_else(|| named(&snake_case(name))) {
        return Some((at, None));
    }
    for (at, _) in name.char_indices().skip(1) {
        let (base, suffix) = name.split_at_checked(at)?;
        let separated = base.ends_with('_') || base.ends_with('-');
        let camel = suffix.starts_with(|char: char| char.is_ascii_uppercase());
        if !separated && !camel {
            continue;
        }
        let Some(unit) = literal::unit_of_suffix(suffix) else { continue };
        let base = snake_case(base.trim_end_matches(['_', '-']));
        if let Some(at) = named(&base)
            && signature.params.get(at).is_some_and(|param| *param.ty.some().base() == literal::type_of(unit))
        {
            return Some((at, Some(unit)));
        }
    }
    None
}

impl ExprChecker<'_> {
    /// Binds a verb's line to its signature: values by position, then attributes by name. Attributes that the caller
    /// understands itself have been taken out of `line`; `common` names them for suggestions.
    pub fn bind_call(&mut self, signature: &Signature, line: &Line<'_>, common: &[&str]) -> Bound {
        for node in &line.rest {
            self.report(
                Diagnostic::new(
                    codes::MISPLACED,
                    node.span,
                    format!("nothing of this kind can stand under `{}`", line.verb.text),
                )
                .label(if node.dash { "an item, and none can be nested here" } else { "this is no `name: value`" })
                .help(match node.dash {
                    true => format!("an item beside `{}` begins in the same column", line.verb.text),
                    false => format!("what `{}` takes is written `name: value`", line.verb.text),
                }),
            );
        }
        let (positional, keyless) = self.keyless(signature, line.values, common);
        let mut named: Few<Argument<'_>> = Few::new();
        for attr in &line.attrs {
            named.push(Argument { name: attr.key, value: attr.value(), surplus: attr.values.get(1) });
        }
        for (name, value) in &keyless {
            named.push(Argument::of(name, value));
        }
        self.bind(signature, line.verb.span, line.span, &positional, &named, common)
    }

    /// Parts values by position from those that are meant as attributes but lack the colon, as in `fill: "a" value "b"`,
    /// which is reported.
    fn keyless<'v>(
        &mut self,
        signature: &Signature,
        values: &'v [ast::Expr],
        common: &[&str],
    ) -> (Few<&'v ast::Expr>, Vec<(ast::Name, &'v ast::Expr)>) {
        let (mut positional, mut named) = (Few::new(), Vec::new());
        let mut rest = values.iter().peekable();
        let takes_names = signature.params.first().is_some_and(|param| matches!(param.ty, Type::Name));
        while let Some(value) = rest.next() {
            if let (ast::ExprKind::Name(word), Some(_), false) = (&value.kind, rest.peek(), positional.is_empty())
                && CONNECTING.contains(&word.as_str())
                && parameter(signature, word).is_none()
                && let Some(param) = signature.params.get(positional.len())
            {
                let key = format!("{}:", param.name);
                let headline = format!("`{}` has no attribute `{word}`", signature.name);
                self.report(
                    Diagnostic::new(codes::UNKNOWN_ATTRIBUTE, value.span, headline)
                        .label(format!("write `{key}`"))
                        .fix(format!("write `{key}`"), value.span, key, Applicability::Automatic),
                );
                continue;
            }
            let key = match &value.kind {
                ast::ExprKind::Name(name)
                    if !(positional.is_empty() && takes_names)
                        && (parameter(signature, name).is_some() || common.contains(&name.as_str()))
                        && self.scope.lookup(name).is_none() =>
                {
                    Some(name)
                }
                _ => None,
            };
            let Some((key, meant)) = key.zip(rest.peek().copied()) else {
                positional.push(value);
                continue;
            };
            rest.next();
            self.missing_colon(key, value.span);
            if parameter(signature, key).is_some() {
                named.push((ast::Name { text: key.clone(), span: value.span }, meant));
            }
        }
        (positional, named)
    }

    fn missing_colon(&mut self, key: &str, span: Span) {
        self.report(
            Diagnostic::new(codes::MISSING_COLON, span, format!("a `:` is missing after `{key}`"))
                .label(format!("write `{key}:`"))
                .fix("insert `:`", span.tail(), ":", Applicability::Automatic),
        );
    }

    /// Binds arguments by position and by name. `at` is where something missing is reported.
    pub(super) fn bind(
        &mut self,
        signature: &Signature,
        at: Span,
        span: Span,
        positional: &[&ast::Expr],
        named: &[Argument<'_>],
        common: &[&str],
    ) -> Bound {
        let mark = self.scope.mark();
        let mut exposes: Vec<(SmolStr, SlotId)> = Vec::new();
        for (name, ty) in &signature.exposes {
            exposes.push((name.clone(), self.scope.declare(name.clone(), ty.clone())));
        }
        let mut given: Few<Given> = Few::new();
        given.resize_with(signature.params.len(), || None);
        let mut failed = false;
        let mut params = signature.params.iter().zip(given.iter_mut()).filter(|(param, _)| !param.variadic);
        let before = self.diagnostics.len();
        let mut mismatched = false;
        for value in positional {
            match params.next() {
                Some((param, given)) => {
                    let known = self.diagnostics.len();
                    let (expr, ty) = self.check(value, &param.ty);
                    let found = self.diagnostics.get(known..).unwrap_or_default();
                    mismatched |= found.iter().any(|found| found.code.id == codes::TYPE_MISMATCH.id);
                    *given = Some((expr, ty, value.span));
                }
                None => {
                    let names: Vec<&str> = signature.params.iter().map(|param| param.name.as_str()).collect();
                    let diagnostic = Diagnostic::new(
                        codes::SURPLUS_ARGUMENT,
                        value.span,
                        format!("`{}` has no place for this value", signature.name),
                    );
                    self.report(match names.as_slice() {
                        [] => diagnostic.help(format!("`{}` takes nothing", signature.name)),
                        _ => diagnostic.help(format!("`{}` takes {}", signature.name, list(&names))),
                    });
                    failed = true;
                    break;
                }
            }
        }
        for argument in named {
            failed |= !self.bind_named(signature, argument, common, positional.len(), &mut given);
        }
        let mut call = Call { name: signature.name.clone(), args: VecMap::with_capacity(signature.params.len()), span };
        let mut any: Option<Type> = None;
        let mut types = ArgumentTypes(Vec::with_capacity(positional.len() + named.len()));
        let mut missing: Vec<&Param> = Vec::new();
        for (param, given) in signature.params.iter().zip(given.iter_mut()) {
            match (given.take(), &param.default) {
                (Some((expr, ty, _)), _) => {
                    if matches!(param.ty, Type::Any) {
                        any = Some(match any {
                            Some(any) => any.join(ty.clone()),
                            None => ty.clone(),
                        });
                    }
                    types.0.push((param.name.clone(), ty));
                    call.args.insert(param.name.clone(), expr);
                }
                (None, Some(default)) => {
                    call.args.insert(param.name.clone(), default.clone());
                }
                (None, None) if param.required() => missing.push(param),
                (None, None) => {}
            }
        }
        // What is missing may be what was misspelt; one cause, one error.
        if let (Some(first), false) = (missing.first(), failed) {
            let names: Vec<&str> = missing.iter().map(|param| param.name.as_str()).collect();
            let diagnostic =
                Diagnostic::new(codes::MISSING_ARGUMENT, at, format!("`{}` needs {}", signature.name, list(&names)));
            // Where one is left out, those after it stand in the wrong places.
            let in_place = signature.params.iter().filter(|param| !param.variadic).take(positional.len() + 1);
            let shifted: Vec<&Param> = in_place.collect();
            if mismatched
                && let [left_out, ..] = shifted.as_slice()
                && named.is_empty()
            {
                self.diagnostics.truncate(before);
                let all: Vec<&str> = shifted.iter().map(|param| param.name.as_str()).collect();
                let headline = format!("`{}` takes {}, in this order", signature.name, list(&all));
                let diagnostic = Diagnostic::new(codes::MISSING_ARGUMENT, at, headline);
                let example = left_out.ty.example().map(|example| format!(", such as {example}"));
                self.report(diagnostic.help(format!("begin with `{}`{}", left_out.name, example.unwrap_or_default())));
                self.scope.reset(mark);
                return Bound { call, exposes, any, types };
            }
            self.report(match first.ty.example() {
                Some(example) => diagnostic.help(format!("add `{}:`, such as {example}", first.name)),
                None => diagnostic.help(format!("add `{}:`", first.name)),
            });
        }
        self.scope.reset(mark);
        Bound { call, exposes, any, types }
    }

    /// Whether `argument` names a parameter; what is wrong is reported.
    fn bind_named(
        &mut self,
        signature: &Signature,
        argument: &Argument<'_>,
        common: &[&str],
        positional: usize,
        given: &mut [Given],
    ) -> bool {
        let name = argument.name;
        let found = place(signature, &name.text);
        let Some((param, at, unit)) = found.and_then(|(at, unit)| Some((signature.params.get(at)?, at, unit))) else {
            let diagnostic = Diagnostic::new(
                codes::UNKNOWN_ATTRIBUTE,
                name.span,
                format!("`{}` has no attribute `{}`", signature.name, name.text),
            );
            let names = signature.params.iter().map(|param| param.name.as_str()).chain(common.iter().copied());
            let named = signature.params.first().filter(|param| matches!(param.ty, Type::Name));
            // What it needs and nobody gives yet is what was meant.
            let needed = signature.params.iter().zip(&*given).skip(positional);
            let mut needed = needed.filter(|(param, given)| param.required() && given.is_none());
            let lacking = needed.next().filter(|_| needed.next().is_none()).map(|(param, _)| param);
            let is_near = crate::signatures::nearest(&name.text, names.clone()).is_some();
            self.report(match named {
                None if !is_near && let Some(param) = lacking => diagnostic
                    .help(format!("`{}` takes it as `{}:`", signature.name, param.name))
                    .fix(format!("write `{}`", param.name), name.span, param.name.as_str(), Applicability::Suggested),
                // `set: total: 5`
                Some(_) if positional == 0 => {
                    let verb = &signature.name;
                    diagnostic.help(format!("write `{verb}: {} to: …`", name.text))
                }
                _ => suggest(diagnostic, &name.text, name.span, "attribute", names),
            });
            return false;
        };
        if let Some(Some((_, _, first))) = given.get(at) {
            self.report(
                Diagnostic::new(codes::DUPLICATE_ARGUMENT, name.span, format!("`{}` is given twice", param.name))
                    .also(*first, "it is given here first")
                    .help("keep one of the two"),
            );
            return true;
        }
        let Some(value) = &argument.value else {
            self.report(
                Diagnostic::new(codes::MISSING_ARGUMENT, name.span, format!("`{}` has no value", name.text)).help(
                    match param.ty.example() {
                        Some(example) => format!("write {example} after the colon"),
                        None => format!("write a value of type {} after the colon", param.ty),
                    },
                ),
            );
            return false;
        };
        if let Some(surplus) = argument.surplus {
            let key = match &surplus.kind {
                ast::ExprKind::Name(key) if parameter(signature, key).is_some() || common.contains(&key.as_str()) => {
                    Some(key)
                }
                _ => None,
            };
            match key {
                Some(key) => self.missing_colon(key, surplus.span),
                None => {
                    let headline = format!("`{}` takes one value", name.text);
                    self.report(Diagnostic::new(codes::SURPLUS_ARGUMENT, surplus.span, headline));
                }
            }
        }
        let (expr, ty) = match unit {
            Some(unit) => self.check_in_unit(value, &param.ty, unit),
            None => self.check(value, &param.ty),
        };
        if let Some(given) = given.get_mut(at) {
            *given = Some((expr, ty, name.span));
        }
        true
    }

    /// A value whose unit the attribute's name carries: a bare number takes it, a quantity has it already.
    fn check_in_unit(&mut self, value: &ast::Expr, wanted: &Type, unit: Unit) -> (Expr, Type) {
        let span = value.span;
        let inner = match super::quoted::quoted_text(value) {
            Some((text, at)) if at.len() == text.len() => {
                let (inner, found) = scn_grammar::parse_expr(span.source, &text, at.start as usize);
                let broken = !found.is_empty();
                self.diagnostics.extend(found);
                if broken {
                    return super::nothing(span, Type::Error);
                }
                Cow::Owned(inner)
            }
            _ => Cow::Borrowed(value),
        };
        if let ast::ExprKind::Number { text, unit: Unit::Int | Unit::Decimal } = &inner.kind {
            return match literal::number(text, unit) {
                Some(value) => self.coerce(Expr::value(value, span), wanted.some().base().clone(), wanted),
                None => self.fail(Diagnostic::new(
                    codes::BAD_VALUE,
                    inner.span,
                    "this number has more places than its unit can hold",
                )),
            };
        }
        let (compiled, found) = self.infer(&inner, wanted);
        if found.is_number()
            && let Some(one) = literal::one(unit)
        {
            let one = Box::new(Expr::value(one, span));
            let kind = ExprKind::Binary(BinaryOp::Multiply, Box::new(compiled), one);
            return self.coerce(Expr { kind, span }, wanted.some().base().clone(), wanted);
        }
        self.coerce(compiled, found, wanted)
    }
}
