//! What a form submits, and how it is encoded. Source: the HTML standard, «Form submission»; RFC 7578 for multipart.

use bytes::Bytes;
use http::Method;
use scn_plan::{FileSpec, Value};
use url::{Url, form_urlencoded};

use super::{Control, Kind, Page};
use crate::files;

/// A submission, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Submission {
    /// Its method.
    pub(crate) method: Method,
    /// Where it goes.
    pub(crate) url: Url,
    /// The type of its body; none without a body.
    pub(crate) content_type: Option<String>,
    /// Its body.
    pub(crate) body: Bytes,
    /// The part of the request that has the entries, and the labels of those that are sensitive.
    pub(crate) sensitive: (&'static str, Value),
}

/// The value of an entry.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// A text.
    Text(String),
    /// A file; none where none was chosen.
    File(Option<FileSpec>),
}

impl Page {
    /// What `form` submits when the button `submitter` is pressed. `boundary` separates the parts of a multipart body.
    pub(crate) fn submission(
        &self,
        form: usize,
        submitter: Option<usize>,
        boundary: &str,
    ) -> Result<Submission, String> {
        let attributes = self.forms.get(form).ok_or("the form is not on the page")?;
        let button = self.button(submitter).map(|(_, button)| button);
        let pick = |of_button: Option<&String>, of_form: &Option<String>| {
            of_button.or(of_form.as_ref()).map(|text| text.trim().to_owned()).unwrap_or_default()
        };
        let action = pick(button.and_then(|button| button.action.as_ref()), &attributes.action);
        let method = pick(button.and_then(|button| button.method.as_ref()), &attributes.method).to_ascii_lowercase();
        let enctype = pick(button.and_then(|button| button.enctype.as_ref()), &attributes.enctype).to_ascii_lowercase();

        // HTML: an empty action is the page itself, whatever its `<base>` says.
        let mut url = if action.is_empty() {
            self.url.clone()
        } else {
            self.resolve(&action).ok_or_else(|| format!("`{action}` is no address"))?
        };
        url.set_fragment(None);
        let entries = self.entries(form, submitter);
        if method != "post" {
            url.set_query(Some(&urlencoded(&entries)));
            let sensitive = ("query", self.sensitive(form));
            return Ok(Submission { method: Method::GET, url, content_type: None, body: Bytes::new(), sensitive });
        }
        let (content_type, body) = match enctype.as_str() {
            "multipart/form-data" => {
                (format!("multipart/form-data; boundary={boundary}"), multipart(&entries, boundary)?)
            }
            "text/plain" => ("text/plain".to_owned(), plain(&entries).into()),
            _ => ("application/x-www-form-urlencoded".to_owned(), urlencoded(&entries).into()),
        };
        let sensitive = ("body", self.sensitive(form));
        Ok(Submission { method: Method::POST, url, content_type: Some(content_type), body, sensitive })
    }

    /// The part of a submission of `form` that has its entries, and the labels of those that are sensitive.
    pub(crate) fn sensitive_entries(&self, form: usize, submitter: Option<usize>) -> (&'static str, Value) {
        let of_button = self.button(submitter).and_then(|(_, button)| button.method.as_ref());
        let method = of_button.or_else(|| self.forms.get(form)?.method.as_ref());
        let is_post = method.is_some_and(|method| method.trim().eq_ignore_ascii_case("post"));
        (if is_post { "body" } else { "query" }, self.sensitive(form))
    }

    /// A text by the name of every control of `form` that is sensitive, with its labels.
    fn sensitive(&self, form: usize) -> Value {
        let mine = |control: &&Control| control.form == Some(form) && control.labels.is_sensitive();
        let controls = self.controls.iter().filter(mine);
        let texts =
            controls.map(|control| (line_breaks(&control.name).into(), Value::text("").labelled(control.labels)));
        Value::record(texts.collect())
    }

    /// The successful controls' names and values in document order. Line breaks are CR LF.
    fn entries(&self, form: usize, submitter: Option<usize>) -> Vec<(String, Part)> {
        let mut entries = Vec::new();
        for (at, control) in self.controls.iter().enumerate() {
            if control.form != Some(form) || control.disabled {
                continue;
            }
            let name = &control.name;
            if let Kind::Submit(button) = &control.kind {
                if submitter != Some(at) {
                    continue;
                }
                if button.image {
                    let prefix = if name.is_empty() { String::new() } else { format!("{name}.") };
                    entries.extend(["x", "y"].map(|axis| (format!("{prefix}{axis}"), Part::Text("0".to_owned()))));
                    continue;
                }
            }
            if name.is_empty() {
                continue;
            }
            let mut text = |value: &str| entries.push((line_breaks(name), Part::Text(line_breaks(value))));
            match &control.kind {
                Kind::Hidden(_) if name.eq_ignore_ascii_case("_charset_") => text("UTF-8"),
                Kind::Hidden(value) | Kind::Line(value) | Kind::Lines(value) => text(value),
                Kind::Checkbox { value, checked } | Kind::Radio { value, checked, .. } if *checked => text(value),
                Kind::Select { options, .. } => {
                    options
                        .iter()
                        .filter(|option| option.selected && !option.disabled)
                        .for_each(|option| text(&option.value));
                }
                Kind::Submit(button) => text(&button.value),
                Kind::File(files) if files.is_empty() => entries.push((line_breaks(name), Part::File(None))),
                Kind::File(files) => {
                    entries.extend(files.iter().map(|file| (line_breaks(name), Part::File(Some(file.clone())))));
                }
                Kind::Checkbox { .. } | Kind::Radio { .. } | Kind::Reset(_) | Kind::Inert(_) => {}
            }
        }
        entries
    }
}

/// `text` with every line break as CR LF.
fn line_breaks(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}

/// What an encoding without files sends for a part: a file's name.
fn as_text(part: &Part) -> &str {
    match part {
        Part::Text(text) => text,
        Part::File(file) => file.as_ref().map_or("", |file| file.name.as_str()),
    }
}

fn urlencoded(entries: &[(String, Part)]) -> String {
    let mut encoded = form_urlencoded::Serializer::new(String::new());
    encoded.extend_pairs(entries.iter().map(|(name, part)| (name, as_text(part))));
    encoded.finish()
}

fn plain(entries: &[(String, Part)]) -> String {
    entries.iter().map(|(name, part)| format!("{name}={}\r\n", as_text(part))).collect()
}

/// `entries` as `multipart/form-data`, with the files made here.
pub(crate) fn multipart(entries: &[(String, Part)], boundary: &str) -> Result<Bytes, String> {
    let mut body = Vec::new();
    for (name, part) in entries {
        body.extend_from_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(name)).as_bytes(),
        );
        match part {
            Part::Text(text) => {
                body.extend_from_slice(b"\r\n\r\n");
                body.extend_from_slice(text.as_bytes());
            }
            // HTML: a file input without a file submits an empty one without a name.
            Part::File(None) => {
                body.extend_from_slice(b"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n")
            }
            Part::File(Some(file)) => {
                let kind = files::media_type(&file.name);
                body.extend_from_slice(
                    format!("; filename=\"{}\"\r\nContent-Type: {kind}\r\n\r\n", quoted(&file.name)).as_bytes(),
                );
                body.extend_from_slice(&files::make(file)?);
            }
        }
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(body.into())
}

/// HTML: how names stand in the headers of a part.
fn quoted(name: &str) -> String {
    name.replace('\n', "%0A").replace('\r', "%0D").replace('"', "%22")
}
