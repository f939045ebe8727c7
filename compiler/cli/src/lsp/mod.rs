//! `esrc lsp`: the language server, on standard input and output.
//!
//! One thread reads messages, keeps the open documents and answers what the syntax alone can tell. Another checks whole programs,
//! always the newest: what was asked about an older text is answered about the newer one.

mod capabilities;
mod checking;
mod documents;
mod names;
mod place;
mod render;
mod requests;
mod stdlib;

use gen_lsp_types::{
    CancelNotification, CancelParams, DidChangeTextDocumentNotification, DidChangeTextDocumentParams,
    DidChangeWatchedFilesNotification, DidChangeWorkspaceFoldersNotification, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentNotification, DidCloseTextDocumentParams, DidOpenTextDocumentNotification,
    DidOpenTextDocumentParams, DidSaveTextDocumentNotification, InitializeParams, LogMessageNotification,
    LogMessageParams, LspNotificationMethod, MessageType, Notification,
};
use lsp_server::{Connection, ErrorCode, Message, RequestId, Response};
use serde::de::DeserializeOwned;

use crate::{Exit, Failure};
use capabilities::Client;
use checking::Checker;
use documents::Documents;

/// Serves an editor: diagnostics while you type, fixes, completion, formatting, an outline and more
///
/// Editors start it by themselves and speak the Language Server Protocol with it on standard input and output.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Speak on standard input and output, which it does anyway: some editors say so
    #[arg(long)]
    stdio: bool,
}

/// What the server knows between messages.
struct Server {
    connection: Connection,
    client: Client,
    documents: Documents,
    checker: Checker,
    /// How often it has told the editor to ask anew.
    asked: u64,
}

/// Serves one editor until it says goodbye.
pub fn run(_: &Arguments) -> Result<Exit, Failure> {
    let (connection, threads) = Connection::stdio();
    let served = serve(connection);
    // The editor may have closed its end already.
    let joined = threads.join();
    match (served, joined) {
        (Ok(exit), Ok(())) => Ok(exit),
        (Ok(_), Err(error)) => Err(Failure::usage(format!("the editor cannot be read: {error}"))),
        (Err(reason), _) => {
            Err(Failure::usage(reason).help("`esrc lsp` is started by an editor; see the book's page on editors"))
        }
    }
}

fn serve(connection: Connection) -> Result<Exit, String> {
    let (id, params) = connection.initialize_start().map_err(|error| error.to_string())?;
    let params: InitializeParams =
        serde_json::from_value(params).map_err(|error| format!("`initialize` is not understood: {error}"))?;
    let client = Client::of(&params);
    connection.initialize_finish(id, capabilities::answer(&client)).map_err(|error| error.to_string())?;
    if client.watches {
        let _ = connection.sender.send(capabilities::watch_files());
    }
    let sender = connection.sender.clone();
    let say = move |message| drop(sender.send(message));
    let checker = Checker::start(say, client.clone());
    let mut server = Server { connection, client, documents: Documents::default(), checker, asked: 0 };
    let orderly = server.listen()?;
    server.checker.stop();
    Ok(if orderly { Exit::Clean } else { Exit::Findings })
}

impl Server {
    /// Takes messages until the editor says goodbye; whether it did so in order.
    fn listen(&mut self) -> Result<bool, String> {
        let receiver = self.connection.receiver.clone();
        for message in receiver {
            match message {
                Message::Request(request) => {
                    if self.connection.handle_shutdown(&request).map_err(|error| error.to_string())? {
                        return Ok(true);
                    }
                    if let Some(response) = requests::answer(self, request) {
                        self.send(Message::Response(response));
                    }
                }
                Message::Notification(notification) => self.note(notification),
                // Answers to what the server asked: whether files are watched.
                Message::Response(_) => {}
            }
        }
        Ok(false)
    }

    fn send(&self, message: Message) {
        // An editor that is gone needs no answer; the loop ends with the next message.
        let _ = self.connection.sender.send(message);
    }

    fn note(&mut self, notification: lsp_server::Notification) {
        let method = notification.method.clone();
        // Whether what the editor shows of other texts than one that it changes may be out of date.
        let mut refresh = false;
        let changed = match LspNotificationMethod::from(method.as_str()) {
            DidOpenTextDocumentNotification::METHOD => {
                self.read(notification.params).map(|params: DidOpenTextDocumentParams| {
                    let document = params.text_document;
                    self.documents.open(document.uri, document.version, document.text);
                })
            }
            DidChangeTextDocumentNotification::METHOD => {
                self.read(notification.params).map(|params: DidChangeTextDocumentParams| {
                    let document = params.text_document;
                    let uri = &document.text_document_identifier.uri;
                    self.documents.change(uri, document.version, params.content_changes, self.client.encoding);
                })
            }
            DidCloseTextDocumentNotification::METHOD => self
                .read(notification.params)
                .map(|params: DidCloseTextDocumentParams| self.documents.close(&params.text_document.uri)),
            DidSaveTextDocumentNotification::METHOD => Some(()),
            DidChangeWatchedFilesNotification::METHOD => {
                refresh = true;
                Some(())
            }
            DidChangeWorkspaceFoldersNotification::METHOD => {
                refresh = true;
                self.read(notification.params).map(|params: DidChangeWorkspaceFoldersParams| {
                    let event = params.event;
                    self.client.change_folders(
                        event.removed.iter().map(|gone| &gone.uri),
                        event.added.iter().map(|new| &new.uri),
                    );
                })
            }
            CancelNotification::METHOD => {
                if let Some(params) = self.read::<CancelParams>(notification.params)
                    && let Some(id) = requests::id_of(params.id)
                    && self.checker.forget(&id)
                {
                    let reason = "the editor has taken the request back".to_owned();
                    self.send(Message::Response(Response::new_err(id, ErrorCode::RequestCanceled as i32, reason)));
                }
                None
            }
            // What is not understood is passed over, as the protocol asks for.
            _ => None,
        };
        if changed.is_some() {
            self.checker.check(self.documents.snapshot());
        }
        for method in self.client.refreshes.clone().into_iter().filter(|_| refresh) {
            self.asked += 1;
            let id = RequestId::from(format!("refresh-{}", self.asked));
            self.send(Message::Request(lsp_server::Request::new(id, method.to_owned(), serde_json::Value::Null)));
        }
    }

    /// The parameters of a message; none where they are not what the protocol says, which is logged: an edit that is passed over
    /// leaves the two with different texts.
    fn read<P: DeserializeOwned>(&self, params: serde_json::Value) -> Option<P> {
        match serde_json::from_value(params) {
            Ok(params) => Some(params),
            Err(error) => {
                let message = format!("a message of the editor is not understood: {error}");
                let params = LogMessageParams { kind: MessageType::Error, message };
                let method = LogMessageNotification::METHOD.into();
                self.send(Message::Notification(lsp_server::Notification::new(method, params)));
                None
            }
        }
    }
}
