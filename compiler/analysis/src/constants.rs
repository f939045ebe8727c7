//! Constants: what they are, in whatever order they are declared.

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use scn_diagnostics::{Diagnostic, codes};
use scn_grammar::ast::{self, ExprKind, Keyword};
use scn_plan::{Expr, Value};
use smol_str::{SmolStr, format_smolstr};

use crate::{
    expr::ExprChecker,
    modules::{Module, Modules, is_private},
    scope::{Binding, Scope, Symbols},
    signatures::Signatures,
    types::Type,
};

/// Constants that a module sees, by the name that it sees them under.
pub(crate) type Constants = IndexMap<SmolStr, (Binding, Type)>;

/// The constants of every module, in the order of the modules.
pub(crate) fn constants(
    modules: &Modules,
    signatures: &Signatures,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Arc<Constants>> {
    let mut own: Vec<Arc<Constants>> = modules.all.iter().map(|_| Arc::default()).collect();
    let mut done = vec![false; own.len()];
    for index in 0..own.len() {
        fill(modules, index, signatures, &mut own, &mut done, diagnostics);
    }
    own
}

/// A used module is filled before the one that uses it; circles have been reported and are not in `uses`.
fn fill(
    modules: &Modules,
    index: usize,
    signatures: &Signatures,
    all: &mut [Arc<Constants>],
    done: &mut [bool],
    diagnostics: &mut Vec<Diagnostic>,
) {
    match done.get_mut(index) {
        Some(done) if !*done => *done = true,
        _ => return,
    }
    let Some(module) = modules.get(index) else { return };
    let mut seen = Constants::new();
    for (alias, used) in &module.uses {
        fill(modules, *used, signatures, all, done, diagnostics);
        for (name, value) in all.get(*used).into_iter().flat_map(|constants| constants.iter()) {
            // What the used module itself has from elsewhere is dotted, or not its own to pass on.
            if is_private(name) || name.contains('.') {
                continue;
            }
            let name = match alias {
                Some(alias) => format_smolstr!("{alias}.{name}"),
                None => name.clone(),
            };
            seen.insert(name, value.clone());
        }
    }
    own(module, signatures, &mut seen, diagnostics);
    if let Some(slot) = all.get_mut(index) {
        *slot = Arc::new(seen);
    }
}

type Declared<'a> = IndexMap<&'a SmolStr, (&'a ast::Name, &'a ast::Expr)>;

/// Adds the module's own constants to those that it sees.
fn own(module: &Module, signatures: &Signatures, seen: &mut Constants, diagnostics: &mut Vec<Diagnostic>) {
    let mut declared = Declared::new();
    for node in &module.tree.nodes {
        let Some(decl) = node.decl().filter(|decl| decl.keyword == Keyword::Const) else { continue };
        let (Some(name), Some(value)) = (&decl.name, &decl.value) else { continue };
        if declared.contains_key(&name.text) || seen.contains_key(&name.text) {
            let headline = format!("there is a constant `{}` already", name.text);
            diagnostics.push(Diagnostic::new(codes::DUPLICATE_NAME, name.span, headline));
        }
        declared.entry(&name.text).or_insert((name, value));
    }
    let mut ordered = IndexSet::new();
    let mut circular = IndexSet::new();
    for name in declared.keys() {
        order(name, &declared, &mut Vec::new(), &mut ordered, &mut circular, diagnostics);
    }
    let symbols = Symbols::default();
    let mut scope = Scope::with(Arc::new(seen.clone()));
    for (name, value) in ordered.iter().filter_map(|name| declared.get(*name)) {
        let (value, ty) = match circular.contains(&name.text) {
            true => (Expr::value(Value::None, value.span), Type::Error),
            false => {
                let mut checker = ExprChecker::new(signatures, &symbols, scope, diagnostics);
                let errors = checker.diagnostics.len();
                let (_, ty) = checker.check(value, &Type::Any);
                checker.diagnostics.truncate(errors);
                let known = checker.constant(value, &Type::Any);
                scope = checker.scope;
                match known {
                    Some(known) => (Expr::value(known, value.span), ty),
                    None => (Expr::value(Value::None, value.span), Type::Error),
                }
            }
        };
        let binding = Binding::Const(value);
        scope.bind(name.text.clone(), binding.clone(), ty.clone());
        seen.insert(name.text.clone(), (binding, ty));
    }
}

/// Adds `name` to `ordered` after the constants that it needs, and to `circular` what needs itself.
fn order<'a>(
    name: &'a SmolStr,
    declared: &Declared<'a>,
    path: &mut Vec<&'a SmolStr>,
    ordered: &mut IndexSet<&'a SmolStr>,
    circular: &mut IndexSet<&'a SmolStr>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some((_, value)) = declared.get(name).filter(|_| !ordered.contains(name)) else { return };
    path.push(name);
    let mut needs = Vec::new();
    value.walk(&mut |part| {
        if let ExprKind::Name(name) = &part.kind {
            needs.push((name, part.span));
        }
    });
    for (needed, span) in needs {
        match path.iter().position(|open| *open == needed) {
            Some(from) => {
                let circle: Vec<&SmolStr> = path.iter().skip(from).copied().collect();
                let shown = circle.iter().map(|name| name.as_str()).chain([needed.as_str()]);
                diagnostics.push(
                    Diagnostic::new(codes::RECURSION, span, format!("the constant `{name}` needs its own value"))
                        .note(shown.collect::<Vec<_>>().join(" \u{2192} "))
                        .help("give one of these constants a value of its own"),
                );
                circular.extend(circle);
            }
            None => order(needed, declared, path, ordered, circular, diagnostics),
        }
    }
    path.pop();
    ordered.insert(name);
}
