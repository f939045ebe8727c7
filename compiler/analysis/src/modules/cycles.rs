//! Circles of files that use one another.

use petgraph::{
    algo::tarjan_scc,
    graph::{DiGraph, NodeIndex},
};
use scn_diagnostics::{Diagnostic, Span, codes};

use super::Modules;

/// Reports every circle, and takes the `use` that closes it away. Which one that is depends on the files' paths alone, not
/// on where a compilation began.
pub(super) fn cut(modules: &mut Modules, diagnostics: &mut Vec<Diagnostic>) {
    let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(modules.all.len(), 0);
    for _ in &modules.all {
        graph.add_node(());
    }
    for (index, module) in modules.all.iter().enumerate() {
        for (_, used) in &module.uses {
            graph.add_edge(NodeIndex::new(index), NodeIndex::new(*used), ());
        }
    }
    for component in tarjan_scc(&graph) {
        let mut component: Vec<usize> = component.into_iter().map(NodeIndex::index).collect();
        component.sort_by_key(|index| modules.get(*index).map(|module| module.path.clone()));
        let mut state = vec![State::New; component.len()];
        for start in 0..component.len() {
            visit(modules, &component, start, &mut state, &mut Vec::new(), diagnostics);
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

/// Walks on from a member of `component`; `path` holds the members on the way to it, each with its `use` of the next.
fn visit(
    modules: &mut Modules,
    component: &[usize],
    at: usize,
    state: &mut [State],
    path: &mut Vec<(usize, Span)>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(index) = component.get(at).copied() else { return };
    match state.get_mut(at) {
        Some(state) if *state == State::New => *state = State::Open,
        _ => return,
    }
    let mut next = 0;
    while let Some((used, span)) = modules.get(index).and_then(|module| {
        let (_, used) = module.uses.get(next)?;
        Some((*used, module.places.get(next).copied()?))
    }) {
        let member = component.iter().position(|member| *member == used);
        match member.and_then(|member| state.get(member).map(|state| (member, *state))) {
            Some((_, State::Open)) => {
                path.push((index, span));
                let circle: Vec<(usize, Span)> = path.iter().copied().skip_while(|(on, _)| *on != used).collect();
                path.pop();
                diagnostics.push(circle_found(modules, &circle, used));
                if let Some(module) = modules.all.get_mut(index) {
                    module.uses.remove(next);
                    module.places.remove(next);
                }
                continue;
            }
            Some((member, State::New)) => {
                path.push((index, span));
                visit(modules, component, member, state, path, diagnostics);
                path.pop();
            }
            _ => {}
        }
        next += 1;
    }
    if let Some(state) = state.get_mut(at) {
        *state = State::Done;
    }
}

fn circle_found(modules: &Modules, circle: &[(usize, Span)], first: usize) -> Diagnostic {
    let path = |index: usize| modules.get(index).map_or("", |module| module.path.as_str());
    let mut names: Vec<&str> = circle.iter().map(|(index, _)| path(*index)).collect();
    names.push(path(first));
    let closing = circle.last().map(|(_, span)| *span).unwrap_or_default();
    let mut diagnostic = Diagnostic::new(codes::IMPORT_CYCLE, closing, "files use one another in a circle")
        .label("this use closes the circle")
        .note(names.join(" → "))
        .help("move what both need to a file that uses neither");
    for (_, other) in circle.iter().filter(|(_, other)| *other != closing) {
        diagnostic = diagnostic.also(*other, "this use is part of it");
    }
    diagnostic
}
