//! An editor without a screen.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io::BufReader,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use lsp_server::{Message, Notification, Request, RequestId};
use serde_json::{Map, Value, json};

/// The project's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the project")
}

/// Where the server keeps files of its own.
const CACHE: &str = env!("CARGO_TARGET_TMPDIR");

/// A server and what it has said that nobody asked about yet.
pub struct Editor {
    server: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    folder: PathBuf,
    /// What the open files say.
    texts: BTreeMap<String, String>,
    heard: VecDeque<Notification>,
    /// What the server has asked for, by its methods.
    told: Vec<String>,
    /// Requests that were not answered yet.
    open: BTreeSet<i32>,
    /// Answers that nobody has taken yet.
    answers: BTreeMap<i32, Value>,
    requests: i32,
    versions: i32,
}

impl Editor {
    /// Starts a server for the files in `folder`.
    pub fn start(folder: &Path, capabilities: Value) -> Self {
        let mut server = Command::new(env!("CARGO_BIN_EXE_esrc"))
            .arg("lsp")
            .env("XDG_CACHE_HOME", CACHE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a server");
        let (to, from) = (server.stdin.take(), BufReader::new(server.stdout.take().expect("its output")));
        let folder = folder.to_owned();
        let mut editor = Self {
            server,
            to,
            from,
            folder,
            texts: BTreeMap::new(),
            heard: VecDeque::new(),
            told: Vec::new(),
            open: BTreeSet::new(),
            answers: BTreeMap::new(),
            requests: 0,
            versions: 0,
        };
        let capabilities = if capabilities.is_null() { json!({}) } else { capabilities };
        let root = format!("file://{}", editor.folder.display());
        let params = json!({ "processId": null, "rootUri": root, "capabilities": capabilities });
        let answer = editor.request("initialize", params);
        assert_eq!(answer["result"]["serverInfo"]["name"], "esrc");
        editor.notify("initialized", json!({}));
        editor
    }

    /// The address of a file of the folder.
    pub fn uri(&self, file: &str) -> String {
        format!("file://{}/{file}", self.folder.display())
    }

    /// `params` with `{"file": NAME}` in place of each `"@NAME"`.
    pub fn addresses(&self, params: Value) -> Value {
        let text = params.to_string().replace("\"@", &format!("\"file://{}/", self.folder.display()));
        serde_json::from_str(&text).expect("JSON")
    }

    /// `answer` as text, with files by their names and places as `line:column`, both from 0.
    pub fn names(&self, answer: &Value) -> String {
        let text = serde_json::to_string_pretty(&short(answer)).expect("JSON");
        let text = text.replace(&format!("file://{}/", self.folder.display()), "@");
        text.replace(&format!("file://{CACHE}/esr/std/{}/", env!("CARGO_PKG_VERSION")), "std/")
    }

    /// The parameters for a place, which a `|` marks in a piece of an open file's text.
    pub fn place(&self, file: &str, marked: &str) -> Value {
        let piece = marked.replacen('|', "", 1);
        let text = &self.texts[file];
        let at = text.find(&piece).unwrap_or_else(|| panic!("`{piece}` is not in {file}"));
        let position = position(text, at + marked.find('|').expect("a mark"));
        json!({ "textDocument": { "uri": self.uri(file) }, "position": position })
    }

    /// Writes something in place of a piece of an open file's text.
    pub fn write(&mut self, file: &str, old: &str, new: &str) {
        let text = self.texts[file].clone();
        let at = text.find(old).unwrap_or_else(|| panic!("`{old}` is not in {file}"));
        let range = json!({ "start": position(&text, at), "end": position(&text, at + old.len()) });
        self.change(file, json!([{ "range": range, "text": new }]));
        self.texts.insert(file.to_owned(), text.replacen(old, new, 1));
    }

    pub fn open(&mut self, file: &str, text: &str) {
        self.versions += 1;
        self.texts.insert(file.to_owned(), text.to_owned());
        let document = json!({ "uri": self.uri(file), "languageId": "scn", "version": self.versions, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub fn change(&mut self, file: &str, edits: Value) {
        self.versions += 1;
        let document = json!({ "uri": self.uri(file), "version": self.versions });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": edits }));
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&Message::Notification(Notification::new(method.to_owned(), params)));
    }

    /// Asks without waiting for the answer.
    pub fn ask(&mut self, method: &str, params: Value) -> i32 {
        self.requests += 1;
        let id = self.requests;
        self.open.insert(id);
        self.send(&Message::Request(Request::new(RequestId::from(id), method.to_owned(), params)));
        id
    }

    /// Takes a request back.
    pub fn cancel(&mut self, id: i32) {
        self.notify("$/cancelRequest", json!({ "id": id }));
    }

    /// Asks and waits for the answer, whole.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.answer(id)
    }

    /// The answer to a request. No other is answered twice meanwhile, and none that was never asked.
    pub fn answer(&mut self, id: i32) -> Value {
        loop {
            if let Some(answer) = self.answers.remove(&id) {
                return answer;
            }
            match self.receive() {
                Message::Response(response) => {
                    let id = response.id.to_string().parse().expect("a number");
                    assert!(self.open.remove(&id), "{id} is answered, which nobody waits for");
                    let mut answer = serde_json::to_value(response).expect("JSON");
                    answer.as_object_mut().expect("an object").remove("id");
                    self.answers.insert(id, answer);
                }
                Message::Notification(notification) => self.heard.push_back(notification),
                Message::Request(request) => self.told.push(request.method),
            }
        }
    }

    /// Waits until all is answered; the answers that nobody has taken, by their requests.
    pub fn settle(&mut self) -> BTreeMap<i32, Value> {
        while let Some(id) = self.open.first().copied() {
            let answer = self.answer(id);
            self.answers.insert(id, answer);
        }
        std::mem::take(&mut self.answers)
    }

    /// The next diagnostics that are published for a file.
    pub fn published(&mut self, file: &str) -> Value {
        let uri = self.uri(file);
        let is_it = |heard: &Notification| {
            heard.method == "textDocument/publishDiagnostics" && heard.params["uri"] == uri.as_str()
        };
        loop {
            if let Some(at) = self.heard.iter().position(is_it) {
                return self.heard.remove(at).expect("heard").params;
            }
            if let Message::Notification(notification) = self.receive() {
                self.heard.push_back(notification);
            }
        }
    }

    /// What the server has asked for so far, by its methods.
    pub fn told(&self) -> &[String] {
        &self.told
    }

    /// Says goodbye; the exit code.
    pub fn stop(mut self) -> i32 {
        self.request("shutdown", Value::Null);
        self.leave()
    }

    /// Leaves a server that was told to shut down; its exit code.
    pub fn leave(mut self) -> i32 {
        self.notify("exit", Value::Null);
        self.to = None;
        self.server.wait().expect("its end").code().expect("a code")
    }

    fn send(&mut self, message: &Message) {
        message.write(self.to.as_mut().expect("a server")).expect("the server listens");
    }

    fn receive(&mut self) -> Message {
        Message::read(&mut self.from).expect("the protocol").expect("the server speaks")
    }
}

/// The position of the byte at `offset`, in 16-bit units.
pub fn position(text: &str, offset: usize) -> Value {
    position_in(text, offset, |line| line.encode_utf16().count())
}

/// The position of the byte at `offset`, in units that `count` counts.
pub fn position_in(text: &str, offset: usize, count: impl Fn(&str) -> usize) -> Value {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    json!({ "line": line, "character": count(&before[start..]) })
}

/// The same, with places and ranges as short texts.
fn short(value: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(short).collect(),
        Value::Object(members) => {
            let text = |member: &str| members.get(member).map(short).filter(Value::is_string);
            match (members.len(), members.get("line"), members.get("character"), text("start"), text("end")) {
                (2, Some(line), Some(character), ..) => json!(format!("{line}:{character}")),
                (2, _, _, Some(start), Some(end)) => {
                    json!(format!("{}-{}", start.as_str().expect("text"), end.as_str().expect("text")))
                }
                _ => {
                    // Files come in any order.
                    let sorted: BTreeMap<_, _> = members.iter().collect();
                    sorted.into_iter().map(|(name, value)| (name.clone(), short(value))).collect::<Map<_, _>>().into()
                }
            }
        }
        value => value.clone(),
    }
}
