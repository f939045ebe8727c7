//! The language server as an editor speaks with it: each script in `tests/lsp` is a list of messages, and beside it stands what was
//! answered. `UPDATE_SNAPSHOTS=1` writes the answers anew.

#[path = "lsp/editor.rs"]
mod editor;
#[path = "lsp/edits.rs"]
mod edits;
#[path = "lsp/manners.rs"]
mod manners;

use std::{env, fmt::Write, fs, path::PathBuf};

use editor::{Editor, root};
use serde_json::{Value, json};

/// Plays a script: its messages, one a step, and the answers as text.
fn play(script: &Value) -> String {
    let folder = root().join(script["folder"].as_str().unwrap_or("tests/lsp/files"));
    let mut editor = Editor::start(&folder, script["capabilities"].clone());
    let mut said = String::new();
    for step in script["steps"].as_array().expect("steps") {
        let mut params = editor.addresses(step["params"].clone());
        if let (Some(file), Some(marked)) = (step["at"][0].as_str(), step["at"][1].as_str()) {
            let more = params.as_object().cloned().unwrap_or_default();
            params = editor.place(file, marked);
            params.as_object_mut().expect("an object").extend(more);
        }
        if let Some(file) = step["open"].as_str() {
            let read = || fs::read_to_string(folder.join(file)).expect("a file");
            editor.open(file, &step["text"].as_str().map_or_else(read, str::to_owned));
        } else if let Some(file) = step["change"].as_str() {
            editor.change(file, step["edits"].clone());
        } else if let Some(file) = step["write"].as_str() {
            editor.write(file, step["old"].as_str().expect("text"), step["new"].as_str().expect("text"));
        } else if let Some(file) = step["settle"].as_str() {
            // What is known when this is answered, completion knows, too.
            let here =
                json!({ "textDocument": { "uri": editor.uri(file) }, "position": { "line": 0, "character": 0 } });
            editor.request("textDocument/documentHighlight", here);
        } else if let Some(file) = step["close"].as_str() {
            editor.notify("textDocument/didClose", json!({ "textDocument": { "uri": editor.uri(file) } }));
        } else if let Some(file) = step["published"].as_str() {
            let published = editor.published(file);
            writeln!(said, "published for {file}: {}", editor.names(&published)).expect("text");
        } else if let Some(method) = step["request"].as_str() {
            let answer = editor.request(method, params);
            let at = step["at"][1].as_str().map_or_else(String::new, |at| format!(" at `{at}`"));
            writeln!(said, "{method}{at}: {}", editor.names(&answer)).expect("text");
        } else {
            panic!("no such step: {step}");
        }
    }
    writeln!(said, "exit code {}", editor.stop()).expect("text");
    said
}

#[test]
fn every_script_is_answered_as_recorded() {
    let mut failures = Vec::new();
    let mut scripts: Vec<PathBuf> = fs::read_dir(root().join("tests/lsp"))
        .expect("the corpus")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    scripts.sort();
    assert!(!scripts.is_empty());
    for path in scripts {
        let script = serde_json::from_str(&fs::read_to_string(&path).expect("a script")).expect("JSON");
        let said = play(&script);
        let snapshot = path.with_extension("snap");
        if env::var_os("UPDATE_SNAPSHOTS").is_some() {
            fs::write(&snapshot, said).expect("written");
        } else if fs::read_to_string(&snapshot).unwrap_or_default() != said {
            failures.push(format!("{}:\n{said}", path.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
