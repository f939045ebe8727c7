//! What the processes of a run's own sandbox said, in the run's directory: a file for each part.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::Write,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use smol_str::SmolStr;

/// The largest file, in bytes; what a process says beyond that is not kept.
const LONGEST: u64 = 16 << 20;

/// Keeps what processes say.
pub struct Said {
    directory: PathBuf,
    files: Mutex<HashMap<SmolStr, Option<(File, u64)>>>,
}

impl Said {
    /// Keeps it in `directory`, which is made when somebody says something.
    pub fn in_directory(directory: PathBuf) -> Self {
        Self { directory, files: Mutex::default() }
    }

    /// Adds a line of `part`. A full disk costs lines, not the run.
    pub fn add(&self, part: &SmolStr, line: &str) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let file = files.entry(part.clone()).or_insert_with(|| {
            fs::create_dir_all(&self.directory).ok()?;
            let path = self.directory.join(format!("{part}.log"));
            Some((OpenOptions::new().create(true).append(true).open(path).ok()?, 0))
        });
        let Some((file, length)) = file.as_mut().filter(|(_, length)| *length < LONGEST) else { return };
        *length += line.len() as u64 + 1;
        let _ = writeln!(file, "{line}");
    }
}
