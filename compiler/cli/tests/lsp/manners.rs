//! What editors do in ways of their own.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};

use crate::editor::Editor;

const GOOD: &str = "const most = 5\nconst more = most + 1\nflow go():\n  - visit: \"/a\"\n  - set: much to: more\n";
const WRONG: &str = "const most = lacking\n";

fn place(uri: &str, line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } })
}

fn everything() -> Value {
    json!({
        "textDocument": { "diagnostic": {} },
        "workspace": {
            "workspaceEdit": { "documentChanges": true },
            "diagnostics": { "refreshSupport": true },
        },
    })
}

fn with_files(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("a file");
    }
}

#[test]
fn a_file_goes_by_the_address_that_the_editor_has_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    with_files(folder.path(), &[("a+b (x).scn", WRONG)]);
    let mut editor = Editor::start(folder.path(), everything());
    let spelt = "a%2Bb%20%28x%29.scn";
    editor.open(spelt, WRONG);
    let document = json!({ "textDocument": { "uri": editor.uri(spelt) } });
    let found = editor.request("textDocument/diagnostic", document);
    assert_eq!(found["result"]["items"][0]["code"], "E0201", "{found}");
    assert_eq!(editor.stop(), 0);
}

#[test]
fn what_an_editor_shows_of_other_places_does_not_stand_in_for_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    with_files(folder.path(), &[("it.scn", WRONG)]);
    let mut editor = Editor::start(folder.path(), everything());
    editor.open("it.scn", WRONG);
    let past = editor.uri("it.scn").replacen("file://", "git:", 1);
    for commit in 0..16 {
        let past = format!("{past}?{commit}");
        let document = json!({ "uri": past, "languageId": "scn", "version": 1, "text": GOOD });
        editor.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }
    let document = json!({ "textDocument": { "uri": editor.uri("it.scn") } });
    let found = editor.request("textDocument/diagnostic", document);
    assert_eq!(found["result"]["items"][0]["code"], "E0201", "{found}");
    assert_eq!(editor.stop(), 0);
}

#[test]
fn edits_say_which_version_they_are_about() {
    let folder = tempfile::tempdir().expect("a folder");
    with_files(folder.path(), &[("it.scn", GOOD)]);
    let mut editor = Editor::start(folder.path(), everything());
    editor.open("it.scn", GOOD);
    let mut renaming = place(&editor.uri("it.scn"), 0, 7);
    renaming["newName"] = json!("limit");
    let answer = editor.request("textDocument/rename", renaming);
    let change = &answer["result"]["documentChanges"][0];
    assert_eq!(change["textDocument"]["version"], 1, "{answer}");
    assert_eq!(change["edits"].as_array().map(Vec::len), Some(2), "{answer}");
    assert_eq!(editor.stop(), 0);
}

#[test]
fn an_editor_that_pulls_is_told_to_ask_anew_when_files_change() {
    let folder = tempfile::tempdir().expect("a folder");
    with_files(folder.path(), &[("it.scn", GOOD)]);
    let mut editor = Editor::start(folder.path(), everything());
    editor.open("it.scn", GOOD);
    let change = json!({ "uri": editor.uri("other.scn"), "type": 1 });
    editor.notify("workspace/didChangeWatchedFiles", json!({ "changes": [change] }));
    let document = json!({ "textDocument": { "uri": editor.uri("it.scn") } });
    editor.request("textDocument/diagnostic", document);
    assert_eq!(editor.told(), ["workspace/diagnostic/refresh"]);
    assert_eq!(editor.stop(), 0);
}

#[test]
fn what_an_editor_says_of_itself_in_its_own_way_is_passed_over() {
    let strange = json!({
        "textDocument": { "publishDiagnostics": { "tagSupport": true }, "semanticTokens": { "dynamicRegistration": true } },
        "general": "none",
    });
    let folder = tempfile::tempdir().expect("a folder");
    let mut editor = Editor::start(folder.path(), strange);
    // Nothing is open yet.
    let nothing = editor.request("textDocument/hover", place(&editor.uri("it.scn"), 0, 0));
    assert_eq!(nothing["result"], Value::Null, "{nothing}");
    editor.request("shutdown", Value::Null);
    let refused = editor.request("textDocument/hover", place(&editor.uri("it.scn"), 0, 0));
    assert_eq!(refused["error"]["code"], -32600, "{refused}");
    editor.notify("textDocument/didClose", json!({ "textDocument": { "uri": editor.uri("it.scn") } }));
    assert_eq!(editor.leave(), 0);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_no_file_to_wait_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = Command::new("mkfifo").arg(folder.path().join("pipe.scn")).status().expect("mkfifo");
    assert!(made.success());
    let mut editor = Editor::start(folder.path(), everything());
    editor.open("it.scn", "use \"./pipe.scn\"\nconst most = 5\n");
    let document = json!({ "textDocument": { "uri": editor.uri("it.scn") } });
    let found = editor.request("textDocument/diagnostic", document);
    assert!(found.to_string().contains("it is no regular file"), "{found}");
    let mut asked = place(&editor.uri("it.scn"), 1, 7);
    asked["context"] = json!({ "includeDeclaration": true });
    let references = editor.request("textDocument/references", asked);
    assert_eq!(references["result"].as_array().map(Vec::len), Some(1), "{references}");
    assert_eq!(editor.stop(), 0);
}
