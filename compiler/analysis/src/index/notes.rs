//! What the checker notes of names and types on its way, for editors.

use std::sync::{Arc, Mutex, PoisonError};

use scn_diagnostics::Span;
use smol_str::SmolStr;

use crate::types::{Nominal, Type};

/// What a place of a text means.
#[derive(Clone, Debug)]
pub(crate) enum Meaning {
    /// The variable of this name of the journey, the flow or the handler that the place is in.
    Variable(SmolStr),
    /// The constant whose value stands here.
    Constant(Span),
    /// A field of the template that is declared here.
    Field(Span, SmolStr),
    /// A field of the template that the file sees under this name.
    FieldOf(SmolStr, SmolStr),
    /// The template of this name: the one that is declared here, or one that it extends.
    Ancestor(Span, SmolStr),
    /// A name of the plan or of the sandbox that is declared here.
    Named(Nominal, SmolStr, Option<Span>),
    /// The declaration of a page, a form or a field.
    Declared(Span),
    /// One of these declarations, of which it is not known which.
    OneOf(Vec<Span>),
    /// An arm of a `choose`: the share of those who come to it, and of all personas with their number, where that is known.
    Share { share: f64, personas: Option<(f64, u64)> },
    /// An expression, or a new name for something, of this type.
    Typed(Type),
}

impl Meaning {
    /// The same where what stood at a place has moved to where `moved` says; none if that is not known.
    pub fn moved(&self, moved: &impl Fn(Span) -> Option<Span>) -> Option<Meaning> {
        Some(match self {
            Meaning::Constant(at) => Meaning::Constant(moved(*at)?),
            Meaning::Field(at, name) => Meaning::Field(moved(*at)?, name.clone()),
            Meaning::Ancestor(at, name) => Meaning::Ancestor(moved(*at)?, name.clone()),
            Meaning::Named(kind, name, Some(at)) => Meaning::Named(*kind, name.clone(), Some(moved(*at)?)),
            Meaning::Declared(at) => Meaning::Declared(moved(*at)?),
            Meaning::OneOf(places) => Meaning::OneOf(places.iter().map(|at| moved(*at)).collect::<Option<_>>()?),
            Meaning::Variable(_)
            | Meaning::FieldOf(..)
            | Meaning::Named(_, _, None)
            | Meaning::Share { .. }
            | Meaning::Typed(_) => self.clone(),
        })
    }
}

/// Where notes are kept, a heap for each thread, so that none waits for another; a compilation that is to be run keeps none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes(Option<Arc<[Mutex<Vec<Note>>]>>);

/// What stands at a place.
pub(crate) type Note = (Span, Meaning);

impl Notes {
    /// Keeps notes.
    pub fn kept() -> Self {
        // One more for the thread that asked.
        let heaps = (0..=rayon::current_num_threads()).map(|_| Mutex::default());
        Self(Some(heaps.collect()))
    }

    /// Whether anything is kept.
    pub fn are_kept(&self) -> bool {
        self.0.is_some()
    }

    /// Notes what the place `at` means.
    pub fn note(&self, at: Span, meaning: impl FnOnce() -> Meaning) {
        let Some(heaps) = &self.0 else { return };
        let heap = rayon::current_thread_index().map_or(0, |thread| thread + 1);
        if let Some(notes) = heaps.get(heap) {
            notes.lock().unwrap_or_else(PoisonError::into_inner).push((at, meaning()));
        }
    }

    /// Adds notes that were kept elsewhere.
    pub fn extend(&self, notes: Vec<Note>) {
        if let Some(heap) = self.0.as_ref().and_then(|heaps| heaps.first()) {
            heap.lock().unwrap_or_else(PoisonError::into_inner).extend(notes);
        }
    }

    /// All that was noted so far; it is kept no longer.
    pub fn take(&self) -> Vec<Note> {
        let heaps = self.0.iter().flat_map(|heaps| heaps.iter());
        heaps.flat_map(|notes| std::mem::take(&mut *notes.lock().unwrap_or_else(PoisonError::into_inner))).collect()
    }
}
