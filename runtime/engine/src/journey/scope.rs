//! What expressions of a journey can read.

use std::{cell::RefCell, sync::Arc};

use rand_chacha::ChaCha8Rng;
use scn_plan::{Call, Env, EvalError, Expr, ExprKind, Member, Record, Root, SlotId, Text, Value, eval, eval_bool};

use super::{Failure, Journey, json_path};
use crate::{Key, environment::variable, generate::generate};

struct Scope<'a> {
    journey: &'a Journey,
    key: &'a Key,
    purpose: &'a str,
    /// The draws of this expression; made when the first is drawn.
    rng: RefCell<Option<ChaCha8Rng>>,
}

impl Journey {
    /// The value of `expr`; `purpose` (a parameter's name) keys its draws.
    pub(super) fn value(&self, key: &Key, purpose: &str, expr: &Expr) -> Result<Value, Failure> {
        let value = eval(expr, &self.scope(key, purpose))?;
        match expr.kind {
            ExprKind::Value(_) | ExprKind::PersonaField(_) => self.redactor.learn(&value),
            _ => self.redactor.learn_made(&value),
        }
        Ok(value)
    }

    /// The value of an argument that may be left out or none.
    pub(super) fn optional(&self, key: &Key, purpose: &str, expr: &Option<Expr>) -> Result<Option<Value>, Failure> {
        let value = expr.as_ref().map(|expr| self.value(key, purpose, expr)).transpose()?;
        Ok(value.filter(|value| *value != Value::None))
    }

    /// The characters of `expr`.
    pub(super) fn text(&self, key: &Key, purpose: &str, expr: &Expr) -> Result<Text, Failure> {
        Ok(self.value(key, purpose, expr)?.to_text())
    }

    /// Whether `expr` holds.
    pub(super) fn holds(&self, key: &Key, purpose: &str, expr: &Expr) -> Result<bool, Failure> {
        Ok(eval_bool(expr, &self.scope(key, purpose))?)
    }

    /// Sets a variable.
    pub(super) fn set_slot(&mut self, slot: SlotId, value: Value) {
        if let Some(held) = self.slots.get_mut(slot.0 as usize) {
            *held = value;
        }
    }

    fn scope<'a>(&'a self, key: &'a Key, purpose: &'a str) -> Scope<'a> {
        Scope { journey: self, key, purpose, rng: RefCell::new(None) }
    }

    fn run(&self) -> Record {
        let options = &self.shared.options;
        let fields = [
            ("id", Value::text(options.run_id.clone())),
            ("seed", Value::Int(options.seed.cast_signed())),
            ("persona", Value::Int(i64::from(self.traveller.persona))),
            ("iteration", Value::Int(i64::from(self.iteration))),
        ];
        fields.into_iter().map(|(name, value)| (name.into(), value)).collect()
    }
}

impl Env for Scope<'_> {
    fn slot(&self, slot: SlotId) -> Value {
        self.journey.slots.get(slot.0 as usize).cloned().unwrap_or_default()
    }

    fn persona_field(&self, field: u32) -> Value {
        self.journey.traveller.fields.get(field as usize).cloned().unwrap_or_default()
    }

    fn persona_is(&self, template: &str) -> bool {
        self.journey.traveller.template.lineage.iter().any(|name| name == template)
    }

    fn root(&self, root: Root) -> Value {
        match root {
            Root::Persona => self.journey.traveller.record.clone(),
            Root::Run => Value::Record(Arc::new(self.journey.run())),
            // The others surround expressions of handlers.
            _ => Value::None,
        }
    }

    fn member(&self, member: Member, argument: Option<&Value>) -> Value {
        let page = self.journey.browser.page.as_ref();
        let last = self.journey.browser.last.as_ref();
        let given = argument;
        let argument = argument.and_then(Value::as_str);
        let text = |text: Option<String>| text.map_or(Value::None, Value::text);
        match member {
            Member::PageUrl => text(page.map(|page| page.url.to_string())),
            Member::PagePath => page.map_or(Value::None, |page| Value::Path(page.url.path().into())),
            Member::PageTitle => text(page.map(|page| page.title.clone())),
            Member::PageStatus => page.map_or(Value::None, |page| Value::Int(i64::from(page.status))),
            Member::PageText => text(page.map(|page| page.text(argument).unwrap_or_default())),
            Member::PageHas => Value::Bool(page.zip(argument).is_some_and(|(page, css)| page.has(css))),
            Member::PageCss => {
                let found = page.zip(argument).map(|(page, css)| page.css(css)).unwrap_or_default();
                Value::list(found.into_iter().map(Value::text).collect())
            }
            Member::LastStatus => last.map_or(Value::None, |last| Value::Int(i64::from(last.status))),
            Member::LastHeader => {
                let header = last.zip(argument).and_then(|(last, name)| last.headers.get(name));
                text(header.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()))
            }
            Member::LastJson => {
                let json = last.and_then(|last| serde_json::from_str(&last.text).ok());
                json.map_or(Value::None, |json| json_path::find(&json, argument.unwrap_or("$")))
            }
            Member::LastText => text(last.map(|last| last.text.clone())),
            Member::LastTime => {
                last.map_or(Value::None, |last| Value::Duration(i64::try_from(last.time).unwrap_or(i64::MAX)))
            }
            Member::EnvVar | Member::Secret => {
                let value = variable(&self.journey.shared.options.environment, member, given);
                self.journey.redactor.learn(&value);
                value
            }
        }
    }

    fn generate(&self, call: &Call, args: &Record) -> Result<Value, EvalError> {
        let mut rng = self.rng.borrow_mut();
        let value = generate(call, args, rng.get_or_insert_with(|| self.key.rng(self.purpose)))?;
        self.journey.redactor.learn(&value);
        Ok(value)
    }
}
