//! Which files a command line means.

use std::{
    collections::HashSet,
    io::{self, Read},
    path::Path,
};

use scn_analysis::{World, WorldError};
use scn_world::{FileWorld, SETTINGS, sources};

use crate::Failure;

/// What standard input is called in diagnostics.
pub const STDIN: &str = "<stdin>";

/// Files to compile, and the world that they are read from.
pub struct Inputs {
    /// Their paths, as they are shown, each once.
    pub paths: Vec<String>,
    /// Where they and what they use are read.
    pub world: FileWorld,
}

impl Inputs {
    /// Each file by itself.
    pub fn each(&self) -> impl Iterator<Item = Input> {
        self.paths.iter().map(|path| Input { path: path.clone(), world: self.world.clone() })
    }
}

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
        return Ok(Input { path: STDIN.to_owned(), world: stdin()? });
    }
    let world = FileWorld::new();
    readable(&world, path)?;
    Ok(Input { path: path.to_owned(), world })
}

/// The file system, with standard input as a file.
fn stdin() -> Result<FileWorld, Failure> {
    let mut text = String::new();
    io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Failure::usage(format!("standard input cannot be read: {error}")))?;
    Ok(FileWorld::with(STDIN, text))
}

/// Fails unless the file at `path` can be read.
fn readable(world: &FileWorld, path: &str) -> Result<(), Failure> {
    match world.read(path) {
        Ok(_) => Ok(()),
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
pub fn expand(paths: &[String]) -> Result<Inputs, Failure> {
    let mut inputs = Inputs { paths: Vec::new(), world: FileWorld::new() };
    for path in paths {
        if path == "-" {
            inputs.world = stdin()?;
            inputs.paths.push(STDIN.to_owned());
            continue;
        }
        if !Path::new(path).is_dir() {
            if Path::new(path).file_name().is_some_and(|name| name == SETTINGS) {
                return Err(Failure::usage(format!("`{path}` holds settings, and is no source file")).help(
                    "settings are checked with the files that they hold for: name one of these, or their folder",
                ));
            }
            readable(&inputs.world, path)?;
            inputs.paths.push(path.clone());
            continue;
        }
        let (found, outcome) = sources(Path::new(path), usize::MAX);
        outcome.map_err(|error| Failure::usage(format!("the folder `{path}` cannot be read: {error}")))?;
        if found.is_empty() {
            return Err(Failure::usage(format!("there is no source file in `{path}`"))
                .help("source files end in .scn or .scn.yaml"));
        }
        inputs.paths.extend(found);
    }
    let mut seen = HashSet::new();
    inputs.paths.retain(|path| seen.insert(path.clone()));
    Ok(inputs)
}
