//! Bare names: variables, and names that resolve by the type that is asked for.

use scn_diagnostics::{Applicability, Diagnostic, Span, codes};
use scn_grammar::ast;
use scn_plan::{Expr, ExprKind, Root, Value};
use smol_str::{SmolStr, SmolStrBuilder, format_smolstr};

use super::{ExprChecker, nothing};
use crate::{
    index::Meaning,
    scope::Binding,
    signatures::{list, nearest, private, suggest},
    types::{Nominal, Type},
};

/// What only the steps of a journey can read.
const SURROUNDINGS: &[&str] = &["page", "last", "persona", "run"];

/// `a.b.c` as one dotted name.
pub(crate) fn dotted(expr: &ast::Expr) -> Option<SmolStr> {
    match &expr.kind {
        ast::ExprKind::Name(name) => Some(name.clone()),
        ast::ExprKind::Field(base, name) => {
            let mut dotted = SmolStrBuilder::new();
            [self::dotted(base)?.as_str(), ".", &name.text].into_iter().for_each(|part| dotted.push_str(part));
            Some(dotted.finish())
        }
        _ => None,
    }
}

/// The `a` of `a.b.c`.
pub(super) fn root(expr: &ast::Expr) -> Option<&SmolStr> {
    match &expr.kind {
        ast::ExprKind::Name(name) => Some(name),
        ast::ExprKind::Field(base, _) => root(base),
        _ => None,
    }
}

/// What YAML reads the bare word `name` as, if it is another word here.
fn literal_of_yaml(name: &str, hint: &Type) -> Option<&'static str> {
    let truth = *hint.some() == Type::Bool;
    Some(match name.to_ascii_lowercase().as_str() {
        "true" => "true",
        "false" => "false",
        "null" | "nil" | "none" => "none",
        "yes" | "on" if truth => "true",
        "no" | "off" if truth => "false",
        _ => return None,
    })
}

impl ExprChecker<'_> {
    pub(super) fn name(&mut self, name: &SmolStr, span: Span, hint: &Type) -> (Expr, Type) {
        match hint.some() {
            // A parameter may stand for such a name.
            wanted @ Type::Nominal(kind) => match self.scope.lookup(name) {
                Some((_, ty)) if ty == wanted => {}
                _ => return self.symbol(name, span, *kind),
            },
            Type::Name => return self.new_name(name, span),
            Type::Choice(names) if names.contains(name) => {
                return (Expr::value(Value::Symbol(name.clone()), span), hint.some().clone());
            }
            _ => {}
        }
        let Some((binding, ty)) = self.scope.lookup(name) else {
            if let Type::Choice(names) = hint.some() {
                return self.member_of(name, span, names);
            }
            return self.unknown(name, span, hint);
        };
        match binding {
            Binding::Slot(_) => self.scope.notes.note(span, || Meaning::Variable(name.clone())),
            Binding::Const(value) => self.scope.notes.note(span, || Meaning::Constant(value.span)),
            _ => {}
        }
        let ty = ty.clone();
        let kind = match binding {
            Binding::Slot(slot) => ExprKind::Slot(*slot),
            Binding::Root(root) => ExprKind::Root(*root),
            Binding::Const(value) => value.kind.clone(),
            Binding::Persona => ExprKind::Root(Root::Persona),
            Binding::Page | Binding::Last => {
                let example = if name == "last" { "last.status" } else { "page.path" };
                return self.fail(
                    Diagnostic::new(codes::TYPE_MISMATCH, span, format!("`{name}` is no value by itself"))
                        .help(format!("name a member of it, such as `{example}`")),
                );
            }
        };
        self.read(kind, span, ty)
    }

    /// What `whole` stands for as a name of a file that is used `as` something: `limits.fee`. One that this file does not
    /// have is reported.
    pub(super) fn of_module(&mut self, whole: &ast::Expr, hint: &Type) -> Option<(Expr, Type)> {
        if !self.scope.uses_modules() {
            return None;
        }
        let path = dotted(whole)?;
        let (root, _) = path.split_once('.')?;
        if let Some((Binding::Const(value), ty)) = self.scope.lookup(&path) {
            self.scope.notes.note(whole.span, || Meaning::Constant(value.span));
            return Some((Expr { kind: value.kind.clone(), span: whole.span }, ty.clone()));
        }
        let prefix = format_smolstr!("{root}.");
        // A constant may be a record, whose fields are read as those of any other.
        let is_module = self.scope.names().any(|name| name.starts_with(prefix.as_str()));
        let is_record = path
            .match_indices('.')
            .skip(1)
            .any(|(end, _)| path.get(..end).is_some_and(|constant| self.scope.lookup(constant).is_some()));
        (is_module && !is_record).then(|| self.unknown(&path, whole.span, hint))
    }

    /// A name of the plan or the blueprint.
    pub(crate) fn symbol(&mut self, name: &str, span: Span, kind: Nominal) -> (Expr, Type) {
        if let Some(known) = self.symbols.of(kind)
            && !known.iter().any(|own| own == name)
        {
            let noun = kind.noun();
            let diagnostic = Diagnostic::new(self.symbols.code, span, format!("there is no {noun} `{name}`"));
            let names = known.iter().map(SmolStr::as_str);
            let diagnostic = suggest(diagnostic, name, span, noun, names);
            return self.fail(diagnostic);
        }
        self.scope.notes.note(span, || Meaning::Named(kind, name.into(), self.symbols.sandbox));
        (Expr::value(Value::Symbol(name.into()), span), Type::Nominal(kind))
    }

    /// A member of a choice.
    pub(super) fn member_of(&mut self, name: &str, span: Span, names: &[SmolStr]) -> (Expr, Type) {
        if names.iter().any(|own| own == name) {
            let ty = Type::Choice(names.to_vec());
            return (Expr::value(Value::Symbol(name.into()), span), ty);
        }
        let all: Vec<&str> = names.iter().map(SmolStr::as_str).collect();
        let diagnostic = Diagnostic::new(codes::TYPE_MISMATCH, span, format!("`{name}` is none of {}", list(&all)));
        let diagnostic = match nearest(name, all.iter().copied()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(
                format!("write `{near}`"),
                span,
                near,
                Applicability::Suggested,
            ),
            None => diagnostic,
        };
        self.fail(diagnostic)
    }

    /// Whether `whole`, such as `photo.jpg`, is probably a text that lacks its quotes: nothing has the name that it begins
    /// with, nor one like it.
    pub(super) fn is_bare_text(&self, whole: &ast::Expr, hint: &Type) -> Option<SmolStr> {
        if !matches!(hint.some(), Type::Text(_) | Type::Any | Type::File | Type::Path) {
            return None;
        }
        let text = dotted(whole)?;
        let (root, _) = text.split_once('.')?;
        let prefix = format_smolstr!("{root}.");
        let known = self.scope.names().any(|name| name.starts_with(prefix.as_str()))
            || SURROUNDINGS.contains(&root)
            || (root == "body" && self.is_in_handler());
        (!known && nearest(root, self.scope.names()).is_none()).then_some(text)
    }

    /// Whether the expression is one of a handler of a blueprint.
    fn is_in_handler(&self) -> bool {
        matches!(self.scope.lookup("branch"), Some((Binding::Root(Root::Branch), _)))
    }

    /// The first part of `name`, if that is what other languages call something that can be read here, and what it is here.
    fn foreign_root<'n>(&self, name: &'n str) -> Option<(&'n str, &'static str)> {
        let root = name.split('.').next()?;
        let meant = match root {
            "response" | "resp" | "res" => "last",
            "user" | "self" | "this" | "me" => "persona",
            _ => return None,
        };
        (name.len() > root.len() && self.scope.lookup(meant).is_some()).then_some((root, meant))
    }

    pub(super) fn unknown(&mut self, name: &str, span: Span, hint: &Type) -> (Expr, Type) {
        let mut diagnostic = Diagnostic::new(codes::UNKNOWN_NAME, span, format!("there is no `{name}` here"));
        let near = nearest(name, self.scope.names()).map(str::to_owned);
        if let Some(note) = private(name) {
            diagnostic = diagnostic.note(note);
        }
        if let Some(meant) = literal_of_yaml(name, hint) {
            diagnostic = diagnostic.label(format!("here that is `{meant}`")).fix(
                format!("write `{meant}`"),
                span,
                meant,
                Applicability::Automatic,
            );
        } else if let Some((foreign, meant)) = self.foreign_root(name) {
            let root = Span { end: span.start + u32::try_from(foreign.len()).unwrap_or_default(), ..span };
            diagnostic = diagnostic.label(format!("what `{foreign}` is elsewhere is `{meant}` here")).fix(
                format!("write `{meant}`"),
                root,
                meant,
                Applicability::Suggested,
            );
        } else if name == "persona" && self.scope.in_flow {
            diagnostic = diagnostic
                .note("a flow reads what it is given, so that any scenario can call it")
                .help("add a parameter such as `who: Citizen`, and call it with `who: persona`");
        } else if name == "body" && self.is_in_handler() {
            diagnostic = diagnostic
                .note("what a request holds is declared where it is answered")
                .help("declare it: `route POST \"/check\" body: Record{ name: Text }:`");
        } else if SURROUNDINGS.contains(&name) {
            diagnostic = diagnostic.note(format!("`{name}` can be read only in the steps of a journey"));
        } else if self.scope.generators && self.signatures.generators.contains_key(name) {
            diagnostic = diagnostic.help(format!("to make synthetic data, write `{name}()`")).fix(
                "call it",
                span.tail(),
                "()",
                Applicability::Suggested,
            );
        } else if let Some((left, right)) = name.split_once('-')
            && self.scope.lookup(left).is_some()
        {
            diagnostic = diagnostic.help(format!("`{name}` is one name; to subtract, write `{left} - {right}`")).fix(
                "subtract",
                span,
                format!("{left} - {right}"),
                Applicability::Suggested,
            );
        } else if let Some(near) = near {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix(
                format!("write `{near}`"),
                span,
                near,
                Applicability::Suggested,
            );
        } else if matches!(hint.some(), Type::Text(_) | Type::Any | Type::Path) && private(name).is_none() {
            diagnostic = diagnostic
                .label("a bare name stands for something that has this name")
                .help(format!("write `\"{name}\"` if this is data"));
            diagnostic = diagnostic.fix("quote it", span, format!("\"{name}\""), Applicability::Suggested);
        } else {
            let mut names: Vec<&str> = self.scope.names().collect();
            names.sort_unstable();
            names.dedup();
            diagnostic = match names.as_slice() {
                [] => match hint.example() {
                    Some(example) => diagnostic.help(format!("write something such as {example}")),
                    None => diagnostic.help("only literals can be read here"),
                },
                _ => diagnostic.help(format!("expressions can read {} here", list(&names))),
            };
        }
        self.report(diagnostic);
        nothing(span, Type::Error)
    }
}
