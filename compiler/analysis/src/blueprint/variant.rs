//! A page as a branch has it: what the branch states, and the rest as it is without the branch.

use scn_diagnostics::{Diagnostic, codes};
use scn_grammar::ast::{Decl, Expr, ExprKind, Head, Keyword, Node};
use scn_plan::collections::IndexSet;
use scn_plan::collections::{HashMap, HashSet};
use smol_str::SmolStr;

use super::{declarations, outline::duplicate, settings};
use crate::{expr::dotted, signatures::suggest};

/// The page `own` with what `variant` states of it; without `own`, the page that `variant` adds.
pub(super) fn page(own: Option<&Node>, variant: &Node, diagnostics: &mut Vec<Diagnostic>) -> Node {
    let mut merged = match own {
        Some(own) => own.clone(),
        None => bare(variant),
    };
    if variant.decl().is_some_and(|decl| decl.operands.len() > 1) {
        merged.head = variant.head.clone();
        merged.span = variant.span;
    }
    let replaced = Replaced::of(&merged, variant);
    merged.attrs.retain(|attr| !replaced.settings.contains(attr.key.text.as_str()));
    merged.attrs.extend(variant.attrs.iter().cloned());
    let children = std::mem::take(&mut merged.children);
    merged.children = children.into_iter().flat_map(|child| replaced.rest_of(child)).collect();

    let mut forms: HashMap<SmolStr, usize> = HashMap::default();
    for (at, child) in merged.children.iter().enumerate() {
        if let Some(name) = form_name(child) {
            forms.entry(name.clone()).or_insert(at);
        }
    }
    let mut stated: HashSet<&SmolStr> = HashSet::default();
    for child in &variant.children {
        let node = match form_name(child) {
            Some(name) if stated.insert(name) => match forms.get(name).and_then(|at| merged.children.get_mut(*at)) {
                Some(own) => {
                    *own = form(Some(own), child, diagnostics);
                    continue;
                }
                None => form(None, child, diagnostics),
            },
            // What is stated twice is reported where the page is lowered.
            _ => child.clone(),
        };
        merged.children.push(node);
    }
    merged
}

/// The form `own` with what `variant` states of it; without `own`, the form that `variant` adds.
fn form(own: Option<&Node>, variant: &Node, diagnostics: &mut Vec<Diagnostic>) -> Node {
    let mut merged = match own {
        Some(own) => own.clone(),
        None => bare(variant),
    };
    match (&mut merged.head, variant.decl()) {
        (Head::Decl(own), Some(stated)) if stated.arrow.is_none() => own.name = stated.name.clone(),
        _ => {
            merged.head = variant.head.clone();
            merged.span = variant.span;
        }
    }
    merged.attrs.extend(variant.attrs.iter().cloned());
    let mut lines: Vec<Option<Node>> = merged.children.into_iter().map(Some).collect();
    let mut fields: HashMap<SmolStr, usize> = HashMap::default();
    let mut known: Vec<SmolStr> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if let Some(key) = line.as_ref().and_then(Node::key)
            && !fields.contains_key(&key.text)
        {
            fields.insert(key.text.clone(), at);
            known.push(key.text.clone());
        }
    }
    let mut stated = HashMap::default();
    for line in &variant.children {
        let Some(key) = line.key() else {
            lines.push(Some(line.clone()));
            continue;
        };
        if let Some(first) = stated.insert(&key.text, line.span) {
            diagnostics.push(duplicate("field", &key.text, key.span, first));
            continue;
        }
        let own = fields.get(&key.text).and_then(|at| lines.get_mut(*at));
        match (own, takes_out(line)) {
            (Some(own), true) => *own = None,
            (Some(own), false) => *own = Some(line.clone()),
            (None, false) => lines.push(Some(line.clone())),
            (None, true) => {
                let form = form_name(variant).map_or("", SmolStr::as_str);
                let headline = format!("the form `{form}` has no field `{}` that could be taken out", key.text);
                let diagnostic = Diagnostic::new(codes::UNDECLARED_FIELD, key.span, headline);
                diagnostics.push(suggest(diagnostic, &key.text, key.span, "field", known.iter().map(SmolStr::as_str)));
            }
        }
    }
    merged.children = lines.into_iter().flatten().collect();
    merged
}

/// Whether a line of a form says `NAME: none`.
fn takes_out(line: &Node) -> bool {
    let Head::Entry { values, .. } = &line.head else { return false };
    matches!(values.as_slice(), [Expr { kind: ExprKind::None, .. }])
        && line.attrs.is_empty()
        && line.children.is_empty()
}

/// The line of `node` alone.
fn bare(node: &Node) -> Node {
    Node {
        head: node.head.clone(),
        dash: node.dash,
        attrs: Vec::new(),
        children: Vec::new(),
        doc: node.doc.clone(),
        span: node.span,
    }
}

fn form_name(node: &Node) -> Option<&SmolStr> {
    let decl = node.decl().filter(|decl| decl.keyword == Keyword::Form)?;
    decl.name.as_ref().map(|name| &name.text)
}

/// What runs at an event of a page.
#[derive(PartialEq, Eq, Hash)]
enum Event {
    View,
    /// The submission of this form; without a name, of the page's only form.
    Submit(Option<SmolStr>),
}

impl Event {
    fn of(decl: &Decl) -> Option<Self> {
        match decl.name.as_ref()?.text.as_str() {
            _ if decl.keyword != Keyword::On => None,
            "view" => Some(Event::View),
            "submit" => Some(Event::Submit(decl.operands.first().and_then(dotted))),
            _ => None,
        }
    }

    /// The event by its form's name, where that is left out and `only` is the page's only form.
    fn named(self, only: Option<&SmolStr>) -> Self {
        match self {
            Event::Submit(None) => Event::Submit(only.cloned()),
            event => event,
        }
    }
}

/// What a page has no longer once a branch states it.
struct Replaced<'a> {
    settings: HashSet<&'a str>,
    events: HashSet<Event>,
    /// The page's only form, before the branch adds another.
    only: Option<SmolStr>,
}

impl<'a> Replaced<'a> {
    fn of(own: &Node, variant: &'a Node) -> Self {
        let mut forms: IndexSet<SmolStr> = own.children.iter().filter_map(form_name).cloned().collect();
        let only = |forms: &IndexSet<SmolStr>| forms.first().filter(|_| forms.len() == 1).cloned();
        let before = only(&forms);
        forms.extend(variant.children.iter().filter_map(form_name).cloned());
        let after = only(&forms);
        let events = declarations(variant).filter_map(|(_, decl)| Some(Event::of(decl)?.named(after.as_ref())));
        Self {
            settings: settings(variant)
                .map(|setting| setting.key.text.as_str())
                .filter(|name| matches!(*name, "show" | "text"))
                .collect(),
            events: events.collect(),
            only: before,
        }
    }

    /// What is left of a line of the page.
    fn rest_of(&self, mut line: Node) -> Vec<Node> {
        match &mut line.head {
            Head::Decl(decl) => {
                let Some(event) = Event::of(decl).map(|event| event.named(self.only.as_ref())) else {
                    return vec![line];
                };
                // A handler of the only form stays that form's if the branch adds another.
                if let (Event::Submit(Some(form)), []) = (&event, decl.operands.as_slice()) {
                    decl.operands.push(Expr { kind: ExprKind::Name(form.clone()), span: decl.keyword_span });
                }
                if self.events.contains(&event) { Vec::new() } else { vec![line] }
            }
            Head::Entry { .. } if !self.settings.is_empty() => {
                let mut parts = apart(line);
                parts.retain(|part| part.key().is_none_or(|key| !self.settings.contains(key.text.as_str())));
                parts
            }
            _ => vec![line],
        }
    }
}

/// The settings of a line, each as a line of its own.
fn apart(mut line: Node) -> Vec<Node> {
    let attrs = std::mem::take(&mut line.attrs);
    let mut lines = vec![line];
    lines.extend(attrs.into_iter().map(|attr| Node {
        head: Head::Entry { key: attr.key, values: attr.values },
        dash: false,
        attrs: Vec::new(),
        children: Vec::new(),
        doc: None,
        span: attr.span,
    }));
    lines
}
