//! Writes a debrief to where it was asked for.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use esr_debrief::Findings;

use crate::{
    arguments::Format,
    exit::{CommandError, Failure},
    output,
};

/// Where a debrief goes and in which format, checked before there is anything to write.
#[derive(Clone, Debug)]
pub struct Destination {
    /// A file; none for standard output.
    path: Option<PathBuf>,
    format: Format,
}

impl Destination {
    /// The destination `out`; the format is what its extension says unless it is given.
    ///
    /// # Errors
    ///
    /// If the format is unknown, or the file could not be written.
    pub fn new(out: &Path, format: Option<Format>) -> Result<Self, CommandError> {
        let stdout = out.as_os_str() == "-";
        let format = match format.or_else(|| by_extension(out)) {
            Some(format) => format,
            None if stdout => {
                return Err(CommandError::new(Failure::Usage, "`--out -` does not say which format to print")
                    .help("add `--format pdf`, `--format json` or `--format md`"));
            }
            None => {
                return Err(CommandError::new(
                    Failure::Usage,
                    format!("the extension of `{}` is not that of a report", out.display()),
                )
                .help("use .pdf, .json or .md"));
            }
        };
        if stdout {
            return Ok(Self { path: None, format });
        }
        let destination = Self { path: Some(out.to_owned()), format };
        destination.probe(out)?;
        Ok(destination)
    }

    /// Whether standard output receives the debrief.
    pub fn is_stdout(&self) -> bool {
        self.path.is_none()
    }

    /// Renders and writes; returns the file that was written.
    pub fn write(&self, findings: &Findings) -> Result<Option<&Path>, CommandError> {
        let content = self.render(findings)?;
        let Some(path) = &self.path else {
            return output::print(|out| out.write_all(&content)).map(|_| None);
        };
        // A reader never sees half a report, and a full disk leaves the old one in place.
        let draft = draft(path);
        let written = fs::write(&draft, content).and_then(|()| fs::rename(&draft, path));
        written.map_err(|error| {
            let _ = fs::remove_file(&draft);
            unwritable(path, &error)
        })?;
        Ok(Some(path))
    }

    fn render(&self, findings: &Findings) -> Result<Vec<u8>, CommandError> {
        match self.format {
            Format::Pdf => esr_debrief::pdf::render(findings)
                .map_err(|error| CommandError::new(Failure::Internal, format!("the PDF could not be set: {error}"))),
            Format::Md => Ok(esr_debrief::markdown::render(findings).into_bytes()),
            Format::Json => serde_json::to_vec_pretty(findings)
                .map(|mut text| {
                    text.push(b'\n');
                    text
                })
                .map_err(|error| CommandError::new(Failure::Internal, format!("the JSON could not be made: {error}"))),
        }
    }

    /// Finds out now whether the file can be written later, without touching what is there.
    fn probe(&self, path: &Path) -> Result<(), CommandError> {
        if path.is_dir() {
            return Err(CommandError::new(Failure::Usage, format!("`{}` is a directory", path.display()))
                .help("name a file, such as debrief.pdf"));
        }
        let draft = draft(path);
        fs::write(&draft, b"").map_err(|error| unwritable(path, &error))?;
        fs::remove_file(&draft).map_err(|error| unwritable(path, &error))
    }
}

fn by_extension(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "pdf" => Some(Format::Pdf),
        "json" => Some(Format::Json),
        "md" => Some(Format::Md),
        _ => None,
    }
}

fn draft(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

fn unwritable(path: &Path, error: &io::Error) -> CommandError {
    CommandError::new(Failure::Usage, format!("cannot write `{}`: {error}", path.display()))
        .help("choose another file with `--out`")
}
