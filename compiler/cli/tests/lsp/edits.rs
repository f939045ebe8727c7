//! Any edit: thousands of them, made by chance, over the corpus.

use std::fs;

use serde_json::json;

use crate::editor::{Editor, position, root};

/// A generator of numbers that gives the same for the same seed (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % limit.max(1) as u64) as usize
    }
}

const WRITTEN: [&str; 16] = [
    "a",
    "\n",
    "  ",
    "- ",
    ":",
    "\"",
    "${",
    "}",
    "🙂",
    "[",
    "/",
    "|\n",
    "use ",
    "steps:\n",
    "\r\n",
    "- if: persona.age > 3\n",
];

/// The last place up to `offset` that an editor can point at: not within a character, nor between the two of a line break.
fn boundary(text: &str, offset: usize) -> usize {
    let offset = text.floor_char_boundary(offset.min(text.len()));
    text[..offset].trim_end_matches('\r').len()
}

#[test]
fn no_edit_loses_a_request_or_leaves_a_stale_diagnostic() {
    const EDITS: usize = 3000;
    let folder = root().join("tests/lsp/files");
    let pulls = json!({ "textDocument": { "diagnostic": {} } });
    let mut editor = Editor::start(&folder, pulls.clone());
    let mut chance = Chance(7);
    let files = ["journey.scn", "people.scn", "agency.scn"];
    let mut texts: Vec<String> =
        files.iter().map(|file| fs::read_to_string(folder.join(file)).expect("a file")).collect();
    let originals = texts.clone();
    files.iter().zip(&texts).for_each(|(file, text)| editor.open(file, text));
    let methods = ["documentSymbol", "foldingRange", "semanticTokens/full", "documentLink", "diagnostic", "codeLens"];
    for round in 0..EDITS {
        let at = chance.below(files.len());
        let text = &mut texts[at];
        let edit = if round % 100 == 99 {
            // What has become unreadable begins anew.
            *text = originals[at].clone();
            json!([{ "text": text }])
        } else {
            let start = boundary(text, chance.below(text.len() + 1));
            let end = boundary(text, start + chance.below(6)).max(start);
            let written = WRITTEN[chance.below(WRITTEN.len())];
            let range = json!({ "start": position(text, start), "end": position(text, end) });
            text.replace_range(start..end, written);
            json!([{ "range": range, "text": written }])
        };
        editor.change(files[at], edit);
        if round % 10 == 0 {
            let document = json!({ "textDocument": { "uri": editor.uri(files[at]) } });
            let method = methods[chance.below(methods.len())];
            let answer = editor.request(&format!("textDocument/{method}"), document.clone());
            assert!(answer.get("error").is_none(), "after edit {round}, {method}: {answer}\n{}", texts[at]);
            let around = json!({ "textDocument": document["textDocument"], "position": position(&texts[at], boundary(&texts[at], chance.below(texts[at].len() + 1))) });
            for method in ["hover", "completion", "definition", "documentHighlight", "signatureHelp"] {
                let answer = editor.request(&format!("textDocument/{method}"), around.clone());
                assert!(answer.get("error").is_none(), "after edit {round}, {method}: {answer}\n{}", texts[at]);
            }
            let end = json!({ "line": 9999, "character": 0 });
            let range = json!({ "start": { "line": 0, "character": 0 }, "end": end });
            let hints = json!({ "textDocument": document["textDocument"], "range": range });
            let answer = editor.request("textDocument/inlayHint", hints);
            assert!(answer.get("error").is_none(), "after edit {round}: {answer}\n{}", texts[at]);
            let mut renaming = around.clone();
            renaming["newName"] = json!("other");
            // What cannot be renamed is refused; the server lives on.
            editor.request("textDocument/rename", renaming);
            let formatting =
                json!({ "textDocument": document["textDocument"], "options": { "tabSize": 2, "insertSpaces": true } });
            let answer = editor.request("textDocument/formatting", formatting);
            assert!(answer.get("error").is_none(), "after edit {round}: {answer}\n{}", texts[at]);
        }
        if round % 250 == 249 {
            let mut fresh = Editor::start(&folder, pulls.clone());
            files.iter().zip(&texts).for_each(|(file, text)| fresh.open(file, text));
            for file in files {
                let document = json!({ "textDocument": { "uri": editor.uri(file) } });
                let known = editor.request("textDocument/diagnostic", document.clone());
                let expected = fresh.request("textDocument/diagnostic", document);
                assert!(known == expected, "after edit {round}, {file}:\n{}", texts[at]);
            }
            assert_eq!(fresh.stop(), 0);
        }
    }
    assert_eq!(editor.stop(), 0);
}
