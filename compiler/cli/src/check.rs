//! `esrc check`: every finding in some files.

use std::io;

use clap::ValueEnum;
use scn_analysis::Findings;
use scn_diagnostics::{Severity, emit};

use crate::{Exit, Failure, files, options::CompileOptions, output};

/// Checks files and shows every finding.
///
/// Exits with 0 if there is none (notes do not count), 1 if there are some, 2 for a missing file, 70 for a defect of esrc.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Files, or folders with .scn and .scn.yaml files; `-` reads standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// How findings are shown
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    compile: CompileOptions,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people: each with the lines of the source that it is about
    Text,
    /// A JSON object on each line
    Json,
    /// One line each
    Short,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let inputs = files::expand(&arguments.paths)?;
    let options = output::options(&io::stdout());
    let Findings { sources, diagnostics: all } =
        scn_analysis::check(&inputs.world, &inputs.paths, &arguments.compile.options()?);
    output::write(&match arguments.format {
        Format::Text => emit::terminal(&all, &sources, options),
        Format::Json => emit::json_lines(&all, &sources),
        Format::Short => emit::short(&all, &sources),
    })?;
    if let Format::Text = arguments.format {
        let files = match inputs.paths.len() {
            1 => "1 file".to_owned(),
            many => format!("{many} files"),
        };
        let summary = emit::summary(&all).unwrap_or_else(|| "nothing found".to_owned());
        output::write(&format!("{files} checked: {summary}\n"))?;
    }
    let clean = all.iter().all(|diagnostic| diagnostic.severity == Severity::Note);
    Ok(if clean { Exit::Clean } else { Exit::Findings })
}
