//! What the editor asks, and what it is told.

mod actions;
mod completion;
mod edits;
mod formatting;
mod hints;
mod meaning;
mod rename;
mod scope;
mod signature;
mod syntax;
mod workspace;

use std::{
    panic::{self, AssertUnwindSafe},
    sync::{Arc, atomic::AtomicBool},
};

use gen_lsp_types::{
    CodeActionParams, CodeActionRequest, CodeLensParams, CodeLensRequest, CompletionRequest, DefinitionRequest,
    DocumentDiagnosticParams, DocumentDiagnosticRequest, DocumentFormattingParams, DocumentFormattingRequest,
    DocumentHighlightRequest, DocumentLinkParams, DocumentLinkRequest, DocumentRangeFormattingParams,
    DocumentRangeFormattingRequest, DocumentSymbolParams, DocumentSymbolRequest, FoldingRangeParams,
    FoldingRangeRequest, HoverRequest, Id, InlayHintParams, InlayHintRequest, LspRequestMethod, PrepareRenameRequest,
    ReferenceParams, ReferencesRequest, RenameParams, RenameRequest, Request, SelectionRangeParams,
    SelectionRangeRequest, SemanticTokensParams, SemanticTokensRequest, SignatureHelpRequest,
    TextDocumentPositionParams, Uri, WorkspaceSymbolParams, WorkspaceSymbolRequest,
};
use lsp_server::{ErrorCode, RequestId, Response};
use serde::{
    Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::{Value, json};

use super::{Server, capabilities::Client, checking::Checked, documents::Document, render::Renderer};
use completion::Sight;

pub(super) use syntax::TOKEN_TYPES;

/// A request that is answered when what is written now has been checked.
pub(super) type Waiting = Box<dyn Fn(&Known<'_>) -> Result<Value, Refusal> + Send>;

/// What a request that has waited is answered by.
#[derive(Clone, Copy)]
pub(super) struct Known<'c> {
    /// What was found in the open documents.
    pub checked: &'c Checked,
    pub client: &'c Client,
    /// Becomes true when nobody waits for the answer any longer.
    pub stop: &'c Arc<AtomicBool>,
}

/// Why a request is not answered.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The text has changed meanwhile.
    Outdated,
    /// It cannot be done, which is said.
    Because(String),
}

/// A place that something is asked about, and what is known of it.
struct Asked<'c> {
    checked: &'c Checked,
    client: &'c Client,
    stop: &'c Arc<AtomicBool>,
    document: &'c Document,
    /// The byte of the document's text.
    offset: usize,
}

impl<'c> Known<'c> {
    fn at(self, document: &'c Document, offset: usize) -> Asked<'c> {
        let Self { checked, client, stop } = self;
        Asked { checked, client, stop, document, offset }
    }
}

/// Answers a request, or has it wait for the checker.
pub(super) fn answer(server: &mut Server, request: lsp_server::Request) -> Option<Response> {
    let lsp_server::Request { id, method, params } = request;
    let encoding = server.client.encoding;
    match LspRequestMethod::from(method.as_str()) {
        DocumentDiagnosticRequest::METHOD => {
            wait(server, id, params, |params: &DocumentDiagnosticParams, known| {
                let found =
                    Renderer::of(known.checked, known.client.encoding).by_file().remove(&params.text_document.uri);
                // The types leave out by which member a full report is told from one that says «as before».
                Ok(json!({ "kind": "full", "items": found.unwrap_or_default() }))
            })
        }
        CodeActionRequest::METHOD => wait(server, id, params, |params: &CodeActionParams, known| {
            Ok(actions::at(params, known.checked, known.client))
        }),
        HoverRequest::METHOD => at_place(server, id, params, |asked, _: &IgnoredAny| meaning::hover(asked)),
        DefinitionRequest::METHOD => at_place(server, id, params, |asked, _: &IgnoredAny| meaning::definition(asked)),
        DocumentHighlightRequest::METHOD => {
            at_place(server, id, params, |asked, _: &IgnoredAny| meaning::highlights(asked))
        }
        ReferencesRequest::METHOD => at_place(server, id, params, |asked, params: &ReferenceParams| {
            meaning::references(asked, params.context.include_declaration)
        }),
        PrepareRenameRequest::METHOD => at_place(server, id, params, |asked, _: &IgnoredAny| rename::prepare(asked)),
        RenameRequest::METHOD => {
            at_place(server, id, params, |asked, params: &RenameParams| rename::rename(asked, &params.new_name))
        }
        InlayHintRequest::METHOD => wait(server, id, params, |params: &InlayHintParams, known| {
            match known.checked.document(&params.text_document.uri) {
                Some(document) => hints::inlay(&known.at(document, 0), params.range),
                None => Ok(Vec::new()),
            }
        }),
        CompletionRequest::METHOD => seen(server, id, params, |sight, params: &TextDocumentPositionParams| {
            completion::completion(sight, params.position)
        }),
        SignatureHelpRequest::METHOD => seen(server, id, params, |sight, params: &TextDocumentPositionParams| {
            signature::help(sight, params.position)
        }),
        WorkspaceSymbolRequest::METHOD => {
            wait(server, id, params, |params: &WorkspaceSymbolParams, known| workspace::symbols(&params.query, known))
        }
        CodeLensRequest::METHOD => about(server, id, params, |params: &CodeLensParams| {
            (&params.text_document.uri, Box::new(move |document| hints::lenses(document, encoding)))
        }),
        DocumentFormattingRequest::METHOD => about(server, id, params, |params: &DocumentFormattingParams| {
            (&params.text_document.uri, Box::new(move |document| formatting::whole(document, encoding)))
        }),
        DocumentRangeFormattingRequest::METHOD => {
            about(server, id, params, |params: &DocumentRangeFormattingParams| {
                let range = params.range;
                (&params.text_document.uri, Box::new(move |document| formatting::part(document, range, encoding)))
            })
        }
        DocumentSymbolRequest::METHOD => about(server, id, params, |params: &DocumentSymbolParams| {
            (&params.text_document.uri, Box::new(move |document| syntax::symbols(document, encoding)))
        }),
        FoldingRangeRequest::METHOD => about(server, id, params, |params: &FoldingRangeParams| {
            (&params.text_document.uri, Box::new(move |document| syntax::folds(document, encoding)))
        }),
        DocumentLinkRequest::METHOD => wait(server, id, params, |params: &DocumentLinkParams, known| {
            match known.checked.document(&params.text_document.uri) {
                Some(document) => Ok(meaning::links(&known.at(document, 0))),
                None => Ok(Vec::new()),
            }
        }),
        SelectionRangeRequest::METHOD => about(server, id, params, |params: &SelectionRangeParams| {
            let positions = params.positions.clone();
            (&params.text_document.uri, Box::new(move |document| syntax::selections(document, &positions, encoding)))
        }),
        SemanticTokensRequest::METHOD => about(server, id, params, |params: &SemanticTokensParams| {
            (&params.text_document.uri, Box::new(move |document| syntax::tokens(document, encoding)))
        }),
        _ => {
            Some(Response::new_err(id, ErrorCode::MethodNotFound as i32, format!("there is no method `{method}` here")))
        }
    }
}

/// Reads the parameters of a request and has it wait.
fn wait<P: DeserializeOwned + Send + 'static, R: Serialize>(
    server: &mut Server,
    id: RequestId,
    params: Value,
    answer: impl Fn(&P, &Known<'_>) -> Result<R, Refusal> + Send + 'static,
) -> Option<Response> {
    match serde_json::from_value::<P>(params) {
        Ok(params) => {
            let request: Waiting = Box::new(move |known| {
                let answer = answer(&params, known)?;
                serde_json::to_value(answer).map_err(|error| Refusal::Because(error.to_string()))
            });
            let is_asked = server.checker.ask(id.clone(), request, server.documents.snapshot());
            let why = "nothing can be checked".to_owned();
            (!is_asked).then(|| Response::new_err(id, ErrorCode::InternalError as i32, why))
        }
        Err(error) => Some(misunderstood(id, &error)),
    }
}

/// Has a request about a place wait; of a document that is not open nothing is known.
fn at_place<P: DeserializeOwned + Send + 'static, R: Serialize>(
    server: &mut Server,
    id: RequestId,
    params: Value,
    answer: impl Fn(&Asked<'_>, &P) -> Result<R, Refusal> + Send + 'static,
) -> Option<Response> {
    // What else is asked than the place, if anything.
    let more = match serde_json::from_value::<P>(params.clone()) {
        Ok(more) => more,
        Err(error) => return Some(misunderstood(id, &error)),
    };
    wait(server, id, params, move |params: &TextDocumentPositionParams, known| {
        let Some(document) = known.checked.document(&params.text_document.uri) else { return Ok(None) };
        let offset = document.places.offset(params.position, &document.text, known.client.encoding);
        answer(&known.at(document, offset), &more).map(Some)
    })
}

/// Answers a request at once by what can be seen from an open document.
fn seen<R: Serialize>(
    server: &Server,
    id: RequestId,
    params: Value,
    answer: impl FnOnce(&Sight<'_>, &TextDocumentPositionParams) -> R,
) -> Option<Response> {
    let (names, encoding) = (server.checker.last_names(), server.client.encoding);
    guarded(id, params, |params: TextDocumentPositionParams| {
        let document = server.documents.get(&params.text_document.uri)?;
        Some(answer(&Sight { document, names: names.as_deref(), encoding }, &params))
    })
}

type Answer<R> = Box<dyn Fn(&Document) -> R>;

/// Answers a request about an open document; of one that is not open nothing is known.
fn about<P: DeserializeOwned, R: Serialize>(
    server: &Server,
    id: RequestId,
    params: Value,
    read: impl FnOnce(&P) -> (&Uri, Answer<R>),
) -> Option<Response> {
    guarded(id, params, |params: P| {
        let (uri, answer) = read(&params);
        server.documents.get(uri).map(Arc::as_ref).map(answer)
    })
}

/// Answers a request at once, also where what answers it fails.
fn guarded<P: DeserializeOwned, R: Serialize>(
    id: RequestId,
    params: Value,
    answer: impl FnOnce(P) -> R,
) -> Option<Response> {
    let params: P = match serde_json::from_value(params) {
        Ok(params) => params,
        Err(error) => return Some(misunderstood(id, &error)),
    };
    Some(match panic::catch_unwind(AssertUnwindSafe(|| answer(params))) {
        Ok(result) => Response::new_ok(id, result),
        Err(_) => {
            let message = "this is a defect of esrc itself".to_owned();
            Response::new_err(id, ErrorCode::InternalError as i32, message)
        }
    })
}

/// The answer to a request that the editor has taken back.
pub(super) fn taken_back(id: RequestId) -> Response {
    let reason = "the editor has taken the request back".to_owned();
    Response::new_err(id, ErrorCode::RequestCanceled as i32, reason)
}

fn misunderstood(id: RequestId, error: &serde_json::Error) -> Response {
    Response::new_err(id, ErrorCode::InvalidParams as i32, error.to_string())
}

/// The request that a message is about.
pub(super) fn id_of(id: Id) -> Option<RequestId> {
    Some(match id {
        Id::Int(number) => RequestId::from(number),
        Id::String(text) => RequestId::from(text),
    })
}
