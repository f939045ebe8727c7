//! Files and what they use.
//!
//! Files are read and parsed in rounds, each round in parallel: first those that are asked for, then all that these use,
//! and so on. Every file is parsed once, however many others use it.

mod cycles;
mod load;
mod names;
mod uses;

use std::{collections::BTreeMap, sync::Arc};

use scn_diagnostics::{SourceId, Span};
use scn_grammar::ast;
use smol_str::SmolStr;

use crate::settings::Settings;

pub(crate) use load::load;
pub(crate) use names::{Names, imports, is_private, seen_as, visible};

/// A parsed file.
#[derive(Debug)]
pub(crate) struct Module {
    /// The path, or the name of a module of the standard library.
    pub path: String,
    /// Its text.
    pub source: SourceId,
    /// What it says.
    pub tree: Arc<ast::Tree>,
    /// What it uses: indices into [`Modules::all`], each with the name given by `as`.
    pub uses: Vec<(Option<SmolStr>, usize)>,
    /// Where each of `uses` is written.
    pub places: Vec<Span>,
    /// The settings that hold for it: an index into [`Modules::settings`]; none where there are no settings.
    pub settings: Option<usize>,
}

/// All files of a compilation.
#[derive(Debug, Default)]
pub(crate) struct Modules {
    /// The files in the order in which they were reached; those that are compiled come first.
    pub all: Vec<Module>,
    /// Every settings file, read once.
    pub settings: Vec<Settings>,
    by_path: BTreeMap<String, usize>,
}

/// The module whose `Citizen` a mere number of personas means.
pub(crate) const PEOPLE: &str = "std.people";

impl Modules {
    /// The module at `index`.
    pub fn get(&self, index: usize) -> Option<&Module> {
        self.all.get(index)
    }

    /// The module of this path or name.
    pub fn find(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// Whether a module uses the one at `index`.
    pub fn is_used(&self, index: usize) -> bool {
        self.all.iter().any(|module| module.uses.iter().any(|(_, used)| *used == index))
    }

    /// The settings that hold for the module at `index`.
    pub fn settings_of(&self, index: usize) -> Option<&Settings> {
        self.settings.get(self.get(index)?.settings?)
    }

    /// All modules, each after those that it uses; circles have been reported and are not in `uses`.
    pub fn used_first(&self) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.all.len());
        let mut seen = vec![false; self.all.len()];
        let mut path: Vec<(usize, usize)> = Vec::new();
        for start in 0..self.all.len() {
            let mut enter = Some(start);
            loop {
                if let Some(index) = enter.take()
                    && let Some(seen) = seen.get_mut(index)
                    && !std::mem::replace(seen, true)
                {
                    path.push((index, 0));
                }
                let Some((index, next)) = path.last_mut() else { break };
                match self.get(*index).and_then(|module| module.uses.get(*next)) {
                    Some((_, used)) => {
                        *next += 1;
                        enter = Some(*used);
                    }
                    None => {
                        order.push(*index);
                        path.pop();
                    }
                }
            }
        }
        order
    }

    /// Where what the module at `index` names can come from: itself and what it uses, then the modules in which its settings look for
    /// sandboxes, and what those use.
    pub fn seen_from(&self, index: usize) -> Vec<usize> {
        let of_settings = self.settings_of(index).into_iter().flat_map(|settings| &settings.modules);
        let of_settings = of_settings.filter_map(|(path, _)| self.find(path));
        let mut seen = self.reached([index]);
        seen.extend(self.reached(of_settings));
        seen
    }

    /// The modules that are reached from those of `from`, nearest first, and those themselves.
    pub fn reached(&self, from: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let mut order: Vec<usize> = Vec::new();
        let mut seen = scn_plan::collections::HashSet::default();
        order.extend(from.into_iter().filter(|index| seen.insert(*index)));
        let mut at = 0;
        while let Some(module) = order.get(at).and_then(|index| self.get(*index)) {
            let used: Vec<usize> =
                module.uses.iter().map(|(_, used)| *used).filter(|used| seen.insert(*used)).collect();
            order.extend(used);
            at += 1;
        }
        order
    }
}
