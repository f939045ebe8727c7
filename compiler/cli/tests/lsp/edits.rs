//! Any edit: thousands of them, made by chance, over the corpus.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::{Value, json};

use crate::editor::{Editor, position_in, root};

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

/// What can be asked about a file, and about a place in it.
const ABOUT_FILES: [&str; 6] =
    ["documentSymbol", "foldingRange", "semanticTokens/full", "documentLink", "diagnostic", "codeLens"];
const ABOUT_PLACES: [&str; 9] = [
    "hover",
    "completion",
    "definition",
    "documentHighlight",
    "signatureHelp",
    "references",
    "prepareRename",
    "rename",
    "selectionRange",
];
const ABOUT_RANGES: [&str; 4] = ["inlayHint", "codeAction", "rangeFormatting", "formatting"];

/// Something to ask about a text, by chance: the method and its parameters.
fn question(chance: &mut Chance, uri: &str, text: &str, count: fn(&str) -> usize) -> (String, Value) {
    let mut params = json!({ "textDocument": { "uri": uri } });
    let mut place = || {
        let offset = boundary(text, chance.below(text.len() + 1));
        position_in(text, offset, count)
    };
    let (start, end) = (place(), place());
    let at = chance.below(ABOUT_FILES.len() + ABOUT_PLACES.len() + ABOUT_RANGES.len() + 1);
    let methods = ABOUT_FILES.iter().chain(&ABOUT_PLACES).chain(&ABOUT_RANGES);
    let Some(method) = methods.collect::<Vec<_>>().get(at).copied() else {
        return ("workspace/symbol".to_owned(), json!({ "query": "a" }));
    };
    if ABOUT_PLACES.contains(method) {
        params["position"] = start.clone();
        params["positions"] = json!([start, end]);
        params["newName"] = json!("other");
        params["context"] = json!({ "includeDeclaration": true });
    } else if ABOUT_RANGES.contains(method) {
        params["range"] = json!({ "start": start, "end": end });
        params["options"] = json!({ "tabSize": 2, "insertSpaces": true });
        params["context"] = json!({ "diagnostics": [] });
    }
    (format!("textDocument/{method}"), params)
}

/// Files of the project that are edited, and the others of their folder are read by them.
const CORPUS: [(&str, &[&str]); 3] = [
    ("tests/lsp/files", &["journey.scn", "people.scn", "agency.scn"]),
    (
        "scenarios",
        &[
            "passport_renewal.scn.yaml",
            "passport_agency.scn",
            "benefits_agency.scn",
            "benefits_tax_outage.scn",
            "gov/journeys.scn",
            "gov/people.scn",
        ],
    ),
    ("tests/index", &["journey.scn", "people.scn", "office.scn"]),
];

/// Makes `edits` edits by chance, with several questions under way; all are answered once, none by a failure, and what is said in
/// the end is what a server says that knows nothing of what came before.
fn survives(seed: u64, (folder, files): (&str, &[&str]), encoding: &str, count: fn(&str) -> usize, edits: usize) {
    let folder = root().join(folder);
    let capabilities = json!({ "textDocument": { "diagnostic": {} }, "general": { "positionEncodings": [encoding] } });
    let mut editor = Editor::start(&folder, capabilities.clone());
    let mut chance = Chance(seed);
    let mut texts: Vec<String> =
        files.iter().map(|file| fs::read_to_string(folder.join(file)).expect("a file")).collect();
    let originals = texts.clone();
    files.iter().zip(&texts).for_each(|(file, text)| editor.open(file, text));
    let mut asked = BTreeMap::new();
    for round in 1..=edits {
        let at = chance.below(files.len());
        let text = &mut texts[at];
        let edit = if round % 100 == 0 {
            // What has become unreadable begins anew.
            *text = originals[at].clone();
            json!([{ "text": text }])
        } else {
            let start = boundary(text, chance.below(text.len() + 1));
            let end = boundary(text, start + chance.below(6)).max(start);
            let written = WRITTEN[chance.below(WRITTEN.len())];
            let range = json!({ "start": position_in(text, start, count), "end": position_in(text, end, count) });
            text.replace_range(start..end, written);
            json!([{ "range": range, "text": written }])
        };
        editor.change(files[at], edit);
        for _ in 0..chance.below(3) {
            let (method, params) = question(&mut chance, &editor.uri(files[at]), &texts[at], count);
            let id = editor.ask(&method, params);
            if chance.below(8) == 0 {
                editor.cancel(id);
            }
            asked.insert(id, (round, method, texts[at].clone()));
        }
        if round % 20 == 0 {
            for (id, answer) in editor.settle() {
                let (round, method, text) = &asked[&id];
                // What cannot be renamed is refused, and what was taken back or is outdated is not answered.
                let code = answer["error"]["code"].as_i64();
                let is_fine = [None, Some(-32800), Some(-32801)].contains(&code)
                    || code == Some(-32803) && method.to_lowercase().contains("rename");
                assert!(is_fine, "after edit {round}, {method}: {answer}\n{text}");
            }
            asked.clear();
        }
        if round % 50 == 0 {
            let mut fresh = Editor::start(&folder, capabilities.clone());
            files.iter().zip(&texts).for_each(|(file, text)| fresh.open(file, text));
            for file in files {
                let document = json!({ "textDocument": { "uri": editor.uri(file) } });
                let mut hints = document.clone();
                hints["range"] =
                    json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9999, "character": 0 } });
                for (method, params) in [("diagnostic", document), ("inlayHint", hints)] {
                    let known = editor.request(&format!("textDocument/{method}"), params.clone());
                    let expected = fresh.request(&format!("textDocument/{method}"), params);
                    assert!(known == expected, "after edit {round}, {method} of {file}: {known} and {expected}");
                }
            }
            assert_eq!(fresh.stop(), 0);
        }
    }
    assert_eq!(editor.stop(), 0);
}

#[test]
fn no_edit_loses_a_request_or_leaves_a_stale_diagnostic() {
    let utf16 = |line: &str| line.encode_utf16().count();
    survives(7, CORPUS[0], "utf-16", utf16, 2000);
    survives(11, CORPUS[0], "utf-8", str::len, 500);
    survives(13, CORPUS[1], "utf-16", utf16, 500);
    survives(19, CORPUS[2], "utf-16", utf16, 1000);
}

/// A file with several scenarios, each with a mistake of its own, between a sandbox and a constant.
fn several() -> String {
    let mut text = String::from(
        "use std.people\n\nsandbox office:\n  entry: desk\n  frontend desk:\n    page \"/a\" \"A\":\n      form f -> \"/b\":\n        name: Text\n    page \"/b\" \"B\"\n\n",
    );
    for number in 1..=5 {
        text.push_str(&format!(
            "## One of several.\nscenario number-{number}:\n  tags: [x]\n  sandbox: office\n  goals:\n    - p95(step: fill) <= {number}s\n  personas: {number} of Citizen\n  steps:\n    - visit: \"/a\"\n    - set: much to: most + {number}\n    - fill: \"nam\" value: persona.name\n    - assert: much > {number} and lacking\n\n"
        ));
    }
    text + "const most = 5\n"
}

#[test]
fn what_is_remembered_is_what_would_be_found() {
    let folder = root().join("tests/lsp/files");
    let capabilities = json!({ "textDocument": { "diagnostic": {} } });
    let mut chance = Chance(23);
    let mut text = several();
    let mut editor = Editor::start(&folder, capabilities.clone());
    editor.open("several.scn", &text);
    let document = json!({ "textDocument": { "uri": editor.uri("several.scn") } });
    let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9999, "character": 0 } });
    let methods = ["diagnostic", "inlayHint", "documentHighlight", "definition", "references"];
    let edits = [
        ("    - visit: \"/a\"\n", "    - visit: \"/a\"\n    - think: 1s\n"),
        ("    - think: 1s\n", ""),
        ("\n\n## One", "\n\n# A remark.\n\n## One"),
        ("# A remark.\n\n", ""),
        ("\"nam\"", "\"name\""),
        ("\"name\"", "\"nam\""),
        ("const most = 5", "const most = 50"),
        ("const most = 50", "const most = \"text\""),
        ("const most = \"text\"", "const most = 5"),
        ("name: Text", "nam: Text"),
        ("nam: Text", "name: Text"),
        ("personas: ", "personas: 1"),
    ];
    for round in 0..120 {
        let (old, new) = edits[chance.below(edits.len())];
        let places: Vec<usize> = text.match_indices(old).map(|(at, _)| at).collect();
        if places.is_empty() {
            continue;
        }
        let at = places[chance.below(places.len())];
        let count = |line: &str| line.encode_utf16().count();
        let range = json!({ "start": position_in(&text, at, count), "end": position_in(&text, at + old.len(), count) });
        text.replace_range(at..at + old.len(), new);
        editor.change("several.scn", json!([{ "range": range, "text": new }]));
        let mut fresh = Editor::start(&folder, capabilities.clone());
        fresh.open("several.scn", &text);
        let named = ["much", "most"][chance.below(2)];
        let places: Vec<usize> = text.match_indices(named).map(|(at, _)| at).collect();
        let place = position_in(&text, places[chance.below(places.len())] + 1, count);
        for method in methods {
            let mut params = document.clone();
            params["range"] = whole.clone();
            params["position"] = place.clone();
            params["context"] = json!({ "includeDeclaration": true });
            let known = editor.request(&format!("textDocument/{method}"), params.clone());
            let expected = fresh.request(&format!("textDocument/{method}"), params);
            assert!(known == expected, "after edit {round}, {method}:\n{known}\n{expected}\n{text}");
        }
        assert_eq!(fresh.stop(), 0);
    }
    assert_eq!(editor.stop(), 0);
}

#[test]
fn no_answer_is_about_an_older_text() {
    const EDITS: usize = 150;
    let folder = root().join("tests/lsp/files");
    let capabilities = json!({ "textDocument": { "diagnostic": {} } });
    let text = fs::read_to_string(folder.join("journey.scn")).expect("a file");
    let mut editor = Editor::start(&folder, capabilities.clone());
    editor.open("journey.scn", &text);
    let document = json!({ "textDocument": { "uri": editor.uri("journey.scn") } });
    // Each edit moves all that is wrong down by a line.
    let edit = json!([{ "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 0 } }, "text": "wrong\n" }]);
    let mut chance = Chance(17);
    let mut asked = Vec::new();
    for _ in 0..EDITS {
        editor.change("journey.scn", edit.clone());
        asked.push(editor.ask("textDocument/diagnostic", document.clone()));
        // Now and then it comes to an end with what it is at.
        std::thread::sleep(std::time::Duration::from_micros(chance.below(8000) as u64));
    }
    let answers = editor.settle();
    assert_eq!(editor.stop(), 0);
    for (edits, id) in asked.iter().enumerate() {
        let items = answers[id]["result"]["items"].as_array().expect("diagnostics");
        // As many lines are wrong as were written, or were written since.
        let wrong = items.iter().filter(|found| found["range"]["start"]["character"] == 0 && found["code"] == "E0015");
        let lines: BTreeSet<u64> = wrong.filter_map(|found| found["range"]["start"]["line"].as_u64()).collect();
        assert!(lines.len() > edits, "after {} edits {} lines are wrong: {items:?}", edits + 1, lines.len());
    }
}
