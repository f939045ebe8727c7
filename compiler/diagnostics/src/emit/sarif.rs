//! SARIF 2.1.0, the format that code hosts and editors read findings in.
//!
//! Columns count UTF-16 code units, as `columnKind` says; lines and columns from 1, the end of a region is the column after it.

use serde_json::{Map, Value, json};

use super::{severity, uri};
use crate::{Code, Diagnostic, Fix, Label, Severity, SourceMap, Span, codes};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The diagnostics as one SARIF log with one run of `esrc` of this version.
pub fn sarif(diagnostics: &[Diagnostic], sources: &SourceMap, version: &str) -> String {
    let fired: Vec<&Code> = codes::ALL
        .iter()
        .copied()
        .filter(|code| diagnostics.iter().any(|diagnostic| diagnostic.code.id == code.id))
        .collect();
    let results: Vec<Value> = diagnostics.iter().map(|diagnostic| result(diagnostic, &fired, sources)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "esrc",
                "semanticVersion": version,
                "rules": fired.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            } },
            "columnKind": "utf16CodeUnits",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn level(of: Severity) -> &'static str {
    severity(of)
}

fn rule(code: &Code) -> Value {
    let meaning = code.meaning.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    let (wrong, right) = (code.wrong.trim_end(), code.right.trim_end());
    json!({
        "id": code.id,
        "name": code.name,
        "shortDescription": { "text": code.name.replace('-', " ") },
        "fullDescription": { "text": meaning },
        "help": {
            "text": format!("{meaning}\n\nWrong:\n\n{wrong}\n\nRight:\n\n{right}\n"),
            "markdown": format!("{meaning}\n\nWrong:\n\n```yaml\n{wrong}\n```\n\nRight:\n\n```yaml\n{right}\n```\n"),
        },
        "defaultConfiguration": { "level": level(code.severity) },
    })
}

fn result(diagnostic: &Diagnostic, fired: &[&Code], sources: &SourceMap) -> Value {
    let mut result = Map::new();
    result.insert("ruleId".to_owned(), json!(diagnostic.code.id));
    if let Some(index) = fired.iter().position(|code| code.id == diagnostic.code.id) {
        result.insert("ruleIndex".to_owned(), json!(index));
    }
    result.insert("level".to_owned(), json!(level(diagnostic.severity)));
    result.insert("message".to_owned(), json!({ "text": super::sentences(diagnostic) }));
    result.insert("locations".to_owned(), json!([location(&diagnostic.primary, None, sources)]));
    if !diagnostic.secondary.is_empty() {
        let related: Vec<Value> = diagnostic
            .secondary
            .iter()
            .enumerate()
            .map(|(index, label)| location(label, Some(index + 1), sources))
            .collect();
        result.insert("relatedLocations".to_owned(), Value::Array(related));
    }
    if !diagnostic.fixes.is_empty() {
        let fixes: Vec<Value> = diagnostic.fixes.iter().map(|each| fix(each, sources)).collect();
        result.insert("fixes".to_owned(), Value::Array(fixes));
    }
    Value::Object(result)
}

fn location(label: &Label, id: Option<usize>, sources: &SourceMap) -> Value {
    let mut location = Map::new();
    if let Some(id) = id {
        location.insert("id".to_owned(), json!(id));
    }
    let place = json!({ "artifactLocation": artifact(label.span, sources), "region": region(label.span, sources) });
    location.insert("physicalLocation".to_owned(), place);
    if !label.message.is_empty() {
        location.insert("message".to_owned(), json!({ "text": label.message }));
    }
    Value::Object(location)
}

fn artifact(span: Span, sources: &SourceMap) -> Value {
    json!({ "uri": uri(sources.get(span.source).map_or("<unknown>", |source| source.name())) })
}

fn region(span: Span, sources: &SourceMap) -> Value {
    let Some(source) = sources.get(span.source) else { return json!({ "startLine": 1, "startColumn": 1 }) };
    let place = |offset: u32| {
        let at = source.line_column(offset as usize);
        let before = source.line(at.line).unwrap_or("").chars().take(at.column - 1);
        (at.line, before.map(char::len_utf16).sum::<usize>() + 1)
    };
    let (start, end) = (place(span.start), place(span.end.max(span.start)));
    json!({ "startLine": start.0, "startColumn": start.1, "endLine": end.0, "endColumn": end.1 })
}

/// The edits of a fix, file by file in the order of their first edit.
fn fix(fix: &Fix, sources: &SourceMap) -> Value {
    let mut files: Vec<(Span, Vec<Value>)> = Vec::new();
    for edit in &fix.edits {
        let replacement =
            json!({ "deletedRegion": region(edit.span, sources), "insertedContent": { "text": edit.text } });
        match files.iter_mut().find(|(span, _)| span.source == edit.span.source) {
            Some((_, replacements)) => replacements.push(replacement),
            None => files.push((edit.span, vec![replacement])),
        }
    }
    let changes: Vec<Value> = files
        .into_iter()
        .map(
            |(span, replacements)| json!({ "artifactLocation": artifact(span, sources), "replacements": replacements }),
        )
        .collect();
    json!({
        "description": { "text": fix.title },
        "artifactChanges": changes,
        "properties": { "applicability": fix.applicability },
    })
}
