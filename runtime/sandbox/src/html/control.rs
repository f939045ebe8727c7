//! Controls of forms.

use std::fmt::{self, Write};

use scn_plan::{Labels, Shape, blueprint::Field};
use smol_str::SmolStr;

use super::{Entered, Escaped, Marked, control_id, in_words, label};

/// Up to this many options are radio buttons; more are a list.
const RADIO_LIMIT: usize = 5;

/// Writes the control for a field with its label and what is wrong with what was entered.
pub(super) fn write(out: &mut String, form: &str, name: &str, field: &Field, entered: &Entered) -> fmt::Result {
    let control = Control {
        id: control_id(form, name),
        name,
        label: label(name, field),
        need: Need::of(field),
        labels: field.value.labels,
        entered: entered.values.get(name).map_or(&[], Vec::as_slice),
        error: entered.errors.get(name),
    };
    let classes = if control.error.is_some() { "field wrong" } else { "field" };
    let shape = match &field.value.shape {
        Shape::Within(of, _) => of,
        shape => shape,
    };
    match shape {
        Shape::Choice(options) if options.len() <= RADIO_LIMIT => control.radios(out, classes, options),
        Shape::Choice(options) => control.list(out, classes, options, false),
        Shape::List(of) => match &**of {
            Shape::Choice(options) => control.list(out, classes, options, true),
            _ => control.input(out, classes, "type=\"text\""),
        },
        Shape::Bool => control.checkbox(out, classes),
        Shape::File { .. } => control.input(out, classes, "type=\"file\""),
        Shape::Int => control.input(out, classes, "type=\"text\" inputmode=\"numeric\""),
        Shape::Decimal | Shape::Money | Shape::Percent => {
            control.input(out, classes, "type=\"text\" inputmode=\"decimal\"")
        }
        Shape::Date => control.input(out, classes, "type=\"date\""),
        Shape::Text { pattern } => {
            // Of several rules' patterns a browser can be told one.
            let pattern = field.rule_patterns().map(|(pattern, _)| pattern).next().or(pattern.as_ref());
            let attributes = pattern.map(|pattern| pattern_attributes(pattern)).unwrap_or_default();
            control.input(out, classes, &format!("type=\"text\"{attributes}"))
        }
        Shape::Any | Shape::Duration | Shape::Size | Shape::Within(..) | Shape::Record(_) => {
            control.input(out, classes, "type=\"text\"")
        }
    }
}

/// `pattern` and, where the pattern bounds its matches, `maxlength`. Browsers anchor the pattern themselves.
fn pattern_attributes(pattern: &str) -> String {
    let bare = pattern.strip_prefix('^').unwrap_or(pattern);
    let bare = bare.strip_suffix('$').filter(|bare| !bare.ends_with('\\')).unwrap_or(bare);
    // In bytes, which is never less than in the characters that `maxlength` counts.
    let longest = regex_syntax::parse(pattern).ok().and_then(|pattern| pattern.properties().maximum_len());
    let maxlength = longest.map(|longest| format!(" maxlength=\"{longest}\"")).unwrap_or_default();
    format!(" pattern=\"{}\"{maxlength}", Escaped(bare))
}

/// Whether a control must be filled in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Required,
    Optional,
    /// It depends on what is entered elsewhere in the form.
    Open,
}

impl Need {
    fn of(field: &Field) -> Self {
        match field.is_required() {
            true if field.rules.iter().any(|rule| rule.show_if.is_some() && rule.reads_form) => Need::Open,
            true => Need::Required,
            false => Need::Optional,
        }
    }
}

struct Control<'a> {
    id: String,
    name: &'a str,
    label: SmolStr,
    need: Need,
    labels: Labels,
    entered: &'a [SmolStr],
    error: Option<&'a SmolStr>,
}

impl Control<'_> {
    fn input(&self, out: &mut String, classes: &str, kind: &str) -> fmt::Result {
        let (id, label, name) = (Escaped(&self.id), Escaped(&self.label), Escaped(self.name));
        write!(out, "<div class=\"{classes}\">\n<label for=\"{id}\">{label}")?;
        self.optional(out)?;
        out.write_str("</label>\n")?;
        self.error(out)?;
        write!(out, "<input {kind} id=\"{id}\" name=\"{name}\"{}", Marked(self.labels))?;
        if let Some(value) = self.entered.last() {
            write!(out, " value=\"{}\"", Escaped(value))?;
        }
        self.states(out)?;
        out.write_str(">\n</div>\n")
    }

    fn checkbox(&self, out: &mut String, classes: &str) -> fmt::Result {
        let (id, label, name) = (Escaped(&self.id), Escaped(&self.label), Escaped(self.name));
        writeln!(out, "<div class=\"{classes}\">")?;
        self.error(out)?;
        let checked = if self.has("true") { " checked" } else { "" };
        write!(out, "<input type=\"checkbox\" id=\"{id}\" name=\"{name}\" value=\"true\"{checked}")?;
        if self.error.is_some() {
            write!(out, " aria-invalid=\"true\" aria-describedby=\"{id}-error\"")?;
        }
        writeln!(out, ">\n<label for=\"{id}\">{label}</label>\n</div>")
    }

    fn radios(&self, out: &mut String, classes: &str, options: &[SmolStr]) -> fmt::Result {
        let (group, label, name) = (Escaped(&self.id), Escaped(&self.label), Escaped(self.name));
        write!(out, "<fieldset class=\"{classes}\" id=\"{group}\"")?;
        if self.error.is_some() {
            write!(out, " aria-describedby=\"{group}-error\"")?;
        }
        write!(out, ">\n<legend>{label}")?;
        self.optional(out)?;
        out.write_str("</legend>\n")?;
        self.error(out)?;
        for option in options {
            let id = format!("{}-{option}", self.id);
            let (id, words) = (Escaped(&id), in_words(option));
            let checked = if self.has(option) { " checked" } else { "" };
            let required = if self.need == Need::Required { " required" } else { "" };
            writeln!(
                out,
                "<div class=\"option\"><input type=\"radio\" id=\"{id}\" name=\"{name}\" value=\"{}\"{checked}{required}>\
                 <label for=\"{id}\">{}</label></div>",
                Escaped(option),
                Escaped(&words)
            )?;
        }
        out.write_str("</fieldset>\n")
    }

    fn list(&self, out: &mut String, classes: &str, options: &[SmolStr], many: bool) -> fmt::Result {
        let (id, label, name) = (Escaped(&self.id), Escaped(&self.label), Escaped(self.name));
        write!(out, "<div class=\"{classes}\">\n<label for=\"{id}\">{label}")?;
        self.optional(out)?;
        out.write_str("</label>\n")?;
        self.error(out)?;
        let multiple = if many { " multiple" } else { "" };
        write!(out, "<select id=\"{id}\" name=\"{name}\"{}{multiple}", Marked(self.labels))?;
        self.states(out)?;
        out.write_str(">\n")?;
        if !many {
            out.write_str("<option value=\"\"></option>\n")?;
        }
        for option in options {
            let (selected, words) = (if self.has(option) { " selected" } else { "" }, in_words(option));
            writeln!(out, "<option value=\"{}\"{selected}>{}</option>", Escaped(option), Escaped(&words))?;
        }
        out.write_str("</select>\n</div>\n")
    }

    fn has(&self, value: &str) -> bool {
        self.entered.iter().any(|entered| entered == value)
    }

    fn optional(&self, out: &mut String) -> fmt::Result {
        match self.need {
            Need::Optional => out.write_str(" <span class=\"optional\">(optional)</span>"),
            Need::Required | Need::Open => Ok(()),
        }
    }

    fn error(&self, out: &mut String) -> fmt::Result {
        match self.error {
            Some(error) => {
                writeln!(out, "<p class=\"error\" id=\"{}-error\">{}</p>", Escaped(&self.id), Escaped(error))
            }
            None => Ok(()),
        }
    }

    fn states(&self, out: &mut String) -> fmt::Result {
        if self.need == Need::Required {
            out.write_str(" required")?;
        }
        if self.error.is_some() {
            write!(out, " aria-invalid=\"true\" aria-describedby=\"{}-error\"", Escaped(&self.id))?;
        }
        Ok(())
    }
}
