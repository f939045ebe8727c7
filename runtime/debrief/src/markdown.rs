//! The debrief in a few lines of Markdown, for a CI job's summary or a comment on a pull request.

use std::fmt::Write;

use crate::findings::{Findings, TopError};
use crate::format;
use crate::format::{
    cause, clean, counted, decision, duration, duration_or_dash, percent, place, sentence, trace_lines,
};

/// Goals, steps, errors and fixes that a summary shows of each.
const MOST: usize = 10;

/// Writes the summary. It ends with a line break.
pub fn render(findings: &Findings) -> String {
    let mut out = String::new();
    let header = &findings.header;
    let (_, mark, word) = decision(findings.verdict.exit_code);
    let _ = writeln!(out, "## {mark} {word}: {}\n", plain(&header.scenario));
    let _ = writeln!(out, "{}\n", sentence(&plain(&findings.verdict.reason)));
    for line in headlines(findings) {
        let _ = writeln!(out, "- {line}");
    }
    if !findings.goals.is_empty() {
        let _ = writeln!(out, "\n| Goal | Measured | |\n|---|--:|---|");
        for goal in findings.goals.iter().take(MOST) {
            let measured = if goal.measured.is_some() { plain(&goal.measured_text) } else { "–".into() };
            let outcome = if goal.met { "✓ met" } else { "✗ missed" };
            let _ = writeln!(out, "| {} | {measured} | {outcome} |", code(&goal.text));
        }
    }
    if !findings.steps.is_empty() {
        let _ = writeln!(out, "\n| Step | Samples | Failed | p50 | p95 | Max |\n|---|--:|--:|--:|--:|--:|");
        for row in findings.steps.iter().take(MOST) {
            let figures = &row.figures;
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} |",
                plain(&row.step),
                figures.count,
                figures.failures,
                duration_or_dash(figures.p50_ns),
                duration_or_dash(figures.p95_ns),
                duration_or_dash(figures.max_ns),
            );
        }
    }
    if !findings.rules.is_empty() {
        let _ = writeln!(out, "\n| Draft rule | Form | Submissions | Refused |\n|---|---|--:|--:|");
        for row in findings.rules.iter().take(MOST) {
            let (rule, form) = (plain(&row.rule), code(&row.applies_to));
            let _ = writeln!(out, "| {rule} | {form} | {} | {} |", row.submissions, row.refused);
        }
    }
    let left_out = [findings.goals.len(), findings.steps.len(), findings.rules.len()]
        .iter()
        .map(|all| all.saturating_sub(MOST))
        .sum::<usize>();
    if left_out > 0 {
        let _ = writeln!(out, "\n{} left out.", counted(left_out as u64, "more row"));
    }
    if !findings.screenshots.is_empty() {
        let count = counted(findings.screenshots.len() as u64, "screenshot");
        let _ = writeln!(out, "\n{count} in the run's directory:\n");
        for path in findings.screenshots.iter().take(MOST) {
            let _ = writeln!(out, "- {}", code(path));
        }
        let more = findings.screenshots.len().saturating_sub(MOST);
        if more > 0 {
            let _ = writeln!(out, "- {more} more");
        }
    }
    let _ = writeln!(out, "\nReproduce: {} (run {}, seed {})", code(&header.command), code(&header.run), header.seed);
    if let Some(rules) = &header.rules {
        let _ = writeln!(
            out,
            "\nUnder {} of {} (sha256:{})",
            counted(rules.count, "draft rule"),
            code(&rules.file),
            plain(&rules.digest)
        );
    }
    out
}

/// The four findings, and what the run lacks.
fn headlines(findings: &Findings) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(incomplete) = &findings.incomplete {
        lines.push(format!(
            "Run {} after {}; {} had finished",
            plain(&incomplete.state),
            duration(incomplete.last_event_ns),
            counted(incomplete.finished, "journey"),
        ));
    }
    if let Some(signoff) = &findings.signoff {
        lines.push(format!("Sign-off {}", plain(&format::signoff(signoff))));
    }
    if let Some(load) = &findings.load {
        lines.push(format!("Load {}", plain(&format::load(load, &findings.success))));
    }
    if let Some(rate) = findings.success.rate {
        let goal = findings.success.goal.map(|goal| format!(" (goal ≥ {})", percent(goal))).unwrap_or_default();
        lines.push(format!("Success rate **{}**{goal}", percent(rate)));
    }
    if let Some(path) = &findings.slowest {
        let part = path.part.as_deref().map(|part| format!(" ({})", code(part))).unwrap_or_default();
        lines.push(format!("Slowest path **{}**{part}", duration(path.total_ns)));
    }
    if let Some(error) = findings.top_errors.first() {
        lines.push(top_error(error));
    }
    if let Some(found) = &findings.cause {
        lines.push(format!("Cause: {}", plain(&cause(found))));
    }
    for fix in findings.fixes.iter().take(MOST) {
        lines.push(format!("Suggested fix: {}", plain(&fix.text)));
    }
    lines
}

fn top_error(error: &TopError) -> String {
    let mut line = format!(
        "Top error **{}**, {} at step {}",
        plain(&error.headline),
        counted(error.count, "failure"),
        plain(&error.step)
    );
    if let Some(written) = &error.place {
        let _ = write!(line, ", {}", code(&place(written)));
    }
    if let Some(lines) = error.lines {
        let _ = write!(line, ", {}", trace_lines(lines));
    }
    line
}

/// A text from the run that is no Markdown, HTML or mention, whatever it holds.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for character in clean(text, 240).chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A mention would notify people: the joiner keeps it a text.
            '@' => out.push_str("@\u{2060}"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => out.extend(['\\', character]),
            _ => out.push(character),
        }
    }
    out
}

/// A text as code: the fence is longer than any run of backticks within, and a bar does not end a table's cell.
fn code(text: &str) -> String {
    let text = clean(text, 240).replace('|', "\\|");
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    if longest > 0 { format!("{fence} {text} {fence}") } else { format!("{fence}{text}{fence}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_a_run_are_no_markup() {
        assert_eq!(plain("a|b <img> *c* @you"), "a\\|b &lt;img&gt; \\*c\\* @\u{2060}you");
        assert_eq!(code("a `` b"), "``` a `` b ```");
    }
}
