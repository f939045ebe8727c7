//! Reads `esr.toml`, with a place for everything that is wrong in it.

use std::{collections::BTreeMap, ops::Range};

use scn_diagnostics::{Diagnostic, Severity, SourceId, Span, codes};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{GitLibrary, Level, Library, LibraryPlace, Settings, levels};
use crate::{signatures::suggest, world::join};

/// What can be set.
const KEYS: &[&str] = &["sandbox", "modules", "libraries", "allow-hosts", "lints"];
/// What a library's entry can say.
const LIBRARY_KEYS: &[&str] = &["path", "git", "rev"];

/// What the text of the settings at `file` says.
pub(super) fn settings(file: &str, source: SourceId, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Settings {
    let mut reader = Reader { file, source, diagnostics };
    let mut settings = Settings { file: file.to_owned(), ..Settings::default() };
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let diagnostic = Diagnostic::new(
                codes::BAD_SETTINGS,
                reader.span(error.span().unwrap_or(0..text.len())),
                "these settings cannot be read",
            );
            reader.diagnostics.push(diagnostic.label(error.message().to_owned()));
            return settings;
        }
    };
    for (key, value) in in_order(table) {
        match key.get_ref().as_ref() {
            "sandbox" => settings.sandbox = reader.text("sandbox", "the name of a sandbox", &value),
            "modules" => {
                let modules = reader.texts("modules", "paths of files", &value);
                settings.modules = modules.into_iter().map(|(path, span)| (join(file, &path), span)).collect();
            }
            "libraries" => settings.libraries = reader.libraries(value),
            "allow-hosts" => settings.allow_hosts = reader.hosts(&value),
            "lints" => settings.lints = reader.lints(value),
            unknown => reader.unknown(unknown, key.span(), "setting", KEYS),
        }
    }
    settings
}

type Entry<'i> = (Spanned<std::borrow::Cow<'i, str>>, Spanned<DeValue<'i>>);

/// The entries of a table in the order in which they are written.
fn in_order(table: DeTable<'_>) -> Vec<Entry<'_>> {
    let mut entries: Vec<_> = table.into_iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

struct Reader<'a> {
    file: &'a str,
    source: SourceId,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.source, range)
    }

    fn report(&mut self, range: Range<usize>, headline: String) -> &mut Diagnostic {
        let at = self.diagnostics.len();
        self.diagnostics.push(Diagnostic::new(codes::BAD_SETTINGS, self.span(range), headline));
        #[allow(clippy::indexing_slicing)] // It has just been pushed.
        &mut self.diagnostics[at]
    }

    fn unknown(&mut self, key: &str, range: Range<usize>, what: &str, known: &[&str]) {
        let span = self.span(range);
        let diagnostic = Diagnostic::new(codes::BAD_SETTINGS, span, format!("there is no {what} `{key}`"));
        self.diagnostics.push(suggest(diagnostic, key, span, what, known.iter().copied()));
    }

    /// Says that `value` is not what `key` takes.
    fn mistyped(&mut self, key: &str, wanted: &str, value: &Spanned<DeValue<'_>>, help: &str) {
        let found = match value.get_ref().type_str() {
            kind @ ("array" | "integer") => format!("an {kind}"),
            kind => format!("a {kind}"),
        };
        let diagnostic = self.report(value.span(), format!("`{key}` takes {wanted}, not {found}"));
        diagnostic.primary.message = format!("this is {found}");
        diagnostic.help.push(help.to_owned());
    }

    fn text(&mut self, key: &str, wanted: &str, value: &Spanned<DeValue<'_>>) -> Option<(String, Span)> {
        match value.get_ref() {
            DeValue::String(text) => Some((text.to_string(), self.span(value.span()))),
            _ => {
                self.mistyped(key, wanted, value, &format!("write it in quotes: `{key} = \"…\"`"));
                None
            }
        }
    }

    fn texts(&mut self, key: &str, wanted: &str, value: &Spanned<DeValue<'_>>) -> Vec<(String, Span)> {
        let help = format!("write a list of quoted texts: `{key} = [\"…\"]`");
        let DeValue::Array(members) = value.get_ref() else {
            self.mistyped(key, wanted, value, &help);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for member in members.iter() {
            match member.get_ref() {
                DeValue::String(text) => texts.push((text.to_string(), self.span(member.span()))),
                _ => self.mistyped(key, wanted, member, &help),
            }
        }
        texts
    }

    fn hosts(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(String, Span)> {
        let mut hosts = self.texts("allow-hosts", "names of hosts", value);
        hosts.retain(|(host, span)| {
            let is_name = !host.is_empty()
                && host.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | ':' | '[' | ']'));
            if !is_name {
                let headline = format!("`{host}` is not the name of a host");
                let diagnostic = Diagnostic::new(codes::BAD_SETTINGS, *span, headline)
                    .help("write a name such as `staging.example.gov`, without scheme and path");
                self.diagnostics.push(diagnostic);
            }
            is_name
        });
        hosts
    }

    fn lints(&mut self, value: Spanned<DeValue<'_>>) -> BTreeMap<&'static str, Level> {
        let mut lints = BTreeMap::new();
        let DeValue::Table(table) = value.get_ref() else {
            self.mistyped("lints", "a level for each lint", &value, "write `[lints]`, and `NAME = \"warn\"` below it");
            return lints;
        };
        for (key, value) in in_order(table.clone()) {
            let name = key.get_ref().as_ref();
            let Some(code) = levels::code(name) else {
                let known: Vec<&str> = levels::lints().map(|code| code.name).collect();
                self.unknown(name, key.span(), "lint", &known);
                continue;
            };
            if code.severity == Severity::Error {
                let diagnostic = self.report(key.span(), format!("`{}` is an error, and stays one", code.name));
                diagnostic.help.push("only warnings and notes have a level".to_owned());
                continue;
            }
            let words: Vec<&str> = Level::WORDS.iter().map(|(word, _)| *word).collect();
            let Some((word, span)) = self.text(code.name, "a level", &value) else { continue };
            match Level::from_word(&word) {
                Some(level) => drop(lints.insert(code.name, level)),
                None => {
                    let inside = Span { start: span.start + 1, end: span.end.saturating_sub(1), ..span };
                    let diagnostic = Diagnostic::new(codes::BAD_SETTINGS, span, format!("there is no level `{word}`"));
                    self.diagnostics.push(suggest(diagnostic, &word, inside, "level", words));
                }
            }
        }
        lints
    }

    fn libraries(&mut self, value: Spanned<DeValue<'_>>) -> BTreeMap<String, Library> {
        let mut libraries = BTreeMap::new();
        let DeValue::Table(table) = value.get_ref() else {
            let help = "write `[libraries]`, and `NAME = { path = \"…\" }` below it";
            self.mistyped("libraries", "a place for each library", &value, help);
            return libraries;
        };
        for (key, value) in in_order(table.clone()) {
            let name = key.get_ref().to_string();
            let first = name.starts_with(|first: char| first.is_ascii_alphabetic());
            let rest = name.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_'));
            if !first || !rest {
                let diagnostic = self.report(key.span(), format!("`{name}` cannot be the name of a library"));
                diagnostic.help.push("a name begins with a letter and holds letters, digits, `-` and `_`".to_owned());
            } else if name == "std" {
                let diagnostic = self.report(key.span(), "`std` is the language's own library".to_owned());
                diagnostic.help.push("give this one another name".to_owned());
            } else if let Some(place) = self.place(&name, &key, &value) {
                libraries.insert(name, Library { place, span: self.span(key.span()) });
            }
        }
        libraries
    }

    fn place(
        &mut self,
        name: &str,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<LibraryPlace> {
        const WAYS: &str = "write `{ path = \"…\" }` for a folder, or `{ git = \"…\", rev = \"…\" }` for a repository";
        if let DeValue::String(folder) = value.get_ref() {
            return Some(LibraryPlace::Folder(join(self.file, folder)));
        }
        let DeValue::Table(table) = value.get_ref() else {
            self.mistyped(name, "a table", value, WAYS);
            return None;
        };
        let (mut path, mut git, mut rev, mut sound) = (None, None, None, true);
        for (key, value) in in_order(table.clone()) {
            let slot = match key.get_ref().as_ref() {
                "path" => &mut path,
                "git" => &mut git,
                "rev" => &mut rev,
                unknown => {
                    self.unknown(unknown, key.span(), "entry of a library named", LIBRARY_KEYS);
                    continue;
                }
            };
            *slot = self.text(key.get_ref(), "a text", &value);
            sound &= slot.is_some();
        }
        if !sound {
            return None;
        }
        let text = |slot: &Option<(String, Span)>| slot.as_ref().map(|(text, _)| text.clone());
        match (&path, &git, &rev) {
            (Some((folder, _)), None, None) => Some(LibraryPlace::Folder(join(self.file, folder))),
            (_, Some((git, span)), Some(_)) if !is_location(git) => {
                let diagnostic = Diagnostic::new(codes::BAD_SETTINGS, *span, format!("`{git}` is not fetched from"))
                    .help("name a repository by an `https:`, `ssh:` or `file:` URL, as `user@host:path`, or by its folder")
                    .note("other ways of git's could run a program that the settings name");
                self.diagnostics.push(diagnostic);
                None
            }
            (_, Some(_), Some((rev, span))) if !is_revision(rev) => {
                let diagnostic = Diagnostic::new(codes::BAD_SETTINGS, *span, format!("`{rev}` is not a revision"))
                    .help("write a commit id, a tag or a branch, such as `v1.2.0`");
                self.diagnostics.push(diagnostic);
                None
            }
            (Some((folder, span)), Some(_), Some(_)) if !is_inside(folder) => {
                let headline = format!("`{folder}` is no folder in the repository of `{name}`");
                let diagnostic = Diagnostic::new(codes::BAD_SETTINGS, *span, headline)
                    .help("beside a `git`, `path` is the folder in the repository: `path = \"scenarios\"`");
                self.diagnostics.push(diagnostic);
                None
            }
            (_, Some(_), Some((rev, _))) => Some(LibraryPlace::Git(GitLibrary {
                name: name.to_owned(),
                git: text(&git).unwrap_or_default(),
                rev: rev.clone(),
                path: text(&path).unwrap_or_default(),
            })),
            (_, Some((_, span)), None) => {
                let diagnostic = Diagnostic::new(codes::BAD_SETTINGS, *span, format!("`{name}` has no `rev`"))
                    .label("nothing says which revision of this is meant")
                    .help("pin one: `rev = \"…\"` with a commit id or a tag")
                    .note("a library that changes by itself would change what a rehearsal means");
                self.diagnostics.push(diagnostic);
                None
            }
            (_, None, Some((_, span))) => {
                let headline = format!("`{name}` has a `rev`, but no repository");
                let diagnostic = Diagnostic::new(codes::BAD_SETTINGS, *span, headline).help(WAYS);
                self.diagnostics.push(diagnostic);
                None
            }
            (None, None, None) => {
                let diagnostic = self.report(key.span(), format!("nothing says where `{name}` is"));
                diagnostic.help.push(WAYS.to_owned());
                None
            }
        }
    }
}

/// Whether git may be asked to fetch from `location`: a URL of a known kind, or a path. Everything else, such as `ext::`, is
/// refused, and so is what git would read as an option.
fn is_location(location: &str) -> bool {
    const SCHEMES: &[&str] = &["https", "http", "ssh", "git", "file"];
    let known = match location.split_once("://") {
        Some((scheme, rest)) => SCHEMES.contains(&scheme) && !rest.starts_with('-'),
        None => true,
    };
    known && !location.is_empty() && !location.starts_with('-') && !location.contains("::") && is_printable(location)
}

/// Whether `rev` can be the name of a commit, a tag or a branch, by git's rules for names.
fn is_revision(rev: &str) -> bool {
    let allowed = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-' | '/' | '+');
    !rev.is_empty() && !rev.starts_with(['-', '/']) && !rev.contains("..") && rev.chars().all(allowed)
}

/// Whether `folder` stays inside what it is relative to.
fn is_inside(folder: &str) -> bool {
    !folder.starts_with('/') && folder.split('/').all(|segment| segment != "..") && is_printable(folder)
}

fn is_printable(text: &str) -> bool {
    !text.chars().any(char::is_control)
}
