//! The documents that are open in the editor.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use gen_lsp_types::{TextDocumentContentChangeEvent, Uri};
use scn_diagnostics::SourceId;
use scn_grammar::ast::Tree;

use super::{
    place::{Encoding, Places},
    stdlib,
};

/// An open document as it is now.
#[derive(Debug)]
pub(super) struct Document {
    /// Its address in the editor.
    pub uri: Uri,
    /// Its path, as the compiler has it.
    pub path: String,
    /// Counts its changes.
    pub version: i32,
    /// What it says.
    pub text: Arc<str>,
    /// Its lines.
    pub places: Places,
    tree: OnceLock<Tree>,
}

impl Document {
    fn new(uri: Uri, version: i32, text: String) -> Self {
        Self { path: path_of(&uri), uri, version, places: Places::of(&text), text: text.into(), tree: OnceLock::new() }
    }

    /// Its syntax, parsed when it is first asked for.
    pub fn tree(&self) -> &Tree {
        self.tree.get_or_init(|| scn_grammar::parse(SourceId::default(), &self.text).0)
    }
}

/// All open documents, by their addresses.
#[derive(Debug, Default)]
pub(super) struct Documents {
    open: HashMap<Uri, Arc<Document>>,
}

impl Documents {
    pub fn open(&mut self, uri: Uri, version: i32, text: String) {
        self.open.insert(uri.clone(), Arc::new(Document::new(uri, version, text)));
    }

    pub fn close(&mut self, uri: &Uri) {
        self.open.remove(uri);
    }

    pub fn get(&self, uri: &Uri) -> Option<&Arc<Document>> {
        self.open.get(uri)
    }

    /// Applies the changes one after another. A document that was never opened has none.
    pub fn change(
        &mut self,
        uri: &Uri,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) {
        let Some(document) = self.open.get(uri) else { return };
        let mut text = document.text.to_string();
        for change in changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => text = whole.text,
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(partial) => {
                    let places = Places::of(&text);
                    let start = places.offset(partial.range.start, &text, encoding);
                    let end = places.offset(partial.range.end, &text, encoding);
                    text.replace_range(start.min(end)..end.max(start), &partial.text);
                }
            }
        }
        self.open.insert(uri.clone(), Arc::new(Document::new(uri.clone(), version, text)));
    }

    /// What is open now, in the order of the paths: files, and what is to become one. What an editor shows of other places, such as the
    /// past of a file, is nobody's to mend.
    pub fn snapshot(&self) -> Vec<Arc<Document>> {
        let is_ours = |document: &Document| ["file", "untitled"].contains(&document.uri.scheme());
        let mut documents: Vec<Arc<Document>> =
            self.open.values().filter(|document| is_ours(document)).cloned().collect();
        documents.sort_by(|left, right| left.path.cmp(&right.path));
        documents
    }
}

/// The path of a file by its address, whatever links lead there, as the compiler has it: files of the standard library have names.
/// What is no file keeps its address.
fn path_of(uri: &Uri) -> String {
    let file = Some(uri).filter(|uri| uri.scheme() == "file").and_then(|uri| uri.to_file_path().ok());
    let path = file.and_then(|file| {
        let file = real(&file);
        stdlib::name_of(&file).or_else(|| file.to_str().map(str::to_owned))
    });
    path.unwrap_or_else(|| uri.to_string())
}

/// The path without links in it. A file that is not there yet lies where its folder does.
pub(super) fn real(path: &Path) -> PathBuf {
    let of_folder = || Some(fs::canonicalize(path.parent()?).ok()?.join(path.file_name()?));
    fs::canonicalize(path).ok().or_else(of_folder).unwrap_or_else(|| path.to_owned())
}

/// The address of the file at `path`, which may be of the standard library.
pub(super) fn uri_of(path: &str) -> Option<Uri> {
    if path.starts_with('/') {
        return Uri::from_file_path(path).ok();
    }
    match stdlib::path_of(path) {
        Some(file) => Uri::from_file_path(file).ok(),
        None => path.contains(":").then(|| Uri::parse(path).ok()).flatten(),
    }
}
