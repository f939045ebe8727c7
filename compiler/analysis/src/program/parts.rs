//! What is to be checked falls into parts that have nothing to do with one another.
//!
//! Each part is checked by itself, so that the trees of one are held at a time, and not those of all files.

use scn_plan::collections::{HashMap, IndexSet};
use std::sync::Arc;

use memchr::{memchr, memmem, memrchr};
use petgraph::unionfind::UnionFind;
use rayon::prelude::*;
use scn_diagnostics::SourceMap;

use crate::{
    settings::{GitLibrary, Settings},
    world::{LibraryError, World, WorldError, join, normal},
};

/// So many files are worth a part of their own: what all files share is looked at once for each part.
const FEW: usize = 32;

/// The parts of what is to be checked.
pub(super) struct Parts<'w> {
    /// Holds the texts that have been read.
    pub world: Texts<'w>,
    /// The paths of each part as they were given, in their order.
    pub paths: Vec<Vec<String>>,
}

/// The parts that the files at `paths` fall into: files that use one another, or that the same settings hold for, are in one. Yields
/// none where they are too few for two parts, or where settings name libraries, whose files may be anywhere.
pub(super) fn of<'w>(world: &'w dyn World, paths: &[String]) -> Option<Parts<'w>> {
    if paths.len() < 2 * FEW {
        return None;
    }
    let mut related = Related::new(world);
    let nodes: Vec<usize> = paths.iter().map(|path| related.file(&normal(path), path)).collect();
    related.follow()?;
    let same = related.same();
    let mut components: HashMap<usize, usize> = HashMap::default();
    let mut grouped: Vec<Vec<usize>> = Vec::new();
    for (at, node) in nodes.into_iter().enumerate() {
        let component = *components.entry(same.find(node)).or_insert(grouped.len());
        match grouped.get_mut(component) {
            Some(group) => group.push(at),
            None => grouped.push(vec![at]),
        }
    }
    let mut parts: Vec<Vec<usize>> = Vec::new();
    for group in grouped {
        match parts.last_mut().filter(|part| part.len() < FEW) {
            Some(part) => part.extend(group),
            None => parts.push(group),
        }
    }
    let named = |mut part: Vec<usize>| {
        part.sort_unstable();
        part.into_iter().filter_map(|at| paths.get(at).cloned()).collect()
    };
    Some(Parts { world: related.world, paths: parts.into_iter().map(named).collect() })
}

/// A world of which some texts have been read.
pub(super) struct Texts<'w> {
    world: &'w dyn World,
    /// By the names that they were read by.
    known: HashMap<String, Result<Arc<str>, WorldError>>,
}

impl World for Texts<'_> {
    fn read(&self, path: &str) -> Result<Arc<str>, WorldError> {
        self.known.get(path).cloned().unwrap_or_else(|| self.world.read(path))
    }

    fn settings(&self, path: &str) -> Option<String> {
        self.world.settings(path)
    }

    fn library(&self, settings: &str, library: &GitLibrary) -> Result<String, LibraryError> {
        self.world.library(settings, library)
    }

    fn siblings(&self, path: &str) -> Vec<String> {
        self.world.siblings(path)
    }
}

/// Which files have to do with which.
struct Related<'w> {
    world: Texts<'w>,
    /// The paths of files and of their settings.
    nodes: IndexSet<String>,
    edges: Vec<(usize, usize)>,
    /// Files that are still to be read, with the names to read them by.
    unread: Vec<(usize, String)>,
    /// The settings of each folder.
    settings: HashMap<String, Option<usize>>,
}

impl<'w> Related<'w> {
    fn new(world: &'w dyn World) -> Self {
        let world = Texts { world, known: HashMap::default() };
        Self { world, nodes: IndexSet::default(), edges: Vec::new(), unread: Vec::new(), settings: HashMap::default() }
    }

    /// The node of the file at `path`, which is read by `name`.
    fn file(&mut self, path: &str, name: &str) -> usize {
        if let Some(known) = self.nodes.get_index_of(path) {
            return known;
        }
        let (node, _) = self.nodes.insert_full(path.to_owned());
        self.unread.push((node, name.to_owned()));
        node
    }

    /// Reads the files, and all that they have to do with. None where that is not told by their texts.
    fn follow(&mut self) -> Option<()> {
        while !self.unread.is_empty() {
            let unread = std::mem::take(&mut self.unread);
            let (world, nodes) = (self.world.world, &self.nodes);
            let read = unread.par_iter().map(|(node, name)| {
                let text = world.read(name);
                let from = nodes.get_index(*node).map_or("", String::as_str);
                let used = text.iter().flat_map(|text| used(text)).map(|path| join(from, path)).collect();
                (text, used)
            });
            let read: Vec<(_, Vec<String>)> = read.collect();
            for ((node, name), (text, used)) in unread.into_iter().zip(read) {
                self.add_settings(node, &name)?;
                for path in used {
                    // With escapes, it may be that of any file.
                    if path.contains('\\') {
                        return None;
                    }
                    let used = self.file(&path, &path);
                    self.edges.push((node, used));
                }
                self.world.known.insert(name, text);
            }
        }
        Some(())
    }

    /// Finds the settings of the file that is read by `name`. None where they name libraries.
    fn add_settings(&mut self, node: usize, name: &str) -> Option<()> {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        if let Some(known) = self.settings.get(folder) {
            self.edges.extend(known.map(|settings| (node, settings)));
            return Some(());
        }
        let found = match self.world.settings(name) {
            Some(path) => Some(self.read_settings(&path)?),
            None => None,
        };
        self.settings.insert(folder.to_owned(), found);
        self.edges.extend(found.map(|settings| (node, settings)));
        Some(())
    }

    /// The node of the settings at `path`. None where they name libraries.
    fn read_settings(&mut self, path: &str) -> Option<usize> {
        let (node, is_new) = self.nodes.insert_full(path.to_owned());
        if !is_new {
            return Some(node);
        }
        // What is wrong in them is reported where the files are checked.
        let settings = Settings::load(&self.world, path, &mut SourceMap::new(), &mut Vec::new());
        if !settings.libraries.is_empty() {
            return None;
        }
        for (module, _) in settings.modules {
            let module = self.file(&module, &module);
            self.edges.push((node, module));
        }
        Some(node)
    }

    /// The nodes that have to do with one another.
    fn same(&self) -> UnionFind<usize> {
        let mut same = UnionFind::new(self.nodes.len());
        for (one, other) in &self.edges {
            same.union(*one, *other);
        }
        same
    }
}

/// The paths that a text may use, as they are written. More than those does no harm, as a line in a block would be.
fn used(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let mut from = 0;
    // The lines in which the word stands, each once.
    let lines = std::iter::from_fn(move || {
        let at = from + memmem::find(bytes.get(from..)?, b"use")?;
        let start = memrchr(b'\n', bytes.get(..at)?).map_or(0, |newline| newline + 1);
        from = at + memchr(b'\n', bytes.get(at..)?).unwrap_or(bytes.len() - at);
        text.get(start..from)
    });
    lines.filter_map(|line| {
        let operand = line.trim_start_matches('\u{feff}').trim_start().strip_prefix("use")?.trim_start();
        let quote = operand.chars().next().filter(|first| matches!(first, '"' | '\''))?;
        operand.split(quote).nth(1).map(str::trim_end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files in memory, and the settings of folders.
    struct Files(Vec<(String, String)>);

    impl World for Files {
        fn read(&self, path: &str) -> Result<Arc<str>, WorldError> {
            let found = self.0.iter().find(|(own, _)| own == path);
            found.map(|(_, text)| text.as_str().into()).ok_or(WorldError::NotFound)
        }

        fn settings(&self, path: &str) -> Option<String> {
            let settings = format!("{}/esr.toml", path.rsplit_once('/')?.0);
            self.read(&settings).is_ok().then_some(settings)
        }
    }

    /// How many files each part has; none where all is one.
    fn sizes(files: Vec<(String, String)>) -> Option<Vec<usize>> {
        let paths: Vec<String> =
            files.iter().map(|(path, _)| path.clone()).filter(|path| path.ends_with(".scn")).collect();
        Some(of(&Files(files), &paths)?.paths.iter().map(Vec::len).collect())
    }

    fn folder(name: &str, files: usize, text: &str) -> impl Iterator<Item = (String, String)> {
        (0..files).map(move |file| (format!("{name}/{file}.scn"), text.to_owned()))
    }

    #[test]
    fn files_that_stand_alone_are_taken_together() {
        assert_eq!(sizes(folder("a", 100, "").collect()), Some(vec![32, 32, 32, 4]));
        assert_eq!(sizes(folder("a", 63, "").collect()), None);
    }

    #[test]
    fn files_that_use_one_are_together() {
        let uses = [
            "use \"./0.scn\"",
            "# First.\n\n  use  '0.scn' as other\n",
            "\u{feff}use \"../a/./0.scn\" as other\r\n",
            "use \"0.scn",
        ];
        for text in uses {
            let files = folder("a", 50, text).chain(folder("b", 50, "# use \"../a/0.scn\""));
            assert_eq!(sizes(files.collect()), Some(vec![50, 32, 18]), "{text}");
        }
    }

    #[test]
    fn files_with_the_same_settings_are_together() {
        let settings = ("a/esr.toml".to_owned(), "modules = [\"../b/7.scn\"]".to_owned());
        let files = || folder("a", 50, "").chain(folder("b", 50, ""));
        assert_eq!(sizes(files().chain([settings]).collect()), Some(vec![51, 32, 17]));
        let libraries = ("a/esr.toml".to_owned(), "[libraries]\nb = { path = \"../b\" }".to_owned());
        assert_eq!(sizes(files().chain([libraries]).collect()), None);
    }
}
