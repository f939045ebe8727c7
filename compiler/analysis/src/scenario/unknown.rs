//! What to say of a verb that is no step.

use scn_diagnostics::{Applicability, Diagnostic, codes};
use scn_grammar::ast;
use smol_str::SmolStr;

use super::steps::{CONTROL, Steps};
use crate::signatures::suggest;

/// Verbs of other tools and the steps that do the same, with an example.
const ELSEWHERE: [(&[&str], &str, &str); 10] = [
    (
        &["wait_for", "waitfor", "wait_until", "wait_for_selector", "until"],
        "wait",
        "- wait: until: page.has(\"#done\") every: 2s max: 5m",
    ),
    (&["goto", "go", "go_to", "navigate", "open", "load_page"], "visit", "- visit: \"/start\""),
    (
        &["type", "enter", "input", "write", "fill_in", "set_value"],
        "fill",
        "- fill: \"passport_id\" value: \"X12345678\"",
    ),
    (&["tap", "press", "click_on", "follow"], "click", "- click: \"Continue\""),
    (&["choose_option", "pick", "select_option"], "select", "- select: \"country\" value: \"Portugal\""),
    (&["tick", "check_box"], "check", "- check: \"accept_terms\""),
    (&["sleep", "pause", "delay", "idle"], "think", "- think: 2s"),
    (&["verify", "should", "ensure", "that"], "assert", "- assert: page.has(\"#done\") \"it is done\""),
    (&["request", "http", "fetch", "call_api"], "get", "- get: \"/status\" as: reply"),
    (&["attach", "attach_file", "set_input_files"], "upload", "- upload: \"photo.jpg\" size: 420KB"),
];

/// Attributes that people give a line of their own.
const ATTRIBUTES: [(&str, &str); 3] = [
    ("capture", "it belongs to a request: `- get: \"/status\" capture: token from: last.json(\"$.token\")`"),
    ("as", "it belongs to the step whose outcome it names: `- get: \"/status\" as: reply`"),
    ("timeout", "it belongs to a step: `- click: \"Continue\" timeout: 5s`"),
];

impl Steps<'_, '_, '_> {
    /// Reports that `verb` is no step.
    pub(super) fn unknown_step(&mut self, verb: &ast::Name) {
        let context = self.lowering.context;
        let headline = format!("there is no step `{}`", verb.text);
        let diagnostic = Diagnostic::new(codes::UNKNOWN_STEP, verb.span, headline);
        let diagnostic = if let Some((_, flow)) = context.flows.find(context.module, &verb.text) {
            diagnostic.help(format!("to call the flow of this name, write `- do: {}(…)`", flow.name.text))
        } else if let Some((_, help)) = ATTRIBUTES.iter().find(|(name, _)| *name == verb.text) {
            diagnostic.help(*help)
        } else if let Some((_, step, example)) =
            ELSEWHERE.iter().find(|(words, ..)| words.contains(&verb.text.to_lowercase().as_str()))
        {
            diagnostic.help(format!("the step for that is `{step}`: `{example}`")).fix(
                format!("write `{step}`"),
                verb.span,
                *step,
                Applicability::Suggested,
            )
        } else {
            let names = context.signatures.steps.keys().map(SmolStr::as_str).chain(CONTROL.iter().copied());
            suggest(diagnostic, &verb.text, verb.span, "step", names)
        };
        self.lowering.report(diagnostic);
    }
}
