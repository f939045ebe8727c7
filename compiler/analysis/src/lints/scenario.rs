//! What a scenario lacks, and steps that are bad practice.

use scn_diagnostics::{Diagnostic, codes};
use scn_grammar::ast::{Head, Keyword, Node, Tree};

use crate::scenario::Declaration;

/// Looks at the scenarios and flows of a file.
pub(super) fn check(tree: &Tree, scenarios: &[Declaration<'_>], diagnostics: &mut Vec<Diagnostic>) {
    for declaration in scenarios {
        // A file without a name for its scenario has that to mend first.
        if declaration.lines.iter().any(|line| line.span == declaration.name.span) {
            continue;
        }
        let name = &declaration.name;
        if declaration.entry("goals").is_none() {
            let by_slo = match declaration.entry("slo") {
                Some(_) => "`success >= 99%` and `p95 <= 2 * slo`",
                None => "`success >= 99%`",
            };
            diagnostics.push(
                Diagnostic::new(codes::MISSING_GOAL, name.span, format!("`{}` says no goals", name.text))
                    .help("say what counts as good: `goals:`, and below it a line such as `- p95 <= 2s`")
                    .note(format!("without goals, {by_slo} is what the run is judged by")),
            );
        }
        if declaration.entry("tags").is_none() && declaration.entry("tag").is_none() {
            diagnostics.push(
                Diagnostic::new(codes::UNTAGGED_SCENARIO, name.span, format!("`{}` has no tags", name.text))
                    .help("add a line such as `tags: [nightly]`, by which runs and reports are told apart"),
            );
        }
        for steps in declaration.lines.iter().filter(|line| line.key().is_some_and(|key| key.text == "steps")) {
            steps.children.iter().for_each(|step| waits(step, diagnostics));
        }
    }
    for node in &tree.nodes {
        if node.decl().is_some_and(|decl| decl.keyword == Keyword::Flow) {
            node.children.iter().for_each(|step| waits(step, diagnostics));
        }
    }
}

/// Reports waits of a fixed time among a step and those below it.
fn waits(step: &Node, diagnostics: &mut Vec<Diagnostic>) {
    if let Head::Entry { key, values } = &step.head
        && step.dash
        && key.text == "wait"
        && !step.attrs.iter().any(|attr| attr.key.text == "until")
        && let Some(value) = values.first()
    {
        diagnostics.push(
            Diagnostic::new(codes::MAGIC_WAIT, value.span, "this step waits for a fixed time")
                .help("wait for what the next step needs: `wait: until: page.has(\"#approved\") every: 2s max: 1m`")
                .help("for the pause that a person makes, write `think:`")
                .note("a fixed time is too long on good days and too short on bad ones"),
        );
    }
    step.children.iter().for_each(|child| waits(child, diagnostics));
}
