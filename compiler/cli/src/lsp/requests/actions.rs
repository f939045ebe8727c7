//! Fixes.

use std::collections::HashMap;

use gen_lsp_types::{
    CodeAction, CodeActionKind, CodeActionParams, CodeActionResponse, Range, TextEdit, Uri, WorkspaceEdit,
};
use scn_diagnostics::{Applicability, Fix, fixes};

use super::super::{checking::Checked, documents::Document, place::Encoding, render::Renderer};
use super::formatting;

/// The fixes of what is wrong at a place, and one for all that is surely meant otherwise in the document.
pub(super) fn at(params: &CodeActionParams, checked: &Checked, encoding: Encoding) -> Vec<CodeActionResponse> {
    let uri = &params.text_document.uri;
    let Some(document) = checked.document(uri) else { return Vec::new() };
    let mut renderer = Renderer { sources: &checked.findings.sources, places: HashMap::new(), encoding };
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
                    edit: Some(edit),
                    ..CodeAction::default()
                }));
            }
        }
    }
    if wants(params, &CodeActionKind::SourceFixAll) {
        actions.extend(all(document, checked, encoding).map(CodeActionResponse::CodeAction));
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

fn edit(fix: &Fix, renderer: &mut Renderer<'_>) -> Option<WorkspaceEdit> {
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for edit in &fix.edits {
        let place = renderer.location(edit.span)?;
        changes.entry(place.uri).or_default().push(TextEdit { range: place.range, new_text: edit.text.clone() });
    }
    (!changes.is_empty()).then(|| WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
}

/// All fixes of a document that are surely what was meant, as one.
fn all(document: &Document, checked: &Checked, encoding: Encoding) -> Option<CodeAction> {
    let findings = &checked.findings;
    let is_here = |id| findings.sources.get(id).is_some_and(|source| source.name() == document.path);
    let applied = fixes::apply(&findings.diagnostics, &findings.sources, is_here);
    let text = applied.texts.into_values().next()?;
    let changes = HashMap::from([(document.uri.clone(), formatting::edits(document, &text, encoding))]);
    Some(CodeAction {
        title: match applied.count {
            1 => "Apply the one safe fix in this file".to_owned(),
            count => format!("Apply all {count} safe fixes in this file"),
        },
        kind: Some(CodeActionKind::SourceFixAll),
        edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
        ..CodeAction::default()
    })
}

fn capitalised(title: &str) -> String {
    let mut chars = title.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
