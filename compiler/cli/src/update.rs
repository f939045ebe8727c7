//! `esrc update`: libraries kept in git, at the commits that their revisions stand for now.

use std::io;

use scn_analysis::{GitLibrary, World, git_libraries};
use scn_diagnostics::emit;
use scn_world::{FileWorld, update};

use crate::{Exit, Failure, output};

/// Finds out anew which commits the revisions of libraries stand for, and writes `esr.lock`.
///
/// The settings are those of the working directory. Exits with 0, 1 if the settings are wrong, 2 if a library is not to be had.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Libraries, by their names in `esr.toml`; all of them if none is named
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let world = FileWorld::new();
    let settings = world.settings("-").ok_or_else(|| {
        Failure::usage("there is no `esr.toml` here or above")
            .help("it names libraries: `[libraries]`, and `NAME = { git = \"…\", rev = \"…\" }`")
    })?;
    let (known, found) = git_libraries(&world, &settings);
    if !found.diagnostics.is_empty() {
        output::write(&emit::terminal(&found.diagnostics, &found.sources, output::options(&io::stdout())))?;
        return Ok(Exit::Findings);
    }
    let mut wanted: Vec<GitLibrary> = Vec::new();
    for name in &arguments.names {
        match known.iter().find(|library| library.name == *name) {
            Some(library) => wanted.push(library.clone()),
            None => {
                let names: Vec<&str> = known.iter().map(|library| library.name.as_str()).collect();
                let failure = Failure::usage(format!("{settings} names no library `{name}` that is kept in git"));
                return Err(match names.is_empty() {
                    true => failure,
                    false => failure.help(format!("it names {}", names.join(", "))),
                });
            }
        }
    }
    let wanted = if arguments.names.is_empty() { &known } else { &wanted };
    let updates = update(&settings, wanted, &known).map_err(|error| {
        let failure = Failure::usage(error.message);
        match error.help.is_empty() {
            true => failure,
            false => failure.help(error.help.join("; ")),
        }
    })?;
    let short = |commit: &str| commit.chars().take(12).collect::<String>();
    for update in &updates {
        let line = match &update.from {
            Some(from) if *from == update.to => format!("{}: {} as before\n", update.name, short(&update.to)),
            Some(from) => format!("{}: {} instead of {}\n", update.name, short(&update.to), short(from)),
            None => format!("{}: {}\n", update.name, short(&update.to)),
        };
        output::write(&line)?;
    }
    output::write(&format!("{} written\n", FileWorld::lock(&settings)))?;
    Ok(Exit::Clean)
}
