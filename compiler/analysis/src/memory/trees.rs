//! Trees that one compilation leaves to the next.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use scn_diagnostics::{Diagnostic, Source, SourceId};
use scn_grammar::ast::Tree;
use scn_plan::collections::HashMap;

/// The trees of a compilation, for the next one: a text that is the same as before, and has the same place among the others, is not
/// parsed again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trees(Arc<Mutex<HashMap<SourceId, Parsed>>>);

/// What a file's text became.
#[derive(Clone, Debug)]
pub(crate) struct Parsed {
    pub source: Source,
    pub tree: Arc<Tree>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Trees {
    fn kept(&self) -> MutexGuard<'_, HashMap<SourceId, Parsed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tree of a text: as it was, or parsed anew.
    pub fn parse(&self, id: SourceId, name: &str, text: &Arc<str>) -> Parsed {
        let known =
            self.kept().get(&id).filter(|known| known.source.name() == name && known.source.text() == text).cloned();
        known.unwrap_or_else(|| {
            let source = Source::new(name, text.clone());
            let (tree, diagnostics) = scn_grammar::parse(id, text);
            Parsed { source, tree: Arc::new(tree), diagnostics }
        })
    }

    /// Keeps trees for the next compilation in place of those that had their places.
    pub fn keep(&self, parsed: impl IntoIterator<Item = (SourceId, Parsed)>) {
        self.kept().extend(parsed);
    }
}
