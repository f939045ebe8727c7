//! Rules onto forms: fields first, then what is said of fields, then expressions, for these read any field.

use scn_diagnostics::{Diagnostic, codes};
use scn_grammar::ast;
use scn_plan::collections::IndexMap;
use scn_plan::{
    Blueprint, Expr, ExprKind, Labels, Root, Shape, ShapeField,
    blueprint::{
        Decision, Field, FieldRule, Form, PartKind, Policy, PolicyDecision, PolicyField, PolicyValidation, Rule,
    },
};
use smol_str::{SmolStr, format_smolstr};

use super::{read::Draft, yaml::Scalar};
use crate::{
    expr::ExprChecker,
    scope::{Binding, Scope, Symbols},
    signatures::{Signatures, suggest},
    types::Type,
};

/// Binds `drafts` to the forms of `blueprint`; says of each whether it has been.
pub(super) fn bind(
    drafts: &[Draft],
    blueprint: &mut Blueprint,
    signatures: &Signatures,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<bool> {
    let mut bound = vec![false; drafts.len()];
    for (name, part) in &mut blueprint.parts {
        let PartKind::Frontend(frontend) = &mut part.kind else { continue };
        for page in frontend.pages.values_mut() {
            for form in page.forms.values_mut() {
                let own: Vec<(usize, &Draft)> = drafts
                    .iter()
                    .enumerate()
                    .filter(|(_, draft)| draft.frontend.text == *name && draft.form.text == form.name)
                    .collect();
                for (at, _) in &own {
                    if let Some(known) = bound.get_mut(*at) {
                        *known = true;
                    }
                }
                let own = own.into_iter().map(|(_, draft)| draft).collect();
                Binder { drafts: own, shown: &page.shown, form, signatures, diagnostics }.run();
            }
        }
    }
    let of_form = drafts.iter().zip(&bound).filter(|(_, bound)| **bound);
    blueprint.rules.extend(of_form.map(|(draft, _)| rule(draft)));
    bound
}

/// A rule as it is published.
fn rule(draft: &Draft) -> Rule {
    let policy = Policy {
        rule_id: draft.id.text.clone(),
        text: draft.text.clone(),
        applies_to: format_smolstr!("{}/{}", draft.frontend.text, draft.form.text),
        field: draft.field.as_ref().map(|field| PolicyField {
            name: field.name.text.clone(),
            label: field.label.clone(),
            required: field.required,
            show_if: field.show_if.as_ref().map(|show_if| show_if.text.clone()),
        }),
        validation: draft.validation.as_ref().map(|validation| PolicyValidation {
            field: validation.field.text.clone(),
            pattern: validation.pattern.text.clone(),
            error: validation.error.clone(),
        }),
        decision: draft.decision.as_ref().map(|decision| PolicyDecision {
            when: decision.when.text.clone(),
            then: decision.then,
            reason: decision.reason.clone(),
        }),
    };
    let (frontend, form) = (draft.frontend.text.clone(), draft.form.text.clone());
    Rule { policy, frontend, form, span: draft.id.span }
}

/// Binds rules to one form.
struct Binder<'a> {
    drafts: Vec<&'a Draft>,
    /// What the form's page shows.
    shown: &'a IndexMap<SmolStr, ShapeField>,
    form: &'a mut Form,
    signatures: &'a Signatures,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Binder<'_> {
    fn run(&mut self) {
        for draft in self.drafts.clone() {
            self.field(draft);
        }
        for draft in self.drafts.clone() {
            self.validation(draft);
        }
        let conditional: Vec<SmolStr> = self
            .drafts
            .iter()
            .filter_map(|draft| draft.field.as_ref())
            .filter(|field| field.show_if.is_some())
            .map(|field| field.name.text.clone())
            .collect();
        for draft in self.drafts.clone() {
            self.show_if(draft, &conditional);
            self.decision(draft, &conditional);
        }
    }

    /// Adds or changes the field that a rule is about.
    fn field(&mut self, draft: &Draft) {
        let Some(field) = &draft.field else { return };
        let text = ShapeField { shape: Shape::Text { pattern: None }, required: false, labels: Labels::NONE };
        let added = !self.form.fields.contains_key(&field.name.text);
        let entry = self.form.fields.entry(field.name.text.clone());
        let declared = entry.or_insert(Field { label: None, value: text, rules: Vec::new(), span: field.name.span });
        declared.rules.push(FieldRule {
            added,
            label: field.label.clone(),
            required: field.required,
            ..FieldRule::new(draft.id.text.clone())
        });
    }

    /// What a rule says of how a value must look.
    fn validation(&mut self, draft: &Draft) {
        let Some(validation) = &draft.validation else { return };
        let (name, span) = (&validation.field.text, validation.field.span);
        let symbols = Symbols::default();
        let mut scope = Scope::default();
        let mut checker = ExprChecker::new(self.signatures, &symbols, &mut scope, self.diagnostics);
        let valid = checker.valid_regex(&validation.pattern.text, validation.pattern.span);
        let Some(field) = self.form.fields.get_mut(name) else {
            let headline = format!("the form `{}` has no field `{name}`", self.form.name);
            let diagnostic = Diagnostic::new(codes::UNKNOWN_RULE_FIELD, span, headline)
                .also(draft.form.span, "the form that the rule applies to");
            let names = self.form.fields.keys().map(SmolStr::as_str);
            self.diagnostics.push(suggest(diagnostic, name, span, "field", names));
            return;
        };
        if !matches!(field.value.shape, Shape::Text { .. }) {
            let headline = format!("only a Text has a pattern, and `{name}` is {}", Type::of_shape(&field.value.shape));
            self.diagnostics.push(
                Diagnostic::new(codes::BAD_FIELD, validation.pattern.span, headline)
                    .also(field.span, "the field is declared here")
                    .help("decide on its value instead, with a `decision`"),
            );
            return;
        }
        if !valid {
            return;
        }
        let said = match field.rules.iter_mut().find(|said| said.rule == draft.id.text) {
            Some(said) => said,
            None => {
                field.rules.push(FieldRule::new(draft.id.text.clone()));
                match field.rules.last_mut() {
                    Some(said) => said,
                    None => return,
                }
            }
        };
        said.pattern = Some(validation.pattern.text.clone());
        said.error = validation.error.clone();
    }

    /// Where the field that a rule is about is asked at all.
    fn show_if(&mut self, draft: &Draft, conditional: &[SmolStr]) {
        let Some((name, show_if)) =
            draft.field.as_ref().and_then(|field| Some((&field.name.text, field.show_if.as_ref()?)))
        else {
            return;
        };
        let Some(condition) = self.condition(show_if, conditional, Some(name)) else { return };
        let mut reads_form = false;
        condition.walk(&mut |part| reads_form |= part.kind == ExprKind::Root(Root::Form));
        let rules = self.form.fields.get_mut(name).map(|field| &mut field.rules);
        if let Some(said) = rules.into_iter().flatten().find(|said| said.rule == draft.id.text) {
            (said.show_if, said.reads_form) = (Some(condition), reads_form);
        }
    }

    fn decision(&mut self, draft: &Draft, conditional: &[SmolStr]) {
        let Some(decision) = &draft.decision else { return };
        let Some(when) = self.condition(&decision.when, conditional, None) else { return };
        let fallback = || match draft.text.is_empty() {
            true => format_smolstr!("Rule {} does not allow this.", draft.id.text),
            false => draft.text.clone(),
        };
        let reason = decision.reason.clone().unwrap_or_else(fallback);
        self.form.decisions.push(Decision { rule: draft.id.text.clone(), when, then: decision.then, reason });
    }

    /// A condition over what the page shows and the form's fields, `without` one of them; `None` if it is none, which
    /// is reported.
    fn condition(&mut self, written: &Scalar, conditional: &[SmolStr], without: Option<&SmolStr>) -> Option<Expr> {
        let mut scope = Scope::default();
        let mut name = |root, name: &SmolStr, ty: Type| {
            let span = written.span;
            let of = Box::new(Expr { kind: ExprKind::Root(root), span });
            let expr = Expr { kind: ExprKind::Field(of, name.clone()), span };
            scope.bind(name.clone(), Binding::Const(expr), ty);
        };
        for (shown, value) in self.shown {
            let ty = Type::of_shape(&value.shape).labelled(value.labels);
            name(Root::Show, shown, if value.required { ty } else { ty.maybe() });
        }
        // A field hides what is shown under the same name.
        for (field, declared) in self.form.fields.iter().filter(|(field, _)| Some(*field) != without) {
            let ty = Type::of_shape(&declared.value.shape).labelled(declared.value.labels);
            let filled = declared.is_required() && !conditional.contains(field);
            // A checkbox that is not ticked is false.
            let filled = filled || declared.value.shape == Shape::Bool;
            name(Root::Form, field, if filled { ty } else { ty.maybe() });
        }
        let symbols = Symbols::default();
        let before = self.diagnostics.len();
        let mut checker = ExprChecker::new(self.signatures, &symbols, &mut scope, self.diagnostics);
        let expr = checker.condition(&quoted(written));
        (!super::has_errors(self.diagnostics, before)).then_some(expr)
    }
}

/// A scalar as the quoted text that the language would have it in.
fn quoted(scalar: &Scalar) -> ast::Expr {
    let mut span = scalar.span;
    // By its length, whoever reads the text finds out whether it stands letter by letter in the source.
    if !scalar.verbatim && span.len() == scalar.text.len() {
        span = span.tail();
    }
    let parts = vec![ast::TextPart::Literal(scalar.text.clone(), span)];
    ast::Expr { kind: ast::ExprKind::Text { parts, quote: ast::Quote::Double }, span: scalar.span }
}
