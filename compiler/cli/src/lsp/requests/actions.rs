//! Fixes.

use std::collections::BTreeMap;

use gen_lsp_types::{CodeAction, CodeActionKind, CodeActionParams, CodeActionResponse, Range, TextEdit, Uri};
use scn_diagnostics::{Applicability, Fix, fixes};

use super::super::{capabilities::Client, checking::Checked, documents::Document, render::Renderer};
use super::{edits::workspace_edit, formatting};

/// The fixes of what is wrong at a place, and one for all that is surely meant otherwise in the document.
pub(super) fn at(params: &CodeActionParams, checked: &Checked, client: &Client) -> Vec<CodeActionResponse> {
    let uri = &params.text_document.uri;
    let Some(document) = checked.document(uri) else { return Vec::new() };
    let mut renderer = Renderer::of(checked, client.encoding);
    let mut actions = Vec::new();
    if wants(params, &CodeActionKind::QuickFix) {
        for finding in &checked.findings.diagnostics {
            let Some(place) = renderer.location(finding.primary.span) else { continue };
            if place.uri != *uri || !touch(place.range, params.range) {
                continue;
            }
            let diagnostic = renderer.diagnostic(finding, place.range);
            for fix in &finding.fixes {
                let Some(edit) = edit(fix, &mut renderer) else { continue };
                actions.push(CodeActionResponse::CodeAction(CodeAction {
                    title: capitalised(&fix.title),
                    kind: Some(CodeActionKind::QuickFix),
                    diagnostics: Some(vec![diagnostic.clone()]),
                    is_preferred: Some(fix.applicability == Applicability::Automatic),
                    edit: Some(workspace_edit(edit, checked, client)),
                    ..CodeAction::default()
                }));
            }
        }
    }
    if wants(params, &CodeActionKind::SourceFixAll) {
        // Unasked it is offered only where one of them is.
        let is_asked = params.context.only.is_some();
        let is_here = checked.findings.diagnostics.iter().any(|finding| {
            let is_safe = finding.fixes.iter().any(|fix| fix.applicability == Applicability::Automatic);
            let place = renderer.location(finding.primary.span).filter(|_| is_safe);
            place.is_some_and(|place| place.uri == *uri && touch(place.range, params.range))
        });
        if is_asked || is_here {
            actions.extend(all(document, checked, client).map(CodeActionResponse::CodeAction));
        }
    }
    actions
}

/// Whether the editor asks for actions of this kind; without a word it asks for all.
fn wants(params: &CodeActionParams, kind: &CodeActionKind) -> bool {
    let name =
        |kind: &CodeActionKind| serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned));
    let Some(kind) = name(kind) else { return false };
    params.context.only.as_ref().is_none_or(|only| {
        only.iter()
            .filter_map(name)
            .any(|asked| asked.is_empty() || kind == asked || kind.starts_with(&format!("{asked}.")))
    })
}

fn touch(left: Range, right: Range) -> bool {
    left.start <= right.end && right.start <= left.end
}

fn edit(fix: &Fix, renderer: &mut Renderer<'_>) -> Option<BTreeMap<Uri, Vec<TextEdit>>> {
    let mut changes: BTreeMap<Uri, Vec<TextEdit>> = BTreeMap::new();
    for edit in &fix.edits {
        let place = renderer.location(edit.span)?;
        changes.entry(place.uri).or_default().push(TextEdit { range: place.range, new_text: edit.text.clone() });
    }
    Some(changes).filter(|changes| !changes.is_empty())
}

/// All fixes of a document that are surely what was meant, as one.
fn all(document: &Document, checked: &Checked, client: &Client) -> Option<CodeAction> {
    let findings = &checked.findings;
    let is_here = |id| findings.sources.get(id).is_some_and(|source| source.name() == document.path);
    let applied = fixes::apply(&findings.diagnostics, &findings.sources, is_here);
    let text = applied.texts.into_values().next()?;
    let edits = BTreeMap::from([(document.uri.clone(), formatting::edits(document, &text, client.encoding))]);
    Some(CodeAction {
        title: match applied.count {
            1 => "Apply the one safe fix in this file".to_owned(),
            count => format!("Apply all {count} safe fixes in this file"),
        },
        kind: Some(CodeActionKind::SourceFixAll),
        edit: Some(workspace_edit(edits, checked, client)),
        ..CodeAction::default()
    })
}

fn capitalised(title: &str) -> String {
    let mut chars = title.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
