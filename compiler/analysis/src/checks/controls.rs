//! Controls of forms that steps name, and what is entered into them.

use petgraph::graph::NodeIndex;
use scn_diagnostics::{Diagnostic, codes};
use scn_plan::{
    Expr, Shape, Value,
    blueprint::{Field, Frontend, Page},
    collections::HashMap,
    plan::Step,
};
use smol_str::SmolStr;

use super::{Against, characters, reach::Reach, whereabouts::entered as entered_text};
use crate::signatures::{list, suggest};

pub(super) fn check(
    step: &Step,
    at: NodeIndex,
    against: &Against<'_>,
    reach: Option<&Reach<'_>>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    match step.call.name.as_str() {
        "fill" | "select" | "check" | "uncheck" => entered(step, at, against, reach, diagnostics),
        "upload" => upload(step, against, diagnostics),
        "pay" => pay(step, against, diagnostics),
        _ => {}
    }
}

/// The fields of a frontend's forms by their names, each with its page.
pub(super) type Controls<'a> = HashMap<&'a str, Vec<(&'a Page, &'a Field)>>;

/// Them all.
pub(super) fn controls(frontend: &Frontend) -> Controls<'_> {
    let mut controls = Controls::default();
    for page in frontend.pages.values() {
        for (name, field) in page.forms.values().flat_map(|form| &form.fields) {
            controls.entry(name.as_str()).or_default().push((page, field));
        }
    }
    controls
}

/// Every field of every form, with its page and name.
fn fields<'a>(against: &Against<'a>) -> impl Iterator<Item = (&'a Page, &'a SmolStr, &'a Field)> + use<'a> {
    let pages = against.frontend.pages.values();
    pages.flat_map(|page| {
        page.forms.values().flat_map(move |form| form.fields.iter().map(move |(name, field)| (page, name, field)))
    })
}

/// A control by its name, and the value that is entered.
fn entered(
    step: &Step,
    at: NodeIndex,
    against: &Against<'_>,
    reach: Option<&Reach<'_>>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(target) = step.call.arg("target") else { return };
    let Some(name) = characters(target) else { return };
    let Some(named) = against.controls.get(name) else {
        unknown_control(name, target, against, diagnostics, |_| true);
        return;
    };
    let Some(value) = step.call.arg("value") else { return };
    // What could not be read stands as none.
    if value.as_value() == Some(&Value::None) && against.context.sources.slice(value.span).trim() != "none" {
        return;
    }
    let text = match value.as_value() {
        Some(value) => entered_text(value),
        None if step.call.name == "fill" => {
            return never_within(name, value, (at, reach), named, against, diagnostics);
        }
        None => return,
    };
    let Some(text) = text.filter(|_| !against.refusals()) else { return };
    let mut reasons = Vec::new();
    for (page, field) in named {
        // A draft rule's pattern is what a rehearsal is to find out about.
        if field.rule_patterns().next().is_some() {
            return;
        }
        match accepts(&step.call.name, field, &text) {
            Ok(()) => return,
            Err(reason) => reasons.push((page, field, reason)),
        }
    }
    let Some((page, field, reason)) = reasons.into_iter().next() else { return };
    let mut diagnostic = Diagnostic::new(
        codes::NEVER_ACCEPTED,
        against.place(value),
        format!("the field `{name}` on {} never accepts this value", page.path),
    )
    .label(reason)
    .also(field.span, "the field is declared here");
    if let Shape::Text { pattern: Some(pattern) } = &field.value.shape {
        diagnostic = diagnostic.help(format!("enter a value that matches /{pattern}/"));
    }
    diagnostics.push(diagnostic);
}

/// A value that is known by its range, and a field that takes another.
fn never_within(
    name: &str,
    value: &Expr,
    (at, reach): (NodeIndex, Option<&Reach<'_>>),
    named: &[(&Page, &Field)],
    against: &Against<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let is_outside = |field: &Field| match &field.value.shape {
        Shape::Within(_, ends) => reach.is_some_and(|reach| reach.enters_only_outside(value, at, ends)),
        _ => false,
    };
    let Some((page, field)) = named.first().filter(|_| named.iter().all(|(_, field)| is_outside(field))) else {
        return;
    };
    if against.refusals() {
        return;
    }
    let headline = format!("the field `{name}` on {} accepts nothing that this can be", page.path);
    let diagnostic = Diagnostic::new(codes::NEVER_ACCEPTED, against.place(value), headline);
    let diagnostic = match &field.value.shape {
        Shape::Within(_, ends) => diagnostic.label(format!("must lie between {} and {}", ends.0, ends.1)),
        _ => diagnostic,
    };
    diagnostics.push(diagnostic.also(field.span, "the field is declared here"));
}

/// Whether `field` takes the text that the step `verb` enters; the error says what it would take.
fn accepts(verb: &str, field: &Field, text: &str) -> Result<(), String> {
    // The visible text of an option may stand for it.
    let is_option = |options: &[SmolStr]| options.iter().any(|option| option == text || in_words(option) == text);
    let one_of = |options: &[SmolStr]| format!("must be one of {}", options.join(", "));
    match &field.value.shape {
        // A file is no text.
        Shape::File { .. } => Ok(()),
        Shape::Choice(options) if is_option(options) => Ok(()),
        Shape::Choice(options) => Err(one_of(options)),
        Shape::List(of) => match &**of {
            Shape::Choice(options) if verb == "select" && !is_option(options) => Err(one_of(options)),
            _ => Ok(()),
        },
        _ if verb == "select" => Err("it has no options to select from".to_owned()),
        _ => field.value.read_form(Some(Value::text(text))).map(|_| ()),
    }
}

/// `credit_card` as a page shows it: `Credit card`.
fn in_words(option: &str) -> String {
    let words = option.replace(['_', '-'], " ");
    let mut characters = words.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", characters.as_str())
}

fn unknown_control(
    name: &str,
    at: &scn_plan::Expr,
    against: &Against<'_>,
    diagnostics: &mut Vec<Diagnostic>,
    wanted: impl Fn(&Field) -> bool,
) {
    let span = against.place(at);
    let diagnostic =
        Diagnostic::new(codes::UNKNOWN_CONTROL, span, format!("no form of the sandbox has a control `{name}`"));
    let mut names: Vec<&str> =
        fields(against).filter(|(_, _, field)| wanted(field)).map(|(_, name, _)| name.as_str()).collect();
    names.dedup();
    diagnostics.push(suggest(diagnostic, name, span, "control", names));
}

/// A file is no larger than the field that takes it allows.
fn upload(step: &Step, against: &Against<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let is_file = |field: &Field| matches!(field.value.shape, Shape::File { .. });
    let target = step.call.arg("field");
    let name = target.and_then(characters);
    if let (Some(name), Some(target)) = (name, target)
        && !fields(against).any(|(_, own, field)| own == name && is_file(field))
    {
        unknown_control(name, target, against, diagnostics, is_file);
        return;
    }
    let Some(file) = step.call.arg("file") else { return };
    let candidates: Vec<(&Page, &SmolStr, &Field)> =
        fields(against).filter(|(_, own, field)| is_file(field) && name.is_none_or(|name| *own == name)).collect();
    if candidates.is_empty() {
        let span = against.place(file);
        diagnostics.push(Diagnostic::new(codes::UNKNOWN_CONTROL, span, "no form of the sandbox takes a file"));
        return;
    }
    // A file of the persona has a size of its own.
    if characters(file).is_none() {
        return;
    }
    let Some(size) = step.call.arg("size") else { return };
    let Some(Value::Size(bytes)) = size.as_value() else { return };
    let limit = |field: &Field| match field.value.shape {
        Shape::File { max: Some(max) } => max,
        _ => u64::MAX,
    };
    let largest = candidates.iter().copied().max_by_key(|(_, _, field)| limit(field));
    let Some((page, own, field)) = largest.filter(|(_, _, field)| limit(field) < *bytes) else { return };
    // A default size stands in the prelude; the step is then the place that can be changed.
    let place = if size.span.source == step.call.span.source { size.span } else { step.call.span };
    let max = limit(field);
    diagnostics.push(
        Diagnostic::new(
            codes::FILE_TOO_LARGE,
            place,
            format!("this file is larger than the field `{own}` on {} takes", page.path),
        )
        .label(written(*bytes))
        .also(field.span, format!("at most {}", written(max)))
        .help(format!("upload at most {}", written(max))),
    );
}

/// A size as people write it.
fn written(bytes: u64) -> String {
    for (unit, factor) in [("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000)] {
        if bytes >= factor && bytes.is_multiple_of(factor) {
            return format!("{}{unit}", bytes / factor);
        }
    }
    format!("{bytes} bytes")
}

/// A method of payment is an option of some form.
fn pay(step: &Step, against: &Against<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(method) = step.call.arg("method") else { return };
    let Some(name) = characters(method) else { return };
    let mut offered: Vec<&str> = Vec::new();
    for (_, _, field) in fields(against) {
        if let Shape::Choice(options) = &field.value.shape {
            offered.extend(options.iter().map(SmolStr::as_str));
        }
    }
    if offered.contains(&name) {
        return;
    }
    let span = against.place(method);
    let diagnostic =
        Diagnostic::new(codes::METHOD_NOT_OFFERED, span, format!("no form of the sandbox offers `{name}`"));
    diagnostics.push(match offered.as_slice() {
        [] => diagnostic.help("a payment form has a field such as `method: Choice{credit_card}`"),
        _ if crate::signatures::nearest(name, offered.iter().copied()).is_some() => {
            suggest(diagnostic, name, span, "option", offered)
        }
        _ => diagnostic.help(format!("offered {} {}", if offered.len() == 1 { "is" } else { "are" }, list(&offered))),
    });
}
