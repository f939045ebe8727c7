//! Renaming, with checks: the files are read again with the new name in them, and everything has to mean what it meant.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use gen_lsp_types::{PrepareRenamePlaceholder, PrepareRenameResult, TextEdit, Uri, WorkspaceEdit};
use scn_analysis::{Findings, Occurrence, Symbol};
use scn_diagnostics::{Diagnostic, Severity, Source, SourceId, Span};
use scn_world::FileWorld;

use super::{
    super::names::{self, Names},
    Asked, Refusal,
    edits::workspace_edit,
    meaning::renderer,
};

/// What would be renamed at a place, and its name.
pub(super) fn prepare(asked: &Asked<'_>) -> Result<Option<PrepareRenameResult>, Refusal> {
    let names = asked.checked.workspace(asked.client, asked.stop)?;
    let (found, symbol) = at(asked, names)?;
    let range = asked.document.places.range(found.at, asked.client.encoding);
    let placeholder = symbol.name.to_string();
    Ok(Some(PrepareRenameResult::PrepareRenamePlaceholder(PrepareRenamePlaceholder { range, placeholder })))
}

/// The edits that give what is named at a place another name, in all files of the workspace.
pub(super) fn rename(asked: &Asked<'_>, new: &str) -> Result<WorkspaceEdit, Refusal> {
    let names = asked.checked.workspace(asked.client, asked.stop)?;
    let (found, symbol) = at(asked, names)?;
    let places: Vec<Span> = names.index.of(found.symbol).map(|place| place.at).collect();
    if new != symbol.name {
        holds(asked, names, &places, symbol, new)?;
    }
    let mut renderer = renderer(asked, names);
    let mut changes: BTreeMap<Uri, Vec<TextEdit>> = BTreeMap::new();
    for place in places {
        if let Some(place) = renderer.location(place) {
            changes.entry(place.uri).or_default().push(TextEdit { range: place.range, new_text: new.to_owned() });
        }
    }
    Ok(workspace_edit(changes, asked.checked, asked.client))
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
    let doubt = names.index.doubts(found.symbol).find_map(|doubt| names.findings.sources.line_of(doubt));
    if let Some((file, line)) = doubt {
        return Err(Refusal::Because(format!(
            "whether {file}:{line} names this {} is hidden by a mistake in that journey, which has to be mended first",
            symbol.kind.noun()
        )));
    }
    Ok((found, symbol))
}

/// Whether everything means the same with the new name: no new error, and the same places.
fn holds(asked: &Asked<'_>, names: &Names, places: &[Span], symbol: &Symbol, new: &str) -> Result<(), Refusal> {
    let refused = |why: String| Err(Refusal::Because(format!("`{}` cannot become `{new}`: {why}", symbol.name)));
    if new.trim().is_empty() || new.contains(char::is_control) {
        return refused("that is no name".to_owned());
    }
    let documents = &asked.checked.documents;
    let mut texts: BTreeMap<String, Arc<str>> =
        documents.iter().map(|document| (document.path.clone(), document.text.clone())).collect();
    texts.extend(replaced(names, places, new));
    let (paths, missing) = names::workspace(documents, asked.client);
    if let Some(missing) = missing {
        return refused(format!("not all files of the workspace can be looked at: {missing}"));
    }
    let after = Names::read(&FileWorld::over(texts), &paths, asked.stop).ok_or(Refusal::Outdated)?;
    if let Some(error) = new_error(&names.findings, &after.findings) {
        return refused(error);
    }
    let expected = moved(names, places, new.len());
    let Some((path, start)) = expected.first() else { return refused("that is no name".to_owned()) };
    let Some((now, _)) = after.at(path, *start) else { return refused("that is no name".to_owned()) };
    let file = |place: &Span| after.text(place.source).map_or("", Source::name).to_owned();
    let found: BTreeSet<(String, usize)> =
        after.index.of(now.symbol).map(|place| (file(&place.at), place.at.range().start)).collect();
    match found == expected {
        true => Ok(()),
        false => refused("something else would go by that name, too".to_owned()),
    }
}

/// Where the places are, by their files, when each of the names has become `length` bytes.
fn moved(names: &Names, places: &[Span], length: usize) -> BTreeSet<(String, usize)> {
    let mut sorted = places.to_vec();
    sorted.sort();
    let mut last: Option<(SourceId, usize, usize)> = None;
    let mut moved = BTreeSet::new();
    for place in sorted {
        // What became longer or shorter before it in its file.
        let (grown, shrunk) = last.filter(|(source, ..)| *source == place.source).map_or((0, 0), |(_, a, b)| (a, b));
        let file = names.text(place.source).map_or("", Source::name).to_owned();
        moved.insert((file, place.range().start + grown - shrunk));
        last = Some((place.source, grown + length, shrunk + place.len()));
    }
    moved
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

/// What the first error says that was not there before. Where errors lie may have changed, and so may names in what they say.
fn new_error(before: &Findings, after: &Findings) -> Option<String> {
    let errors = |findings: &Findings| -> Vec<(&'static str, String, String)> {
        let errors = findings.diagnostics.iter().filter(|found| found.severity == Severity::Error);
        let file =
            |found: &Diagnostic| findings.sources.get(found.primary.span.source).map_or("", Source::name).to_owned();
        errors.map(|found| (found.code.id, file(found), found.headline.clone())).collect()
    };
    let mut known = errors(before);
    let mut new = Vec::new();
    for error in errors(after) {
        match known.iter().position(|known| *known == error) {
            Some(at) => drop(known.swap_remove(at)),
            None => new.push(error),
        }
    }
    // One that was there before says the new name now.
    for (code, file, _) in known {
        if let Some(at) = new.iter().position(|(new, in_file, _)| (*new, in_file) == (code, &file)) {
            new.remove(at);
        }
    }
    new.into_iter().next().map(|(code, _, headline)| format!("{headline} ({code})"))
}
