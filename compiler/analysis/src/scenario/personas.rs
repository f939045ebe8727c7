//! Who takes part.

use std::sync::Arc;

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, Head, Node, Phrase};
use scn_plan::{
    Value,
    plan::{Drives, PersonaGroup, Template},
};
use smol_str::SmolStr;

use super::Lowering;
use crate::{
    expr::{dotted, quoted_text},
    scope::TemplateView,
    signatures::{nearest, suggest},
    types::Type,
};

/// The groups of a scenario and what their personas have.
pub(super) struct Groups {
    /// Who takes part.
    pub groups: Vec<PersonaGroup>,
    /// The templates that `persona` may be of.
    pub views: Vec<TemplateView>,
}

impl Lowering<'_, '_> {
    /// `personas: 50`, `personas: 50 of Applicant`, or items below; without it, one citizen.
    pub(super) fn personas(&mut self, entry: Option<&Node>, scenario: Span) -> Groups {
        let mut groups = Groups { groups: Vec::new(), views: Vec::new() };
        let Some(Node { head: Head::Entry { key, values }, attrs, children, .. }) = entry else {
            if let Some((template, view)) = self.context.citizen() {
                groups.groups.push(PersonaGroup {
                    count: 1,
                    template: template.clone(),
                    drives: Drives::Http,
                    span: scenario,
                });
                groups.views.push(view);
            }
            return groups;
        };
        match values.first() {
            Some(ast::Expr { kind: ast::ExprKind::List(items), .. }) => {
                items.iter().for_each(|item| self.group(item, &[], &mut groups));
            }
            Some(value) => self.group(value, attrs, &mut groups),
            None => {
                for child in children {
                    match &child.head {
                        Head::Expr { expr, .. } => {
                            self.group(expr, &child.attrs, &mut groups);
                        }
                        Head::Error => {}
                        head => {
                            // `- Reader: 20`
                            let meant = match head {
                                Head::Entry { key, values } => match values.as_slice() {
                                    [count @ ast::Expr { kind: ast::ExprKind::Number { .. }, .. }] => {
                                        Some(format!("{} of {}", self.context.sources.slice(count.span), key.text))
                                    }
                                    _ => None,
                                },
                                _ => None,
                            };
                            let group = meant.as_deref().unwrap_or("45 of Applicant");
                            let headline = "a persona group says how many of which template";
                            let found = Diagnostic::new(codes::MISPLACED, child.span, headline);
                            self.report(found.help(format!("write `- {group}`")));
                        }
                    }
                }
            }
        }
        let total: u64 = groups.groups.iter().map(|group| u64::from(group.count)).sum();
        if total > u64::from(u32::MAX) {
            self.report(Diagnostic::new(codes::BAD_VALUE, key.span, "these are more personas than a run can hold"));
        }
        groups
    }

    fn group(&mut self, expr: &ast::Expr, attrs: &[ast::Attr], groups: &mut Groups) {
        let (count, template) = match &expr.kind {
            ast::ExprKind::Phrase(Phrase::Of, count, template) => (count.as_ref(), Some(template.as_ref())),
            _ => (expr, None),
        };
        if let (None, Some(name)) = (template, dotted(expr))
            && self.context.template(&name).is_some()
        {
            let headline = format!("how many personas of `{name}` there are is not said");
            self.report(Diagnostic::new(codes::BAD_VALUE, expr.span, headline).fix(
                format!("write `1 of {name}`"),
                expr.span,
                format!("1 of {name}"),
                scn_diagnostics::Applicability::Suggested,
            ));
            return;
        }
        let (count, drives) = (self.count(count), self.drives(attrs));
        let found = match template {
            None => self.context.citizen().map(|(template, view)| (template.clone(), view)),
            Some(expr) => self.template(expr),
        };
        let (Some(count), Some((template, view))) = (count, found) else { return };
        groups.groups.push(PersonaGroup { count, template, drives, span: expr.span });
        groups.views.push(view);
    }

    /// `drives: browser`
    fn drives(&mut self, attrs: &[ast::Attr]) -> Drives {
        let mut drives = Drives::default();
        let names = || Drives::NAMES.iter().map(|(name, _)| *name);
        for attr in attrs {
            let (text, span) = (attr.key.text.as_str(), attr.key.span);
            if text != "drives" {
                let headline = format!("a persona group has no attribute `{text}`");
                let diagnostic = Diagnostic::new(codes::UNKNOWN_ATTRIBUTE, span, headline);
                self.report(suggest(diagnostic, text, span, "attribute", ["drives"]));
                continue;
            }
            let Some(value) = attr.values.first() else {
                let diagnostic =
                    Diagnostic::new(codes::MISSING_ARGUMENT, span, "`drives` of a persona group has no value");
                self.report(diagnostic.help("write `drives: browser`"));
                continue;
            };
            let name = dotted(value).or_else(|| quoted_text(value).map(|(text, _)| text));
            match name.as_ref().and_then(|name| Drives::NAMES.iter().find(|(known, _)| known == name)) {
                Some((_, known)) => drives = *known,
                None if matches!(value.kind, ast::ExprKind::Error) => {}
                None => {
                    let diagnostic =
                        Diagnostic::new(codes::BAD_VALUE, value.span, "nothing of this name drives a persona");
                    let name = name.unwrap_or_default();
                    self.report(suggest(diagnostic, &name, value.span, "driver", names()));
                }
            }
        }
        drives
    }

    fn count(&mut self, expr: &ast::Expr) -> Option<u32> {
        match self.constant(expr, &Type::Int, &mut self.context.scope())? {
            Value::Int(count) => match u32::try_from(count) {
                Ok(count) if count > 0 => Some(count),
                _ => {
                    let headline = format!("there cannot be {count} personas");
                    self.report(
                        Diagnostic::new(codes::BAD_VALUE, expr.span, headline).help("write a whole number from 1 on"),
                    );
                    None
                }
            },
            _ => None,
        }
    }

    fn template(&mut self, expr: &ast::Expr) -> Option<(Arc<Template>, TemplateView)> {
        let Some(name) = dotted(expr) else {
            if !matches!(expr.kind, ast::ExprKind::Error) {
                self.report(
                    Diagnostic::new(
                        codes::UNKNOWN_PERSONA,
                        expr.span,
                        "the name of a persona template is expected here",
                    )
                    .help("write `45 of Applicant`"),
                );
            }
            return None;
        };
        if let (Some(template), Some(view)) = (self.context.template(&name), self.context.template_view(&name)) {
            return Some((template.clone(), view));
        }
        let diagnostic =
            Diagnostic::new(codes::UNKNOWN_PERSONA, expr.span, format!("there is no persona template `{name}`"));
        let mut names = self.context.template_names();
        if name == "Citizen" && !names.iter().any(|name| name.ends_with(".Citizen")) {
            self.report(diagnostic.help("add `use std.people` at the top of the file"));
        } else {
            if names.is_empty() {
                names.push(SmolStr::new_static("Citizen"));
            }
            let is_near = nearest(&name, names.iter().map(SmolStr::as_str)).is_some();
            let diagnostic =
                suggest(diagnostic, &name, expr.span, "persona template", names.iter().map(SmolStr::as_str));
            self.report(match is_near {
                true => diagnostic,
                false => {
                    diagnostic.help("one that another file declares is known where that is used: `use \"./FILE.scn\"`")
                }
            });
        }
        None
    }
}
