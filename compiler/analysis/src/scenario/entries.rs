//! What a scenario's declaration says, entry by entry.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, Head, Keyword, Node};
use scn_plan::collections::HashMap;
use smol_str::SmolStr;

use super::Lowering;
use crate::{
    editor::extent,
    expr::{dotted, quoted_text},
    line::Attribute,
    signatures::suggest,
    types::Type,
};

/// Entries that a scenario may have.
pub(crate) const ENTRIES: &[&str] = &[
    "tags", "tag", "sandbox", "slo", "duration", "signoff", "goals", "personas", "load", "think", "pacing", "probes",
    "steps",
];

/// Entries of other tools, and what to write instead.
const ELSEWHERE: [(&[&str], &str); 7] = [
    (
        &["vus", "users", "virtual_users", "threads", "concurrency", "bots", "iterations"],
        "people are counted under `personas`: `personas: 50`, or items such as `- 45 of Applicant`",
    ),
    (
        &["stages", "ramp", "arrival_rate", "executor", "rampup", "ramp_up"],
        "how many come when is said under `load`: items such as `- ramp: 50 over 1m`",
    ),
    (
        &["thresholds", "assertions", "checks", "expectations", "slos", "criteria"],
        "what counts as good is said under `goals`: items such as `- success >= 99%` and `- p95 <= 2s`",
    ),
    (
        &["faults", "chaos", "failures", "toxics"],
        "faults are injected by `probes`: items such as `- slow_service: payments latency: 800ms`",
    ),
    (
        &["exec", "script", "journey", "actions", "flow", "scenario_steps", "tasks"],
        "what each persona does is said under `steps`",
    ),
    (
        &["title", "description", "name", "doc"],
        "a scenario is named after `scenario`, and described by a comment `## …` above that",
    ),
    (
        &["environment", "env", "target", "base_url", "baseUrl", "host", "url"],
        "what it runs against is said by `sandbox: NAME`",
    ),
];

/// A scenario as it is declared.
pub(crate) struct Declaration<'a> {
    /// Its name.
    pub name: ast::Name,
    /// Where all of it stands; none for a file that is itself a scenario.
    pub whole: Option<Span>,
    /// Its lines.
    pub lines: Vec<&'a Node>,
}

/// The scenarios of a file: those that it declares, or the one that it is.
pub(crate) fn declarations<'a>(tree: &'a ast::Tree, diagnostics: &mut Vec<Diagnostic>) -> Vec<Declaration<'a>> {
    let mut declared: Vec<Declaration<'a>> = Vec::new();
    let mut names: HashMap<SmolStr, Span> = HashMap::default();
    for node in &tree.nodes {
        let Some(decl) = node.decl().filter(|decl| decl.keyword == Keyword::Scenario) else { continue };
        let Some(name) = decl.name.clone() else { continue };
        if let Some(first) = names.get(&name.text) {
            let headline = format!("there is a scenario `{}` already", name.text);
            diagnostics.push(
                Diagnostic::new(codes::DUPLICATE_NAME, name.span, headline).also(*first, "it is declared here first"),
            );
            continue;
        }
        names.insert(name.text.clone(), name.span);
        declared.push(Declaration { name, whole: Some(extent(node)), lines: node.children.iter().collect() });
    }
    let lines: Vec<&Node> =
        tree.nodes.iter().filter(|node| !matches!(node.head, Head::Decl(_) | Head::Error)).collect();
    let Some(first) = lines.first() else { return declared };
    let named = lines.iter().copied().find(|node| node.key().is_some_and(|key| key.text == "scenario"));
    match named {
        Some(node) => {
            let Head::Entry { key, values } = &node.head else { return declared };
            let name = match values
                .first()
                .map(|value| (dotted(value).or(quoted_text(value).map(|(text, _)| text)), value.span))
            {
                Some((Some(text), span)) if !text.is_empty() => ast::Name { text, span },
                found => {
                    let span = found.map_or(key.span, |(_, span)| span);
                    diagnostics.push(
                        Diagnostic::new(codes::MISSING_ARGUMENT, span, "the scenario has no name")
                            .help("write `scenario: passport-renewal-v1`"),
                    );
                    ast::Name { text: SmolStr::new_static("scenario"), span }
                }
            };
            let lines = lines.into_iter().filter(|line| !std::ptr::eq(*line, node)).collect();
            declared.push(Declaration { name, whole: None, lines });
        }
        None if declared.is_empty() => {
            // A file of entries without a name: one error, and its lines are still read.
            diagnostics.push(
                Diagnostic::new(codes::MISSING_ENTRY, first.span, "this file says no scenario's name")
                    .help("add `scenario: NAME` at the top"),
            );
            declared.push(Declaration {
                whole: None,
                name: ast::Name { text: SmolStr::new_static("scenario"), span: first.span },
                lines,
            });
        }
        None => {
            for line in lines {
                diagnostics.push(
                    Diagnostic::new(codes::MISPLACED, line.span, "this line belongs to no declaration")
                        .help("indent it under the scenario that it belongs to"),
                );
            }
        }
    }
    declared
}

impl<'a> Declaration<'a> {
    /// The first line of the entry `key`.
    pub fn entry(&self, key: &str) -> Option<&'a Node> {
        self.lines.iter().copied().find(|node| node.key().is_some_and(|own| own.text == key))
    }

    /// The value of the entry `key`.
    pub fn value(&self, key: &str) -> Option<&'a ast::Expr> {
        match &self.entry(key)?.head {
            Head::Entry { values, .. } => values.first(),
            _ => None,
        }
    }

    /// The sandbox that it names, and where.
    pub fn sandbox(&self) -> Option<(SmolStr, Span)> {
        let value = self.value("sandbox")?;
        let name = dotted(value).or_else(|| quoted_text(value).map(|(text, _)| text))?;
        Some((name, value.span))
    }
}

impl Lowering<'_, '_> {
    /// Reports lines that a scenario cannot have.
    pub(super) fn refuse_unknown(&mut self, declaration: &Declaration<'_>) {
        let mut seen: HashMap<&str, Span> = HashMap::default();
        for node in &declaration.lines {
            let Head::Entry { key, values } = &node.head else {
                if !matches!(node.head, Head::Error) {
                    self.report(
                        Diagnostic::new(codes::MISPLACED, node.span, "this line has no place in a scenario")
                            .help("steps stand under `steps:`"),
                    );
                }
                continue;
            };
            if key.text == "scenario" {
                // What follows belongs to the other scenario.
                self.report(
                    Diagnostic::new(codes::DUPLICATE_NAME, key.span, "a file that is a scenario holds no second one")
                        .also(declaration.name.span, "the file is this scenario")
                        .help("move it to a file of its own, or declare each as `scenario NAME:` with its entries indented below"),
                );
                break;
            }
            if let Some(first) = seen.get(key.text.as_str()) {
                self.report(
                    Diagnostic::new(codes::DUPLICATE_NAME, key.span, format!("`{}` is given twice", key.text))
                        .also(*first, "it is given here first")
                        .help("keep one of the two"),
                );
                continue;
            }
            seen.insert(key.text.as_str(), key.span);
            if !ENTRIES.contains(&key.text.as_str()) {
                let headline = format!("a scenario has no entry `{}`", key.text);
                let mut diagnostic = Diagnostic::new(codes::UNKNOWN_ENTRY, key.span, headline);
                if self.context.signatures.steps.contains_key(&key.text) {
                    diagnostic = diagnostic.help("a step stands under `steps:`, after a dash");
                } else if let Some((_, help)) = ELSEWHERE.iter().find(|(words, _)| words.contains(&key.text.as_str())) {
                    diagnostic = diagnostic.help(*help);
                } else {
                    diagnostic = suggest(diagnostic, &key.text, key.span, "entry", ENTRIES.iter().copied());
                }
                self.report(diagnostic);
                continue;
            }
            // What these take is checked where they are read.
            if let Some(attr) = node.attrs.first().filter(|_| !matches!(key.text.as_str(), "signoff" | "personas")) {
                self.report(Diagnostic::new(
                    codes::UNKNOWN_ATTRIBUTE,
                    attr.key.span,
                    format!("`{}` of a scenario has no attribute `{}`", key.text, attr.key.text),
                ));
            }
            if let Some(surplus) = values.get(1) {
                let headline = format!("`{}` takes one value", key.text);
                let diagnostic = Diagnostic::new(codes::SURPLUS_ARGUMENT, surplus.span, headline);
                self.report(match key.text.as_str() {
                    "personas" => diagnostic.help("write `50`, or `50 of Citizen` to name a persona template"),
                    "tags" => diagnostic.help("write several as `[a, b]`"),
                    _ => diagnostic,
                });
            }
            let block = matches!(key.text.as_str(), "steps" | "personas" | "probes" | "goals" | "tags" | "load");
            if values.is_empty() && node.children.is_empty() {
                self.report(Diagnostic::new(codes::MISSING_ARGUMENT, key.span, format!("`{}` has no value", key.text)));
            } else if let (false, Some(child)) = (block, node.children.first()) {
                self.report(
                    Diagnostic::new(codes::MISPLACED, child.span, format!("nothing can stand under `{}`", key.text))
                        .label("this line is indented under it"),
                );
            }
        }
    }

    /// `tags: [a, b]`, `tag: a`, or items below.
    pub(super) fn tags(&mut self, declaration: &Declaration<'_>) -> Vec<SmolStr> {
        let mut tags = Vec::new();
        for key in ["tags", "tag"] {
            let Some(node) = declaration.entry(key) else { continue };
            let Head::Entry { values, .. } = &node.head else { continue };
            for value in values.iter().take(1) {
                match &value.kind {
                    ast::ExprKind::List(items) => items.iter().for_each(|item| tags.extend(self.tag(item))),
                    _ => tags.extend(self.tag(value)),
                }
            }
            for child in node.children.iter().filter(|_| values.is_empty()) {
                match &child.head {
                    Head::Expr { expr, .. } => tags.extend(self.tag(expr)),
                    Head::Error => {}
                    _ => self.report(Diagnostic::new(codes::MISPLACED, child.span, "a tag is a name")),
                }
            }
        }
        tags
    }

    /// The tags that an attribute gives: one, or a list of them.
    pub(super) fn tags_in(&mut self, attr: &Attribute<'_>) -> Vec<SmolStr> {
        let Some(value) = attr.value() else {
            self.report(
                Diagnostic::new(codes::MISSING_ARGUMENT, attr.key.span, format!("`{}` has no value", attr.key.text))
                    .help("write `tag: money`, or `tags: [money, critical]`"),
            );
            return Vec::new();
        };
        match &value.kind {
            ast::ExprKind::List(items) => items.iter().filter_map(|item| self.tag(item)).collect(),
            _ => self.tag(&value).into_iter().collect(),
        }
    }

    fn tag(&mut self, expr: &ast::Expr) -> Option<SmolStr> {
        if let Some(name) = dotted(expr) {
            return Some(name);
        }
        match self.constant(expr, &Type::TEXT, &mut self.context.scope())? {
            scn_plan::Value::Text(text) => Some(text.value),
            _ => None,
        }
    }
}
