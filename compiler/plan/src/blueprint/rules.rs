//! Draft rules, and what they change in the forms that they are bound to.
//!
//! What a rule says of a field is kept beside the field's own declaration, so that a refusal can be told to be the
//! rule's or the blueprint's.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Blueprint, Field, Form};
use crate::{Expr, Span};

/// A draft rule that is bound to a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// What it says, as it is published.
    pub policy: Policy,
    /// The frontend that has the form.
    pub frontend: SmolStr,
    /// The form.
    pub form: SmolStr,
    /// Where it stands: its `rule_id`.
    pub span: Span,
}

impl Rule {
    /// Its id.
    pub fn id(&self) -> &SmolStr {
        &self.policy.rule_id
    }
}

/// A rule as it is published: serialised, it has the keys of a rules file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Its id, unique in its file.
    pub rule_id: SmolStr,
    /// What it is about, for people.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub text: SmolStr,
    /// `frontend/form`.
    pub applies_to: SmolStr,
    /// A field that it adds or changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<PolicyField>,
    /// What a field's value must look like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<PolicyValidation>,
    /// What becomes of a submission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<PolicyDecision>,
}

/// A field that a rule adds or changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyField {
    /// Its name.
    pub name: SmolStr,
    /// What people read beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<SmolStr>,
    /// Whether it must be filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// Where it is asked at all: an expression as it is written.
    #[serde(default, rename = "showIf", skip_serializing_if = "Option::is_none")]
    pub show_if: Option<SmolStr>,
}

/// What a field's value must look like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyValidation {
    /// The field.
    pub field: SmolStr,
    /// A regular expression that the whole value must match.
    pub pattern: SmolStr,
    /// What people are told of a value that does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<SmolStr>,
}

/// What becomes of a submission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyDecision {
    /// The condition as it is written.
    pub when: SmolStr,
    /// What follows.
    pub then: Outcome,
    /// What people are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<SmolStr>,
}

/// What a rule's decision leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The submission is refused.
    Deny,
    /// It passes, and no later decision is looked at.
    Allow,
}

/// What a rule says of a field of the form that it is bound to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldRule {
    /// The rule's id.
    pub rule: SmolStr,
    /// Whether the form has the field by this rule alone.
    #[serde(default)]
    pub added: bool,
    /// In place of the field's label.
    #[serde(default)]
    pub label: Option<SmolStr>,
    /// In place of whether the field must be filled in.
    #[serde(default)]
    pub required: Option<bool>,
    /// Where the field is asked at all; it reads `form` and `show`.
    #[serde(default)]
    pub show_if: Option<Expr>,
    /// Whether `show_if` reads what is entered into the form itself.
    #[serde(default)]
    pub reads_form: bool,
    /// In place of the field's own pattern. The patterns of several rules must all match.
    #[serde(default)]
    pub pattern: Option<SmolStr>,
    /// What people are told of a value that does not match.
    #[serde(default)]
    pub error: Option<SmolStr>,
}

impl FieldRule {
    /// What the rule `rule` says before it says anything.
    pub fn new(rule: SmolStr) -> Self {
        Self {
            rule,
            added: false,
            label: None,
            required: None,
            show_if: None,
            reads_form: false,
            pattern: None,
            error: None,
        }
    }
}

/// What a rule decides on a submission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The rule's id.
    pub rule: SmolStr,
    /// Decides only where this holds; it reads `form` and `show`.
    pub when: Expr,
    /// What follows.
    pub then: Outcome,
    /// What people are told.
    pub reason: SmolStr,
}

impl Field {
    /// What people read beside it, if anything is given: the last rule's word counts.
    pub fn label(&self) -> Option<&SmolStr> {
        self.rules.iter().rev().find_map(|rule| rule.label.as_ref()).or(self.label.as_ref())
    }

    /// Whether it must be filled in where it is asked: the last rule's word counts.
    pub fn is_required(&self) -> bool {
        self.rules.iter().rev().find_map(|rule| rule.required).unwrap_or(self.value.required)
    }

    /// The rule by which it must be filled in, if it need not be without any.
    pub fn required_by(&self) -> Option<&SmolStr> {
        let rule = self.rules.iter().rev().find(|rule| rule.required.is_some())?;
        (!self.value.required && rule.required == Some(true)).then_some(&rule.rule)
    }

    /// The patterns that rules put in place of its own, each with its rule.
    pub fn rule_patterns(&self) -> impl Iterator<Item = (&SmolStr, &FieldRule)> {
        self.rules.iter().filter_map(|rule| Some((rule.pattern.as_ref()?, rule)))
    }
}

impl Form {
    /// The ids of the rules that it is bound to, each once.
    pub fn rules(&self) -> Vec<&SmolStr> {
        let of_fields = self.fields.values().flat_map(|field| &field.rules).map(|rule| &rule.rule);
        let mut ids: Vec<&SmolStr> = Vec::new();
        for id in of_fields.chain(self.decisions.iter().map(|decision| &decision.rule)) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }
}

impl Blueprint {
    /// The draft rule with this id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.policy.rule_id == id)
    }
}
