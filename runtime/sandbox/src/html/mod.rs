//! Pages as HTML: one column, labelled controls, an error summary that links to the fields.

mod control;

use std::fmt::{self, Write};

use esr_engine::labels::ATTRIBUTE;
use indexmap::IndexMap;
use scn_plan::{
    Labels, Record, Shape, Text,
    blueprint::{Field, Form, Frontend, Page},
};
use smol_str::SmolStr;

const STYLE: &str = include_str!("style.css");

/// Name of the hidden control that says which form of a page is sent.
pub(crate) const FORM_FIELD: &str = "_form";

/// What was entered into a form and is shown again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entered {
    /// The form.
    pub(crate) form: SmolStr,
    /// What was entered, by field.
    pub(crate) values: IndexMap<SmolStr, Vec<SmolStr>>,
    /// What is wrong, in a sentence, by field.
    pub(crate) errors: IndexMap<SmolStr, SmolStr>,
}

/// What a page shows besides what the blueprint says of it.
pub(crate) struct Shown<'a> {
    pub(crate) show: &'a Record,
    pub(crate) texts: &'a [Text],
    /// An error that concerns no single field.
    pub(crate) error: Option<&'a Text>,
    pub(crate) entered: &'a Entered,
    /// Whether a field is not asked here, by a draft rule.
    pub(crate) left_out: &'a dyn Fn(&Field) -> bool,
    /// The ETag of a draft rule, by its id.
    pub(crate) etag: &'a dyn Fn(&str) -> &'a str,
}

/// Characters with what is markup in them escaped, fit for content and quoted attributes.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => out.write_str("&amp;")?,
                '<' => out.write_str("&lt;")?,
                '>' => out.write_str("&gt;")?,
                '"' => out.write_str("&quot;")?,
                '\'' => out.write_str("&#39;")?,
                other => out.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// An attribute that says how sensitive what an element holds is; nothing for what anybody may see.
pub(crate) struct Marked(pub(crate) Labels);

impl fmt::Display for Marked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.0 & Labels::PII.0 != 0, self.0.0 & Labels::SECRET.0 != 0) {
            (false, false) => Ok(()),
            (true, false) => write!(out, " {ATTRIBUTE}=\"pii\""),
            (false, true) => write!(out, " {ATTRIBUTE}=\"secret\""),
            (true, true) => write!(out, " {ATTRIBUTE}=\"pii secret\""),
        }
    }
}

/// What people read beside a field: its label, else its name in words.
pub(crate) fn label(name: &str, field: &Field) -> SmolStr {
    field.label().cloned().unwrap_or_else(|| in_words(name))
}

/// `credit_card` as people write it: `Credit card`.
pub(crate) fn in_words(name: &str) -> SmolStr {
    let words = name.replace(['_', '-'], " ");
    let mut characters = words.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", characters.as_str()).into()
}

/// The id of a field's control; a page may have several forms with equally named fields.
fn control_id(form: &str, field: &str) -> String {
    format!("{form}-{field}")
}

/// A page of a frontend.
pub(crate) fn page(page: &Page, shown: &Shown) -> String {
    let wrong = shown.error.is_some() || !shown.entered.errors.is_empty();
    document(&page.title, wrong, |out| {
        if wrong {
            error_summary(out, shown)?;
        }
        for text in shown.texts {
            writeln!(out, "<p{}>{}</p>", Marked(text.labels), Escaped(&text.value))?;
        }
        if !shown.show.is_empty() {
            out.write_str("<dl>\n")?;
            for (name, value) in shown.show {
                let (term, text) = (in_words(name), value.to_text());
                let (name, term, mark, text) =
                    (Escaped(name), Escaped(&term), Marked(text.labels), Escaped(&text.value));
                writeln!(out, "<div><dt>{term}</dt><dd><output name=\"{name}\"{mark}>{text}</output></dd></div>")?;
            }
            out.write_str("</dl>\n")?;
        }
        let nothing = Entered::default();
        for form in page.forms.values() {
            let entered = if shown.entered.form == form.name { shown.entered } else { &nothing };
            write_form(out, page, form, entered, shown)?;
        }
        Ok(())
    })
}

/// A page that only says something.
pub(crate) fn message(title: &str, text: &str) -> String {
    document(title, false, |out| writeln!(out, "<p>{}</p>", Escaped(text)))
}

/// The page for a path that has none.
pub(crate) fn not_found(frontend: &Frontend) -> String {
    document("Page not found", false, |out| {
        out.write_str("<p>There is no page at this address. These are the pages:</p>\n<ul>\n")?;
        for page in frontend.pages.values() {
            writeln!(out, "<li><a href=\"{}\">{}</a></li>", Escaped(&page.path), Escaped(&page.title))?;
        }
        out.write_str("</ul>\n")
    })
}

fn document(title: &str, wrong: bool, content: impl Fn(&mut String) -> fmt::Result) -> String {
    let mut out = String::new();
    let prefix = if wrong { "Error: " } else { "" };
    let title = Escaped(title);
    let written = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{prefix}{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    )
    .and_then(|()| content(&mut out))
    .and_then(|()| out.write_str("</main>\n</body>\n</html>\n"));
    debug_assert!(written.is_ok(), "writing to a string cannot fail");
    out
}

fn error_summary(out: &mut String, shown: &Shown) -> fmt::Result {
    out.write_str("<div class=\"error-summary\" role=\"alert\" tabindex=\"-1\">\n<h2>There is a problem</h2>\n")?;
    if let Some(error) = shown.error {
        writeln!(out, "<p{}>{}</p>", Marked(error.labels), Escaped(&error.value))?;
    }
    if !shown.entered.errors.is_empty() {
        out.write_str("<ul>\n")?;
        for (field, error) in &shown.entered.errors {
            let id = control_id(&shown.entered.form, field);
            writeln!(out, "<li><a href=\"#{}\">{}</a></li>", Escaped(&id), Escaped(error))?;
        }
        out.write_str("</ul>\n")?;
    }
    out.write_str("</div>\n")
}

fn write_form(out: &mut String, page: &Page, form: &Form, entered: &Entered, shown: &Shown) -> fmt::Result {
    let fields = || form.fields.iter().filter(|(_, field)| !(shown.left_out)(field));
    let has_file = fields().any(|(_, field)| matches!(field.value.shape, Shape::File { .. }));
    let encoding = if has_file { " enctype=\"multipart/form-data\"" } else { "" };
    let (name, action) = (Escaped(&form.name), Escaped(&page.path));
    write!(out, "<form id=\"{name}\" name=\"{name}\" method=\"post\" action=\"{action}\"{encoding}")?;
    let rules = form.rules();
    if !rules.is_empty() {
        let ids: Vec<&str> = rules.iter().map(|rule| rule.as_str()).collect();
        let etags: Vec<&str> = ids.iter().map(|id| (shown.etag)(id)).collect();
        let (ids, etags) = (ids.join(" "), etags.join(" "));
        write!(out, " data-policy=\"{}\" data-policy-etag=\"{}\"", Escaped(&ids), Escaped(&etags))?;
    }
    out.write_str(">\n")?;
    writeln!(out, "<input type=\"hidden\" name=\"{FORM_FIELD}\" value=\"{name}\">")?;
    for (name, field) in fields() {
        control::write(out, &form.name, name, field, entered)?;
    }
    out.write_str("<button type=\"submit\">Continue</button>\n</form>\n")
}
