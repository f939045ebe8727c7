//! What has a name in the open documents, or in all files of the workspace.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use scn_analysis::{Findings, Index, Memory, Occurrence, Options, Survey, Symbol, World};
use scn_diagnostics::{Source, SourceId};
use scn_world::FileWorld;

use super::{
    capabilities::Client,
    documents::{Document, real},
    stdlib,
};

/// No more entries of the workspace's folders than this are looked at.
const MOST_ENTRIES: usize = 50_000;

/// What has a name in some files and in what they use.
pub(super) struct Names {
    /// The texts that all places point into, and what is wrong with them.
    pub findings: Arc<Findings>,
    /// What is left of the files themselves.
    pub survey: Arc<Survey>,
    /// Their names.
    pub index: Index,
}

/// What is wrong in the files at `paths`, and what their names are found by; nothing if nobody waits any longer.
/// What has not changed is taken from `memory`.
pub(super) fn survey(
    world: &FileWorld,
    paths: &[String],
    memory: Option<Memory>,
    cancelled: &Arc<AtomicBool>,
) -> Option<(Findings, Survey)> {
    let options = Options { memory, cancelled: cancelled.clone(), ..Options::default() };
    let found = scn_analysis::survey(world, paths, &options);
    (!cancelled.load(Ordering::Relaxed)).then_some(found)
}

impl Names {
    /// The names in the files that were surveyed; nothing if nobody waits any longer.
    pub fn of(findings: Arc<Findings>, survey: Arc<Survey>, cancelled: &Arc<AtomicBool>) -> Option<Self> {
        let options = Options { cancelled: cancelled.clone(), ..Options::default() };
        let index = survey.index(&findings, &options);
        (!cancelled.load(Ordering::Relaxed)).then_some(Self { findings, survey, index })
    }

    /// The names in the files at `paths`; nothing if nobody waits any longer.
    pub fn read(world: &FileWorld, paths: &[String], cancelled: &Arc<AtomicBool>) -> Option<Self> {
        let (findings, found) = survey(world, paths, None, cancelled)?;
        Self::of(Arc::new(findings), Arc::new(found), cancelled)
    }

    /// The text of the file at `path`.
    pub fn source(&self, path: &str) -> Option<SourceId> {
        self.findings.sources.iter().find(|(_, source)| source.name() == path).map(|(id, _)| id)
    }

    /// The text that a place points into.
    pub fn text(&self, id: SourceId) -> Option<&Source> {
        self.findings.sources.get(id)
    }

    /// The name at a byte of the file at `path`, and what has it.
    pub fn at(&self, path: &str, offset: usize) -> Option<(Occurrence, &Symbol)> {
        let found = self.index.at(self.source(path)?, u32::try_from(offset).ok()?)?;
        Some((found, self.index.symbol(found.symbol)?))
    }
}

/// The texts as they are now: those of the editor where they are open. Nothing is fetched while somebody types.
pub(super) fn world(documents: &[Arc<Document>]) -> FileWorld {
    over(documents.iter().map(|document| (document.path.clone(), document.text.clone())))
}

/// The same, with these texts in the places of the files at their paths.
pub(super) fn over(texts: impl IntoIterator<Item = (String, Arc<str>)>) -> FileWorld {
    FileWorld::over(texts).at_rest()
}

/// The paths of the open documents that are to be checked: the standard library declares what nobody else can.
pub(super) fn paths(documents: &[Arc<Document>]) -> Vec<String> {
    let own = documents.iter().filter(|document| !stdlib::is_part(&document.path));
    own.map(|document| document.path.clone()).collect()
}

/// The paths of all files of the workspace, and of the open documents; and why these may not be all, if so.
pub(super) fn workspace(documents: &[Arc<Document>], client: &Client) -> (Vec<String>, Option<String>) {
    let mut paths: BTreeSet<String> = paths(documents).into_iter().collect();
    let mut missing = None;
    for folder in folders(documents, client) {
        let (found, outcome) = scn_world::sources(&folder, MOST_ENTRIES);
        // Several links may lead to one file.
        paths.extend(found.iter().filter_map(|path| real(Path::new(path)).to_str().map(str::to_owned)));
        missing = missing.or(outcome.err().map(|error| format!("{}: {error}", folder.display())));
    }
    (paths.into_iter().collect(), missing)
}

/// The folders that the editor has open; without any, those of the documents' projects.
pub(super) fn folders(documents: &[Arc<Document>], client: &Client) -> BTreeSet<PathBuf> {
    let open = client.folders();
    if !open.is_empty() {
        return open.into_iter().collect();
    }
    let world = FileWorld::new();
    let files = documents.iter().filter(|document| document.path.starts_with('/'));
    files
        .filter_map(|document| {
            let settings = world.settings(&document.path);
            Path::new(settings.as_deref().unwrap_or(&document.path)).parent().map(Path::to_owned)
        })
        .collect()
}
