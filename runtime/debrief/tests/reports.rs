//! The reports of the findings in `fixtures`. Each has a `.facts` file: lines that begin with `page-one`, `anywhere` or
//! `nowhere`, and a text that must, or must not, be read there. White space counts as one space. Texts are read back
//! from the PDF with `pdftotext` (package `poppler-utils`).

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use esr_debrief::findings::{Figures, LatencyInterval, Window};
use esr_debrief::{Findings, markdown, pdf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn findings(name: &str) -> Findings {
    let path = fixtures().join(format!("{name}.json"));
    serde_json::from_slice(&fs::read(&path).expect("the fixture is there")).expect("the fixture holds findings")
}

/// The text of each page, in the order in which it was set.
fn pages(pdf: &[u8]) -> Vec<String> {
    let mut reader = Command::new("pdftotext")
        .args(["-raw", "-enc", "UTF-8", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("pdftotext (poppler-utils) is installed");
    let mut input = reader.stdin.take().expect("it has an input");
    let pdf = pdf.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&pdf));
    let output = reader.wait_with_output().expect("pdftotext ends");
    writer.join().expect("the writer ends").expect("pdftotext reads it all");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("its text is UTF-8");
    text.trim_end_matches('\u{c}').split('\u{c}').map(words).collect()
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check(name: &str) {
    let pages = pages(&pdf::render(&findings(name)).expect("it renders"));
    let all = pages.join(" ");
    let facts = fs::read_to_string(fixtures().join(format!("{name}.facts"))).expect("the fixture has facts");
    for fact in facts.lines().filter(|line| !line.is_empty()) {
        let (whereabouts, text) = fact.split_once(' ').expect("a fact has two parts");
        let text = words(text);
        match whereabouts {
            "page-one" => assert!(pages[0].contains(&text), "{name}: page one lacks `{text}`:\n{}", pages[0]),
            "anywhere" => assert!(all.contains(&text), "{name}: `{text}` is missing in:\n{all}"),
            "nowhere" => assert!(!all.contains(&text), "{name}: `{text}` is there:\n{all}"),
            other => panic!("{name}: no such place: {other}"),
        }
    }
}

#[test]
fn typical() {
    check("typical");
}

#[test]
fn empty() {
    check("empty");
}

#[test]
fn killed_early() {
    check("killed-early");
}

#[test]
fn hostile_texts() {
    check("hostile-texts");
}

#[test]
fn the_same_findings_give_the_same_bytes() {
    let findings = findings("typical");
    assert!(pdf::render(&findings).expect("it renders") == pdf::render(&findings).expect("it renders"));
}

#[test]
fn a_huge_run_makes_a_bounded_report() {
    let mut findings = findings("typical");
    let figures = Figures {
        count: u64::MAX,
        failures: 1,
        p50_ns: Some(1),
        p95_ns: Some(u64::MAX / 4),
        max_ns: Some(u64::MAX / 2),
    };
    findings.latency = (0..10_000)
        .map(|index| LatencyInterval { start_ns: index * 3_000_000_000, width_ns: 1_000_000_000, figures })
        .collect();
    fn many<T: Clone>(list: &mut Vec<T>, times: usize) {
        *list = list.iter().cloned().cycle().take(list.len() * times).collect();
    }
    many(&mut findings.goals, 1_000);
    many(&mut findings.steps, 1_000);
    many(&mut findings.top_errors, 1_000);
    many(&mut findings.parts, 1_000);
    many(&mut findings.fixes, 1_000);
    many(&mut findings.probes, 1_000);
    many(&mut findings.header.personas, 1_000);
    let window = Window { start_ns: u64::MAX - 1, end_ns: Some(0) };
    findings.probes[0].windows = vec![window; 1_000];
    let path = findings.slowest.as_mut().expect("it has a path");
    many(&mut path.waterfall, 100);
    many(&mut path.steps, 100);
    many(&mut path.charges, 100);
    let bytes = pdf::render(&findings).expect("it renders");
    let pages = pages(&bytes).len();
    assert!(pages <= 40, "{pages} pages");
    assert!(bytes.len() < 2_000_000, "{} bytes", bytes.len());
    assert!(markdown::render(&findings).len() < 10_000);
}

#[test]
fn markdown_is_short_and_holds_the_four_findings() {
    let expected = fs::read_to_string(fixtures().join("typical.md")).expect("the expected text is there");
    assert_eq!(markdown::render(&findings("typical")), expected);
}

#[test]
fn hostile_texts_are_no_markdown() {
    let text = markdown::render(&findings("hostile-texts"));
    let outside_code: String = text.split('`').step_by(2).collect();
    assert!(
        !outside_code.contains("<b>") && !outside_code.contains(" @ref") && !outside_code.contains(" *bold*"),
        "{text}"
    );
}
