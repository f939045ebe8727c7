//! From a `use` to the file that it means.

use scn_diagnostics::{Applicability, Diagnostic, Span, codes};
use scn_grammar::ast::{self, Keyword};
use smol_str::SmolStr;

use super::load::{Loader, Wanted, standard};
use crate::{
    expr::quoted_text,
    settings::LibraryPlace,
    signatures::{list, suggest},
    world::{join, normal},
};

/// A `use` whose file is being read.
pub(super) struct Link {
    module: usize,
    alias: Option<SmolStr>,
    path: String,
    /// The place of what names the file.
    span: Span,
}

/// Adds to `wanted` the files that the module at `index` uses.
pub(super) fn wanted(loader: &mut Loader<'_>, index: usize, wanted: &mut Vec<Wanted>, links: &mut Vec<Link>) {
    let Some(module) = loader.modules.get(index) else { return };
    let from = module.path.clone();
    let uses: Vec<ast::Decl> = module
        .tree
        .nodes
        .iter()
        .filter_map(ast::Node::decl)
        .filter(|decl| decl.keyword == Keyword::Use)
        .cloned()
        .collect();
    for decl in uses {
        let Some((file, span)) = file(loader, index, &from, &decl) else { continue };
        let alias = decl.alias.as_ref().map(|name| name.text.clone());
        links.push(Link { module: index, alias, path: file.path.clone(), span });
        wanted.push(file);
    }
}

/// Points each `use` to its file, now that these are read. One whose file is missing is reported.
pub(super) fn link(loader: &mut Loader<'_>, links: Vec<Link>) {
    for link in links {
        match loader.modules.find(&link.path) {
            Some(used) => {
                if let Some(module) = loader.modules.all.get_mut(link.module) {
                    module.uses.push((link.alias, used));
                    module.places.push(link.span);
                }
            }
            None => {
                if let Some(error) = loader.missing.get(&link.path).cloned() {
                    loader.report_missing(&link.path, link.span, &error);
                }
            }
        }
    }
    let of_settings: Vec<(String, Span)> =
        loader.modules.settings.iter().flat_map(|settings| settings.modules.clone()).collect();
    for (path, span) in of_settings {
        // The files of settings are reported in the settings, once.
        if let Some(error) = loader.missing.get(&path).cloned()
            && loader.modules.find(&path).is_none()
            && loader.reported.insert((path.clone(), span))
        {
            loader.report_missing(&path, span, &error);
        }
    }
}

/// The file that a `use` means, and the place that names it.
fn file(loader: &mut Loader<'_>, index: usize, from: &str, decl: &ast::Decl) -> Option<(Wanted, Span)> {
    let file = |path: String, span| (Wanted { name: path.clone(), path, span: Some(span), text: None }, span);
    let Some(name) = &decl.name else {
        let (text, span) = decl.operands.first().and_then(quoted_text)?;
        if scn_stdlib::module(&text).is_some() {
            let whole = decl.operands.first().map_or(span, |operand| operand.span);
            let headline = format!("`{text}` is a module, which is named without quotes");
            let diagnostic = Diagnostic::new(codes::UNKNOWN_MODULE, span, headline).fix(
                "leave out the quotes",
                whole,
                text.as_str(),
                Applicability::Automatic,
            );
            loader.diagnostics.push(diagnostic);
            return None;
        }
        return Some(file(join(from, &text), span));
    };
    if let Some(module) = scn_stdlib::module(&name.text) {
        return Some((standard(module), name.span));
    }
    let (library, rest) = name.text.split_once('.').unwrap_or((&name.text, ""));
    let Some(folder) = folder(loader, index, library, name.span) else {
        let settings = loader.modules.settings_of(index);
        if settings.is_some_and(|settings| settings.libraries.contains_key(library)) {
            return None;
        }
        let headline = format!("there is no module `{}`", name.text);
        let diagnostic = Diagnostic::new(codes::UNKNOWN_MODULE, name.span, headline).note(
            "a file is used by its path, as in `use \"./lib/forms.scn\" as forms`; a library is named in `esr.toml`",
        );
        let names = scn_stdlib::MODULES.iter().map(|module| module.name.to_owned());
        let libraries = settings
            .into_iter()
            .flat_map(|settings| settings.libraries.keys())
            .map(|library| if rest.is_empty() { library.clone() } else { format!("{library}.{rest}") });
        let names: Vec<String> = names.chain(libraries).collect();
        let diagnostic = suggest(diagnostic, &name.text, name.span, "module", names.iter().map(String::as_str));
        loader.diagnostics.push(diagnostic);
        return None;
    };
    if rest.is_empty() {
        let headline = format!("`{library}` is a library, and a `use` names a module of it");
        let diagnostic = Diagnostic::new(codes::UNKNOWN_MODULE, name.span, headline);
        let files = loader.world.siblings(&normal(&format!("{folder}/any.scn")));
        let modules: Vec<String> = files
            .iter()
            .filter_map(|file| file.rsplit('/').next()?.strip_suffix(".scn"))
            .map(|module| format!("{library}.{module}"))
            .collect();
        let modules: Vec<&str> = modules.iter().map(String::as_str).collect();
        loader.diagnostics.push(match modules.as_slice() {
            [] => diagnostic.help(format!("there is no file with a module in `{folder}`")),
            _ => diagnostic.help(format!("its modules are {}", list(&modules))),
        });
        return None;
    }
    Some(file(normal(&format!("{folder}/{}.scn", rest.replace('.', "/"))), name.span))
}

/// The folder of a library that the settings of the module at `index` name. One that cannot be had is reported, once.
fn folder(loader: &mut Loader<'_>, index: usize, name: &str, span: Span) -> Option<String> {
    let settings = loader.modules.settings_of(index)?;
    let library = settings.libraries.get(name)?;
    let git = match &library.place {
        LibraryPlace::Folder(folder) => return Some(folder.clone()),
        LibraryPlace::Git(git) => git,
    };
    let key = (settings.file.clone(), name.to_owned());
    if let Some(known) = loader.libraries.get(&key) {
        return known.clone();
    }
    let found = match loader.world.library(&settings.file, git) {
        Ok(folder) => Some(folder),
        Err(error) => {
            let mut diagnostic =
                Diagnostic::new(codes::LIBRARY_UNAVAILABLE, library.span, error.message).also(span, "it is used here");
            diagnostic.help = error.help;
            loader.diagnostics.push(diagnostic);
            None
        }
    };
    loader.libraries.insert(key, found.clone());
    found
}
