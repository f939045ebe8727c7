//! Renaming, with checks: the files are read again with the new name in them, and everything has to mean what it meant.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use gen_lsp_types::{PrepareRenamePlaceholder, PrepareRenameResult, TextEdit, Uri, WorkspaceEdit};
use scn_analysis::{
    Findings, Kind, Occurrence, Symbol,
    editor::{self, TokenKind},
};
use scn_diagnostics::{Severity, Source, SourceId, Span};
use scn_grammar::ast::{Head, Keyword, Node};

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
    if let Some((file, line)) = hidden(names, symbol) {
        // As the user knows it.
        let file = own.iter().find_map(|folder| Path::new(&file).strip_prefix(folder).ok()?.to_str()).unwrap_or(&file);
        return Err(Refusal::Because(format!(
            "whether {file}:{line} names this {} is hidden by a mistake in that file, which has to be mended first",
            symbol.kind.noun()
        )));
    }
    Ok((found, symbol))
}

/// A line with the name in it of which a mistake hides what it means: in a file with errors not all that is named is known.
fn hidden(names: &Names, symbol: &Symbol) -> Option<(String, usize)> {
    let name = symbol.name.as_str();
    let is_read = matches!(
        symbol.kind,
        Kind::Constant
            | Kind::Variable
            | Kind::Parameter
            | Kind::Alias
            | Kind::Template
            | Kind::Field
            | Kind::Flow
            | Kind::Probe
    );
    let sources = &names.findings.sources;
    let errors = names.findings.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    let broken: BTreeSet<SourceId> = errors.map(|found| found.primary.span.source).collect();
    broken.into_iter().find_map(|id| {
        let source = sources.get(id)?;
        let (tree, _) = scn_grammar::parse(id, source.text());
        let known: BTreeSet<Span> =
            names.index.occurrences().iter().map(|place| place.at).filter(|place| place.source == id).collect();
        let text = source.text();
        let is_field = |span: Span| text.get(..span.range().start).is_some_and(|before| before.ends_with('.'));
        let tokens = editor::tokens(text, &tree).into_iter();
        let naming = tokens.filter(|token| match token.kind {
            TokenKind::Variable | TokenKind::Type => true,
            // What is only read stands in no text but by `${…}`.
            TokenKind::Text => !is_read,
            TokenKind::Verb => matches!(symbol.kind, Kind::Flow | Kind::Probe),
            TokenKind::Property => {
                is_field(token.span) || matches!(symbol.kind, Kind::Field | Kind::Parameter | Kind::Control)
            }
            _ => false,
        });
        let naming = naming.map(|token| token.span).chain(unread(&tree.nodes));
        let mut words = naming.flat_map(|span| words(text, span, name));
        words
            .find(|word| !known.contains(word))
            .and_then(|word| sources.line_of(word))
            .map(|(file, line)| (file.to_owned(), line))
    })
}

/// Lines that cannot be read.
fn unread(nodes: &[Node]) -> Vec<Span> {
    let own = nodes.iter().filter(|node| matches!(node.head, Head::Error)).map(|node| node.span);
    own.chain(nodes.iter().flat_map(|node| unread(&node.children))).collect()
}

/// Where `word` stands by itself in the text at `span`.
fn words(text: &str, span: Span, word: &str) -> Vec<Span> {
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    let within = text.get(span.range()).unwrap_or_default();
    let found = within.match_indices(word).filter(|(at, _)| {
        let before = within.get(..*at).and_then(|before| before.chars().next_back());
        let after = within.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    });
    let places = found.filter_map(|(at, _)| {
        let start = span.start + u32::try_from(at).ok()?;
        Some(Span { start, end: start + u32::try_from(word.len()).ok()?, ..span })
    });
    places.collect()
}

/// Whether everything means the same with the new name: no new error, and the same places.
fn holds(asked: &Asked<'_>, names: &Names, places: &[Span], symbol: &Symbol, new: &str) -> Result<(), Refusal> {
    let refused = |why: String| Err(Refusal::Because(format!("`{}` cannot become `{new}`: {why}", symbol.name)));
    if new.trim().is_empty() || new.contains(char::is_control) || !can_be_named(symbol, new) {
        return refused("that is no name".to_owned());
    }
    if matches!(symbol.kind, Kind::Step | Kind::Flow | Kind::Probe)
        && (is_counted(names, symbol, new) || is_counted(names, symbol, &symbol.name))
    {
        return refused("steps and groups of one name are told apart by numbers, which would change".to_owned());
    }
    let documents = &asked.checked.documents;
    let mut texts: BTreeMap<String, Arc<str>> =
        documents.iter().map(|document| (document.path.clone(), document.text.clone())).collect();
    texts.extend(replaced(names, places, new));
    let (paths, missing) = names::workspace(documents, asked.client);
    if let Some(missing) = missing {
        return refused(format!("not all files of the workspace can be looked at: {missing}"));
    }
    let after = Names::read(&names::over(texts), &paths, asked.stop).ok_or(Refusal::Outdated)?;
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

/// Whether it could be a name of what the symbol is. A dot stands between a file and what it declares, braces in a path for any value.
fn can_be_named(symbol: &Symbol, new: &str) -> bool {
    match symbol.kind {
        Kind::Page | Kind::Route => new.contains(['{', '}']) == symbol.name.contains(['{', '}']),
        Kind::Envelope | Kind::Form | Kind::Control => true,
        _ => !new.contains('.'),
    }
}

/// Whether something else in a journey goes by this name, but for the number behind it: steps that are given no name have that of
/// their verb.
fn is_counted(names: &Names, symbol: &Symbol, name: &str) -> bool {
    let base = |name: &'_ str| -> String {
        let (base, count) = name.rsplit_once('-').unwrap_or((name, ""));
        let is_count = !count.is_empty() && count.bytes().all(|digit| digit.is_ascii_digit());
        if is_count { base.to_owned() } else { name.to_owned() }
    };
    let name = base(name);
    let is_verb = editor::prelude()
        .iter()
        .any(|declared| matches!(declared.keyword, Keyword::Step | Keyword::Probe) && declared.name == name);
    let mut others = names.index.symbols().map(|(_, other)| other).filter(|other| *other != symbol);
    is_verb
        || others.any(|other| matches!(other.kind, Kind::Step | Kind::Flow | Kind::Probe) && base(&other.name) == name)
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

/// What the first finding says that was not there before, notes left out. What was there before may say the new name now.
fn new_error(before: &Findings, after: &Findings) -> Option<String> {
    let found = |findings: &Findings| -> Vec<(&'static str, String, usize, String)> {
        let serious = findings.diagnostics.iter().filter(|found| found.severity != Severity::Note);
        serious
            .map(|found| {
                let (file, line) = findings.sources.line_of(found.primary.span).unwrap_or_default();
                (found.code.id, file.to_owned(), line, found.headline.clone())
            })
            .collect()
    };
    let mut known = found(before);
    let mut new = found(after).into_iter().filter(|(code, file, line, _)| {
        let same = known.iter().position(|(known, of, at, _)| (known, of, at) == (code, file, line));
        same.map(|same| known.swap_remove(same)).is_none()
    });
    new.next().map(|(code, _, _, headline)| format!("{headline} ({code})"))
}
