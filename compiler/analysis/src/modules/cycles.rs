//! Circles of files that use one another.

use petgraph::{
    algo::kosaraju_scc,
    graph::{DiGraph, NodeIndex},
};
use scn_diagnostics::{Diagnostic, Span, codes};
use scn_plan::collections::HashMap;

use super::Modules;
use crate::bodies::MOST_SHOWN;

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
    // Not Tarjan's way, which goes as deep into the stack as files use one another.
    for component in kosaraju_scc(&graph) {
        let mut component: Vec<usize> = component.into_iter().map(NodeIndex::index).collect();
        component.sort_by_key(|index| modules.get(*index).map(|module| module.path.clone()));
        let mut search = Search {
            places: component.iter().enumerate().map(|(place, index)| (*index, place)).collect(),
            state: vec![State::New; component.len()],
            path: Vec::new(),
        };
        for start in &component {
            search.from(modules, *start, diagnostics);
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

/// A walk through files that reach one another, depth first.
struct Search {
    /// The place of each file in `state`.
    places: HashMap<usize, usize>,
    state: Vec<State>,
    /// The files on the way, each with the number of the `use` that is looked at.
    path: Vec<(usize, usize)>,
}

impl Search {
    fn state(&mut self, index: usize) -> Option<&mut State> {
        self.places.get(&index).and_then(|place| self.state.get_mut(*place))
    }

    fn from(&mut self, modules: &mut Modules, start: usize, diagnostics: &mut Vec<Diagnostic>) {
        self.enter(start);
        while let Some((index, next)) = self.path.last().copied() {
            let module = modules.get(index);
            let Some((_, used)) = module.and_then(|module| module.uses.get(next)).cloned() else {
                self.path.pop();
                if let Some(state) = self.state(index) {
                    *state = State::Done;
                }
                self.next();
                continue;
            };
            match self.state(used).copied() {
                Some(State::Open) => {
                    let way = self.path.iter().skip_while(|(on, _)| *on != used);
                    let circle: Vec<(usize, Span)> =
                        way.filter_map(|(on, at)| Some((*on, modules.get(*on)?.places.get(*at).copied()?))).collect();
                    diagnostics.push(circle_found(modules, &circle, used));
                    if let Some(module) = modules.all.get_mut(index) {
                        module.uses.remove(next);
                        module.places.remove(next);
                    }
                }
                Some(State::New) => self.enter(used),
                Some(State::Done) | None => self.next(),
            }
        }
    }

    /// Goes on to the next `use` of the file that is looked at.
    fn next(&mut self) {
        if let Some((_, next)) = self.path.last_mut() {
            *next += 1;
        }
    }

    fn enter(&mut self, index: usize) {
        if let Some(state) = self.state(index)
            && *state == State::New
        {
            *state = State::Open;
            self.path.push((index, 0));
        }
    }
}

fn circle_found(modules: &Modules, circle: &[(usize, Span)], first: usize) -> Diagnostic {
    let path = |index: usize| modules.get(index).map_or("", |module| module.path.as_str());
    let names = circle.iter().map(|(index, _)| *index).chain([first]).map(path).collect::<Vec<_>>();
    let closing = circle.last().map(|(_, span)| *span).unwrap_or_default();
    let mut diagnostic = Diagnostic::new(codes::IMPORT_CYCLE, closing, "files use one another in a circle")
        .label("this use closes the circle")
        .note(crate::bodies::way(&names))
        .help("move what both need to a file that uses neither");
    for (_, other) in circle.iter().filter(|(_, other)| *other != closing).take(MOST_SHOWN) {
        diagnostic = diagnostic.also(*other, "this use is part of it");
    }
    diagnostic
}
