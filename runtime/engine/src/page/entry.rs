//! What a person does with a page's controls.

use scn_plan::{FileSpec, Text, Value};

use super::{Button, Control, Kind, Page};

/// Why something could not be entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The page has no such control: another page may.
    Missing(String),
    /// The page has it, but it does not take that.
    Refused {
        /// In a word or two.
        cause: String,
        /// In a sentence.
        reason: String,
    },
}

fn refused(cause: impl Into<String>, reason: impl Into<String>) -> Problem {
    Problem::Refused { cause: cause.into(), reason: reason.into() }
}

/// What pressing something leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pressed {
    /// A link.
    Link {
        /// Its `href`.
        href: String,
        /// What a browser knows it by.
        node: Option<u32>,
    },
    /// A button that submits its form.
    Submit {
        /// The form.
        form: usize,
        /// The button's control, if a button is pressed.
        button: Option<usize>,
    },
    /// A button that sets its form back.
    Reset {
        /// The form.
        form: usize,
        /// What a browser knows the button by.
        node: Option<u32>,
    },
    /// A button to which only a script gives a meaning.
    Inert {
        /// What a browser knows it by.
        node: Option<u32>,
    },
}

type Entered = Result<Option<usize>, Problem>;

impl Page {
    /// The first control that takes input and fulfils `wanted`, in the form `near` if it has one.
    fn find(&self, near: Option<usize>, wanted: impl Fn(&Control) -> bool) -> Option<usize> {
        let fits = |control: &Control| control.takes_input() && wanted(control);
        let nearby =
            near.and_then(|near| self.controls.iter().position(|control| control.form == Some(near) && fits(control)));
        nearby.or_else(|| self.controls.iter().position(fits))
    }

    fn named(&self, near: Option<usize>, name: &str) -> Result<usize, Problem> {
        let found = self.find(near, |control| control.name == name);
        found.ok_or_else(|| Problem::Missing(format!("\"{name}\"")))
    }

    /// Enters `value` into the control named `target`, in the form `near` if it has one. Yields the form that it is in.
    pub(crate) fn fill(&mut self, near: Option<usize>, target: &str, value: &Value) -> Entered {
        let at = self.named(near, target)?;
        let form = self.controls[at].form;
        let entered = self.entered(at, value.to_text());
        match &mut self.controls[at].kind {
            Kind::Line(text) => *text = entered.value.replace(['\n', '\r'], ""),
            Kind::Lines(text) => *text = entered.value.to_string(),
            Kind::File(files) => match value {
                Value::File(file) => *files = vec![file.clone()],
                _ => {
                    let reason = format!("\"{target}\" takes a file: use `upload`");
                    return Err(refused("not a file", reason));
                }
            },
            Kind::Checkbox { checked, .. } => match value {
                Value::Bool(on) => *checked = *on,
                _ => {
                    let reason =
                        format!("\"{target}\" is a checkbox and takes true or false, not {}", entered.redacted());
                    return Err(refused("not true or false", reason));
                }
            },
            _ => return self.choose(near, target, entered),
        }
        Ok(form)
    }

    /// What is entered at the control `at`, with the labels of both; remembers them.
    fn entered(&mut self, at: usize, entered: Text) -> Text {
        let control = &mut self.controls[at];
        let entered = Text { labels: control.labels.union(entered.labels), ..entered };
        control.labels = entered.labels;
        if entered.labels.is_sensitive() {
            self.labelled.push(entered.clone());
        }
        entered
    }

    /// Chooses the option `wanted` of the list or the radio buttons named `target`.
    pub(crate) fn choose(&mut self, near: Option<usize>, target: &str, wanted: Text) -> Entered {
        let at = self.named(near, target)?;
        let form = self.controls[at].form;
        let wanted = self.entered(at, wanted);
        if self.pick(at, &wanted.value) {
            return Ok(form);
        }
        let redacted = wanted.redacted();
        let reason =
            format!("\"{target}\" on {} offers no \"{redacted}\"; it offers {}", self.describe(), self.offers(at));
        Err(refused(format!("no option \"{redacted}\""), reason))
    }

    /// Chooses `wanted`, by its value or else by its visible text, at the list or group of the control `at`.
    fn pick(&mut self, at: usize, wanted: &str) -> bool {
        let (form, name) = (self.controls[at].form, self.controls[at].name.clone());
        match &mut self.controls[at].kind {
            Kind::Select { options, multiple } => {
                let can = |option: &&super::Choice| !option.disabled;
                let by_value = options.iter().filter(can).position(|option| option.value == wanted);
                let chosen = by_value.or_else(|| options.iter().filter(can).position(|option| option.label == wanted));
                let Some(chosen) = chosen else { return false };
                let mut choosable = 0;
                for option in options.iter_mut() {
                    let here = !option.disabled && choosable == chosen;
                    choosable += usize::from(!option.disabled);
                    option.selected = here || (*multiple && option.selected);
                }
                true
            }
            Kind::Radio { .. } => {
                let mates = |control: &Control| control.form == form && control.name == name && control.takes_input();
                let by_value =
                    |control: &Control| matches!(&control.kind, Kind::Radio { value, .. } if value == wanted);
                let by_label =
                    |control: &Control| matches!(&control.kind, Kind::Radio { label, .. } if label == wanted);
                let position = |fits: &dyn Fn(&Control) -> bool| self.controls.iter().position(|c| mates(c) && fits(c));
                let Some(chosen) = position(&by_value).or_else(|| position(&by_label)) else { return false };
                for (at, control) in self.controls.iter_mut().enumerate() {
                    if control.form == form
                        && control.name == name
                        && let Kind::Radio { checked, .. } = &mut control.kind
                    {
                        *checked = at == chosen;
                    }
                }
                true
            }
            _ => false,
        }
    }

    /// The options of the list or group of the control `at`, for messages.
    fn offers(&self, at: usize) -> String {
        let control = &self.controls[at];
        let offered: Vec<&str> = match &control.kind {
            Kind::Select { options, .. } => options.iter().map(|option| option.value.as_str()).collect(),
            Kind::Radio { .. } => {
                let mates = self.controls.iter().filter(|mate| mate.form == control.form && mate.name == control.name);
                let values = mates.filter_map(|mate| match &mate.kind {
                    Kind::Radio { value, .. } => Some(value.as_str()),
                    _ => None,
                });
                values.collect()
            }
            _ => return "no options, for it is no list".to_owned(),
        };
        if offered.is_empty() { "nothing".to_owned() } else { offered.join(", ") }
    }

    /// Ticks or clears the checkbox named `target`.
    pub(crate) fn tick(&mut self, near: Option<usize>, target: &str, on: bool) -> Entered {
        let is_box = |control: &Control| control.name == target && matches!(control.kind, Kind::Checkbox { .. });
        let at = self.find(near, is_box).ok_or_else(|| Problem::Missing(format!("\"{target}\" (checkbox)")))?;
        if let Kind::Checkbox { checked, .. } = &mut self.controls[at].kind {
            *checked = on;
        }
        Ok(self.controls[at].form)
    }

    /// Chooses `file` for the file input named `field`, else for the first that is empty.
    pub(crate) fn upload(&mut self, near: Option<usize>, field: Option<&str>, file: FileSpec) -> Entered {
        let wanted = |control: &Control| match (&control.kind, field) {
            (Kind::File(_), Some(field)) => control.name == field,
            (Kind::File(files), None) => files.is_empty(),
            _ => false,
        };
        let missing =
            || Problem::Missing(field.map_or("for a file".to_owned(), |field| format!("\"{field}\" for a file")));
        let at = self.find(near, wanted).ok_or_else(missing)?;
        if let Kind::File(files) = &mut self.controls[at].kind {
            *files = vec![file];
        }
        Ok(self.controls[at].form)
    }

    /// Selects the payment method `method` in the first form that offers it, and enters `details` into its equally named
    /// controls; what the form has no control for is left out.
    pub(crate) fn enter_payment(&mut self, method: &str, details: &[(&str, &Value)]) -> Result<usize, Problem> {
        let offered = (0..self.controls.len()).find(|at| {
            let control = &self.controls[*at];
            control.form.is_some() && control.takes_input() && self.offers_option(*at, method)
        });
        let missing = || Problem::Missing(format!("that offers \"{method}\""));
        let at = offered.ok_or_else(missing)?;
        let form = self.controls[at].form.ok_or_else(missing)?;
        self.pick(at, method);
        for (name, value) in details {
            let there = self
                .find(Some(form), |control| control.name == *name)
                .filter(|at| self.controls[*at].form == Some(form));
            if there.is_some() {
                self.fill(Some(form), name, value)?;
            }
        }
        Ok(form)
    }

    fn offers_option(&self, at: usize, wanted: &str) -> bool {
        match &self.controls[at].kind {
            Kind::Select { options, .. } => {
                options.iter().any(|option| !option.disabled && (option.value == wanted || option.label == wanted))
            }
            Kind::Radio { value, label, .. } => value == wanted || label == wanted,
            _ => false,
        }
    }

    /// Presses the link or button with the visible text `wanted`.
    pub(crate) fn press(&self, wanted: &str) -> Result<Pressed, Problem> {
        if let Some(link) = self.links.iter().find(|link| link.text == wanted) {
            return Ok(Pressed::Link { href: link.href.clone(), node: link.node });
        }
        let labelled = |control: &Control| match &control.kind {
            Kind::Submit(button) | Kind::Reset(button) | Kind::Inert(button) => {
                button.label == wanted && !control.disabled && !control.unseen
            }
            _ => false,
        };
        let at = self.controls.iter().position(labelled);
        let at = at.ok_or_else(|| Problem::Missing(format!("\"{wanted}\" (link or button)")))?;
        let node = self.controls[at].node;
        match (&self.controls[at].kind, self.controls[at].form) {
            (Kind::Submit(_), Some(form)) => Ok(Pressed::Submit { form, button: Some(at) }),
            (Kind::Reset(_), Some(form)) => Ok(Pressed::Reset { form, node }),
            _ => Ok(Pressed::Inert { node }),
        }
    }

    /// Sets the form's controls back to what the page brought.
    pub(crate) fn reset(&mut self, form: usize) {
        let fresh = Page::html(self.url.clone(), self.status, self.source.clone());
        for (control, fresh) in self.controls.iter_mut().zip(fresh.controls) {
            if control.form == Some(form) {
                control.kind = fresh.kind;
            }
        }
    }

    /// The button that a person presses to go on: the form's first that is not disabled.
    pub(crate) fn default_button(&self, form: usize) -> Option<usize> {
        let submits = |control: &Control| matches!(control.kind, Kind::Submit(_)) && !control.disabled;
        self.controls.iter().position(|control| control.form == Some(form) && submits(control))
    }

    /// The button that the control `at` is, if it submits.
    pub(super) fn button(&self, at: Option<usize>) -> Option<(&str, &Button)> {
        let control = self.controls.get(at?)?;
        match &control.kind {
            Kind::Submit(button) => Some((&control.name, button)),
            _ => None,
        }
    }
}
