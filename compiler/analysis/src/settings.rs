//! A project's settings: `esr.toml`.

use std::collections::BTreeMap;

use scn_diagnostics::{Diagnostic, Source, SourceId, SourceMap, Span, codes};
use serde::Deserialize;
use toml::Spanned;

use crate::{
    signatures::suggest,
    world::{World, join},
};

/// What the settings say.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// The sandbox of scenarios that name none, and where it is named.
    pub sandbox: Option<(String, Span)>,
    /// Paths of the files in which sandboxes are looked for, and where they are named.
    pub modules: Vec<(String, Span)>,
    /// Folders of libraries by name.
    pub libraries: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    sandbox: Option<Spanned<String>>,
    modules: Vec<Spanned<String>>,
    libraries: BTreeMap<String, Library>,
    #[serde(flatten)]
    others: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Library {
    path: String,
}

const KEYS: &[&str] = &["sandbox", "modules", "libraries"];

impl Settings {
    /// Reads the settings that hold for the file at `path`; without any, everything is left open.
    pub fn load(world: &dyn World, path: &str, sources: &mut SourceMap, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let Some(file) = world.settings(path) else { return Self::default() };
        let text = match world.read(&file) {
            Ok(text) => text,
            Err(error) => {
                let source = sources.add(Source::new(file.as_str(), ""));
                let span = Span::new(source, 0..0);
                diagnostics.push(Diagnostic::new(
                    codes::BAD_SETTINGS,
                    span,
                    format!("`{file}` cannot be read: {error}"),
                ));
                return Self::default();
            }
        };
        let source = sources.add(Source::new(file.as_str(), text.clone()));
        let parsed: File = match toml::from_str(&text) {
            Ok(parsed) => parsed,
            Err(error) => {
                let span = Span::new(source, error.span().unwrap_or(0..text.len()));
                diagnostics.push(
                    Diagnostic::new(codes::BAD_SETTINGS, span, "these settings cannot be read")
                        .label(error.message().to_owned()),
                );
                return Self::default();
            }
        };
        for key in parsed.others.keys() {
            let span = key_span(source, &text, key);
            let diagnostic = Diagnostic::new(codes::BAD_SETTINGS, span, format!("there is no setting `{key}`"));
            diagnostics.push(suggest(diagnostic, key, span, "setting", KEYS.iter().copied()));
        }
        let place = |value: &Spanned<String>| Span::new(source, value.span());
        Self {
            sandbox: parsed.sandbox.map(|name| {
                let span = place(&name);
                (name.into_inner(), span)
            }),
            modules: parsed.modules.iter().map(|module| (join(&file, module.get_ref()), place(module))).collect(),
            libraries: parsed.libraries.into_iter().map(|(name, library)| (name, join(&file, &library.path))).collect(),
        }
    }
}

/// Where `key` begins a line or a table of the settings.
fn key_span(source: SourceId, text: &str, key: &str) -> Span {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start_matches([' ', '\t', '[', '"']);
        if trimmed.starts_with(key) {
            let start = offset + (line.len() - trimmed.len());
            return Span::new(source, start..start + key.len());
        }
        offset += line.len();
    }
    Span::new(source, 0..0)
}
