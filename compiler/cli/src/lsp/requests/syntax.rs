//! What the syntax alone can tell: outline, folding, selection and colours.

use gen_lsp_types::{
    DocumentSymbol, DocumentSymbolResponse, FoldingRange, FoldingRangeKind, Position, SelectionRange, SemanticToken,
    SemanticTokens, SymbolKind,
};
use scn_analysis::editor::{self, Symbol, SymbolKind as Kind, TokenKind};
use scn_diagnostics::Span;
use scn_grammar::ast::Keyword;

use super::super::{documents::Document, place::Encoding};

/// Token kinds and what the protocol calls them; a token's type is an index into this.
pub(crate) const TOKEN_TYPES: [(TokenKind, &str); 11] = [
    (TokenKind::Keyword, "keyword"),
    (TokenKind::Declaration, "class"),
    (TokenKind::Verb, "function"),
    (TokenKind::Property, "property"),
    (TokenKind::Variable, "variable"),
    (TokenKind::Type, "type"),
    (TokenKind::Text, "string"),
    (TokenKind::Number, "number"),
    (TokenKind::Regex, "regexp"),
    (TokenKind::Operator, "operator"),
    (TokenKind::Comment, "comment"),
];

/// The outline.
pub(super) fn symbols(document: &Document, encoding: Encoding) -> DocumentSymbolResponse {
    let symbols = editor::symbols(&document.text, document.tree());
    DocumentSymbolResponse::DocumentSymbolList(
        symbols.into_iter().map(|found| symbol(found, document, encoding)).collect(),
    )
}

fn symbol(found: Symbol, document: &Document, encoding: Encoding) -> DocumentSymbol {
    let children: Vec<DocumentSymbol> =
        found.children.into_iter().map(|child| symbol(child, document, encoding)).collect();
    let range = document.places.range(found.span.to(found.name_span), encoding);
    #[expect(deprecated, reason = "the field is part of the type, though nobody reads it")]
    DocumentSymbol {
        name: found.name,
        detail: Some(found.detail).filter(|detail| !detail.is_empty()),
        kind: kind(found.kind),
        tags: None,
        deprecated: None,
        range,
        selection_range: document.places.range(found.name_span, encoding),
        children: Some(children).filter(|children| !children.is_empty()),
    }
}

pub(super) fn kind(kind: Kind) -> SymbolKind {
    match kind {
        Kind::Scenario | Kind::Declared(Keyword::Scenario) => SymbolKind::Event,
        Kind::Section => SymbolKind::Namespace,
        Kind::Item => SymbolKind::Method,
        Kind::Field => SymbolKind::Field,
        Kind::Declared(keyword) => match keyword {
            Keyword::Persona => SymbolKind::Class,
            Keyword::Const => SymbolKind::Constant,
            Keyword::Flow | Keyword::Probe | Keyword::Route | Keyword::On => SymbolKind::Function,
            Keyword::Sandbox => SymbolKind::Package,
            Keyword::Page | Keyword::Branch => SymbolKind::File,
            Keyword::Form => SymbolKind::Struct,
            Keyword::Store | Keyword::Queue => SymbolKind::Array,
            _ => SymbolKind::Module,
        },
    }
}

/// What can be folded.
pub(super) fn folds(document: &Document, encoding: Encoding) -> Vec<FoldingRange> {
    let folds = editor::folds(&document.text, document.tree()).into_iter();
    let ranges = folds.map(|fold| (document.places.range(fold.span, encoding), fold.comment));
    ranges
        .filter(|(range, _)| range.start.line < range.end.line)
        .map(|(range, comment)| FoldingRange {
            start_line: range.start.line,
            end_line: range.end.line,
            kind: Some(if comment { FoldingRangeKind::Comment } else { FoldingRangeKind::Region }),
            ..FoldingRange::default()
        })
        .collect()
}

/// What stands around each place, from the inside outwards.
pub(super) fn selections(document: &Document, positions: &[Position], encoding: Encoding) -> Vec<SelectionRange> {
    positions
        .iter()
        .map(|position| {
            let offset = document.places.offset(*position, &document.text, encoding);
            let mut around = editor::enclosing(document.tree(), offset);
            around.push(Span::new(document.tree().source, 0..document.text.len()));
            // Each encloses the one before it.
            let mut nested: Vec<Span> = Vec::new();
            for span in around {
                if nested
                    .last()
                    .is_none_or(|inner| span.start <= inner.start && inner.end <= span.end && span != *inner)
                {
                    nested.push(span);
                }
            }
            let outermost = nested.into_iter().rev().fold(None, |parent: Option<Box<SelectionRange>>, span| {
                Some(Box::new(SelectionRange { range: document.places.range(span, encoding), parent }))
            });
            let here = || SelectionRange { range: gen_lsp_types::Range::new(*position, *position), parent: None };
            outermost.map_or_else(here, |range| *range)
        })
        .collect()
}

/// Colours. A token of several lines is one token a line.
pub(super) fn tokens(document: &Document, encoding: Encoding) -> SemanticTokens {
    let mut data = Vec::new();
    let mut last = Position::new(0, 0);
    for token in editor::tokens(&document.text, document.tree()) {
        let token_type = TOKEN_TYPES.iter().position(|(kind, _)| *kind == token.kind).unwrap_or_default();
        let mut from = token.span.range().start;
        for line in document.text.get(token.span.range()).unwrap_or_default().split_inclusive('\n') {
            let start = document.places.position(from, encoding);
            let end = document.places.position(from + line.trim_end_matches(['\n', '\r']).len(), encoding);
            from += line.len();
            if end.character <= start.character {
                continue;
            }
            let delta_line = start.line - last.line;
            data.push(SemanticToken {
                delta_line,
                delta_start: if delta_line == 0 { start.character - last.character } else { start.character },
                length: end.character - start.character,
                token_type: u32::try_from(token_type).unwrap_or_default(),
                token_modifiers_bitset: 0,
            });
            last = start;
        }
    }
    SemanticTokens { result_id: None, data }
}
