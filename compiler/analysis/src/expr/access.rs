//! Members of records, of `persona`, and of what surrounds an expression.

use std::sync::LazyLock;

use scn_diagnostics::{Applicability, Diagnostic, Span, codes};
use scn_grammar::ast;
use scn_plan::collections::IndexMap;
use scn_plan::{Expr, ExprKind, Member, Value};
use smol_str::SmolStr;

use super::{
    ExprChecker,
    name::{dotted, root},
    nothing,
};
use crate::{
    index::Meaning,
    scope::Binding,
    signatures::{list, suggest},
    types::Type,
};

/// A member of `page` or `last`: its name, what it takes, and what it yields.
pub(crate) struct MemberInfo {
    /// Its name.
    pub name: &'static str,
    /// Which.
    pub member: Member,
    /// Its argument, and whether that must be given.
    pub argument: Option<(Type, bool)>,
    /// What it yields.
    pub result: Type,
}

const fn member(name: &'static str, member: Member, argument: Option<(Type, bool)>, result: Type) -> MemberInfo {
    MemberInfo { name, member, argument, result }
}

/// The members of `page`.
pub(crate) static PAGE_MEMBERS: LazyLock<Vec<MemberInfo>> = LazyLock::new(|| {
    vec![
        member("url", Member::PageUrl, None, Type::TEXT),
        member("path", Member::PagePath, None, Type::Path),
        member("title", Member::PageTitle, None, Type::TEXT),
        member("status", Member::PageStatus, None, Type::Status),
        member("text", Member::PageText, Some((Type::TEXT, false)), Type::TEXT),
        member("has", Member::PageHas, Some((Type::TEXT, true)), Type::Bool),
        member("css", Member::PageCss, Some((Type::TEXT, true)), Type::List(Box::new(Type::TEXT))),
    ]
});

/// The members of `last`.
pub(crate) static LAST_MEMBERS: LazyLock<Vec<MemberInfo>> = LazyLock::new(|| {
    vec![
        member("status", Member::LastStatus, None, Type::Status),
        member("header", Member::LastHeader, Some((Type::TEXT, true)), Type::Maybe(Box::new(Type::TEXT))),
        member("json", Member::LastJson, Some((Type::TEXT, true)), Type::Any),
        member("text", Member::LastText, None, Type::TEXT),
        member("time", Member::LastTime, None, Type::Duration),
    ]
});

/// The fields of a response that a variable holds.
pub(crate) fn response_fields() -> [(&'static str, Type); 5] {
    [
        ("status", Type::Status),
        ("body", Type::Any),
        ("headers", Type::AnyRecord),
        ("text", Type::TEXT),
        ("time", Type::Duration),
    ]
}

impl ExprChecker<'_> {
    /// The members of the thing that `base` names, if that is `page` or `last`.
    pub(super) fn members_of(&self, base: &ast::Expr) -> Option<&'static [MemberInfo]> {
        members(base, self.bound(base))
    }

    /// What the first name of `base` stands for.
    fn bound(&self, base: &ast::Expr) -> Option<&Binding> {
        root(base).and_then(|root| self.scope.lookup(root)).map(|(binding, _)| binding)
    }

    pub(super) fn field(&mut self, whole: &ast::Expr, base: &ast::Expr, name: &ast::Name, hint: &Type) -> (Expr, Type) {
        if let Type::Nominal(kind) = hint.some()
            && let Some(path) = dotted(whole)
        {
            return self.symbol(&path, whole.span, *kind);
        }
        let bound = self.bound(base);
        let is_bound = bound.is_some();
        if let Some(members) = members(base, bound) {
            return self.member(members, base, name, None, whole.span);
        }
        // What is named here hides what a file is used `as`, and is no text without quotes.
        if !is_bound {
            if let Some(found) = self.of_module(whole, hint) {
                return found;
            }
            if let Some(text) = self.is_bare_text(whole, hint) {
                return self.unknown(&text, whole.span, hint);
            }
        }
        let (base, ty) = self.infer(base, &Type::Any);
        match ty {
            Type::Error => nothing(whole.span, Type::Error),
            Type::Persona => self.persona_field(name, whole.span),
            ty => self.field_of(base, &ty, name, whole.span),
        }
    }

    /// A member of `page` or `last`, with or without an argument.
    pub(super) fn member(
        &mut self,
        members: &[MemberInfo],
        base: &ast::Expr,
        name: &ast::Name,
        args: Option<&[ast::Arg]>,
        span: Span,
    ) -> (Expr, Type) {
        let owner = dotted(base).unwrap_or_default();
        let Some(info) = members.iter().find(|info| info.name == name.text) else {
            let headline = format!("`{owner}` has no `{}`", name.text);
            let diagnostic = Diagnostic::new(codes::UNKNOWN_FIELD, name.span, headline);
            let names = members.iter().map(|info| info.name);
            return self.fail(match name.text.split_once('-') {
                Some((left, right)) if members.iter().any(|info| info.name == left) => diagnostic
                    .help(format!("`{}` is one name; to subtract, write `{left} - {right}`", name.text))
                    .fix("subtract", name.span, format!("{left} - {right}"), Applicability::Suggested),
                _ => suggest(diagnostic, &name.text, name.span, "member", names),
            });
        };
        let argument = match (&info.argument, args.unwrap_or_default()) {
            (Some((wanted, _)), [only]) => Some(Box::new(self.check(&only.value, wanted).0)),
            (Some((_, false)), []) => None,
            (None, []) if args.is_none() => None,
            (None, []) => {
                return self.fail(
                    Diagnostic::new(
                        codes::SURPLUS_ARGUMENT,
                        span,
                        format!("`{owner}.{}` takes no argument", info.name),
                    )
                    .fix(
                        "leave the parentheses out",
                        span,
                        format!("{owner}.{}", info.name),
                        Applicability::Automatic,
                    ),
                );
            }
            (Some(_), []) => {
                return self.fail(
                    Diagnostic::new(
                        codes::MISSING_ARGUMENT,
                        span,
                        format!("`{owner}.{}` takes an argument", info.name),
                    )
                    .help(format!("write `{owner}.{}(\"…\")`", info.name)),
                );
            }
            (argument, [first, rest @ ..]) => {
                let surplus = if argument.is_some() { rest.first().unwrap_or(first) } else { first };
                let count = if argument.is_some() { "one argument" } else { "no argument" };
                return self.fail(Diagnostic::new(
                    codes::SURPLUS_ARGUMENT,
                    surplus.value.span,
                    format!("`{owner}.{}` takes {count}", info.name),
                ));
            }
        };
        (Expr { kind: ExprKind::Member(info.member, argument), span }, info.result.clone())
    }

    /// `persona.field`
    pub(super) fn persona_field(&mut self, name: &ast::Name, span: Span) -> (Expr, Type) {
        // Who keeps notes is told of every template.
        if !self.scope.notes.are_kept()
            && let Some((index, ty)) = self.scope.known_field(&name.text)
        {
            let ty = ty.clone();
            return self.read(ExprKind::PersonaField(index), span, ty);
        }
        let mut found: Option<(u32, Type)> = None;
        let mut lacking: Vec<SmolStr> = Vec::new();
        let mut incomplete = false;
        for template in self.scope.persona_may_be() {
            incomplete |= template.incomplete;
            match template.fields.get(&name.text) {
                Some((index, ty)) => {
                    let declared = template.declared;
                    self.scope.notes.note(name.span, || Meaning::Field(declared, name.text.clone()));
                    let ty = match found.take() {
                        // Most templates have it from the same one.
                        Some((_, other)) if other == *ty => other,
                        Some((_, other)) => other.join(ty.clone()),
                        None => ty.clone(),
                    };
                    found = Some((*index, ty));
                }
                None => lacking.extend(template.lineage.first().cloned()),
            }
        }
        match found {
            Some((index, ty)) if lacking.is_empty() => {
                self.scope.learn_field(&name.text, index, &ty);
                self.read(ExprKind::PersonaField(index), span, ty)
            }
            _ if incomplete => nothing(span, Type::Error),
            Some(_) => {
                let names: Vec<&str> = lacking.iter().map(SmolStr::as_str).collect();
                let has = if lacking.len() == 1 { "has" } else { "have" };
                self.fail(
                    Diagnostic::new(
                        codes::UNKNOWN_FIELD,
                        name.span,
                        format!("{} {has} no field `{}`", list(&names), name.text),
                    )
                    .note("a persona may be of any template that the scenario names")
                    .help("read the field under `if: persona is …`, or give it to every template"),
                )
            }
            None => {
                let diagnostic = Diagnostic::new(
                    codes::UNKNOWN_FIELD,
                    name.span,
                    format!("no persona here has a field `{}`", name.text),
                );
                let fields = self.scope.persona_may_be().flat_map(|template| template.fields.keys().cloned());
                let names: Vec<SmolStr> = fields.collect();
                let names = names.iter().map(SmolStr::as_str);
                self.fail(suggest(diagnostic, &name.text, name.span, "field", names))
            }
        }
    }

    /// `base.name`, where `base` is of type `ty`.
    fn field_of(&mut self, base: Expr, ty: &Type, name: &ast::Name, span: Span) -> (Expr, Type) {
        let field = match ty {
            Type::Error => return nothing(span, Type::Error),
            Type::Any | Type::AnyRecord => Ok(Type::Any),
            Type::Record(fields) => own_field(fields, name),
            Type::Template(template, fields) => {
                self.scope.notes.note(name.span, || Meaning::FieldOf(template.clone(), name.text.clone()));
                own_field(fields, name)
            }
            Type::Response => match response_fields().into_iter().find(|(own, _)| *own == name.text) {
                Some((_, field)) => Ok(field),
                None => Err(response_fields().iter().map(|(name, _)| (*name).to_owned()).collect()),
            },
            // A field of what may be none is none where that is none.
            Type::Maybe(inner) => {
                let (expr, ty) = self.field_of(base, inner, name, span);
                let ty = if ty.is_error() { ty } else { ty.maybe() };
                return (expr, ty);
            }
            other => {
                return self.fail(
                    Diagnostic::new(
                        codes::UNKNOWN_FIELD,
                        name.span,
                        format!("{other} has no fields, so there is no `{}`", name.text),
                    )
                    .also(base.span, format!("this is {other}")),
                );
            }
        };
        match field {
            Ok(ty) => {
                // Folding keeps constants constant, so `const` records can be taken apart.
                if let Some(Value::Record(record)) = base.as_value()
                    && let Some(value) = record.get(&name.text)
                {
                    return (Expr::value(value.clone(), span), ty);
                }
                let kind = ExprKind::Field(Box::new(base), name.text.clone());
                self.read(kind, span, ty)
            }
            Err(names) => {
                let headline = format!("there is no field `{}` in this {}", name.text, kind_of(ty));
                let diagnostic = Diagnostic::new(codes::UNKNOWN_FIELD, name.span, headline);
                let names = names.iter().map(String::as_str);
                self.fail(suggest(diagnostic, &name.text, name.span, "field", names))
            }
        }
    }

    pub(super) fn index(&mut self, base: &ast::Expr, index: &ast::Expr, span: Span) -> (Expr, Type) {
        let (base, ty) = self.infer(base, &Type::Any);
        let (wanted, result) = match &ty {
            Type::Error => return nothing(span, Type::Error),
            Type::Any => (Type::Any, Type::Any),
            Type::List(item) => (Type::Int, (**item).clone()),
            Type::Record(_) | Type::AnyRecord => (Type::TEXT, Type::Any),
            other => {
                let headline = format!("{other} has no items to choose from");
                return self.fail(Diagnostic::new(codes::BAD_OPERANDS, base.span, headline));
            }
        };
        let (index, found) = self.check(index, &wanted);
        let ty = if found.is_error() { Type::Error } else { result };
        (Expr { kind: ExprKind::Index(Box::new(base), Box::new(index)), span }, ty)
    }
}

/// The members of `base`, if it is a name that is `bound` to `page` or `last`.
fn members(base: &ast::Expr, bound: Option<&Binding>) -> Option<&'static [MemberInfo]> {
    match (&base.kind, bound) {
        (ast::ExprKind::Name(_), Some(Binding::Page)) => Some(&PAGE_MEMBERS),
        (ast::ExprKind::Name(_), Some(Binding::Last)) => Some(&LAST_MEMBERS),
        _ => None,
    }
}

/// The type of a field; without one of this name, the names that there are.
fn own_field(fields: &IndexMap<SmolStr, Type>, name: &ast::Name) -> Result<Type, Vec<String>> {
    let absent = || fields.keys().map(|name| name.to_string()).collect();
    fields.get(&name.text).cloned().ok_or_else(absent)
}

fn kind_of(ty: &Type) -> &'static str {
    match ty {
        Type::Response => "response",
        Type::Template(..) => "persona",
        _ => "record",
    }
}
