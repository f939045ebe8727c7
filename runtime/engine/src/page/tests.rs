//! The corpus `tests/pages`: HTML, what a person does with it, and what comes of that.
//!
//! A file begins with the page. Each line `>>> command` is done in turn; the lines after it are what must come of it: a
//! request, an answer, or nothing.

use std::{fmt::Write as _, fs, path::Path};

use scn_plan::{FileSpec, Text, Value};
use url::Url;

use super::{Page, Pressed, Problem, submission::Submission};

#[test]
fn pages_are_used_as_browsers_use_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages");
    let mut files: Vec<_> =
        fs::read_dir(&folder).expect("the corpus").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(!files.is_empty());
    let mut wrong = String::new();
    for file in files {
        let expected = fs::read_to_string(&file).expect("a readable case");
        let actual = play(&expected);
        if actual != expected {
            let _ = writeln!(wrong, "==== {}\n---- expected\n{expected}\n---- actual\n{actual}", file.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The case with what really comes of its commands.
fn play(case: &str) -> String {
    let source: Vec<&str> = case.lines().take_while(|line| !line.starts_with(">>> ")).collect();
    let source = source.join("\n");
    let url = Url::parse("http://agency.example/forms/page?x=1#top").expect("a url");
    let mut page = Page::html(url, 200, source.clone());
    let mut played = source;
    let mut near = None;
    for command in case.lines().filter_map(|line| line.strip_prefix(">>> ")) {
        let came = run(&mut page, &mut near, command);
        let _ = write!(played, "\n>>> {command}");
        for line in came.trim_end().lines() {
            let _ = write!(played, "\n{}", line.trim_end());
        }
    }
    played + "\n"
}

fn run(page: &mut Page, near: &mut Option<usize>, command: &str) -> String {
    let (verb, rest) = command.split_once(' ').unwrap_or((command, ""));
    let (first, second) = rest.split_once(' ').unwrap_or((rest, ""));
    let entered = match verb {
        "fill" => page.fill(*near, first, &literal(second)),
        "select" => page.choose(*near, first, Text::plain(second)),
        "check" => page.tick(*near, first, true),
        "uncheck" => page.tick(*near, first, false),
        "upload" => {
            let (name, field) = first.split_once('@').map_or((first, None), |(name, field)| (name, Some(field)));
            let size = second.parse().expect("a size");
            page.upload(*near, field, FileSpec { name: name.into(), size })
        }
        "pay" => {
            let details: Vec<(&str, Value)> = second
                .split(' ')
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, value)| (name, Value::text(value)))
                .collect();
            let details: Vec<(&str, &Value)> = details.iter().map(|(name, value)| (*name, value)).collect();
            page.enter_payment(first, &details).map(Some)
        }
        "click" => {
            return match page.press(rest) {
                Ok(Pressed::Submit { form, button }) => submitted(page.submission(form, button, "BOUNDARY")),
                Ok(Pressed::Link { href, .. }) => {
                    page.resolve(&href).map_or("nowhere".to_owned(), |url| format!("GET {url}"))
                }
                Ok(Pressed::Reset { form, .. }) => {
                    page.reset(form);
                    String::new()
                }
                Ok(Pressed::Inert { .. }) => String::new(),
                Err(problem) => problem_text(&problem),
            };
        }
        "submit" => {
            let named = page.forms.iter().position(|form| form.name == rest);
            let Some(form) = named.or(*near).or((page.forms.len() == 1).then_some(0)) else {
                return "no form".to_owned();
            };
            return submitted(page.submission(form, page.default_button(form), "BOUNDARY"));
        }
        "amount" => return page.amount().map_or("none".to_owned(), |amount| amount.to_string()),
        "title" => return page.title.clone(),
        "text" => return page.text((!rest.is_empty()).then_some(rest)).unwrap_or("none".to_owned()),
        "has" => return page.has(rest).to_string(),
        "css" => return page.css(rest).join("\n"),
        "controls" => return page.describe_controls(),
        other => panic!("the corpus has no command `{other}`"),
    };
    match entered {
        Ok(form) => {
            *near = form.or(*near);
            String::new()
        }
        Err(problem) => problem_text(&problem),
    }
}

fn literal(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        text => Value::text(text.replace("\\n", "\n")),
    }
}

fn problem_text(problem: &Problem) -> String {
    match problem {
        Problem::Missing(what) => format!("missing: {what}"),
        Problem::Refused { cause, reason } => format!("refused: {cause}: {reason}"),
    }
}

fn submitted(submission: Result<Submission, String>) -> String {
    let submission = match submission {
        Ok(submission) => submission,
        Err(why) => return format!("impossible: {why}"),
    };
    let mut text = format!("{} {}", submission.method, submission.url);
    if let Some(kind) = submission.content_type {
        let _ = write!(
            text,
            "\nContent-Type: {kind}\n\n{}",
            String::from_utf8_lossy(&submission.body).replace("\r\n", "\n")
        );
    }
    text
}
