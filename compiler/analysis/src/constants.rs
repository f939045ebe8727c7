//! Constants: what they are, in whatever order they are declared.

use std::sync::Arc;

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, ExprKind, Keyword};
use scn_plan::collections::{HashMap, IndexMap, IndexSet};
use scn_plan::{Expr, Value};
use smol_str::SmolStr;

use crate::{
    bodies::way,
    expr::ExprChecker,
    index::{Meaning, Notes},
    modules::{Module, Modules, is_private, seen_as},
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
    notes: &Notes,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Arc<Constants>> {
    let mut all: Vec<Arc<Constants>> = modules.all.iter().map(|_| Arc::default()).collect();
    let mut used = Used::default();
    let mut pass_on: Vec<Option<bool>> = vec![None; all.len()];
    // What a module uses comes before it.
    for index in modules.used_first() {
        let Some(module) = modules.get(index) else { continue };
        for (_, used) in &module.uses {
            if let (Some(pass_on @ None), Some(constants)) = (pass_on.get_mut(*used), all.get(*used)) {
                *pass_on = Some(constants.keys().any(|name| is_passed_on(name)));
            }
        }
        let has_some = |used: usize| pass_on.get(used).copied().flatten() == Some(true);
        let mut seen = imported(module, &all, has_some, &mut used);
        own(module, signatures, notes, &mut seen, diagnostics);
        if let Some(slot) = all.get_mut(index) {
            *slot = seen;
        }
    }
    all
}

/// What is seen of others, by what is used under which names: files that use the same share it.
type Used = HashMap<Vec<(Option<SmolStr>, usize)>, Arc<Constants>>;

/// Whether a module that sees a constant as `name` passes it on: a dotted name is that of another module, and one that begins with
/// `_` is private.
fn is_passed_on(name: &str) -> bool {
    !is_private(name) && !name.contains('.')
}

/// The constants that a module has from those that it uses; `has_some` tells which of these pass any on.
fn imported(
    module: &Module,
    all: &[Arc<Constants>],
    has_some: impl Fn(usize) -> bool,
    used: &mut Used,
) -> Arc<Constants> {
    let key: Vec<(Option<SmolStr>, usize)> = module.uses.iter().filter(|(_, used)| has_some(*used)).cloned().collect();
    let see = |key: &[(Option<SmolStr>, usize)]| {
        let mut seen = Constants::default();
        for (alias, used) in key {
            for (name, value) in all.get(*used).into_iter().flat_map(|constants| constants.iter()) {
                if is_passed_on(name) {
                    seen.insert(seen_as(alias.as_ref(), name), value.clone());
                }
            }
        }
        Arc::new(seen)
    };
    match used.get(&key) {
        Some(known) => known.clone(),
        None => {
            let seen = see(&key);
            used.insert(key, seen.clone());
            seen
        }
    }
}

type Declared<'a> = IndexMap<&'a SmolStr, (&'a ast::Name, &'a ast::Expr)>;

/// Adds the module's own constants to those that it sees.
fn own(
    module: &Module,
    signatures: &Signatures,
    notes: &Notes,
    seen: &mut Arc<Constants>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut declared = Declared::default();
    for node in &module.tree.nodes {
        let Some(decl) = node.decl().filter(|decl| decl.keyword == Keyword::Const) else { continue };
        let (Some(name), Some(value)) = (&decl.name, &decl.value) else { continue };
        if declared.contains_key(&name.text) || seen.contains_key(&name.text) {
            let headline = format!("there is a constant `{}` already", name.text);
            diagnostics.push(Diagnostic::new(codes::DUPLICATE_NAME, name.span, headline));
        }
        declared.entry(&name.text).or_insert((name, value));
    }
    if declared.is_empty() {
        return;
    }
    let mut ordered = IndexSet::default();
    let mut circular = IndexSet::default();
    for name in declared.keys() {
        order(name, &declared, &mut ordered, &mut circular, diagnostics);
    }
    let symbols = Symbols::default();
    let mut scope = Scope::with(seen.clone(), notes);
    let seen = Arc::make_mut(seen);
    for (name, value) in ordered.iter().filter_map(|name| declared.get(*name)) {
        let (value, ty) = match circular.contains(&name.text) {
            true => (Expr::value(Value::None, value.span), Type::Error),
            false => {
                let mut checker = ExprChecker::new(signatures, &symbols, &mut scope, diagnostics);
                let errors = checker.diagnostics.len();
                let (_, ty) = checker.check(value, &Type::Any);
                checker.diagnostics.truncate(errors);
                let known = checker.constant(value, &Type::Any);
                match known {
                    Some(known) => (Expr::value(known, value.span), ty),
                    None => (Expr::value(Value::None, value.span), Type::Error),
                }
            }
        };
        notes.note(name.span, || Meaning::Typed(ty.clone()));
        let binding = Binding::Const(value);
        scope.bind(name.text.clone(), binding.clone(), ty.clone());
        seen.insert(name.text.clone(), (binding, ty));
    }
}

/// Adds `first` to `ordered` after the constants that it needs, and to `circular` what needs itself.
fn order<'a>(
    first: &'a SmolStr,
    declared: &Declared<'a>,
    ordered: &mut IndexSet<&'a SmolStr>,
    circular: &mut IndexSet<&'a SmolStr>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    // The constants on the way, each with what it still needs.
    let mut path: IndexMap<&'a SmolStr, Vec<(&'a SmolStr, Span)>> = IndexMap::default();
    let mut enter = Some(first);
    loop {
        if let Some(name) = enter.take()
            && !ordered.contains(name)
            && let Some((_, value)) = declared.get(name)
        {
            let mut needs = Vec::new();
            value.walk(&mut |part| {
                if let ExprKind::Name(name) = &part.kind {
                    needs.push((name, part.span));
                }
            });
            needs.reverse();
            // Most need nothing.
            match needs.is_empty() {
                true => drop(ordered.insert(name)),
                false => drop(path.insert(name, needs)),
            }
        }
        let Some((name, needs)) = path.last_mut() else { return };
        let name = *name;
        match needs.pop() {
            None => {
                path.pop();
                ordered.insert(name);
            }
            Some((needed, span)) => match path.get_index_of(needed) {
                Some(from) => {
                    let circle: Vec<&SmolStr> = path.keys().skip(from).copied().collect();
                    let shown: Vec<&str> = circle.iter().chain([&needed]).map(|name| name.as_str()).collect();
                    diagnostics.push(
                        Diagnostic::new(codes::RECURSION, span, format!("the constant `{name}` needs its own value"))
                            .note(way(&shown))
                            .help("give one of these constants a value of its own"),
                    );
                    circular.extend(circle);
                }
                None => enter = Some(needed),
            },
        }
    }
}
