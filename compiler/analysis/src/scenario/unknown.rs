//! What to say of a verb that is no step.

use scn_diagnostics::{Applicability, Diagnostic, codes};
use scn_grammar::ast::{self, Head, Node};
use smol_str::SmolStr;

use super::steps::{CONTROL, Steps};
use crate::signatures::suggest;

const SETTING: [&str; 7] = ["let", "var", "val", "const", "assign", "store", "define"];

/// Whether `verb` is what other languages call `set`.
pub(super) fn sets(verb: &str) -> bool {
    SETTING.contains(&verb)
}

/// Verbs of other tools and the steps that do the same, with an example.
const ELSEWHERE: [(&[&str], &str, &str); 14] = [
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
    (&SETTING, "set", "- set: total to: 5"),
    (&["call", "run", "invoke", "perform", "use", "include", "flow"], "do", "- do: log_in(name: persona.name)"),
    (&["while", "loop", "times", "until_true"], "repeat", "- repeat: until: page.has(\"#done\") max: 10"),
    (&["foreach", "for_each", "each"], "for", "- for: page in [\"/a\", \"/b\"]"),
    (&["attach", "attach_file", "set_input_files"], "upload", "- upload: \"photo.jpg\" size: 420KB"),
];

/// Attributes that people give a line of their own, and verbs that no step stands for.
const ATTRIBUTES: [(&str, &str); 9] = [
    ("capture", "it belongs to a request: `- get: \"/status\" capture: token from: last.json(\"$.token\")`"),
    ("as", "it belongs to the step whose outcome it names: `- get: \"/status\" as: reply`"),
    ("else", "it belongs to the `if` above it, in the same column as its `then:`"),
    ("then", "it belongs to the `if` above it, without a dash"),
    (
        "try",
        "a step that may fail goes on with `soft: true`; several are tried again with `- retry: 3` and `steps:` below it",
    ),
    (
        "catch",
        "a step that may fail goes on with `soft: true`, and `- if: last.status != 200` looks at what came of it",
    ),
    (
        "print",
        "every step is in the record of a run with what it sent and got; `- screenshot: \"done\"` keeps what a browser shows",
    ),
    (
        "log",
        "every step is in the record of a run with what it sent and got; `- screenshot: \"done\"` keeps what a browser shows",
    ),
    ("timeout", "it belongs to a step: `- click: \"Continue\" timeout: 5s`"),
];

impl Steps<'_, '_, '_> {
    /// Reports a line among steps that is none.
    pub(super) fn no_step(&mut self, node: &Node) {
        if let Head::Entry { key, .. } = &node.head
            && key.text == "steps"
        {
            let headline = "steps stand right below, without `steps:`";
            self.lowering.report(
                Diagnostic::new(codes::MISPLACED, key.span, headline)
                    .label("nothing but steps stands here anyway")
                    .help("remove this line, and indent what is below it by one level less"),
            );
            return;
        }
        let diagnostic = Diagnostic::new(codes::MISPLACED, node.span, "this is no step");
        let signatures = self.lowering.context.signatures;
        let lone = match &node.head {
            Head::Expr { expr: ast::Expr { kind: ast::ExprKind::Name(verb), span }, .. } => {
                signatures.steps.get(verb).map(|step| (step, *span))
            }
            _ => None,
        };
        self.lowering.report(match lone {
            Some((step, span)) => {
                let takes = step
                    .params
                    .first()
                    .map_or_else(String::new, |param| format!("a {} of type {}", param.name, param.ty));
                diagnostic.help(format!("`{}` is written `- {}: …`, with {takes}", step.name, step.name)).fix(
                    "insert `:`",
                    span.tail(),
                    ":",
                    Applicability::Suggested,
                )
            }
            None => diagnostic.help("a step is a verb and what it takes, such as `- visit: \"/start\"`"),
        });
    }

    /// Reports that `verb` is no step.
    pub(super) fn unknown_step(&mut self, verb: &ast::Name) {
        let context = self.lowering.context;
        let headline = format!("there is no step `{}`", verb.text);
        let diagnostic = Diagnostic::new(codes::UNKNOWN_STEP, verb.span, headline);
        let diagnostic = if let Some((_, flow)) = context.flows.find(context.module, &verb.text) {
            diagnostic.help(format!("to call the flow of this name, write `- do: {}(…)`", flow.name.text))
        } else if context.signatures.probes.contains_key(&verb.text)
            || context.probes.find(context.module, &verb.text).is_some()
        {
            diagnostic.help(format!("`{}` is a probe, which stands under `probes:`", verb.text))
        } else if context.signatures.metrics.contains_key(&verb.text) {
            diagnostic.help(format!("`{}` is a metric: a goal that asks for it stands under `goals:`", verb.text))
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
