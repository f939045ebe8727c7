//! What the editor asks, and what it is told.

mod actions;
mod formatting;
mod meaning;
mod syntax;

use std::panic::{self, AssertUnwindSafe};

use gen_lsp_types::{
    CodeActionParams, CodeActionRequest, CompletionParams, CompletionRequest, DefinitionParams, DefinitionRequest,
    DocumentDiagnosticParams, DocumentDiagnosticRequest, DocumentFormattingParams, DocumentFormattingRequest,
    DocumentLinkParams, DocumentLinkRequest, DocumentRangeFormattingParams, DocumentRangeFormattingRequest,
    DocumentSymbolParams, DocumentSymbolRequest, FoldingRangeParams, FoldingRangeRequest, HoverParams, HoverRequest,
    Id, LspRequestMethod, Request, SelectionRangeParams, SelectionRangeRequest, SemanticTokensParams,
    SemanticTokensRequest, TextDocumentPositionParams, Uri,
};
use lsp_server::{ErrorCode, RequestId, Response};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Server, capabilities::Client, checking::Checked, documents::Document, render};

pub(super) use syntax::TOKEN_TYPES;

/// A request that is answered when what is written now has been checked.
#[derive(Debug)]
pub(super) enum Waiting {
    /// The diagnostics of a document.
    Diagnostics(Uri),
    /// The fixes at a place.
    Actions(CodeActionParams),
}

impl Waiting {
    /// The answer by what was found.
    pub fn answer(&self, checked: &Checked, client: Client) -> Value {
        let answer = match self {
            Waiting::Diagnostics(uri) => {
                let items = render::by_file(&checked.findings, client.encoding).remove(uri).unwrap_or_default();
                // The types leave out by which member a full report is told from one that says «as before».
                Ok(json!({ "kind": "full", "items": items }))
            }
            Waiting::Actions(params) => serde_json::to_value(actions::at(params, checked, client.encoding)),
        };
        answer.unwrap_or_default()
    }
}

/// Answers a request, or has it wait for the checker.
pub(super) fn answer(server: &mut Server, request: lsp_server::Request) -> Option<Response> {
    let lsp_server::Request { id, method, params } = request;
    let encoding = server.client.encoding;
    match LspRequestMethod::from(method.as_str()) {
        DocumentDiagnosticRequest::METHOD => {
            wait(server, id, params, |params: DocumentDiagnosticParams| Waiting::Diagnostics(params.text_document.uri))
        }
        CodeActionRequest::METHOD => wait(server, id, params, Waiting::Actions),
        DocumentFormattingRequest::METHOD => about(server, id, params, |params: &DocumentFormattingParams| {
            (&params.text_document.uri, Box::new(move |document| formatting::whole(document, encoding)))
        }),
        DocumentRangeFormattingRequest::METHOD => {
            about(server, id, params, |params: &DocumentRangeFormattingParams| {
                let range = params.range;
                (&params.text_document.uri, Box::new(move |document| formatting::part(document, range, encoding)))
            })
        }
        HoverRequest::METHOD => {
            let open = server.documents.snapshot();
            about(server, id, params, |params: &HoverParams| {
                let TextDocumentPositionParams { text_document, position } = &params.text_document_position_params;
                let position = *position;
                (&text_document.uri, Box::new(move |document| meaning::hover(document, position, &open, encoding)))
            })
        }
        DefinitionRequest::METHOD => {
            let open = server.documents.snapshot();
            about(server, id, params, |params: &DefinitionParams| {
                let TextDocumentPositionParams { text_document, position } = &params.text_document_position_params;
                let position = *position;
                (&text_document.uri, Box::new(move |document| meaning::definition(document, position, &open, encoding)))
            })
        }
        CompletionRequest::METHOD => {
            let open = server.documents.snapshot();
            about(server, id, params, |params: &CompletionParams| {
                let TextDocumentPositionParams { text_document, position } = &params.text_document_position_params;
                let position = *position;
                (&text_document.uri, Box::new(move |document| meaning::completion(document, position, &open, encoding)))
            })
        }
        DocumentSymbolRequest::METHOD => about(server, id, params, |params: &DocumentSymbolParams| {
            (&params.text_document.uri, Box::new(move |document| syntax::symbols(document, encoding)))
        }),
        FoldingRangeRequest::METHOD => about(server, id, params, |params: &FoldingRangeParams| {
            (&params.text_document.uri, Box::new(move |document| syntax::folds(document, encoding)))
        }),
        DocumentLinkRequest::METHOD => about(server, id, params, |params: &DocumentLinkParams| {
            (&params.text_document.uri, Box::new(move |document| syntax::links(document, encoding)))
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
fn wait<P: DeserializeOwned>(
    server: &mut Server,
    id: RequestId,
    params: Value,
    request: impl FnOnce(P) -> Waiting,
) -> Option<Response> {
    match serde_json::from_value(params) {
        Ok(params) => {
            server.checker.ask(id, request(params), server.documents.snapshot());
            None
        }
        Err(error) => Some(misunderstood(id, &error)),
    }
}

type Answer<R> = Box<dyn Fn(&Document) -> R>;

/// Answers a request about an open document; of one that is not open nothing is known.
fn about<P: DeserializeOwned, R: Serialize>(
    server: &Server,
    id: RequestId,
    params: Value,
    read: impl FnOnce(&P) -> (&Uri, Answer<R>),
) -> Option<Response> {
    let params: P = match serde_json::from_value(params) {
        Ok(params) => params,
        Err(error) => return Some(misunderstood(id, &error)),
    };
    let (uri, answer) = read(&params);
    let Some(document) = server.documents.get(uri) else { return Some(Response::new_ok(id, Value::Null)) };
    Some(match panic::catch_unwind(AssertUnwindSafe(|| answer(document))) {
        Ok(result) => Response::new_ok(id, result),
        Err(_) => {
            let message = "this is a defect of esrc itself".to_owned();
            Response::new_err(id, ErrorCode::InternalError as i32, message)
        }
    })
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
