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
    DidOpenTextDocumentParams, DidSaveTextDocumentNotification, ExitNotification, InitializeRequest,
    InitializedNotification, LogMessageNotification, LogMessageParams, LspNotificationMethod, MessageType,
    Notification, Request as _, ShutdownRequest,
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
    let exit = serve(connection).map_err(|reason| {
        Failure::usage(reason).help("`esrc lsp` is started by an editor; see the book's page on editors")
    })?;
    match threads.join() {
        // An editor that has said goodbye need not read any longer.
        Err(error) if exit != Exit::Clean => Err(Failure::usage(format!("the editor cannot be read: {error}"))),
        _ => Ok(exit),
    }
}

fn serve(connection: Connection) -> Result<Exit, String> {
    let (id, params) = connection.initialize_start().map_err(|error| error.to_string())?;
    let client = Client::of(&params);
    let _ = connection.sender.send(Message::Response(Response::new_ok(id, capabilities::answer(&client))));
    let sender = connection.sender.clone();
    let say = move |message| drop(sender.send(message));
    let checker = Checker::start(say, client.clone());
    let mut server = Server { connection, client, documents: Documents::default(), checker, asked: 0 };
    let orderly = server.listen();
    server.checker.stop();
    Ok(if orderly { Exit::Clean } else { Exit::Findings })
}

impl Server {
    /// Takes messages until the editor says goodbye; whether it did so in order.
    fn listen(&mut self) -> bool {
        let receiver = self.connection.receiver.clone();
        let mut is_down = false;
        for message in receiver {
            match message {
                Message::Request(request) if is_down => {
                    let why = "the server was told to shut down".to_owned();
                    self.send(Message::Response(Response::new_err(request.id, ErrorCode::InvalidRequest as i32, why)));
                }
                Message::Request(request) if request.method == InitializeRequest::METHOD.as_str() => {
                    let why = "the server has been initialized already".to_owned();
                    self.send(Message::Response(Response::new_err(request.id, ErrorCode::InvalidRequest as i32, why)));
                }
                Message::Request(request) if request.method == ShutdownRequest::METHOD.as_str() => {
                    is_down = true;
                    self.send(Message::Response(Response::new_ok(request.id, ())));
                }
                Message::Request(request) => {
                    if let Some(response) = requests::answer(self, request) {
                        self.send(Message::Response(response));
                    }
                }
                Message::Notification(notification) if notification.method == ExitNotification::METHOD.as_str() => {
                    break;
                }
                Message::Notification(_) if is_down => {}
                Message::Notification(notification) => self.note(notification),
                // Answers to what the server asked: whether files are watched.
                Message::Response(_) => {}
            }
        }
        is_down
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
            InitializedNotification::METHOD => {
                if self.client.watches {
                    self.send(capabilities::watch_files());
                }
                None
            }
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
                    self.send(Message::Response(requests::taken_back(id)));
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
