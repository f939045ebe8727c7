//! Names of steps and probes: those that were given, and those that are made of a verb.

use scn_diagnostics::Span;
use scn_plan::collections::HashMap;
use smol_str::{SmolStr, format_smolstr};

/// The names of one kind of thing.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: HashMap<SmolStr, Span>,
    /// How many were named after each verb.
    numbers: HashMap<SmolStr, u32>,
    /// What the names of a flow's steps begin with.
    pub prefix: SmolStr,
}

impl Names {
    /// A name that is made of `verb`: the verb, numbered from the second on.
    pub fn name(&mut self, verb: &SmolStr, span: Span) -> SmolStr {
        let verb = &self.full(verb);
        let number = self.numbers.entry(verb.clone()).or_default();
        // A name that was given may look like a numbered one.
        loop {
            *number += 1;
            let name = if *number == 1 { verb.clone() } else { format_smolstr!("{verb}-{number}") };
            if !self.taken.contains_key(&name) {
                self.taken.insert(name.clone(), span);
                return name;
            }
        }
    }

    /// `name` as a step of the flow around it is called.
    pub fn full(&self, name: &str) -> SmolStr {
        match self.prefix.is_empty() {
            true => name.into(),
            false => format_smolstr!("{}{name}", self.prefix),
        }
    }

    /// Takes the name `name`; where it is taken already, the place where it was.
    pub fn claim(&mut self, name: &SmolStr, span: Span) -> Option<Span> {
        let name = &self.full(name);
        let first = self.taken.get(name).copied();
        self.taken.entry(name.clone()).or_insert(span);
        first
    }
}
