//! Holds the prelude's declarations against the executors, both ways: a declaration without its executor, or an
//! executor without its declaration, fails.

use std::collections::BTreeMap;

use scn_diagnostics::SourceId;
use scn_grammar::ast::{ExprKind, Keyword, Node, TypeExprKind};
use scn_plan::Labels;

/// Names of parameters by the name of what takes them.
type Signatures = BTreeMap<String, Vec<String>>;

fn prelude() -> Vec<Node> {
    let (tree, diagnostics) = scn_grammar::parse(SourceId(0), scn_stdlib::PRELUDE);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    tree.nodes
}

fn name(node: &Node) -> String {
    node.decl().and_then(|decl| decl.name.as_ref()).expect("a declaration has a name").text.to_string()
}

fn declared(keyword: Keyword) -> Signatures {
    let nodes = prelude();
    let declarations = nodes.iter().filter(|node| node.decl().is_some_and(|decl| decl.keyword == keyword));
    let parameters = |node: &Node| {
        let params = &node.decl().expect("a declaration").params;
        params.iter().map(|param| param.name.text.to_string()).collect()
    };
    declarations.map(|node| (name(node), parameters(node))).collect()
}

fn executed<'a>(executors: impl Iterator<Item = (&'a str, &'a [&'a str])>) -> Signatures {
    executors
        .map(|(name, params)| (name.to_owned(), params.iter().map(|param| (*param).to_owned()).collect()))
        .collect()
}

#[test]
fn steps_have_executors() {
    let executors = esr_engine::VERBS.iter().map(|verb| (verb.name, verb.parameters));
    assert_eq!(declared(Keyword::Step), executed(executors));
}

#[test]
fn steps_expose_what_they_declare() {
    for node in prelude().iter().filter(|node| node.decl().is_some_and(|decl| decl.keyword == Keyword::Step)) {
        let exposed: Vec<String> = node
            .attrs
            .iter()
            .filter(|attr| attr.key.text == "exposes")
            .flat_map(|attr| attr.values.iter())
            .flat_map(|value| match &value.kind {
                ExprKind::Type(ty) => match &ty.kind {
                    TypeExprKind::Record(fields) => fields.iter().map(|(field, _)| field.text.to_string()).collect(),
                    _ => Vec::new(),
                },
                _ => Vec::new(),
            })
            .collect();
        let name = name(node);
        let verb = esr_engine::VERBS.iter().find(|verb| verb.name == name).expect("a step has an executor");
        assert_eq!(exposed, verb.exposes, "{name}");
    }
}

#[test]
fn handler_steps_have_executors() {
    let executors = esr_sandbox::HANDLER_VERBS.iter().map(|verb| (verb.name, verb.parameters));
    assert_eq!(declared(Keyword::Handler), executed(executors));
}

#[test]
fn probes_have_executors() {
    let executors = esr_sandbox::PROBES.iter().map(|probe| (probe.name, probe.parameters));
    assert_eq!(declared(Keyword::Probe), executed(executors));
}

#[test]
fn generators_have_executors() {
    let executors = esr_engine::GENERATORS.iter().map(|generator| (generator.name, generator.parameters));
    assert_eq!(declared(Keyword::Generator), executed(executors));
}

#[test]
fn metrics_are_measured() {
    let measured: Vec<&str> = scn_plan::plan::Metric::NAMES.to_vec();
    let nodes = prelude();
    let declared: Vec<String> =
        nodes.iter().filter(|node| node.decl().is_some_and(|decl| decl.keyword == Keyword::Metric)).map(name).collect();
    assert_eq!(declared, measured);
    for name in declared.iter().filter(|name| *name != "pNN") {
        assert!(scn_plan::plan::Metric::named(name).is_some(), "{name}");
    }
}

#[test]
fn generators_label_what_they_declare_as_sensitive() {
    for node in prelude().iter().filter(|node| node.decl().is_some_and(|decl| decl.keyword == Keyword::Generator)) {
        let name = name(node);
        let generator =
            esr_engine::GENERATORS.iter().find(|made| made.name == name).expect("a generator has an executor");
        for (key, label) in [("pii", Labels::PII), ("secret", Labels::SECRET)] {
            let declared = node.attrs.iter().any(|attr| attr.key.text == key);
            assert_eq!(declared, generator.labels == label, "{name}: {key}");
        }
    }
}
