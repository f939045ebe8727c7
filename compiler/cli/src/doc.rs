//! `esrc doc`: what files declare, and what their comments say about it.

use std::{io, path::PathBuf};

use clap::ValueEnum;
use scn_analysis::{Options, World, compile};
use scn_diagnostics::emit;
use scn_doc::{Links, Module};
use scn_world::FileWorld;

use crate::{
    Exit, Failure,
    files::{self, Input},
    output,
};

/// What the prelude is called.
const PRELUDE: &str = "prelude";

/// Writes documentation of what files declare, from their declarations and the `##` comments above them.
///
/// Names that begin with `_` are left out. Exits with 1 if a file has mistakes; what can be read of it is documented.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Files, folders with .scn and .scn.yaml files, or modules of the standard library such as std.people
    #[arg(required_unless_present = "std", value_name = "PATH")]
    paths: Vec<String>,
    /// The standard library, with what every file knows without a `use`
    #[arg(long)]
    std: bool,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
    /// The folder for the pages: one for each file, and one that leads to them. Without it, one page goes to standard output
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Markdown, for a wiki or a book
    Markdown,
    /// Pages that need nothing but themselves
    Html,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut modules: Vec<Module> = Vec::new();
    let mut exit = Exit::Clean;
    let mut add = |name: &str, input: &Input| -> Result<(), Failure> {
        if modules.iter().all(|module| module.name != name) {
            let (module, sound) = read(name, input)?;
            modules.push(module);
            if !sound {
                exit = Exit::Findings;
            }
        }
        Ok(())
    };
    let mut prelude = arguments.std;
    for path in &arguments.paths {
        match scn_stdlib::module(path) {
            Some(module) => add(module.name, &own(module))?,
            None if path == PRELUDE => prelude = true,
            None => {
                for input in files::expand(std::slice::from_ref(path))?.each() {
                    add(&input.path, &input)?;
                }
            }
        }
    }
    for module in scn_stdlib::MODULES.iter().filter(|_| arguments.std) {
        add(module.name, &own(*module))?;
    }
    modules.extend(prelude.then(scn_doc::prelude));
    let links = Links::new(&modules);
    match &arguments.out {
        Some(folder) => {
            let name = |stem: &str| match arguments.format {
                Format::Markdown => folder.join(format!("{stem}.md")),
                Format::Html => folder.join(format!("{stem}.html")),
            };
            for module in &modules {
                let page = self::page(module, &modules, &links, arguments.format)?;
                output::file(&name(links.page(&module.name).unwrap_or_default()), &page)?;
            }
            let index = scn_doc::index("Overview", &modules, &links);
            let index = match arguments.format {
                Format::Markdown => index,
                Format::Html => whole(scn_doc::html_page("Overview", &index, &modules, &links, Vec::new()))?,
            };
            output::file(&name("index"), &index)?;
        }
        None => match (arguments.format, modules.as_slice()) {
            (Format::Html, [_, _, ..]) => {
                return Err(Failure::usage(format!("{} files are as many pages", modules.len()))
                    .help("name the folder for them with `--out DIR`"));
            }
            _ => {
                let pages = modules.iter().map(|module| page(module, &modules, &links, arguments.format));
                output::write(&pages.collect::<Result<Vec<_>, _>>()?.join("\n"))?;
            }
        },
    }
    undocumented(&modules);
    Ok(exit)
}

/// A module of the standard library as a file.
fn own(module: scn_stdlib::Module) -> Input {
    Input { path: module.file.to_owned(), world: FileWorld::with(module.file, module.text) }
}

/// What a file declares, and whether it is free of mistakes. These are shown.
fn read(name: &str, input: &Input) -> Result<(Module, bool), Failure> {
    let compilation = compile(&input.world, &input.path, &Options::default());
    let errors = compilation.has_errors();
    if errors {
        let options = output::options(&io::stderr());
        output::findings(&emit::terminal(&compilation.diagnostics, &compilation.sources, options));
    }
    let text = input
        .world
        .read(&input.path)
        .map_err(|error| Failure::usage(format!("`{}` cannot be read: {error}", input.path)))?;
    Ok((scn_doc::module(name, &text, &compilation.declared), !errors))
}

fn page(module: &Module, modules: &[Module], links: &Links, format: Format) -> Result<String, Failure> {
    match format {
        Format::Markdown => Ok(scn_doc::markdown(module, links)),
        Format::Html => whole(scn_doc::html(module, modules, links)),
    }
}

fn whole(page: Result<String, std::fmt::Error>) -> Result<String, Failure> {
    page.map_err(|error| Failure {
        exit: Exit::Internal,
        message: format!("the page cannot be written: {error}"),
        help: None,
    })
}

/// Says what has no comment.
fn undocumented(modules: &[Module]) {
    for module in modules {
        let missing: Vec<String> =
            module.undocumented().map(|entry| format!("{} `{}`", entry.kind.noun(), entry.name)).collect();
        if !missing.is_empty() {
            let all = module.entries.len();
            output::findings(&format!(
                "{}: {} of {all} declarations have no `##` comment: {}\n",
                module.name,
                missing.len(),
                missing.join(", ")
            ));
        }
    }
}
