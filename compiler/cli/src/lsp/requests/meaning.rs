//! What is known of the name at a place: what it is, where it is declared and where else it stands.

use gen_lsp_types::{
    Contents, DefinitionResponse, DocumentHighlight, DocumentHighlightKind, DocumentLink, Hover, Location,
    MarkupContent, MarkupKind,
};
use scn_analysis::{
    Kind, Symbol,
    editor::{self, Declared, Role, Word},
};
use scn_diagnostics::{Source, SourceId, Span};
use scn_grammar::ast::Keyword;

use super::{
    super::{documents::uri_of, names::Names, render::Renderer},
    Asked, Refusal,
};

/// What is said of the word at a place.
pub(super) fn hover(asked: &Asked<'_>) -> Result<Option<Hover>, Refusal> {
    let (document, encoding) = (asked.document, asked.client.encoding);
    let names = asked.checked.names()?;
    // A flow may be called as a generator is.
    let word = editor::word(document.tree(), asked.offset).filter(|word| !is_flow(asked, names, word));
    let of_language = word.as_ref().and_then(|word| match &word.role {
        Role::Verb(keyword) => of_prelude(*keyword, &word.text).map(shown).or_else(|| explained(&word.text, "-")),
        Role::Block(opened_by) => explained(&word.text, opened_by),
        Role::Call => of_prelude(Keyword::Generator, &word.text).map(shown),
        Role::Attribute(verb, keyword) => {
            let declared = of_prelude(*keyword, verb);
            let param = declared.and_then(|declared| declared.params.iter().find(|(name, _)| *name == word.text));
            let said = param.map(|(name, ty)| format!("```scn\n{name}: {ty}\n```\n\nAn attribute of `{verb}`."));
            said.or_else(|| explained(&word.text, ":")).or_else(|| explained(&word.text, "-"))
        }
        Role::Name => None,
    });
    let found = match of_language.zip(word) {
        Some((said, word)) => Some((said, word.span)),
        None => of_symbol(asked, names).or_else(|| of_expression(asked, names)),
    };
    Ok(found.map(|(value, span)| Hover {
        contents: Contents::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value }),
        range: Some(document.places.range(span, encoding)),
    }))
}

/// Whether a word calls a flow.
fn is_flow(asked: &Asked<'_>, names: &Names, word: &Word) -> bool {
    let named = names.at(&asked.document.path, asked.offset);
    word.role == Role::Call && named.is_some_and(|(_, symbol)| matches!(symbol.kind, Kind::Flow | Kind::Alias))
}

/// What the prelude says of a verb or of what is called.
pub(super) fn of_prelude(keyword: Keyword, name: &str) -> Option<&'static Declared> {
    let is_percentile = keyword == Keyword::Metric
        && name.strip_prefix('p').is_some_and(|digits| digits.starts_with(|char: char| char.is_ascii_digit()));
    let name = if is_percentile { "pNN" } else { name };
    editor::prelude().iter().find(|declared| declared.keyword == keyword && declared.name == name)
}

/// What a word of the language means where it stands.
fn explained(word: &str, opened_by: &str) -> Option<String> {
    editor::explained(word, opened_by).map(|meaning| format!("```scn\n{word}\n```\n\n{meaning}"))
}

fn shown(declared: &Declared) -> String {
    let signature = format!("```scn\n{}\n```", declared.signature);
    match declared.doc.is_empty() {
        true => signature,
        false => format!("{signature}\n\n{}", declared.doc),
    }
}

fn of_symbol(asked: &Asked<'_>, names: &Names) -> Option<(String, Span)> {
    let (occurrence, symbol) = names.at(&asked.document.path, asked.offset)?;
    let source = names.text(symbol.declared.source)?;
    let (line, doc) = declaring_line(source, symbol.declared);
    let ty = names.index.type_of(occurrence.at).or_else(|| names.index.type_of(symbol.declared));
    let signature = match (symbol.kind, &ty) {
        // What a step gives a name to says nothing but the name.
        (Kind::Variable | Kind::Parameter | Kind::Field, Some(ty)) => format!("{}: {ty}", symbol.name),
        _ => line,
    };
    let kind = match (symbol.kind, ty) {
        (Kind::Constant, Some(ty)) => format!("A constant: `{ty}`."),
        (kind, _) => format!("A {}.", kind.noun()),
    };
    let doc = doc.map_or_else(String::new, |doc| format!("\n\n{doc}"));
    Some((format!("```scn\n{signature}\n```\n\n{kind}{doc}"), occurrence.at))
}

/// The line that declares something, and what is said above it.
fn declaring_line(source: &Source, declared: Span) -> (String, Option<String>) {
    let line = source.line(source.line_column(declared.range().start).line).unwrap_or_default();
    let (tree, _) = scn_grammar::parse(SourceId::default(), source.text());
    let doc = editor::doc(&tree, declared.range().start);
    (line.trim().trim_end_matches(':').to_owned(), doc)
}

fn of_expression(asked: &Asked<'_>, names: &Names) -> Option<(String, Span)> {
    let source = names.source(&asked.document.path)?;
    let (span, ty) = names.index.type_at(source, u32::try_from(asked.offset).ok()?)?;
    Some((format!("```scn\n{ty}\n```"), span))
}

/// Where the word at a place is declared, or the file that it names.
pub(super) fn definition(asked: &Asked<'_>) -> Result<Option<DefinitionResponse>, Refusal> {
    let names = asked.checked.names()?;
    let location = match of_file(asked).or_else(|| in_prelude(asked, names)) {
        Some(location) => Some(location),
        None => {
            let declared = names.at(&asked.document.path, asked.offset).map(|(_, symbol)| symbol.declared);
            declared.and_then(|declared| renderer(asked, names).location(declared))
        }
    };
    Ok(location.map(|location| DefinitionResponse::Definition(gen_lsp_types::Definition::Location(location))))
}

/// The file that a `use` names.
fn of_file(asked: &Asked<'_>) -> Option<Location> {
    let holds = |span: Span| span.range().contains(&asked.offset) || span.range().end == asked.offset;
    let used = asked.checked.uses(&asked.document.path).into_iter().find(|used| holds(used.written))?;
    Renderer::of(asked.checked, asked.client.encoding).location(Span::new(used.file, 0..0))
}

/// The files that the document uses.
pub(super) fn links(asked: &Asked<'_>) -> Vec<DocumentLink> {
    let mut renderer = Renderer::of(asked.checked, asked.client.encoding);
    let uses = asked.checked.uses(&asked.document.path).into_iter();
    let links = uses.filter_map(|used| {
        let target = Some(renderer.location(Span::new(used.file, 0..0))?.uri);
        let range = asked.document.places.range(used.written, asked.client.encoding);
        Some(DocumentLink { range, target, tooltip: None, data: None })
    });
    links.collect()
}

/// Where the prelude declares a verb or what is called.
fn in_prelude(asked: &Asked<'_>, names: &Names) -> Option<Location> {
    let word = editor::word(asked.document.tree(), asked.offset).filter(|word| !is_flow(asked, names, word))?;
    let declared = match &word.role {
        Role::Verb(keyword) => of_prelude(*keyword, &word.text)?,
        Role::Call => of_prelude(Keyword::Generator, &word.text)?,
        Role::Attribute(verb, keyword) => {
            of_prelude(*keyword, verb).filter(|verb| verb.params.iter().any(|(name, _)| *name == word.text))?
        }
        Role::Name | Role::Block(_) => return None,
    };
    let range = super::super::place::Places::of(scn_stdlib::PRELUDE).range(declared.name_span, asked.client.encoding);
    Some(Location { uri: uri_of(scn_stdlib::PRELUDE_NAME)?, range })
}

/// Every place of the workspace that names what is named here.
pub(super) fn references(asked: &Asked<'_>, with_declarations: bool) -> Result<Vec<Location>, Refusal> {
    let names = asked.checked.workspace(asked.client, asked.stop)?;
    let Some((found, symbol)) = names.at(&asked.document.path, asked.offset) else { return Ok(Vec::new()) };
    let mut renderer = renderer(asked, names);
    let places = names.index.of(found.symbol).filter(|place| with_declarations || !is_declaration(symbol, place.at));
    Ok(places.filter_map(|place| renderer.location(place.at)).collect())
}

/// What is given anew where it is declared again is used there, too.
fn is_declaration(symbol: &Symbol, at: Span) -> bool {
    at == symbol.declared
}

/// Every place of the document that names what is named here.
pub(super) fn highlights(asked: &Asked<'_>) -> Result<Vec<DocumentHighlight>, Refusal> {
    let names = asked.checked.names()?;
    let Some((found, _)) = names.at(&asked.document.path, asked.offset) else { return Ok(Vec::new()) };
    let here = names.index.of(found.symbol).filter(|place| place.at.source == found.at.source);
    let highlights = here.map(|place| DocumentHighlight {
        range: asked.document.places.range(place.at, asked.client.encoding),
        kind: Some(if place.declares { DocumentHighlightKind::Write } else { DocumentHighlightKind::Read }),
    });
    Ok(highlights.collect())
}

/// What turns places of `names` into those of the editor.
pub(super) fn renderer<'n>(asked: &Asked<'n>, names: &'n Names) -> Renderer<'n> {
    Renderer::beside(&names.findings, &asked.checked.documents, asked.client.encoding)
}
