//! From YAML to rules as they are written. What each names is looked up later.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_plan::blueprint::Outcome;
use smol_str::SmolStr;

use super::yaml::{Kind, Scalar, Yaml};
use crate::signatures::suggest;

/// A rule as it is written.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub id: Scalar,
    pub text: SmolStr,
    pub frontend: Word,
    pub form: Word,
    pub field: Option<FieldDraft>,
    pub validation: Option<ValidationDraft>,
    pub decision: Option<DecisionDraft>,
}

/// A name and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub text: SmolStr,
    pub span: Span,
}

/// `field:`
#[derive(Clone, Debug)]
pub(super) struct FieldDraft {
    pub name: Word,
    pub label: Option<SmolStr>,
    pub required: Option<bool>,
    pub show_if: Option<Scalar>,
}

/// `validation:`
#[derive(Clone, Debug)]
pub(super) struct ValidationDraft {
    pub field: Word,
    pub pattern: Scalar,
    pub error: Option<SmolStr>,
}

/// `decision:`
#[derive(Clone, Debug)]
pub(super) struct DecisionDraft {
    pub when: Scalar,
    pub then: Outcome,
    pub reason: Option<SmolStr>,
}

/// The keys of a rule and of its parts.
const RULE: &[&str] = &["rule_id", "text", "applies_to", "field", "validation", "decision"];
const FIELD: &[&str] = &["name", "label", "required", "showIf"];
const VALIDATION: &[&str] = &["field", "pattern", "error"];
const DECISION: &[&str] = &["when", "then", "reason"];

/// The rules of a document. What is wrong with one is reported, and that one left out.
pub(super) fn drafts(document: &Yaml, diagnostics: &mut Vec<Diagnostic>) -> Vec<Draft> {
    let mut reader = Reader { diagnostics };
    let items = match &document.kind {
        Kind::List(items) => items.as_slice(),
        Kind::Map(_) => match reader.map(document, "the file", "rules file", &["rules"]) {
            Some(map) => match map.get("rules") {
                Some(Yaml { kind: Kind::List(items), .. }) => items.as_slice(),
                Some(other) => {
                    reader.wrong(other, "`rules` holds a list", "write each rule as `- rule_id: …`");
                    return Vec::new();
                }
                // A map without `rules` is probably a rule that lacks its dash; its keys have been reported.
                None => return Vec::new(),
            },
            None => return Vec::new(),
        },
        Kind::Scalar(scalar) if scalar.is_null() => &[],
        _ => {
            reader.wrong(document, "a rules file holds a list of rules", "write each rule as `- rule_id: …`");
            return Vec::new();
        }
    };
    let mut drafts: Vec<Draft> = Vec::new();
    for item in items {
        let Some(draft) = reader.rule(item) else { continue };
        if let Some(first) = drafts.iter().find(|first| first.id.text == draft.id.text) {
            let headline = format!("there are two rules `{}`", draft.id.text);
            reader.diagnostics.push(
                Diagnostic::new(codes::DUPLICATE_NAME, draft.id.span, headline)
                    .also(first.id.span, "the first is here")
                    .help("give one of the two another id, or leave it out"),
            );
            continue;
        }
        drafts.push(draft);
    }
    drafts
}

/// The entries of a map, all of whose keys are known.
struct Map<'y> {
    /// Where to point at when something is missing.
    span: Span,
    /// What it is, in a sentence.
    what: String,
    entries: Vec<(&'y Scalar, &'y Yaml)>,
}

impl<'y> Map<'y> {
    fn get(&self, key: &str) -> Option<&'y Yaml> {
        self.entries.iter().find(|(own, _)| is_key(&own.text, key)).map(|(_, value)| *value)
    }
}

/// `showIf` may be written `show_if`.
fn is_key(written: &str, key: &str) -> bool {
    written == key || (key == "showIf" && written == "show_if")
}

struct Reader<'d> {
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn rule(&mut self, item: &Yaml) -> Option<Draft> {
        let before = self.diagnostics.len();
        let map = self.map(item, "this rule", "rule", RULE)?;
        let id = self.needed(&map, "rule_id", "such as `rule_id: GOV-17`").and_then(|id| self.id(id));
        let target =
            self.needed(&map, "applies_to", "such as `applies_to: portal/eligibility`").and_then(|to| self.target(to));
        let text = map.get("text").and_then(|text| self.text("text", text));
        let field = map.get("field").map(|field| self.field(field));
        let validation = map.get("validation").map(|validation| self.validation(validation, &field));
        let decision = map.get("decision").map(|decision| self.decision(decision));
        let reported = self.diagnostics.len() > before;
        if field.is_none() && validation.is_none() && decision.is_none() && !reported {
            self.diagnostics.push(
                Diagnostic::new(codes::INCOMPLETE_RULE, map.span, "this rule does nothing")
                    .help("add a `field`, a `validation` or a `decision`"),
            );
            return None;
        }
        let (frontend, form) = target?;
        // A part that is wrong has been reported; the others are still looked at.
        Some(Draft {
            id: id?,
            text: text.map(|text| text.text.clone()).unwrap_or_default(),
            frontend,
            form,
            field: field.flatten(),
            validation: validation.flatten(),
            decision: decision.flatten(),
        })
    }

    fn id(&mut self, value: &Yaml) -> Option<Scalar> {
        let id = self.text("rule_id", value)?;
        let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
        if id.text.chars().all(is_plain) {
            return Some(id.clone());
        }
        self.diagnostics.push(
            Diagnostic::new(codes::BAD_RULE_VALUE, id.span, format!("`{}` cannot be the id of a rule", id.text))
                .note("the sandbox publishes each rule at an address that ends with its id")
                .help("write letters, digits, `-`, `_` and `.` only, such as `GOV-17`"),
        );
        None
    }

    /// `frontend/form`
    fn target(&mut self, value: &Yaml) -> Option<(Word, Word)> {
        let target = self.text("applies_to", value)?;
        let halves: Vec<&str> = target.text.split('/').collect();
        let [frontend, form] = halves.as_slice() else {
            self.diagnostics.push(
                Diagnostic::new(codes::BAD_RULE_VALUE, target.span, format!("`{}` names no form", target.text))
                    .help("write a frontend and one of its forms, such as `portal/eligibility`"),
            );
            return None;
        };
        let (mut first, mut second) = (target.span, target.span);
        if target.verbatim {
            first.end = first.start + u32::try_from(frontend.len()).unwrap_or(0);
            second.start = first.end + 1;
        }
        Some((Word { text: (*frontend).into(), span: first }, Word { text: (*form).into(), span: second }))
    }

    fn field(&mut self, value: &Yaml) -> Option<FieldDraft> {
        let map = self.map(value, "this field", "rule's field", FIELD)?;
        let name = self.needed(&map, "name", "such as `name: purpose`").and_then(|name| self.name("name", name));
        let label = map.get("label").and_then(|label| self.text("label", label)).map(|label| label.text.clone());
        let required = map.get("required").and_then(|required| self.flag("required", required));
        let show_if = map.get("showIf").and_then(|show_if| self.text("showIf", show_if)).cloned();
        Some(FieldDraft { name: name?, label, required, show_if })
    }

    fn validation(&mut self, value: &Yaml, of: &Option<Option<FieldDraft>>) -> Option<ValidationDraft> {
        let map = self.map(value, "this validation", "validation", VALIDATION)?;
        let pattern = self.needed(&map, "pattern", "such as `pattern: \"[A-Z]\\\\d{8}\"`");
        let pattern = pattern.and_then(|pattern| self.text("pattern", pattern)).cloned();
        let error = map.get("error").and_then(|error| self.text("error", error)).map(|error| error.text.clone());
        let field = match (map.get("field"), of) {
            (Some(field), _) => self.name("field", field),
            (None, Some(field)) => field.as_ref().map(|field| field.name.clone()),
            (None, None) => {
                let headline = "this validation does not say which field it is about";
                self.diagnostics.push(
                    Diagnostic::new(codes::INCOMPLETE_RULE, map.span, headline)
                        .help("add `field: NAME` to it, or give the rule a `field` of its own"),
                );
                None
            }
        };
        Some(ValidationDraft { field: field?, pattern: pattern?, error })
    }

    fn decision(&mut self, value: &Yaml) -> Option<DecisionDraft> {
        let map = self.map(value, "this decision", "decision", DECISION)?;
        let when = self.needed(&map, "when", "such as `when: \"amount > 200\"`");
        let when = when.and_then(|when| self.text("when", when)).cloned();
        let then = self.needed(&map, "then", "`then: deny` or `then: allow`").and_then(|then| self.outcome(then));
        let reason = map.get("reason").and_then(|reason| self.text("reason", reason)).map(|reason| reason.text.clone());
        Some(DecisionDraft { when: when?, then: then?, reason })
    }

    fn outcome(&mut self, value: &Yaml) -> Option<Outcome> {
        let then = self.text("then", value)?;
        match then.text.as_str() {
            "deny" => Some(Outcome::Deny),
            "allow" => Some(Outcome::Allow),
            other => {
                let headline = format!("a decision cannot end with `{other}`");
                let diagnostic = Diagnostic::new(codes::BAD_RULE_VALUE, then.span, headline);
                self.diagnostics.push(suggest(diagnostic, other, then.span, "outcome", ["deny", "allow"]));
                None
            }
        }
    }

    /// The entries of `value`. `this` names it in a sentence, `what` says what has such keys.
    fn map<'y>(&mut self, value: &'y Yaml, this: &str, what: &str, known: &[&str]) -> Option<Map<'y>> {
        let Kind::Map(entries) = &value.kind else {
            self.wrong(
                value,
                &format!("a {what} holds keys and values"),
                format!("known keys are {}", crate::signatures::list(known)),
            );
            return None;
        };
        // A map's own span is nothing that could be pointed at.
        let span = entries.first().map_or(value.span, |(key, _)| key.span);
        let mut kept = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            if known.iter().any(|known| is_key(&key.text, known)) {
                kept.push((key, value));
                continue;
            }
            let headline = format!("a {what} has no key `{}`", key.text);
            let diagnostic = Diagnostic::new(codes::UNKNOWN_RULE_KEY, key.span, headline);
            self.diagnostics.push(suggest(diagnostic, &key.text, key.span, "key", known.iter().copied()));
        }
        // A key that is missing is then probably the one that is misspelt.
        let what = if kept.len() < entries.len() { String::new() } else { this.to_owned() };
        Some(Map { span, what, entries: kept })
    }

    /// The value under a key that must be there.
    fn needed<'y>(&mut self, map: &Map<'y>, key: &str, example: &str) -> Option<&'y Yaml> {
        let value = map.get(key);
        if value.is_none() && !map.what.is_empty() {
            self.diagnostics.push(
                Diagnostic::new(codes::INCOMPLETE_RULE, map.span, format!("{} has no `{key}`", map.what))
                    .help(format!("add one, {example}")),
            );
        }
        value
    }

    /// A text that is not empty.
    fn text<'y>(&mut self, key: &str, value: &'y Yaml) -> Option<&'y Scalar> {
        match &value.kind {
            Kind::Scalar(scalar) if !scalar.is_null() && !scalar.text.trim().is_empty() => Some(scalar),
            Kind::Scalar(_) => {
                self.wrong(value, &format!("`{key}` has no value"), "write a text after the colon");
                None
            }
            _ => {
                self.wrong(value, &format!("`{key}` is a text"), "write it after the colon, in quotes");
                None
            }
        }
    }

    /// The name of a field.
    fn name(&mut self, key: &str, value: &Yaml) -> Option<Word> {
        let name = self.text(key, value)?;
        let mut characters = name.text.chars();
        let well_formed = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
            && characters.all(|other| other.is_ascii_alphanumeric() || matches!(other, '_' | '-'));
        if well_formed {
            return Some(Word { text: name.text.clone(), span: name.span });
        }
        self.diagnostics.push(
            Diagnostic::new(codes::BAD_RULE_VALUE, name.span, format!("`{}` is no name of a field", name.text))
                .help("a name begins with a letter and holds letters, digits, `_` and `-`"),
        );
        None
    }

    /// `true` or `false`, as YAML 1.2 has them.
    fn flag(&mut self, key: &str, value: &Yaml) -> Option<bool> {
        let Kind::Scalar(scalar) = &value.kind else {
            self.wrong(value, &format!("`{key}` is `true` or `false`"), "write one of the two after the colon");
            return None;
        };
        match scalar.text.as_str() {
            "true" | "True" | "TRUE" if scalar.plain => return Some(true),
            "false" | "False" | "FALSE" if scalar.plain => return Some(false),
            _ => {}
        }
        let meant = match scalar.text.to_lowercase().as_str() {
            "yes" | "on" | "y" | "true" => Some("true"),
            "no" | "off" | "n" | "false" => Some("false"),
            _ => None,
        };
        let headline = format!("`{key}` is `true` or `false`, not `{}`", scalar.text);
        let mut diagnostic = Diagnostic::new(codes::BAD_RULE_VALUE, value.span, headline);
        if let Some(meant) = meant {
            let fix = scn_diagnostics::Applicability::Suggested;
            diagnostic =
                diagnostic.help(format!("write `{meant}`")).fix(format!("write `{meant}`"), value.span, meant, fix);
        }
        self.diagnostics.push(diagnostic);
        None
    }

    /// Reports a value of the wrong kind, once.
    fn wrong(&mut self, value: &Yaml, headline: &str, help: impl Into<String>) {
        let span = match &value.kind {
            Kind::Map(entries) => entries.first().map_or(value.span, |(key, _)| key.span),
            Kind::Error => return,
            _ => value.span,
        };
        self.diagnostics.push(Diagnostic::new(codes::BAD_RULE_VALUE, span, headline).help(help));
    }
}
