//! Files and what they use.

use std::collections::BTreeMap;

use scn_diagnostics::{Diagnostic, Source, SourceMap, Span, codes};
use scn_grammar::ast::{self, Keyword};
use smol_str::SmolStr;

use crate::{
    expr::quoted_text,
    settings::Settings,
    signatures::suggest,
    world::{World, WorldError, join, normal},
};

/// A parsed file.
#[derive(Debug)]
pub(crate) struct Module {
    /// The path, or the name of a module of the standard library.
    pub path: String,
    /// What it says.
    pub tree: ast::Tree,
    /// What it uses: indices into [`Modules::all`], each with the name given by `as`.
    pub uses: Vec<(Option<SmolStr>, usize)>,
}

/// All files of a compilation; the first is the one that is compiled.
#[derive(Debug, Default)]
pub(crate) struct Modules {
    /// The files in the order in which they were reached.
    pub all: Vec<Module>,
    by_path: BTreeMap<String, usize>,
    /// Files that are being loaded, outermost first, each with the place of the `use` that leads to the next.
    open: Vec<(String, Span)>,
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

    /// Parses `text` as the file at `path`, and loads all that it uses.
    pub fn add(&mut self, loader: &mut Loader<'_>, path: &str, name: &str, text: &str) -> usize {
        let source = loader.sources.add(Source::new(name, text));
        let (tree, found) = scn_grammar::parse(source, text);
        loader.diagnostics.extend(found);
        let index = self.all.len();
        self.by_path.insert(path.to_owned(), index);
        self.all.push(Module { path: path.to_owned(), tree, uses: Vec::new() });
        index
    }

    /// Loads what the module at `index` uses.
    pub fn resolve_uses(&mut self, loader: &mut Loader<'_>, index: usize) {
        let Some(module) = self.all.get(index) else { return };
        let path = module.path.clone();
        let uses: Vec<ast::Decl> = module
            .tree
            .nodes
            .iter()
            .filter_map(ast::Node::decl)
            .filter(|decl| decl.keyword == Keyword::Use)
            .cloned()
            .collect();
        for decl in uses {
            let alias = decl.alias.as_ref().map(|name| name.text.clone());
            if let Some(used) = self.load_use(loader, &path, &decl)
                && let Some(module) = self.all.get_mut(index)
            {
                module.uses.push((alias, used));
            }
        }
    }

    fn load_use(&mut self, loader: &mut Loader<'_>, from: &str, decl: &ast::Decl) -> Option<usize> {
        if let Some(name) = &decl.name {
            if let Some(module) = scn_stdlib::module(&name.text) {
                return Some(self.add_std(loader, module));
            }
            let (library, rest) = name.text.split_once('.').unwrap_or((&name.text, ""));
            if let Some(folder) = loader.settings.libraries.get(library) {
                let file = normal(&format!("{folder}/{}.scn", rest.replace('.', "/")));
                return self.load_file(loader, from, &file, name.span);
            }
            let headline = format!("there is no module `{}`", name.text);
            let diagnostic = Diagnostic::new(codes::UNKNOWN_MODULE, name.span, headline)
                .note("a file is used by its path, as in `use \"./lib/forms.scn\" as forms`; a library is named in `esr.toml`");
            let names = scn_stdlib::MODULES.iter().map(|module| module.name);
            loader.diagnostics.push(suggest(diagnostic, &name.text, name.span, "module", names));
            return None;
        }
        let (text, span) = decl.operands.first().and_then(quoted_text)?;
        self.load_file(loader, from, &join(from, &text), span)
    }

    /// A module of the standard library.
    pub fn add_std(&mut self, loader: &mut Loader<'_>, module: scn_stdlib::Module) -> usize {
        match self.find(module.name) {
            Some(index) => index,
            None => {
                let index = self.add(loader, module.name, module.file, module.text);
                self.resolve_uses(loader, index);
                index
            }
        }
    }

    /// Loads the file at `path`, which is named at `span` in the file `from`.
    pub fn load_file(&mut self, loader: &mut Loader<'_>, from: &str, path: &str, span: Span) -> Option<usize> {
        let from_open = self.open.iter().any(|(open, _)| open == from);
        if !from_open {
            self.open.push((from.to_owned(), span));
        } else if let Some(entry) = self.open.iter_mut().find(|(open, _)| open == from) {
            entry.1 = span;
        }
        if let Some(at) = self.open.iter().position(|(open, _)| open == path) {
            let cycle: Vec<(String, Span)> = self.open.iter().skip(at).cloned().collect();
            let mut names: Vec<&str> = cycle.iter().map(|(path, _)| path.as_str()).collect();
            names.push(path);
            let mut diagnostic = Diagnostic::new(codes::IMPORT_CYCLE, span, "files use one another in a circle")
                .label("this use closes the circle")
                .note(names.join(" → "))
                .help("move what both need to a file that uses neither");
            for (_, other) in cycle.iter().filter(|(_, other)| *other != span) {
                diagnostic = diagnostic.also(*other, "this use is part of it");
            }
            loader.diagnostics.push(diagnostic);
            if !from_open {
                self.open.pop();
            }
            return None;
        }
        let index = match self.find(path) {
            Some(index) => Some(index),
            None => match loader.world.read(path) {
                Ok(text) => {
                    let index = self.add(loader, path, path, &text);
                    self.resolve_uses(loader, index);
                    Some(index)
                }
                Err(error) => {
                    let headline = match &error {
                        WorldError::NotFound => format!("there is no file `{path}`"),
                        WorldError::Unreadable(_) => format!("`{path}` cannot be read: {error}"),
                    };
                    let diagnostic = Diagnostic::new(codes::UNKNOWN_MODULE, span, headline);
                    let near = loader.world.siblings(path);
                    loader.diagnostics.push(match crate::signatures::nearest(path, near.iter().map(String::as_str)) {
                        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                        None => diagnostic.help("a path is relative to the file that it is written in"),
                    });
                    None
                }
            },
        };
        if !from_open {
            self.open.retain(|(open, _)| open != from);
        }
        index
    }
}

/// What loading needs.
pub(crate) struct Loader<'a> {
    /// Where texts come from.
    pub world: &'a dyn World,
    /// The project's settings.
    pub settings: &'a Settings,
    /// Where texts go.
    pub sources: &'a mut SourceMap,
    /// Where findings go.
    pub diagnostics: &'a mut Vec<Diagnostic>,
}
