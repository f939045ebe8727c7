//! A project's settings: `esr.toml`.

mod levels;
mod read;

use std::collections::BTreeMap;

use scn_diagnostics::{Diagnostic, Severity, Source, SourceMap, Span, codes};

use crate::{program::Findings, world::World};

pub(crate) use levels::Level;

/// What the settings say.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// Path of the file that says so; empty where there is none.
    pub file: String,
    /// The sandbox of scenarios that name none, and where it is named.
    pub sandbox: Option<(String, Span)>,
    /// Paths of the files in which sandboxes are looked for, and where they are named.
    pub modules: Vec<(String, Span)>,
    /// Libraries by name.
    pub libraries: BTreeMap<String, Library>,
    /// Hosts beside the machine's own that a sandbox may reach.
    pub allow_hosts: Vec<(String, Span)>,
    /// How much findings weigh in this project, by the name of their code.
    pub lints: BTreeMap<&'static str, Level>,
}

/// A library, and where it is named.
#[derive(Clone, Debug)]
pub(crate) struct Library {
    /// Where its files are.
    pub place: LibraryPlace,
    /// The library's entry in the settings.
    pub span: Span,
}

/// Where the files of a library are.
#[derive(Clone, Debug)]
pub(crate) enum LibraryPlace {
    /// In a folder.
    Folder(String),
    /// In a git repository.
    Git(GitLibrary),
}

/// A library that is kept in a git repository, as `esr.toml` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitLibrary {
    /// The name that `use` knows it by.
    pub name: String,
    /// Where the repository is: a URL or a path, as it is written.
    pub git: String,
    /// The pinned revision: a commit id, a tag or a branch, as it is written.
    pub rev: String,
    /// The folder in the repository that is the library; empty for the whole of it.
    pub path: String,
}

/// The libraries that the settings at `file` keep in git, and what is wrong in these settings.
pub fn git_libraries(world: &dyn World, file: &str) -> (Vec<GitLibrary>, Findings) {
    let mut found = Findings::default();
    let settings = Settings::load(world, file, &mut found.sources, &mut found.diagnostics);
    let libraries = settings.libraries.into_values().filter_map(|library| match library.place {
        LibraryPlace::Git(library) => Some(library),
        LibraryPlace::Folder(_) => None,
    });
    (libraries.collect(), found)
}

impl Settings {
    /// Reads the settings at `file`. What is wrong in them is reported and left out.
    pub fn load(world: &dyn World, file: &str, sources: &mut SourceMap, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let text = match world.read(file) {
            Ok(text) => text,
            Err(error) => {
                let source = sources.add(Source::new(file, ""));
                diagnostics.push(Diagnostic::new(
                    codes::BAD_SETTINGS,
                    Span::new(source, 0..0),
                    format!("`{file}` cannot be read: {error}"),
                ));
                return Self { file: file.to_owned(), ..Self::default() };
            }
        };
        let source = sources.add(Source::new(file, text.clone()));
        read::settings(file, source, &text, diagnostics)
    }

    /// How much this finding weighs in the project; none if it is not wanted.
    pub fn severity(&self, found: &Diagnostic) -> Option<Severity> {
        match self.lints.get(found.code.name) {
            Some(level) => level.severity(),
            None => Some(found.severity),
        }
    }
}
