//! Renaming, with checks: the files are read again with the new name in them, and everything has to mean what it meant.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::Arc,
};

use gen_lsp_types::{PrepareRenamePlaceholder, PrepareRenameResult, TextEdit, Uri, WorkspaceEdit};
use scn_analysis::{Findings, Occurrence, Symbol};
use scn_diagnostics::{Severity, SourceId, Span};
use scn_world::FileWorld;

use super::{
    super::names::{self, Names},
    Asked, Refusal,
    meaning::renderer,
};

/// What would be renamed at a place, and its name.
pub(super) fn prepare(asked: &Asked<'_>) -> Result<Option<PrepareRenameResult>, Refusal> {
    let names = asked.checked.workspace(asked.client)?;
    let (found, symbol) = at(asked, names)?;
    let range = asked.document.places.range(found.at, asked.client.encoding);
    let placeholder = symbol.name.to_string();
    Ok(Some(PrepareRenameResult::PrepareRenamePlaceholder(PrepareRenamePlaceholder { range, placeholder })))
}

/// The edits that give what is named at a place another name, in all files of the workspace.
pub(super) fn rename(asked: &Asked<'_>, new: &str) -> Result<WorkspaceEdit, Refusal> {
    let names = asked.checked.workspace(asked.client)?;
    let (found, symbol) = at(asked, names)?;
    let places: Vec<Span> = names.index.of(found.symbol).map(|place| place.at).collect();
    if new != symbol.name {
        holds(asked, names, &places, found, symbol, new)?;
    }
    let mut renderer = renderer(asked, names);
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for place in places {
        if let Some(place) = renderer.location(place) {
            changes.entry(place.uri).or_default().push(TextEdit { range: place.range, new_text: new.to_owned() });
        }
    }
    Ok(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
}

/// What is named at a place, unless it is not ours to rename.
fn at<'n>(asked: &Asked<'_>, names: &'n Names) -> Result<(Occurrence, &'n Symbol), Refusal> {
    let Some((found, symbol)) = names.at(&asked.document.path, asked.offset) else {
        return Err(Refusal::Because("there is no name here that could be changed".to_owned()));
    };
    let own = names::folders(&asked.checked.documents, asked.client);
    let is_own = |path: &str| {
        asked.checked.documents.iter().any(|document| document.path == path)
            || own.iter().any(|folder| Path::new(path).starts_with(folder))
    };
    for place in names.index.of(found.symbol) {
        let path = names.text(place.at.source).map_or("", |source| source.name());
        if !is_own(path) {
            let what = format!("the {} `{}`", symbol.kind.noun(), symbol.name);
            return Err(Refusal::Because(format!(
                "{what} is also named in {path}, which is not part of the workspace"
            )));
        }
    }
    Ok((found, symbol))
}

/// Whether everything means the same with the new name: no new error, and the same places.
fn holds(
    asked: &Asked<'_>,
    names: &Names,
    places: &[Span],
    found: Occurrence,
    symbol: &Symbol,
    new: &str,
) -> Result<(), Refusal> {
    let refused = |why: String| Err(Refusal::Because(format!("`{}` cannot become `{new}`: {why}", symbol.name)));
    if new.trim().is_empty() || new.contains(char::is_control) {
        return refused("that is no name".to_owned());
    }
    let documents = &asked.checked.documents;
    let mut texts: BTreeMap<String, Arc<str>> =
        documents.iter().map(|document| (document.path.clone(), document.text.clone())).collect();
    texts.extend(replaced(names, places, new));
    let paths = names::workspace(documents, asked.client);
    let after = Names::of(&FileWorld::over(texts), &paths, &asked.checked.cancelled).ok_or(Refusal::Outdated)?;
    if let Some(error) = new_error(&names.findings, &after.findings) {
        return refused(error);
    }
    // The name has moved by what became longer or shorter before it.
    let before = places.iter().filter(|place| place.source == found.at.source && place.start < found.at.start);
    let start = before.fold(found.at.range().start, |start, place| (start + new.len()).saturating_sub(place.len()));
    let path = names.text(found.at.source).map_or("", |source| source.name());
    match after.at(path, start) {
        Some((moved, _)) if after.index.of(moved.symbol).count() == places.len() => Ok(()),
        Some(_) => refused("something else would go by that name, too".to_owned()),
        None => refused("that is no name".to_owned()),
    }
}

/// The texts in which the places stand, with the new name.
fn replaced(names: &Names, places: &[Span], new: &str) -> BTreeMap<String, Arc<str>> {
    let mut by_source: BTreeMap<SourceId, Vec<Span>> = BTreeMap::new();
    for place in places {
        by_source.entry(place.source).or_default().push(*place);
    }
    let texts = by_source.into_iter().filter_map(|(source, mut places)| {
        let source = names.text(source)?;
        let mut text = source.text().to_string();
        places.sort();
        for place in places.into_iter().rev() {
            text.replace_range(place.range(), new);
        }
        Some((source.name().to_owned(), text.into()))
    });
    texts.collect()
}

/// What the first error says that was not there before.
fn new_error(before: &Findings, after: &Findings) -> Option<String> {
    let errors = |findings: &Findings| -> Vec<(&'static str, String)> {
        let errors = findings.diagnostics.iter().filter(|found| found.severity == Severity::Error);
        errors.map(|found| (found.code.id, found.headline.clone())).collect()
    };
    let (before, after) = (errors(before), errors(after));
    if after.len() <= before.len() {
        return None;
    }
    let new = after.iter().find(|error| !before.contains(error)).or(after.last());
    new.map(|(code, headline)| format!("{headline} ({code})"))
}
