//! A submitted form, held against its fields and against the draft rules that it is bound to.

use scn_plan::{
    Env, EvalError, Record, Root, Shape, ShapeField, Value,
    blueprint::{Field, Form, Outcome},
    eval_bool,
};
use smol_str::{SmolStr, format_smolstr};

use super::{
    answer::{Demand, Refusal},
    body::Received,
};
use crate::html::{self, Entered};

/// What a form comes to.
pub(super) enum Reading {
    /// The values of its fields.
    Valid(Record),
    /// What was entered and what is wrong with it.
    Wrong {
        entered: Box<Entered>,
        /// An error that concerns no single field.
        error: Option<SmolStr>,
        /// The rules that refuse it; none where the form's own fields do.
        rules: Vec<Refusal>,
    },
    /// A rule asks for what has no value.
    Broken { rule: SmolStr, error: EvalError },
}

/// What the expressions of rules read.
struct Facts<'a> {
    form: &'a Record,
    show: &'a Record,
}

impl Env for Facts<'_> {
    fn root(&self, root: Root) -> Value {
        match root {
            Root::Form => Value::record(self.form.clone()),
            Root::Show => Value::record(self.show.clone()),
            _ => Value::None,
        }
    }
}

/// Whether the page need not ask for the field: a rule's `showIf` is false whatever is entered.
pub(super) fn is_left_out(field: &Field, show: &Record) -> bool {
    let nothing = Record::default();
    let facts = Facts { form: &nothing, show };
    let mut known = field.rules.iter().filter(|rule| !rule.reads_form).filter_map(|rule| rule.show_if.as_ref());
    // One that has no value is met again when the form is sent, and told of then.
    known.any(|show_if| eval_bool(show_if, &facts) == Ok(false))
}

/// Reads `form` from a page that showed `show`.
pub(super) fn read(form: &Form, received: &Received, show: &Record) -> Reading {
    let mut values = Record::default();
    let mut wrong: Vec<(&SmolStr, Wrong)> = Vec::new();
    let is_conditional = |field: &Field| field.rules.iter().any(|rule| rule.show_if.is_some());
    // Whether a field is asked at all depends on the others.
    let (conditional, plain): (Vec<_>, Vec<_>) = form.fields.iter().partition(|(_, field)| is_conditional(field));
    for (name, field) in plain.into_iter().chain(conditional) {
        match is_asked(field, &Facts { form: &values, show }) {
            Ok(true) => {}
            Ok(false) => {
                // A box that nobody is shown is not ticked.
                let unasked = if field.value.shape == Shape::Bool { Value::Bool(false) } else { Value::None };
                values.insert(name.clone(), unasked);
                continue;
            }
            // A condition on what is entered wrongly; that is told first.
            Err(_) if !wrong.is_empty() => continue,
            Err((rule, error)) => return Reading::Broken { rule, error },
        }
        let given: Vec<&Value> = received.values(name).collect();
        let value = read_ruled(name, field, &given).unwrap_or_else(|error| {
            wrong.push((name, error));
            Value::None
        });
        values.insert(name.clone(), value);
    }
    if !wrong.is_empty() {
        let mut entered = entered(form, received);
        let mut rules: Vec<Refusal> = Vec::new();
        for name in form.fields.keys() {
            let Some((_, error)) = wrong.iter().find(|(own, _)| *own == name) else { continue };
            entered.errors.insert(name.clone(), error.said.clone());
            for refusal in &error.rules {
                if !rules.iter().any(|known| known.rule == refusal.rule) {
                    rules.push(refusal.clone());
                }
            }
        }
        return Reading::Wrong { entered: Box::new(entered), error: None, rules };
    }
    for decision in &form.decisions {
        match eval_bool(&decision.when, &Facts { form: &values, show }) {
            Ok(false) => {}
            Ok(true) if decision.then == Outcome::Allow => break,
            Ok(true) => {
                let entered = Box::new(entered(form, received));
                let rules = vec![Refusal { rule: decision.rule.clone(), demand: Demand::Decision }];
                let error = Some(decision.reason.clone());
                return Reading::Wrong { entered, error, rules };
            }
            Err(error) => return Reading::Broken { rule: decision.rule.clone(), error },
        }
    }
    Reading::Valid(values)
}

/// What was entered, to be shown again.
fn entered(form: &Form, received: &Received) -> Entered {
    let texts = |name| received.values(name).filter_map(Value::as_str).map(SmolStr::from).collect();
    let values = form.fields.keys().map(|name| (name.clone(), texts(name))).collect();
    Entered { form: form.name.clone(), values, ..Entered::default() }
}

/// What is wrong with a field.
struct Wrong {
    /// In a sentence.
    said: SmolStr,
    /// The rules that say so.
    rules: Vec<Refusal>,
}

/// Whether every rule that says where the field is asked says so here; else the rule whose condition has no value.
fn is_asked(field: &Field, facts: &Facts) -> Result<bool, (SmolStr, EvalError)> {
    for rule in &field.rules {
        if let Some(show_if) = &rule.show_if
            && !eval_bool(show_if, facts).map_err(|error| (rule.rule.clone(), error))?
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The value of a field as the blueprint declares it and rules change it.
fn read_ruled(name: &SmolStr, field: &Field, given: &[&Value]) -> Result<Value, Wrong> {
    let label = html::label(name, field);
    let refusal =
        |rule: &SmolStr, demand: fn(SmolStr) -> Demand| Refusal { rule: rule.clone(), demand: demand(name.clone()) };
    let mut optional = ShapeField { required: false, ..field.value.clone() };
    if field.rule_patterns().next().is_some() {
        optional.shape = Shape::Text { pattern: None };
    }
    let value = read_field(&optional, given).map_err(|why| {
        let why = if why.starts_with("does not match") { "is not in the expected format" } else { &why };
        Wrong { said: format_smolstr!("{label} {why}"), rules: Vec::new() }
    })?;
    if value == Value::None {
        return match field.is_required() {
            true => Err(Wrong {
                said: format_smolstr!("{label} must be filled in"),
                rules: field.required_by().map(|rule| refusal(rule, Demand::Required)).into_iter().collect(),
            }),
            false => Ok(value),
        };
    }
    let text = value.as_str().unwrap_or_default();
    let refuses = |pattern: &SmolStr| Shape::Text { pattern: Some(pattern.clone()) }.read(text).is_err();
    let refusing: Vec<_> = field.rule_patterns().filter(|(pattern, _)| refuses(pattern)).collect();
    match refusing.first() {
        None => Ok(value),
        Some((_, first)) => Err(Wrong {
            said: first.error.clone().unwrap_or_else(|| format_smolstr!("{label} is not in the expected format")),
            rules: refusing.iter().map(|(_, rule)| refusal(&rule.rule, Demand::Pattern)).collect(),
        }),
    }
}

/// The value of a field that need not be filled in.
fn read_field(field: &ShapeField, given: &[&Value]) -> Result<Value, String> {
    match &field.shape {
        Shape::List(of) => {
            let items = given.iter().map(|value| of.read_form((*value).clone())).collect::<Result<Vec<_>, _>>()?;
            Ok(if items.is_empty() { Value::None } else { Value::list(items).labelled(field.labels) })
        }
        _ => field.read_form(given.last().map(|value| (*value).clone())),
    }
}
