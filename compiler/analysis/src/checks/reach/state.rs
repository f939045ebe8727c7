//! What is known at a node of the plan: a few facts, which nodes share until something else is learnt.

use std::rc::Rc;

use scn_diagnostics::Span;
use scn_plan::{Expr, ExprKind};
use smallvec::SmallVec;

use super::domain::Known;

/// So many conditions are told as reasons of a fact.
const MOST_REASONS: usize = 4;

/// What conditions look at: something that keeps its value until it is set again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A variable.
    Slot(u32),
    /// A field of the persona.
    Field(u32),
}

/// What is known of a place, and the conditions that say so.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fact {
    /// What it may be.
    pub known: Known,
    /// Conditions on the way.
    pub why: SmallVec<[Span; 2]>,
}

/// The facts, of each place at most one, in the order of the places.
#[derive(Clone, Debug, Default)]
pub(super) struct State(Rc<[(Place, Rc<Fact>)]>);

/// The place that an expression reads.
pub(super) fn place(expr: &Expr) -> Option<Place> {
    match expr.kind {
        ExprKind::Slot(slot) => Some(Place::Slot(slot.0)),
        ExprKind::PersonaField(field) => Some(Place::Field(field)),
        _ => None,
    }
}

impl State {
    /// What is known of `place`.
    pub fn get(&self, place: Place) -> Option<&Fact> {
        self.shared(place).map(|fact| &**fact)
    }

    fn shared(&self, place: Place) -> Option<&Rc<Fact>> {
        self.0.iter().find(|(own, _)| *own == place).map(|(_, fact)| fact)
    }

    /// The same with another fact of `place`.
    pub fn with(&self, place: Place, fact: Fact) -> State {
        let at = self.0.iter().take_while(|(own, _)| *own < place).count();
        let (before, after) = self.0.split_at_checked(at).unwrap_or_default();
        let after = match after {
            [(own, _), rest @ ..] if *own == place => rest,
            _ => after,
        };
        let fact = (place, Rc::new(fact));
        if before.is_empty() && after.is_empty() {
            return State(Rc::new([fact]));
        }
        State(before.iter().cloned().chain([fact]).chain(after.iter().cloned()).collect())
    }

    /// The same without what is known of `place`.
    pub fn without(&self, place: Place) -> State {
        State(self.0.iter().filter(|(own, _)| *own != place).cloned().collect())
    }

    /// The same where `condition` says what is at a place.
    pub fn learn(&self, place: Place, known: Known, condition: Span) -> State {
        let mut why = self.get(place).map(|fact| fact.why.clone()).unwrap_or_default();
        if why.last() != Some(&condition) && why.len() < MOST_REASONS {
            why.push(condition);
        }
        self.with(place, Fact { known, why })
    }

    /// What is known of the persona alone.
    pub fn of_persona(&self) -> State {
        let is_field = |(place, _): &(Place, Rc<Fact>)| matches!(place, Place::Field(_));
        if self.0.iter().all(is_field) {
            return self.clone();
        }
        State(self.0.iter().filter(|fact| is_field(fact)).cloned().collect())
    }

    /// What holds both here and in `other`, if that is not all that holds here; where `give_up`, nothing of what differs.
    pub fn merged(&self, other: &State, give_up: bool) -> Option<State> {
        if Rc::ptr_eq(&self.0, &other.0) {
            return None;
        }
        let mut both: SmallVec<[(Place, Rc<Fact>); 8]> = SmallVec::new();
        let mut is_other = false;
        for (place, fact) in self.0.iter() {
            let merged = other.shared(*place).and_then(|other| either(fact, other, give_up));
            is_other |= merged.as_ref().is_none_or(|merged| !Rc::ptr_eq(merged, fact));
            both.extend(merged.map(|merged| (*place, merged)));
        }
        is_other.then(|| State(both.as_slice().into()))
    }
}

/// What holds by either of two facts of a place: the first one itself where that is the same.
fn either(fact: &Rc<Fact>, other: &Rc<Fact>, give_up: bool) -> Option<Rc<Fact>> {
    if Rc::ptr_eq(fact, other) || **fact == **other {
        return Some(fact.clone());
    }
    let known = fact.known.clone().or(other.known.clone());
    let is_same = known == fact.known;
    if !is_same && give_up || known == Known::ANY {
        return None;
    }
    let why = if fact.why == other.why { fact.why.clone() } else { Default::default() };
    if is_same && why == fact.why {
        return Some(fact.clone());
    }
    Some(Rc::new(Fact { known, why }))
}
