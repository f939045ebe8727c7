//! Which files a command line means.

use std::{
    io::{self, Read},
    path::Path,
};

use scn_analysis::{World, WorldError};
use scn_world::{FileWorld, sources};

use crate::Failure;

/// What standard input is called in diagnostics.
const STDIN: &str = "<stdin>";

/// A file to compile, and the world that it is read from.
pub struct Input {
    /// Its path, as it is shown.
    pub path: String,
    /// Where it and what it uses are read.
    pub world: FileWorld,
}

/// The file at `path`, or standard input for `-`. It is known to be readable.
pub fn open(path: &str) -> Result<Input, Failure> {
    if path == "-" {
        let mut text = String::new();
        io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Failure::usage(format!("standard input cannot be read: {error}")))?;
        return Ok(Input { path: STDIN.to_owned(), world: FileWorld::with(STDIN, text) });
    }
    let world = FileWorld::new();
    match world.read(path) {
        Ok(_) => Ok(Input { path: path.to_owned(), world }),
        Err(WorldError::NotFound) => {
            let failure = Failure::usage(format!("there is no file `{path}`"));
            let beside = world.siblings(path);
            Err(match beside.as_slice() {
                [] => failure.help("name a .scn or .scn.yaml file, a folder of them, or `-` for standard input"),
                files => failure.help(format!("the files beside it are {}", files.join(", "))),
            })
        }
        Err(WorldError::Unreadable(reason)) => Err(Failure::usage(format!("`{path}` cannot be read: {reason}"))),
    }
}

/// All files that `paths` mean: each of them, or the source files under it if it is a folder.
pub fn expand(paths: &[String]) -> Result<Vec<Input>, Failure> {
    let mut inputs = Vec::new();
    for path in paths {
        if path == "-" || !Path::new(path).is_dir() {
            inputs.push(open(path)?);
            continue;
        }
        let (found, outcome) = sources(Path::new(path), usize::MAX);
        outcome.map_err(|error| Failure::usage(format!("the folder `{path}` cannot be read: {error}")))?;
        if found.is_empty() {
            return Err(Failure::usage(format!("there is no source file in `{path}`"))
                .help("source files end in .scn or .scn.yaml"));
        }
        for file in found {
            inputs.push(open(&file)?);
        }
    }
    Ok(inputs)
}
