//! Comments that silence lints where they fire: `# esrc: allow(dead-step, magic-wait)`.
//!
//! At the end of a line such a comment holds for that line; on a line of its own, for the next line and all that is indented
//! below it.

use std::ops::Range;

use scn_diagnostics::{Applicability, Code, Diagnostic, Severity, SourceId, SourceMap, Span, codes};

use super::unused::line_of;
use crate::{
    modules::Modules,
    signatures::{list, nearest},
};

/// How a comment begins that tells this compiler something.
const MARK: &str = "esrc:";

/// What an instruction is written as.
const ALLOW: &str = "allow(";

/// A lint that a comment names.
struct Allowed {
    code: &'static Code,
    /// Where it is named.
    name: Span,
    /// The whole comment, with the space before it.
    comment: Span,
    /// Whether the comment names this lint alone.
    alone: bool,
    /// The lines that the comment holds for, in bytes.
    holds: Range<usize>,
    used: bool,
}

/// Drops the findings that comments of the modules allow, and reports comments that say nothing: those of the files in
/// `roots`, for what is found in others depends on who uses them.
pub(crate) fn apply(modules: &Modules, roots: &[usize], sources: &SourceMap, diagnostics: &mut Vec<Diagnostic>) {
    for (index, module) in modules.all.iter().enumerate() {
        let Some(source) = sources.get(module.source).filter(|source| source.text().contains(MARK)) else { continue };
        let (mut allowed, wrong) = read(module.source, source.text());
        diagnostics.retain(|found| {
            let at = found.primary.span;
            if at.source != module.source || found.code.severity == Severity::Error {
                return true;
            }
            let mut keep = true;
            for allowed in &mut allowed {
                if allowed.code.id == found.code.id && allowed.holds.contains(&(at.start as usize)) {
                    allowed.used = true;
                    keep = false;
                }
            }
            keep
        });
        if !roots.contains(&index) {
            continue;
        }
        diagnostics.extend(wrong);
        diagnostics.extend(allowed.iter().filter(|allowed| !allowed.used).map(|allowed| unused(allowed, sources)));
    }
}

fn unused(allowed: &Allowed, sources: &SourceMap) -> Diagnostic {
    let headline = format!("`{}` does not fire here", allowed.code.name);
    let diagnostic = Diagnostic::new(codes::UNUSED_ALLOW, allowed.name, headline);
    if !allowed.alone {
        return diagnostic.help("take it out of the list");
    }
    let line = line_of(allowed.comment, sources);
    let own_line = sources.slice(line).trim() == sources.slice(allowed.comment).trim();
    let place = if own_line { line } else { allowed.comment };
    diagnostic.fix("remove the comment", place, "", Applicability::Automatic)
}

/// The lints that comments of a text allow, and what is wrong in such comments.
fn read(source: SourceId, text: &str) -> (Vec<Allowed>, Vec<Diagnostic>) {
    let (mut allowed, mut wrong) = (Vec::new(), Vec::new());
    for comment in scn_grammar::comments(source, text) {
        let words = text.get(comment.range()).unwrap_or_default();
        let Some(instruction) = words.trim_start_matches('#').trim_start().strip_prefix(MARK) else { continue };
        let at = comment.end as usize - instruction.len();
        let offset = at + instruction.len() - instruction.trim_start().len();
        let instruction = instruction.trim_start();
        let names = instruction.strip_prefix(ALLOW).and_then(|rest| rest.split_once(')')).map(|(names, _)| names);
        let Some(names) = names else {
            wrong.push(
                Diagnostic::new(codes::UNKNOWN_LINT, comment, "this comment tells the compiler nothing")
                    .help("write `# esrc: allow(NAME)`, or several names with commas between them"),
            );
            continue;
        };
        let line_start =
            text.get(..comment.start as usize).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let before = text.get(line_start..comment.start as usize).unwrap_or_default();
        let holds = match before.trim().is_empty() {
            true => block(text, comment.end as usize),
            false => line_start..line_end(text, comment.end as usize),
        };
        let space = before.len() - before.trim_end().len();
        let whole = Span::new(source, comment.start as usize - space..comment.end as usize);
        let mut from = offset + ALLOW.len();
        for name in names.split(',') {
            let start = from + name.len() - name.trim_start().len();
            from += name.len() + 1;
            let span = Span::new(source, start..start + name.trim().len());
            let Some(code) = lint(name.trim(), span, &mut wrong) else { continue };
            allowed.push(Allowed {
                code,
                name: span,
                comment: whole,
                alone: !names.contains(','),
                holds: holds.clone(),
                used: false,
            });
        }
    }
    (allowed, wrong)
}

/// The lint of this name; any other is reported.
fn lint(name: &str, span: Span, wrong: &mut Vec<Diagnostic>) -> Option<&'static Code> {
    let known = codes::ALL.iter().copied().find(|code| code.name == name || code.id == name);
    let diagnostic = match known {
        Some(code) if code.severity != Severity::Error => return Some(code),
        Some(code) => {
            let headline = format!("`{}` is an error, not a lint", code.name);
            Diagnostic::new(codes::UNKNOWN_LINT, span, headline)
                .help("mend what it reports: nothing runs while there is an error")
        }
        None => {
            let lints = codes::ALL.iter().filter(|code| code.severity != Severity::Error);
            let names: Vec<&str> = lints.map(|code| code.name).collect();
            let diagnostic = Diagnostic::new(codes::UNKNOWN_LINT, span, format!("there is no lint `{name}`"));
            match nearest(name, names.iter().copied()) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(
                    format!("write `{near}`"),
                    span,
                    near,
                    Applicability::Suggested,
                ),
                None => diagnostic.help(format!("there is {}", list(&names))),
            }
        }
    };
    wrong.push(diagnostic);
    None
}

fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| at + length)
}

/// The next line of code after `at`, with what is indented below it.
fn block(text: &str, at: usize) -> Range<usize> {
    let mut next = line_end(text, at) + 1;
    let mut found: Option<(usize, Range<usize>)> = None;
    while let Some(line) = text.get(next..).filter(|rest| !rest.is_empty()).and_then(|rest| rest.split('\n').next()) {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        let range = next..next + line.len() + 1;
        next = range.end;
        if code.trim_end().is_empty() || code.starts_with('#') {
            continue;
        }
        found = match found {
            None => Some((indent, range)),
            Some((first, block)) if indent > first => Some((first, block.start..range.end)),
            Some(_) => break,
        };
    }
    found.map_or(at..at, |(_, block)| block)
}
