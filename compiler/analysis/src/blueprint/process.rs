//! Parts that exist in another way than as behaviour that is written in the blueprint.

use scn_diagnostics::{Diagnostic, codes};
use scn_grammar::ast::{self, ExprKind as Ast, Head};
use scn_plan::{
    Expr,
    blueprint::{Elsewhere, Process},
};
use smol_str::SmolStr;

use super::{
    Lowering, Setting,
    outline::{PartOutline, Role, path_of},
    part::no_value,
    settings,
};
use crate::{
    expr::{dotted, quoted_text},
    signatures::suggest,
    types::Type,
};

/// Settings of parts that are a process.
pub(super) const PROCESS: [&str; 8] = ["repo", "branch", "build", "run", "port", "health", "env", "calls"];

/// Settings that ask for another backend.
pub(super) const ELSEWHERE: [&str; 4] = ["image", "manifests", "openapi", "url"];

/// What a part's settings say of how it exists.
#[derive(Default)]
pub(super) struct Existing {
    pub process: Option<Process>,
    pub elsewhere: Option<Elsewhere>,
    pub calls: Vec<SmolStr>,
}

impl Lowering<'_, '_> {
    /// Reads what the settings of `outline` say of a process, or of another backend.
    pub(super) fn existing(&mut self, outline: &PartOutline<'_>) -> Existing {
        let mut existing = Existing::default();
        let (mut repo, mut branch, mut build, mut run) = (None, None, None, None);
        let (mut port, mut health, mut env) = (None, None, Vec::new());
        let mut first: Option<&ast::Name> = None;
        for setting in settings(outline.node) {
            let Setting { key, values, .. } = setting;
            let name = key.text.as_str();
            let is_process = PROCESS.contains(&name) && !(name == "port" && outline.role == Role::Frontend);
            if !is_process && !ELSEWHERE.contains(&name) {
                continue;
            }
            if is_process && !matches!(name, "run" | "calls") {
                first = first.or(Some(key));
            }
            match (name, values) {
                ("env", _) => env = self.environment(&setting),
                (_, []) => self.report(no_value(key)),
                ("repo", [value, ..]) => repo = self.up_text(value),
                ("branch", [value, ..]) => {
                    branch = match dotted(value) {
                        // A bare name is the branch's, unless it is `branch`, the frontends' own.
                        Some(name) if name != "branch" => {
                            Some(Expr::value(scn_plan::Value::text(name.as_str()), value.span))
                        }
                        _ => self.up_text(value),
                    };
                }
                ("build", [value, ..]) => build = self.command(value),
                ("run", [value, ..]) => run = self.command(value).map(|command| (command, value.span)),
                ("port", [value, ..]) => port = self.whole(value, 1, u16::MAX),
                ("health", [value, ..]) => health = path_of(value, self.diagnostics).map(|(path, _)| path),
                ("calls", [value, ..]) => existing.calls = self.calls(value),
                (_, [value, ..]) => {
                    // It is read where that backend is; here it is only known to be asked for.
                    if name != "manifests" {
                        self.up_text(value);
                    }
                    if existing.elsewhere.is_none() {
                        existing.elsewhere = Some(Elsewhere { setting: key.text.clone(), span: key.span });
                    }
                }
            }
        }
        match (run, first) {
            (Some((run, span)), _) => {
                existing.process = Some(Process { repo, branch, build, run, port, health, env, span });
            }
            (None, Some(key)) if existing.elsewhere.is_none() => {
                let headline = format!("`{}` does not say what is to be run", outline.name.text);
                self.report(
                    Diagnostic::new(codes::BAD_PROCESS, key.span, headline)
                        .also(outline.name.span, "it is declared here")
                        .help("add `run: \"node server.js\"`, or leave this out"),
                );
            }
            _ => {}
        }
        existing
    }

    /// A text that is known when the sandbox comes up: it reads the branch and the environment.
    fn up_text(&mut self, expr: &ast::Expr) -> Option<Expr> {
        let mut scope = self.handler_scope();
        let errors = self.diagnostics.len();
        let (compiled, ty) = self.checker(&mut scope).check(expr, &Type::TEXT);
        (!ty.is_error() && self.diagnostics.len() == errors).then_some(compiled)
    }

    /// What is run: a program and its arguments.
    fn command(&mut self, expr: &ast::Expr) -> Option<Expr> {
        let command = self.up_text(expr)?;
        let Some(text) = command.as_value().and_then(scn_plan::Value::as_str) else { return Some(command) };
        let headline = match shlex::split(text) {
            Some(words) if !words.is_empty() => match words.iter().find(|word| SHELL.contains(&word.as_str())) {
                None => return Some(command),
                Some(word) => format!("`{word}` means something to a shell only, and no shell runs this"),
            },
            Some(_) => "nothing is to be run here".to_owned(),
            None => "a quotation mark is not closed in this command".to_owned(),
        };
        self.report(
            Diagnostic::new(codes::BAD_PROCESS, expr.span, headline).help(
                "write a program and its arguments; for more than that, put it into a script, or write `sh -c '…'`",
            ),
        );
        None
    }

    /// `env: { NAME: "value" }`, or the block under `env:`.
    fn environment(&mut self, setting: &Setting<'_>) -> Vec<(SmolStr, Expr)> {
        let pairs: Vec<(&ast::Name, &ast::Expr)> = match setting.values {
            [ast::Expr { kind: Ast::Record(fields), .. }] => fields.iter().map(|(name, value)| (name, value)).collect(),
            [] if !setting.children.is_empty() => setting
                .children
                .iter()
                .filter_map(|child| match &child.head {
                    Head::Entry { key, values } => Some((key, values.first()?)),
                    _ => None,
                })
                .collect(),
            [] => {
                self.report(no_value(setting.key));
                return Vec::new();
            }
            [first, ..] => {
                self.report(
                    Diagnostic::new(codes::TYPE_MISMATCH, first.span, "an environment has names and values")
                        .help("write `env: { NODE_ENV: \"test\" }`"),
                );
                return Vec::new();
            }
        };
        let mut known: Vec<(SmolStr, Expr)> = Vec::with_capacity(pairs.len());
        for (name, value) in pairs {
            if known.iter().any(|(own, _)| *own == name.text) {
                let headline = format!("`{}` is given twice", name.text);
                self.report(Diagnostic::new(codes::DUPLICATE_NAME, name.span, headline).help("keep one of the two"));
                continue;
            }
            let value = match &value.kind {
                // What a number or a date looks like in an environment is what is written.
                Ast::Number { text, unit: ast::Unit::Int | ast::Unit::Decimal } => {
                    Some(Expr::value(scn_plan::Value::text(text.as_str()), value.span))
                }
                Ast::Bool(truth) => Some(Expr::value(scn_plan::Value::text(truth.to_string()), value.span)),
                _ => self.up_text(value),
            };
            known.extend(value.map(|value| (name.text.clone(), value)));
        }
        known
    }

    /// `calls: [a, b]`
    fn calls(&mut self, expr: &ast::Expr) -> Vec<SmolStr> {
        let items = match &expr.kind {
            Ast::List(items) => items.as_slice(),
            _ => std::slice::from_ref(expr),
        };
        let outline = self.outline;
        let mut calls = Vec::with_capacity(items.len());
        for item in items {
            let Some((name, span)) = dotted(item).map(|name| (name, item.span)).or_else(|| quoted_text(item)) else {
                let headline = "what a part calls is the name of another part";
                self.report(
                    Diagnostic::new(codes::UNDECLARED_PART, item.span, headline)
                        .help("write `calls: [eligibility-svc]`"),
                );
                continue;
            };
            match outline.parts.get(&name) {
                Some(part) if matches!(part.role, Role::Service | Role::Partner | Role::Queue) => calls.push(name),
                Some(part) => {
                    let headline = format!("`{name}` is {}, which no part calls", part.role.a_noun());
                    self.report(
                        Diagnostic::new(codes::WRONG_PART, span, headline).also(part.name.span, "it is declared here"),
                    );
                }
                None => {
                    let diagnostic =
                        Diagnostic::new(codes::UNDECLARED_PART, span, format!("there is no part `{name}`"));
                    let names = outline.names(Role::Service).chain(outline.names(Role::Partner));
                    self.report(suggest(diagnostic, &name, span, "part", names));
                }
            }
        }
        calls
    }
}

/// Words that only a shell understands.
const SHELL: [&str; 9] = ["|", "||", "&", "&&", ";", ">", ">>", "<", "2>&1"];
