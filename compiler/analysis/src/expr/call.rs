//! Calls in expressions: generators, members with an argument, `env` and `secret`.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast;
use scn_plan::{Call, Expr, ExprKind, Labels, Member, Value};
use smol_str::SmolStr;

use super::{
    ExprChecker,
    bind::{Argument, Bound, Few},
    name::dotted,
};
use crate::{
    range::Bounds,
    signatures::{Param, Signature, suggest},
    types::Type,
};

/// The argument that holds the weights of a variadic parameter's values, one for each.
pub(crate) const WEIGHTS: &str = "weights";

impl ExprChecker<'_> {
    pub(super) fn call(&mut self, callee: &ast::Expr, args: &[ast::Arg], span: Span) -> (Expr, Type) {
        if let ast::ExprKind::Field(base, name) = &callee.kind
            && let Some(members) = self.members_of(base)
        {
            return self.member(members, base, name, Some(args), span);
        }
        let Some(name) = dotted(callee) else {
            return self.fail(Diagnostic::new(codes::UNKNOWN_FUNCTION, callee.span, "only a name can be called"));
        };
        match name.as_str() {
            "env" | "secret" => return self.outside(&name, args, span),
            _ => {}
        }
        let signatures = self.signatures;
        let Some(signature) = signatures.generators.get(&name) else {
            let headline = format!("there is no function `{name}`");
            let diagnostic = Diagnostic::new(codes::UNKNOWN_FUNCTION, callee.span, headline);
            let root = name.split('.').next().unwrap_or_default();
            if matches!(root, "faker" | "fake" | "random" | "Faker" | "chance" | "mock") && root.len() < name.len() {
                return self.fail(diagnostic.help(
                    "synthetic data is made by generators such as `full_name()`, `email()` and `int(18..90)`; the reference lists them",
                ));
            }
            let mut names: Vec<&str> = vec!["env", "secret"];
            if self.scope.generators {
                names.extend(self.signatures.generators.keys().map(SmolStr::as_str));
            }
            return self.fail(suggest(diagnostic, &name, callee.span, "function", names));
        };
        if !self.scope.generators {
            return self.fail(
                Diagnostic::new(
                    codes::NOT_IN_LANGUAGE,
                    span,
                    format!("`{name}` makes synthetic data, which this place cannot"),
                )
                .note("data is made once for each persona, so that every step of a journey sees the same")
                .help(format!("declare a field with `{name}(…)` in a persona template and read `persona.FIELD` here")),
            );
        }
        self.generator(signature, callee.span, args, span)
    }

    /// `env("NAME")` and `secret("NAME")`
    fn outside(&mut self, name: &str, args: &[ast::Arg], span: Span) -> (Expr, Type) {
        let [only] = args else {
            return self.fail(
                Diagnostic::new(codes::MISSING_ARGUMENT, span, format!("`{name}` takes the name of a variable"))
                    .help(format!("write `{name}(\"NAME\")`")),
            );
        };
        let (argument, _) = self.check(&only.value, &Type::TEXT);
        let (member, ty) = match name {
            "env" => (Member::EnvVar, Type::TEXT),
            _ => (Member::Secret, Type::Text(Labels::SECRET)),
        };
        (Expr { kind: ExprKind::Member(member, Some(Box::new(argument))), span }, ty)
    }

    /// Binds what a metric is restricted to.
    pub fn bind_scopes(&mut self, signature: &Signature, at: Span, args: &[ast::Arg], span: Span) -> Call {
        self.bind(signature, at, span, &positional(args), &named(args), &[]).call
    }

    /// Binds the arguments of a call to a flow's parameters.
    pub fn bind_arguments(&mut self, signature: &Signature, at: Span, args: &[ast::Arg], span: Span) -> Bound {
        self.bind(signature, at, span, &positional(args), &named(args), &[])
    }

    fn generator(&mut self, signature: &Signature, at: Span, args: &[ast::Arg], span: Span) -> (Expr, Type) {
        let errors = self.diagnostics.len();
        let variadic = signature.params.last().filter(|param| param.variadic);
        let fixed = signature.params.len() - usize::from(variadic.is_some());
        let (positional, named) = (positional(args), named(args));
        let split = if variadic.is_some() { positional.len().min(fixed) } else { positional.len() };
        let (first, rest) = positional.split_at_checked(split).unwrap_or((&positional, &[]));
        let bound = self.bind(signature, at, span, first, &named, &[]);
        let mut call = bound.call;
        let mut any = bound.any;
        if let Some(param) = variadic {
            any = Some(self.variadic(param, rest, span, &mut call));
        }
        let result = match (signature.result.clone().unwrap_or(Type::None), any) {
            (Type::Any, Some(any)) => any,
            (Type::Maybe(inner), Some(any)) if *inner == Type::Any => any.maybe(),
            (Type::List(inner), Some(any)) if *inner == Type::Any => Type::List(Box::new(any)),
            (result, _) => ranged(signature, result, &call),
        };
        let labels = signature.result.as_ref().map(Type::labels).unwrap_or_default();
        if labels.is_sensitive() {
            call.args.values_mut().for_each(|arg| arg.label(labels));
        }
        let ty = if self.diagnostics.len() > errors { Type::Error } else { result };
        (Expr { kind: ExprKind::Call(Box::new(call)), span }, ty)
    }

    /// The values of a variadic parameter become a list, their weights another.
    fn variadic(&mut self, param: &Param, values: &[&ast::Expr], span: Span, call: &mut Call) -> Type {
        let mut joined: Option<Type> = None;
        let mut compiled = Vec::with_capacity(values.len());
        let mut weights = Vec::with_capacity(values.len());
        for value in values {
            let (value, weight) = match &value.kind {
                ast::ExprKind::Phrase(ast::Phrase::Weight, value, weight) => {
                    let wanted = self.constant(weight, &Type::Decimal);
                    let wanted = match wanted {
                        Some(Value::Decimal(number)) => number,
                        Some(Value::Int(number)) => number as f64,
                        _ => 1.0,
                    };
                    if wanted <= 0.0 {
                        self.report(Diagnostic::new(codes::BAD_VALUE, weight.span, "a weight is larger than zero"));
                    }
                    (value.as_ref(), wanted)
                }
                _ => (*value, 1.0),
            };
            let (value, ty) = self.check(value, &param.ty);
            let ty = ty.within(self.scope.bounds(&value));
            joined = Some(match joined {
                Some(joined) => joined.join(ty),
                None => ty,
            });
            weights.push(Expr::value(Value::Decimal(weight), value.span));
            compiled.push(value);
        }
        if compiled.is_empty() {
            let headline = format!("`{}` needs at least one value", call.name);
            self.report(Diagnostic::new(codes::MISSING_ARGUMENT, span, headline));
        }
        call.args.insert(param.name.clone(), Expr { kind: ExprKind::List(compiled), span });
        call.args.insert(SmolStr::new_static(WEIGHTS), Expr { kind: ExprKind::List(weights), span });
        joined.unwrap_or(Type::Any)
    }
}

/// What a generator yields is in the range that it is given: `int(18..90)` is `Int in 18..90`, and a file whose size is
/// drawn is of a size in that range.
fn ranged(signature: &Signature, result: Type, call: &Call) -> Type {
    let drawn_from = |param: &&Param| match &param.ty {
        Type::Range(inner) => **inner == result || (result == Type::File && **inner == Type::Size),
        _ => false,
    };
    let range = signature.params.iter().find(drawn_from).and_then(|param| call.arg(&param.name));
    let bounds = range.and_then(|range| Some(Bounds::of_value(range.as_value()?)?.declared_at(range.span)));
    result.within(bounds)
}

/// The arguments that are given by position.
fn positional(args: &[ast::Arg]) -> Few<&ast::Expr> {
    args.iter().filter(|arg| arg.name.is_none()).map(|arg| &arg.value).collect()
}

/// The arguments that are given by name.
fn named(args: &[ast::Arg]) -> Few<Argument<'_>> {
    args.iter().filter_map(|arg| arg.name.as_ref().map(|name| Argument::of(name, &arg.value))).collect()
}
