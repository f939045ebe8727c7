//! Names of steps and probes: those that were given, and those that are made of a verb.

use scn_diagnostics::Span;
use scn_plan::collections::HashMap;
use smol_str::{SmolStr, format_smolstr};

/// The names of one kind of thing.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: HashMap<SmolStr, Known>,
    /// What the names of a flow's steps begin with.
    pub prefix: SmolStr,
}

/// What is known of a name.
#[derive(Debug, Default)]
struct Known {
    /// Where it was taken first; `None` for a verb that nothing is called.
    taken: Option<Span>,
    /// How many were named after it.
    numbered: u32,
}

impl Names {
    /// Makes room for so many more names.
    pub fn reserve(&mut self, names: usize) {
        self.known.reserve(names);
    }

    /// A name that is made of `verb`: the verb, numbered from the second on.
    pub fn name(&mut self, verb: &SmolStr, span: Span) -> SmolStr {
        let verb = self.full(verb);
        let known = self.known.entry(verb.clone()).or_default();
        if known.numbered == 0 && known.taken.is_none() {
            *known = Known { taken: Some(span), numbered: 1 };
            return verb;
        }
        known.numbered = known.numbered.max(1) + 1;
        let mut number = known.numbered;
        loop {
            let name = format_smolstr!("{verb}-{number}");
            let known = self.known.entry(name.clone()).or_default();
            if known.taken.is_none() {
                known.taken = Some(span);
                return name;
            }
            // A name that was given looks like a numbered one.
            number += 1;
            self.known.entry(verb.clone()).or_default().numbered = number;
        }
    }

    /// `name` as a step of the flow around it is called.
    pub fn full(&self, name: &SmolStr) -> SmolStr {
        match self.prefix.is_empty() {
            true => name.clone(),
            false => format_smolstr!("{}{name}", self.prefix),
        }
    }

    /// Takes the name `name`; where it is taken already, the place where it was.
    pub fn claim(&mut self, name: &SmolStr, span: Span) -> Option<Span> {
        let name = &self.full(name);
        let known = self.known.entry(name.clone()).or_default();
        let first = known.taken;
        known.taken = first.or(Some(span));
        first
    }
}
