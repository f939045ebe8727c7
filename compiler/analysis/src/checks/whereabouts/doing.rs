//! What steps do with the page that a browser shows, and what they need of it.

use scn_diagnostics::Span;
use scn_plan::{
    Shape,
    blueprint::{Form, Page},
    plan::Step,
};

use super::super::{
    Against, characters,
    pages::{bare, page_of},
};

/// What people press on every form of a frontend.
const CONTINUE: &str = "Continue";

/// What a step does with the page.
pub(super) enum Doing<'a> {
    /// It opens the page of this place among the frontend's, or one that is not known.
    Opens(Option<usize>),
    /// It presses Continue.
    Continues,
    /// It expects to be on a page: on this one, if it says so.
    Expects(Option<usize>),
    /// It waits for the page to change.
    Waits,
    /// It enters something into a form, which it `sends` or not. What it needs for that is unknown where only a journey says it.
    Enters {
        /// What it needs, and where it says so.
        need: Option<(Need<'a>, Span)>,
        /// Whether it sends the form.
        sends: bool,
    },
    /// It makes requests without a page, or only waits or calculates.
    Nothing,
}

/// What a step asks of the page.
pub(super) enum Need<'a> {
    /// A control of this name that takes input.
    Control(&'a str),
    /// A control for files, of this name.
    File(Option<&'a str>),
    /// A form that offers this method of payment.
    Method(&'a str),
    /// A form, of this name.
    Form(Option<&'a str>),
}

impl<'a> Doing<'a> {
    /// What `step` does.
    pub fn of(step: &'a Step, against: &Against<'_>) -> Self {
        let page = |path: &str| page_of(against, bare(path)).map(|(at, _)| at);
        let constant = |name: &str| step.call.arg(name).and_then(|arg| Some((characters(arg)?, arg.span)));
        // What is said at all, but only in a journey, is no constant.
        let optional = |name: &str| match step.call.arg(name) {
            Some(_) => constant(name).map(|(value, span)| (Some(value), span)),
            None => Some((None, step.call.span)),
        };
        let (need, sends) = match step.call.name.as_str() {
            "visit" => {
                let path = step.call.arg("path").and_then(characters).filter(|path| !path.contains("://"));
                return Doing::Opens(path.and_then(page));
            }
            "click" => {
                return match step.call.arg("target").and_then(characters) {
                    Some(CONTINUE) => Doing::Continues,
                    // A link may lead anywhere.
                    _ => Doing::Opens(None),
                };
            }
            "expect" => return Doing::Expects(step.call.arg("page").and_then(characters).and_then(page)),
            "wait" => return Doing::Waits,
            "fill" | "select" | "check" | "uncheck" => {
                (constant("target").map(|(target, span)| (Need::Control(target), span)), false)
            }
            "upload" => (optional("field").map(|(field, span)| (Need::File(field), span)), false),
            "pay" => (constant("method").map(|(method, span)| (Need::Method(method), span)), true),
            "submit" => (optional("form").map(|(form, span)| (Need::Form(form), span)), true),
            _ => return Doing::Nothing,
        };
        Doing::Enters { need, sends }
    }

    /// What it needs, and where it says so; nothing if it needs nothing, or says so only in a journey.
    pub fn need(&self) -> Option<&(Need<'a>, Span)> {
        match self {
            Doing::Enters { need, .. } => need.as_ref(),
            _ => None,
        }
    }
}

impl Need<'_> {
    /// Whether the page has it.
    pub fn is_met(&self, page: &Page) -> bool {
        page.forms.values().any(|form| self.is_met_by(form))
    }

    /// Whether the form has it.
    pub fn is_met_by(&self, form: &Form) -> bool {
        let mut fields = form.fields.iter();
        match self {
            Need::Control(wanted) => fields.any(|(name, _)| name == wanted),
            Need::File(wanted) => fields.any(|(name, field)| {
                matches!(field.value.shape, Shape::File { .. }) && wanted.is_none_or(|wanted| name == wanted)
            }),
            Need::Method(wanted) => fields.any(|(_, field)| match &field.value.shape {
                Shape::Choice(options) => options.iter().any(|option| option == wanted),
                _ => false,
            }),
            Need::Form(None) => true,
            Need::Form(Some(wanted)) => form.name == *wanted,
        }
    }

    /// As a sentence says it.
    pub fn named(&self) -> String {
        match self {
            Need::Control(name) | Need::File(Some(name)) => format!("a control `{name}`"),
            Need::File(None) => "a control that takes a file".to_owned(),
            Need::Method(name) => format!("a form that offers `{name}`"),
            Need::Form(None) => "a form".to_owned(),
            Need::Form(Some(name)) => format!("a form `{name}`"),
        }
    }
}
