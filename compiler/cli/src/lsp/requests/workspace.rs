//! What all files of the workspace declare.

use std::sync::atomic::Ordering;

use gen_lsp_types::{BaseSymbolInformation, Location, SymbolInformation};
use scn_analysis::{World, editor};
use scn_diagnostics::SourceId;
use scn_grammar::ast::Keyword;

use super::{
    super::{documents::uri_of, names, place::Places},
    Known, Refusal, syntax,
};

/// No more symbols than this are told of.
const MOST: usize = 1000;

/// Declarations whose names have the letters of `query` in their order, whatever stands between.
pub(super) fn symbols(query: &str, known: &Known<'_>) -> Result<Vec<SymbolInformation>, Refusal> {
    let (documents, client) = (&known.checked.documents, known.client);
    let world = names::world(documents);
    let mut found = Vec::new();
    for path in names::workspace(documents, client).0 {
        if known.stop.load(Ordering::Relaxed) {
            return Err(Refusal::Outdated);
        }
        let (Ok(text), Some(uri)) = (world.read(&path), uri_of(&path)) else { continue };
        let (tree, _) = scn_grammar::parse(SourceId::default(), &text);
        let places = Places::of(&text);
        for symbol in editor::symbols(&text, &tree) {
            let parts =
                symbol.children.iter().filter(|_| symbol.kind == editor::SymbolKind::Declared(Keyword::Sandbox));
            let parts = parts.filter(|part| matches!(part.kind, editor::SymbolKind::Declared(_)));
            for (symbol, container) in std::iter::once((&symbol, None)).chain(parts.map(|part| (part, Some(&symbol)))) {
                if !matches(&symbol.name, query) || !is_declaration(symbol.kind) {
                    continue;
                }
                let location = Location { uri: uri.clone(), range: places.range(symbol.name_span, client.encoding) };
                let base_symbol_information = BaseSymbolInformation {
                    name: symbol.name.clone(),
                    kind: syntax::kind(symbol.kind),
                    tags: None,
                    container_name: container.map(|container| container.name.clone()),
                };
                #[expect(deprecated, reason = "the field is part of the type, though nobody reads it")]
                found.push(SymbolInformation { deprecated: None, location, base_symbol_information });
            }
        }
        if found.len() >= MOST {
            found.truncate(MOST);
            break;
        }
    }
    Ok(found)
}

fn is_declaration(kind: editor::SymbolKind) -> bool {
    matches!(kind, editor::SymbolKind::Declared(_) | editor::SymbolKind::Scenario)
}

fn matches(name: &str, query: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    query.chars().flat_map(char::to_lowercase).all(|wanted| letters.any(|letter| letter == wanted))
}
