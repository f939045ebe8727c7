//! What is written between the lines: inferred types, shares of personas, and what can be done with a scenario.

use std::collections::BTreeSet;

use gen_lsp_types::{CodeLens, Command, InlayHint, InlayHintKind, Label, Position, Range, Tooltip};
use scn_analysis::{
    Kind,
    editor::{self, SymbolKind},
};
use scn_grammar::ast::{ExprKind, Head, Keyword, Node};
use serde_json::json;

use super::{
    super::{documents::Document, place::Encoding},
    Asked, Refusal,
};

/// A longer type is cut off after so many characters, and told in full by pointing at it.
const MOST_SHOWN: usize = 30;

/// The types of constants, variables and fields that are not plain to see, and how many personas take each arm of a `choose`.
pub(super) fn inlay(asked: &Asked<'_>, range: Range) -> Result<Vec<InlayHint>, Refusal> {
    let names = asked.checked.names()?;
    let Some(source) = names.source(&asked.document.path) else { return Ok(Vec::new()) };
    let plain = plain(&asked.document.tree().nodes);
    let at = |offset: usize| asked.document.places.position(offset, asked.client.encoding);
    let (start, end) = (
        asked.document.places.offset(range.start, &asked.document.text, asked.client.encoding),
        asked.document.places.offset(range.end, &asked.document.text, asked.client.encoding),
    );
    let declared = names.index.occurrences().iter().filter(|place| {
        place.at.source == source && place.declares && start <= place.at.range().end && place.at.range().start <= end
    });
    let types = declared.filter(|place| !plain.contains(&place.at.start)).filter_map(|place| {
        let kind = names.index.symbol(place.symbol)?.kind;
        let is_inferred = matches!(kind, Kind::Constant | Kind::Variable | Kind::Field);
        let ty = names.index.type_of(place.at).filter(|_| is_inferred)?;
        let mut hint = hint(at(place.at.range().end), format!(": {}", shortened(wide(&ty))), Some(InlayHintKind::Type));
        hint.tooltip = (ty.chars().count() > MOST_SHOWN).then_some(Tooltip::String(ty));
        Some(hint)
    });
    let shares = names.index.shares(source).map(|(arm, told)| {
        let mut hint = hint(at(end_of_line(asked.document, arm.range().start)), told.to_owned(), None);
        hint.padding_left = Some(true);
        hint
    });
    let inside = |hint: &InlayHint| range.start <= hint.position && hint.position <= range.end;
    let mut hints: Vec<InlayHint> = types.chain(shares).filter(inside).collect();
    hints.sort_by_key(|hint| hint.position);
    Ok(hints)
}

/// The type without a range that holds one value alone.
fn wide(ty: &str) -> &str {
    let single =
        |(of, ends): (&'_ str, &str)| ends.split_once("..").filter(|(low, high)| low == high).map(|_| of.len());
    ty.split_once(" in ").and_then(single).and_then(|length| ty.get(..length)).unwrap_or(ty)
}

fn shortened(ty: &str) -> String {
    match ty.char_indices().nth(MOST_SHOWN) {
        Some((at, _)) => format!("{}…", ty.get(..at).unwrap_or_default()),
        None => ty.to_owned(),
    }
}

fn hint(position: Position, label: String, kind: Option<InlayHintKind>) -> InlayHint {
    InlayHint {
        position,
        label: Label::String(label),
        kind,
        text_edits: None,
        tooltip: None,
        padding_left: None,
        padding_right: None,
        data: None,
    }
}

fn end_of_line(document: &Document, offset: usize) -> usize {
    let line = document.text.get(offset..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    offset + line.trim_end().len()
}

/// Where names begin whose types are plain from what is written behind them.
fn plain(nodes: &[Node]) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    for node in nodes {
        match &node.head {
            Head::Decl(decl) if decl.keyword == Keyword::Const => {
                let is_plain = decl.ty.is_some() || decl.value.as_ref().is_some_and(|value| is_literal(&value.kind));
                found.extend(decl.name.as_ref().filter(|_| is_plain).map(|name| name.span.start));
            }
            Head::Entry { key, values } => {
                let value = values.first().map(|value| &value.kind);
                if value.is_some_and(|value| is_literal(value) || matches!(value, ExprKind::Type(_))) {
                    found.insert(key.span.start);
                }
                let given = node.attrs.iter().find(|attr| attr.key.text == "to").and_then(|attr| attr.values.first());
                if key.text == "set" && given.is_some_and(|value| is_literal(&value.kind)) {
                    found.extend(values.first().map(|name| name.span.start));
                }
            }
            _ => {}
        }
        found.extend(plain(&node.children));
    }
    found
}

fn is_literal(value: &ExprKind) -> bool {
    !matches!(
        value,
        ExprKind::Name(_) | ExprKind::Field(..) | ExprKind::Call(..) | ExprKind::Binary(..) | ExprKind::Path(_)
    )
}

/// «Rehearse | Plan» above each scenario.
pub(super) fn lenses(document: &Document, encoding: Encoding) -> Vec<CodeLens> {
    let symbols = editor::symbols(&document.text, document.tree());
    let scenarios = symbols
        .into_iter()
        .filter(|symbol| matches!(symbol.kind, SymbolKind::Scenario | SymbolKind::Declared(Keyword::Scenario)));
    scenarios
        .flat_map(|scenario| {
            let range = document.places.range(scenario.name_span, encoding);
            let name = scenario.name.trim_matches(['"', '\'']).to_owned();
            [("Rehearse", "esr.rehearse"), ("Plan", "esr.plan")].map(|(title, command)| CodeLens {
                range,
                command: Some(Command {
                    title: title.to_owned(),
                    tooltip: None,
                    command: command.to_owned(),
                    arguments: Some(vec![json!(document.uri), json!(name)]),
                }),
                data: None,
            })
        })
        .collect()
}
