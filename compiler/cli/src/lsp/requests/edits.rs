//! Edits of several files, as the protocol has them.

use std::collections::BTreeMap;

use gen_lsp_types::{
    DocumentChange, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextDocumentIdentifier, TextEdit, Uri,
    WorkspaceEdit,
};

use super::super::{capabilities::Client, checking::Checked};

/// The edits of each file. An editor that can refuses them once one of its texts is newer than that which they are about.
pub(super) fn workspace_edit(edits: BTreeMap<Uri, Vec<TextEdit>>, checked: &Checked, client: &Client) -> WorkspaceEdit {
    if !client.knows_versions {
        return WorkspaceEdit { changes: Some(edits.into_iter().collect()), ..WorkspaceEdit::default() };
    }
    let changes = edits.into_iter().map(|(uri, edits)| {
        let version = checked.document(&uri).map(|document| document.version);
        let text_document = OptionalVersionedTextDocumentIdentifier {
            version,
            text_document_identifier: TextDocumentIdentifier { uri },
        };
        let edits = edits.into_iter().map(Into::into).collect();
        DocumentChange::TextDocumentEdit(TextDocumentEdit { text_document, edits })
    });
    WorkspaceEdit { document_changes: Some(changes.collect()), ..WorkspaceEdit::default() }
}
