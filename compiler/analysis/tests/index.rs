//! The index: every symbol of the example library can be renamed, wherever it is named, without a mistake coming of it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use scn_analysis::{Findings, Index, Kind, Options, SymbolId, World, WorldError, survey};
use scn_diagnostics::{Severity, Source};

/// Files in memory.
#[derive(Clone, Default)]
struct Files(BTreeMap<String, Arc<str>>);

impl Files {
    /// Sources and settings below `folder`.
    fn below(folder: &Path) -> Self {
        let mut files = Self::default();
        files.add(folder, folder);
        files
    }

    fn add(&mut self, root: &Path, folder: &Path) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                self.add(root, &path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
                self.0.insert(name, text.into());
            }
        }
    }

    fn sources(&self) -> Vec<String> {
        self.0.keys().filter(|path| path.ends_with(".scn") || path.ends_with(".scn.yaml")).cloned().collect()
    }

    fn index(&self) -> (Findings, Index) {
        let (findings, survey) = survey(self, &self.sources(), &Options::default());
        let index = survey.index(&findings, &Options::default());
        (findings, index)
    }
}

impl World for Files {
    fn read(&self, path: &str) -> Result<Arc<str>, WorldError> {
        self.0.get(path).cloned().ok_or(WorldError::NotFound)
    }

    fn settings(&self, path: &str) -> Option<String> {
        let mut folders = Path::new(path).ancestors().skip(1).map(|folder| folder.join("esr.toml"));
        folders.find_map(|path| self.0.contains_key(path.to_str()?).then(|| path.to_string_lossy().into_owned()))
    }
}

fn project(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder)
}

fn errors(findings: &Findings) -> Vec<String> {
    let errors = findings.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    errors
        .map(|found| {
            let span = found.primary.span;
            let file = findings.sources.get(span.source).map_or("?", Source::name);
            let line = findings.sources.line_of(span).map_or(0, |(_, line)| line);
            format!("{file}:{line} {}", found.headline)
        })
        .collect()
}

/// What each place of the index is called, by its file.
fn places(findings: &Findings, index: &Index) -> Vec<(String, u32, u32, SymbolId)> {
    let places = index.occurrences().iter();
    places
        .filter_map(|place| {
            let file = findings.sources.get(place.at.source)?.name().to_owned();
            Some((file, place.at.start, place.at.end, place.symbol))
        })
        .collect()
}

/// The files with the symbol named anew; none where a place lies outside of them.
fn renamed(files: &Files, (findings, index): &(Findings, Index), symbol: SymbolId, name: &str) -> Option<Files> {
    let mut renamed = files.clone();
    for place in index.of(symbol).collect::<Vec<_>>().into_iter().rev() {
        let text = renamed.0.get_mut(findings.sources.get(place.at.source)?.name())?;
        let mut edited = text.to_string();
        edited.replace_range(place.at.range(), name);
        *text = edited.into();
    }
    Some(renamed)
}

/// Renames every symbol of the files in `folder`, one after the other; which kinds there are, and what went wrong.
fn rename_all(folder: &str) -> BTreeMap<Kind, usize> {
    let files = Files::below(&project(folder));
    let survey = files.index();
    assert_eq!(errors(&survey.0), [""; 0]);
    let before = places(&survey.0, &survey.1).len();
    let (mut wrong, mut kinds) = (Vec::new(), BTreeMap::<Kind, usize>::new());
    for (id, symbol) in survey.1.symbols() {
        let name = match symbol.kind {
            Kind::Page => format!("{}-renamed", symbol.name),
            _ => format!("{}_renamed", symbol.name),
        };
        // What the standard library declares cannot be renamed.
        let Some(changed) = renamed(&files, &survey, id, &name) else { continue };
        *kinds.entry(symbol.kind).or_default() += 1;
        let (findings, index) = changed.index();
        let (found, after) = (errors(&findings), places(&findings, &index).len());
        if !found.is_empty() {
            wrong.push(format!("{} `{}`: {}", symbol.kind.noun(), symbol.name, found.join(", ")));
        } else if after != before {
            wrong.push(format!("{} `{}`: {before} places, and then {after}", symbol.kind.noun(), symbol.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    kinds
}

#[test]
fn whatever_the_library_of_examples_names_can_be_renamed() {
    rename_all("scenarios");
}

#[test]
fn whatever_has_a_name_can_be_renamed() {
    let kinds = rename_all("tests/index");
    // One of each, or a kind would go untested.
    assert_eq!(kinds.len(), 18, "{kinds:?}");
}
