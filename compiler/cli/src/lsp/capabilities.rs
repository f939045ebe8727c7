//! What the editor can do, and what the server can.

use gen_lsp_types::{
    ChangeNotifications, CodeActionKind, CodeActionOptions, CodeActionProvider, CodeLensOptions, CompletionOptions,
    DefinitionProvider, DiagnosticOptions, DiagnosticProvider, DocumentFormattingProvider, DocumentHighlightProvider,
    DocumentLinkOptions, DocumentRangeFormattingProvider, DocumentSymbolProvider, FoldingRangeProvider, Full,
    HoverProvider, InitializeResult, InlayHintProvider, PositionEncodingKind, ReferencesProvider, RenameOptions,
    RenameProvider, Save, SelectionRangeProvider, SemanticTokensLegend, SemanticTokensOptions, SemanticTokensProvider,
    ServerCapabilities, ServerInfo, SignatureHelpOptions, TextDocumentSync, TextDocumentSyncKind,
    TextDocumentSyncOptions, Uri, WorkspaceFoldersServerCapabilities, WorkspaceOptions, WorkspaceSymbolProvider,
};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use lsp_server::{Message, Request, RequestId};
use serde_json::{Value, json};

use super::{documents::real, place::Encoding, requests::TOKEN_TYPES};

/// What an editor shows of other files than the one that changes: by which capability, and how it is told to ask anew.
const REFRESHED: [(&str, &str); 2] =
    [("diagnostics", "workspace/diagnostic/refresh"), ("inlayHint", "workspace/inlayHint/refresh")];

/// What the server has to know of the editor.
#[derive(Clone, Debug)]
pub(super) struct Client {
    /// What columns count.
    pub encoding: Encoding,
    /// Whether it asks for diagnostics by itself.
    pub pulls: bool,
    /// Whether it tells of files that change on disk.
    pub watches: bool,
    /// Whether edits can say which version of a text they are about.
    pub knows_versions: bool,
    /// Which of what it shows it asks for anew when it is told to.
    pub refreshes: Vec<&'static str>,
    /// The folders that it has open.
    folders: Arc<Mutex<Vec<PathBuf>>>,
}

impl Client {
    /// Reads the parameters of `initialize`. What is not as the protocol has it counts as not said, for nobody could work with a
    /// server that refuses to start.
    pub fn of(params: &Value) -> Self {
        let at = |path: &str| {
            params.pointer("/capabilities").and_then(|said| said.pointer(path)).cloned().unwrap_or_default()
        };
        let encodings = at("/general/positionEncodings");
        let knows_utf8 =
            encodings.as_array().is_some_and(|encodings| encodings.iter().any(|encoding| encoding == "utf-8"));
        Self {
            encoding: if knows_utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
            pulls: at("/textDocument/diagnostic").is_object(),
            watches: at("/workspace/didChangeWatchedFiles/dynamicRegistration") == true,
            knows_versions: at("/workspace/workspaceEdit/documentChanges") == true,
            refreshes: REFRESHED
                .iter()
                .filter(|(what, _)| at(&format!("/workspace/{what}/refreshSupport")) == true)
                .map(|(_, method)| *method)
                .collect(),
            folders: Arc::new(Mutex::new(folders(params))),
        }
    }

    /// The folders that it has open.
    pub fn folders(&self) -> Vec<PathBuf> {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes note of folders that were closed and opened.
    pub fn change_folders<'u>(&self, gone: impl Iterator<Item = &'u Uri>, new: impl Iterator<Item = &'u Uri>) {
        let gone: Vec<PathBuf> = gone.filter_map(folder).collect();
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        folders.retain(|folder| !gone.contains(folder));
        folders.extend(new.filter_map(folder));
    }
}

/// The folders that the editor has open: several, one, or none.
fn folders(said: &Value) -> Vec<PathBuf> {
    let several = said.pointer("/workspaceFolders").and_then(Value::as_array).into_iter().flatten();
    let mut addresses: Vec<&str> = several.filter_map(|folder| folder.get("uri")?.as_str()).collect();
    if addresses.is_empty() {
        addresses.extend(said.pointer("/rootUri").and_then(Value::as_str));
    }
    addresses.into_iter().filter_map(|address| folder(&Uri::parse(address).ok()?)).collect()
}

fn folder(uri: &Uri) -> Option<PathBuf> {
    Some(uri).filter(|uri| uri.scheme() == "file").and_then(|uri| uri.to_file_path().ok()).map(|path| real(&path))
}

/// The answer to `initialize`.
pub(super) fn answer(client: &Client) -> Value {
    let tokens = SemanticTokensOptions {
        legend: SemanticTokensLegend {
            token_types: TOKEN_TYPES.iter().map(|(_, name)| (*name).to_owned()).collect(),
            token_modifiers: Vec::new(),
        },
        full: Some(Full::Bool(true)),
        ..SemanticTokensOptions::default()
    };
    let diagnostics = DiagnosticOptions {
        identifier: Some("esrc".to_owned()),
        inter_file_dependencies: true,
        workspace_diagnostics: false,
        ..DiagnosticOptions::default()
    };
    let actions = CodeActionOptions {
        code_action_kinds: Some(vec![CodeActionKind::QuickFix, CodeActionKind::SourceFixAll]),
        ..CodeActionOptions::default()
    };
    let capabilities = ServerCapabilities {
        position_encoding: Some(match client.encoding {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }),
        text_document_sync: Some(TextDocumentSync::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::Incremental),
            save: Some(Save::Bool(true)),
            ..TextDocumentSyncOptions::default()
        })),
        diagnostic_provider: Some(DiagnosticProvider::DiagnosticOptions(diagnostics)),
        code_action_provider: Some(CodeActionProvider::CodeActionOptions(actions)),
        hover_provider: Some(HoverProvider::Bool(true)),
        definition_provider: Some(DefinitionProvider::Bool(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(["-", " ", ".", ":", "\"", "/", "(", "{"].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        document_formatting_provider: Some(DocumentFormattingProvider::Bool(true)),
        document_range_formatting_provider: Some(DocumentRangeFormattingProvider::Bool(true)),
        document_symbol_provider: Some(DocumentSymbolProvider::Bool(true)),
        document_link_provider: Some(DocumentLinkOptions::default()),
        references_provider: Some(ReferencesProvider::Bool(true)),
        document_highlight_provider: Some(DocumentHighlightProvider::Bool(true)),
        rename_provider: Some(RenameProvider::RenameOptions(RenameOptions {
            prepare_provider: Some(true),
            ..RenameOptions::default()
        })),
        workspace_symbol_provider: Some(WorkspaceSymbolProvider::Bool(true)),
        inlay_hint_provider: Some(InlayHintProvider::Bool(true)),
        code_lens_provider: Some(CodeLensOptions::default()),
        signature_help_provider: Some(SignatureHelpOptions {
            trigger_characters: Some(["(", ",", ":", " "].map(str::to_owned).to_vec()),
            ..SignatureHelpOptions::default()
        }),
        folding_range_provider: Some(FoldingRangeProvider::Bool(true)),
        selection_range_provider: Some(SelectionRangeProvider::Bool(true)),
        semantic_tokens_provider: Some(SemanticTokensProvider::SemanticTokensOptions(tokens)),
        workspace: Some(WorkspaceOptions {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(ChangeNotifications::Bool(true)),
            }),
            ..WorkspaceOptions::default()
        }),
        ..ServerCapabilities::default()
    };
    let server_info = Some(ServerInfo { name: "esrc".to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) });
    serde_json::to_value(InitializeResult { capabilities, server_info }).unwrap_or_default()
}

/// Asks the editor to tell of sources and settings that change on disk.
pub(super) fn watch_files() -> Message {
    let watchers = ["**/*.scn", "**/*.scn.yaml", "**/*.scn.yml", "**/esr.toml", "**/esr.lock"];
    let watchers: Vec<Value> = watchers.iter().map(|glob| json!({ "globPattern": glob })).collect();
    let params = json!({
        "registrations": [{
            "id": "files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": watchers },
        }],
    });
    let id = RequestId::from("watch-files".to_owned());
    Message::Request(Request::new(id, "client/registerCapability".to_owned(), params))
}
