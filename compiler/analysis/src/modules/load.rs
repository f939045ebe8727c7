//! Reads and parses files, in rounds.

use scn_plan::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;
use scn_diagnostics::{Applicability, Diagnostic, Source, SourceId, SourceMap, Span, codes};

use super::{Module, Modules, PEOPLE, cycles, uses};
use crate::{
    memory::{Parsed, Trees},
    settings::Settings,
    world::{World, WorldError, normal},
};

/// A file that is still to be read.
pub(super) struct Wanted {
    /// Its path, or the name of a module of the standard library.
    pub path: String,
    /// What it is called in diagnostics.
    pub name: String,
    /// The place that asks for it; none for a file that is to be compiled.
    pub span: Option<Span>,
    /// Its text, where that is no file.
    pub text: Option<&'static str>,
}

/// Loading under way.
pub(super) struct Loader<'a> {
    pub world: &'a dyn World,
    /// Trees of the compilation before, and for the one after.
    trees: Option<&'a Trees>,
    pub sources: &'a mut SourceMap,
    pub diagnostics: &'a mut Vec<Diagnostic>,
    pub modules: Modules,
    /// Settings by the folder that they were sought from.
    settings: HashMap<String, Option<usize>>,
    settings_files: HashMap<String, usize>,
    /// Folders of libraries kept in git; none if one cannot be had, which has been reported.
    pub libraries: HashMap<(String, String), Option<String>>,
    /// Paths that cannot be read, each reported where it was first asked for.
    pub missing: HashMap<String, WorldError>,
    /// What is missing among the modules of settings and has been reported.
    pub reported: HashSet<(String, Span)>,
}

/// Reads the files at `paths` and all that they use. Yields the modules, and for each path its index, unless it cannot be
/// read.
pub(crate) fn load(
    world: &dyn World,
    paths: &[String],
    trees: Option<&Trees>,
    sources: &mut SourceMap,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Modules, Vec<Option<usize>>) {
    let mut loader = Loader {
        world,
        trees,
        sources,
        diagnostics,
        modules: Modules::default(),
        settings: HashMap::default(),
        settings_files: HashMap::default(),
        libraries: HashMap::default(),
        missing: HashMap::default(),
        reported: HashSet::default(),
    };
    let roots = paths.iter().map(|path| Wanted { path: normal(path), name: path.clone(), span: None, text: None });
    loader.round(roots.collect());
    let compiled = loader.modules.all.len();
    let mut from = 0;
    loop {
        let end = loader.modules.all.len();
        let mut wanted = Vec::new();
        for index in from..end {
            loader.find_settings(index);
        }
        let mut links = Vec::new();
        for index in from..end {
            uses::wanted(&mut loader, index, &mut wanted, &mut links);
        }
        if from == 0 {
            loader.want_modules_of_settings(compiled, &mut wanted);
        }
        from = end;
        if wanted.is_empty() && links.is_empty() {
            break;
        }
        loader.round(wanted);
        uses::link(&mut loader, links);
    }
    if loader.modules.find(PEOPLE).is_none()
        && let Some(module) = scn_stdlib::module(PEOPLE)
    {
        loader.round(vec![standard(module)]);
    }
    let roots = paths.iter().map(|path| loader.modules.find(&normal(path))).collect();
    let mut modules = loader.modules;
    cycles::cut(&mut modules, diagnostics);
    (modules, roots)
}

/// A module of the standard library.
pub(super) fn standard(module: scn_stdlib::Module) -> Wanted {
    Wanted { path: module.name.to_owned(), name: module.file.to_owned(), span: None, text: Some(module.text) }
}

impl Loader<'_> {
    /// Reads and parses what is wanted and not there yet.
    fn round(&mut self, mut wanted: Vec<Wanted>) {
        let mut seen = HashSet::default();
        wanted.retain(|file| {
            !self.modules.by_path.contains_key(&file.path)
                && !self.missing.contains_key(&file.path)
                && seen.insert(file.path.clone())
        });
        let world = self.world;
        let texts: Vec<Result<Arc<str>, WorldError>> = wanted
            .par_iter()
            .map(|file| match (file.text, file.span) {
                (Some(text), _) => Ok(text.into()),
                (None, Some(_)) => world.read(&file.path),
                (None, None) => world.read(&file.name),
            })
            .collect();
        let mut readable: Vec<(Wanted, Arc<str>, SourceId)> = Vec::new();
        let mut next = self.sources.len();
        for (file, text) in wanted.into_iter().zip(texts) {
            match text {
                Ok(text) => {
                    readable.push((file, text, SourceId(u32::try_from(next).unwrap_or(u32::MAX))));
                    next += 1;
                }
                Err(error) => drop(self.missing.insert(file.path.clone(), error)),
            }
        }
        let parsed: Vec<Parsed> = readable
            .par_iter()
            .map(|(file, text, id)| match self.trees {
                Some(trees) => trees.parse(*id, &file.name, text),
                None => Trees::default().parse(*id, &file.name, text),
            })
            .collect();
        if let Some(trees) = self.trees {
            trees.keep(readable.iter().map(|(_, _, id)| *id).zip(parsed.iter().cloned()));
        }
        for ((file, _, _), parsed) in readable.into_iter().zip(parsed) {
            let source = self.sources.add(parsed.source);
            self.diagnostics.extend(parsed.diagnostics);
            self.modules.by_path.insert(file.path.clone(), self.modules.all.len());
            self.modules.all.push(Module {
                path: file.path,
                source,
                tree: parsed.tree,
                uses: Vec::new(),
                places: Vec::new(),
                settings: None,
            });
        }
    }

    /// Finds the settings of the module at `index`.
    fn find_settings(&mut self, index: usize) {
        let Some(module) = self.modules.get(index) else { return };
        if scn_stdlib::module(&module.path).is_some() {
            return;
        }
        // The settings are sought by the path as it was given, so that they are named in the same way.
        let path = self.sources.get(module.source).map_or(module.path.as_str(), Source::name).to_owned();
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let found = match self.settings.get(&folder) {
            Some(known) => *known,
            None => {
                let file = self.world.settings(&path);
                let found = file.map(|file| match self.settings_files.get(&file) {
                    Some(known) => *known,
                    None => {
                        let settings = Settings::load(self.world, &file, self.sources, self.diagnostics);
                        self.modules.settings.push(settings);
                        self.settings_files.insert(file, self.modules.settings.len() - 1);
                        self.modules.settings.len() - 1
                    }
                });
                self.settings.insert(folder, found);
                found
            }
        };
        if let Some(module) = self.modules.all.get_mut(index) {
            module.settings = found;
        }
    }

    /// Asks for the files in which the settings of the first `compiled` modules look for sandboxes.
    fn want_modules_of_settings(&mut self, compiled: usize, wanted: &mut Vec<Wanted>) {
        let mut seen = HashSet::default();
        let of: Vec<usize> = self.modules.all.iter().take(compiled).filter_map(|module| module.settings).collect();
        for index in of.into_iter().filter(|index| seen.insert(*index)) {
            let Some(settings) = self.modules.settings.get(index) else { continue };
            for (path, span) in &settings.modules {
                wanted.push(Wanted { path: path.clone(), name: path.clone(), span: Some(*span), text: None });
            }
        }
    }

    /// Reports that the file at `path`, which is asked for at `span`, cannot be read.
    pub(super) fn report_missing(&mut self, path: &str, span: Span, error: &WorldError) {
        let headline = match error {
            WorldError::NotFound => format!("there is no file `{path}`"),
            WorldError::Unreadable(_) => format!("`{path}` cannot be read: {error}"),
        };
        let diagnostic = Diagnostic::new(codes::UNKNOWN_MODULE, span, headline);
        let near = self.world.siblings(path);
        let with_ending = format!("{path}.scn");
        if near.contains(&with_ending) {
            let help = format!("did you mean `{with_ending}`?");
            self.diagnostics.push(diagnostic.help(help).fix(
                "add `.scn`",
                span.tail(),
                ".scn",
                Applicability::Suggested,
            ));
            return;
        }
        // Those beside it are in the same folder, which says nothing.
        let file = |path: &'_ str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let files: Vec<String> = near.iter().map(|path| file(path)).collect();
        let meant = crate::signatures::nearest(&file(path), files.iter().map(String::as_str));
        let meant = meant.and_then(|meant| near.iter().find(|path| file(path) == meant));
        self.diagnostics.push(match meant {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help("a path is relative to the file that it is written in"),
        });
    }
}
