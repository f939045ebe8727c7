//! Every example that teaches the language compiles: those in the comments of `stdlib/*.scn`, and those in `docs/` and
//! the README.
//!
//! In a page, a fence marked `scn` holds a whole file, and one marked `scn continued` goes on with the file before it;
//! `scn file=NAME` names a file that later ones on the page use. What is marked `scn fragment` is part of a file, and `scn wrong`
//! has a mistake on purpose.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use esr_tests::root;
use scn_analysis::{Options, World, WorldError, compile};
use scn_diagnostics::{Severity, emit};
use scn_grammar::ast::Keyword;

/// Texts by their paths.
#[derive(Default)]
struct Texts(BTreeMap<String, Arc<str>>);

impl World for Texts {
    fn read(&self, path: &str) -> Result<Arc<str>, WorldError> {
        self.0.get(path).cloned().ok_or(WorldError::NotFound)
    }

    fn settings(&self, _: &str) -> Option<String> {
        self.0.contains_key("esr.toml").then(|| "esr.toml".to_owned())
    }

    fn siblings(&self, _: &str) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

/// What is wrong with the file at `path`, as it is shown; empty if nothing is.
fn errors(world: &Texts, path: &str) -> String {
    let compilation = compile(world, path, &Options::default());
    let mut found = compilation.diagnostics;
    found.retain(|diagnostic| diagnostic.severity == Severity::Error);
    emit::terminal(&found, &compilation.sources, emit::Options::default())
}

/// The lines of `text` that are indented as Markdown indents code.
fn indented(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("    ")).collect()
}

/// A file around the example of a declaration of the prelude.
fn around(keyword: Keyword, example: &[&str]) -> String {
    let at = |indent: usize| example.iter().map(|line| format!("{:indent$}{line}\n", "")).collect::<String>();
    let steps = |mark: Keyword| if keyword == mark { at(4) } else { String::new() };
    let section = |name: &str, mark: Keyword| match steps(mark) {
        lines if lines.is_empty() => String::new(),
        lines => format!("  {name}:\n{lines}"),
    };
    let persona = match keyword {
        Keyword::Generator => format!("persona Example extends Citizen:\n{}\n", at(2)),
        _ => String::new(),
    };
    let of = if keyword == Keyword::Generator { "Example" } else { "Citizen" };
    let handler = if keyword == Keyword::Handler { at(6) } else { "      - reply: 204\n".to_owned() };
    format!(
        "use std.people\n\n{persona}scenario example:\n{sandbox}  duration: 30m\n  personas:\n    - 5 of {of}\n{goals}{probes}\
         \n  steps:\n    - visit: \"/start\"\n{steps}\
         \nsandbox agency:\n  entry: portal\n\
         \n  frontend portal:\n    page \"/start\" \"Start\":\n      form eligibility -> \"/photo\":\n        \
         passport_id: Text\n        accept_terms: Bool\n        newsletter: Bool\n        country: Choice{{Portugal, Spain}}\n      \
         on submit:\n        - post: eligibility-svc \"/check\" body: {{ passport_id: form.passport_id }}\n    \
         page \"/photo\" \"Photo\":\n      form photo -> \"/pay\":\n        photo: File\n        proof_of_address: File\n    \
         page \"/pay\" \"Pay\":\n      show: {{ amount: $130 }}\n      form payment -> \"/confirmation\":\n        method: Choice{{credit_card, bank_transfer}}\n      \
         on submit:\n        - post: payments-svc \"/charge\" body: {{ amount: show.amount }}\n    \
         page \"/confirmation\" \"Thank you\":\n      text: \"Done.\"\n\
         \n  service eligibility-svc:\n    store citizens: Record{{ passport_id: Text, name: Maybe[Text] }}\n    \
         route POST \"/check\" body: Record{{ passport_id: Text }}:\n{handler}\
         \n  service payments-svc:\n    route POST \"/charge\" body: Record{{ amount: Money }}:\n      - reply: 200 body: {{ paid: true }}\n    \
         route GET \"/fees\":\n      - reply: 200 body: {{ fee: $130 }}\n    \
         route PUT \"/records\":\n      - reply: 204\n    route PATCH \"/records\":\n      - reply: 204\n    \
         route DELETE \"/records\":\n      - reply: 204\n\
         \n  partner SSA.VERIFY:\n    on envelope \"ssa.verify.v2\" payload: Record{{ passport_id: Text }}:\n      - reply: 200 body: {{ verified: true }}\n\
         \n  queue hitl-review reviewers: 3 after: 20s decides: choice(\"approve\" weight 9, \"reject\" weight 1)\n",
        // A step's example is one moment of a journey: the pages that lead there are no part of it.
        sandbox = if keyword == Keyword::Step { "" } else { "  sandbox: agency\n" },
        goals = section("goals", Keyword::Metric),
        probes = match keyword {
            Keyword::Metric =>
                "  probes:\n    - slow_service: eligibility-svc latency: 800ms from: 2m for: 5m".to_owned(),
            _ => section("probes", Keyword::Probe),
        },
        steps = steps(Keyword::Step),
    )
}

#[test]
fn every_declaration_of_the_prelude_has_an_example_that_compiles() {
    let (tree, _) = scn_grammar::parse(scn_diagnostics::SourceId::default(), scn_stdlib::PRELUDE);
    let (mut count, mut wrong) = (0, Vec::new());
    for node in &tree.nodes {
        let Some(decl) = node.decl() else { continue };
        let name = format!("{} {}", decl.keyword.as_str(), decl.name.as_ref().expect("a name").text);
        let doc = node.doc.as_deref().unwrap_or_default();
        let example = indented(doc);
        assert!(!example.is_empty(), "`{name}` has no example: indent one by four under its `##` comment");
        let text = around(decl.keyword, &example);
        wrong.push(errors(&Texts(BTreeMap::from([(name.clone(), text.into())])), &name));
        count += 1;
    }
    wrong.retain(|found| !found.is_empty());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 40, "the prelude was read");
}

/// A fence of a page: its line, what it is marked with, and its text.
struct Fence {
    line: usize,
    marks: Vec<String>,
    text: String,
}

fn fences(page: &str) -> Vec<Fence> {
    let mut fences = Vec::new();
    let mut open: Option<Fence> = None;
    for (at, line) in page.lines().enumerate() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(marks)) => {
                let marks = marks.split([' ', ',']).map(str::to_owned).filter(|mark| !mark.is_empty()).collect();
                open = Some(Fence { line: at + 1, marks, text: String::new() });
            }
            (Some(_), Some(_)) => fences.extend(open.take()),
            (Some(fence), None) => {
                fence.text.push_str(line);
                fence.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    fences
}

fn pages(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            pages(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            into.push(path);
        }
    }
}

#[test]
fn every_file_that_a_page_shows_compiles() {
    let mut paths = vec![root().join("README.md")];
    pages(&root().join("docs"), &mut paths);
    paths.sort();
    let mut count = 0;
    let mut wrong = Vec::new();
    for path in paths {
        let page = path.strip_prefix(root()).expect("a page of the repository").display().to_string();
        let mut world = Texts::default();
        // The files of a page, in order: a fence may go on with the one before it.
        let mut files: Vec<(String, String)> = Vec::new();
        for fence in fences(&fs::read_to_string(&path).expect("a readable page")) {
            let marked = |mark: &str| fence.marks.iter().any(|own| own == mark);
            if !marked("scn") || marked("fragment") || marked("wrong") {
                continue;
            }
            let named = fence.marks.iter().find_map(|mark| mark.strip_prefix("file="));
            if marked("continued") {
                let (_, text) =
                    files.last_mut().unwrap_or_else(|| panic!("{page}:{}: nothing goes on here", fence.line));
                text.push('\n');
                text.push_str(&fence.text);
            } else {
                // Beside the page, so that the files on it find one another.
                let name = named.map_or_else(
                    || format!("{page}:{}", fence.line),
                    |name| Path::new(&page).with_file_name(name).display().to_string(),
                );
                files.push((name, fence.text));
            }
        }
        for (name, text) in files {
            world.0.insert(name.clone(), text.into());
            wrong.push(errors(&world, &name));
            count += 1;
        }
    }
    wrong.retain(|found| !found.is_empty());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 0, "there are examples");
}
